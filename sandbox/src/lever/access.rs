//! Who asks, and what they may: OAuth scopes or a customer's own API key.

use std::collections::BTreeSet;

use super::refusal::Refusal;

/// What the credentials of a request open. An API key of the sandbox has every permission but confidential data.
#[derive(Debug, Clone)]
pub(crate) enum Access {
    Key,
    Scopes(BTreeSet<String>),
}

impl Access {
    /// Write includes read.
    pub(crate) fn read(&self, resource: &str) -> Result<(), Refusal> {
        if self.has(&format!("{resource}:read:admin")) { Ok(()) } else { self.write(resource) }
    }

    pub(crate) fn write(&self, resource: &str) -> Result<(), Refusal> {
        let scope = format!("{resource}:write:admin");
        if self.has(&scope) {
            return Ok(());
        }
        Err(Refusal::forbidden(format!("The scope {scope} or its read form is not granted")))
    }

    pub(crate) fn confidential(&self) -> bool {
        matches!(self, Self::Scopes(scopes) if scopes.contains("confidential:access:admin"))
    }

    fn has(&self, scope: &str) -> bool {
        match self {
            Self::Key => true,
            Self::Scopes(scopes) => scopes.contains(scope),
        }
    }
}

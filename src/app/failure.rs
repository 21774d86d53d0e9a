//! Why a request of a person or a program fails.

use crate::{domain::ids::InvalidId, ports::StoreError, vendor::CallError};

/// What kind of failure it is, by who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The request is wrong; the sender can mend it.
    Invalid,
    /// The sender has not shown who they are.
    Unauthenticated,
    /// The thing addressed does not exist.
    NotFound,
    /// The request doesn't fit the present state.
    Conflict,
    /// A vendor refused or could not be reached.
    Upstream,
    /// Try again later: the store is busy or down.
    Unavailable,
    /// A setting of the operator is missing or malformed.
    Misconfigured,
    /// A fault of this program.
    Ours,
}

/// A failure with a sentence for the person and a detail for the log.
///
/// The sentence says what happened and what to do. The detail never holds secrets or personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The kind.
    pub class: Class,
    /// For the person who asked.
    pub public: String,
    /// For the log.
    pub detail: Option<String>,
    /// The field of the form that is wrong, by its name there; empty = none in particular.
    pub field: &'static str,
}

impl Failure {
    /// A failure that needs no detail.
    pub fn new(class: Class, public: impl Into<String>) -> Self {
        Self { class, public: public.into(), detail: None, field: "" }
    }

    /// Says which field of a form is wrong.
    #[must_use]
    pub fn at(mut self, field: &'static str) -> Self {
        self.field = field;
        self
    }

    /// Adds the detail for the log.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// The request is wrong.
    pub fn invalid(public: impl Into<String>) -> Self {
        Self::new(Class::Invalid, public)
    }

    /// There is no such thing.
    pub fn not_found(public: impl Into<String>) -> Self {
        Self::new(Class::NotFound, public)
    }

    /// It doesn't fit the present state.
    pub fn conflict(public: impl Into<String>) -> Self {
        Self::new(Class::Conflict, public)
    }

    /// A vendor's answer, in the words of a person who asked for `what` ("Lever's stages").
    pub fn upstream(vendor: &str, what: &str, error: &CallError) -> Self {
        let public = match error {
            CallError::Unauthorized(_) => {
                format!("{vendor} no longer accepts our credentials. Connect {vendor} again.")
            }
            CallError::Throttled { .. } => format!("{vendor} asks us to slow down. Try again in a minute."),
            CallError::NotFound(_) => format!("{vendor} does not know {what}."),
            CallError::Refused(reason) => format!("{vendor} refused {what}: {reason}."),
            CallError::Unavailable(_) | CallError::Unreachable | CallError::Postponed | CallError::OutcomeUnknown => {
                format!("{vendor} did not answer when asked for {what}. Try again in a minute.")
            }
            CallError::Malformed(_) => format!("{vendor} answered in an unexpected way when asked for {what}."),
        };
        Self::new(Class::Upstream, public).because(error.without_words().to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(Class::Unavailable, "The store could not be reached. Try again in a moment.")
            .because(error.to_string())
    }
}

impl From<InvalidId> for Failure {
    fn from(error: InvalidId) -> Self {
        Self::invalid(format!("This is {error}."))
    }
}

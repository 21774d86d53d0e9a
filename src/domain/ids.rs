//! Identifiers, checked once where they enter.
//!
//! An identifier from outside ends up in store keys and in URL paths. A value of one of these types is
//! known to be safe in both, because its characters were checked when it was made.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is no identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not {what}: {why}")]
pub struct InvalidId {
    what: &'static str,
    why: &'static str,
}

/// The longest vendor identifier accepted, in bytes. Lever's are UUIDs or slugs, Qualified's 24 hex digits.
const LONGEST: usize = 128;

fn check(text: &str, what: &'static str) -> Result<(), InvalidId> {
    let why = if text.is_empty() {
        "it is empty"
    } else if text.len() > LONGEST {
        "it is longer than 128 bytes"
    } else if !text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
        || text.starts_with('.')
    {
        "only letters, digits, '-', '_' and '.' may occur"
    } else {
        return Ok(());
    };
    Err(InvalidId { what, why })
}

macro_rules! vendor_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the characters.
            ///
            /// # Errors
            /// The text is empty, too long, or has a character that is unsafe in a key or URL.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
                let text = text.into();
                check(&text, $what)?;
                Ok(Self(text))
            }

            /// The identifier as the vendor wrote it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

vendor_id!(
    /// A candidacy in Lever: one person, at most one posting. Webhooks and tags are keyed by it.
    OpportunityId,
    "a Lever opportunity id"
);
vendor_id!(
    /// A pipeline stage in Lever: a slug (`lead-new`) or a UUID.
    StageId,
    "a Lever stage id"
);
vendor_id!(
    /// A job in Lever.
    PostingId,
    "a Lever posting id"
);
vendor_id!(
    /// A person who uses Lever.
    LeverUserId,
    "a Lever user id"
);
vendor_id!(
    /// A webhook subscription at a vendor.
    WebhookId,
    "a webhook id"
);
vendor_id!(
    /// A note on a Lever opportunity.
    NoteId,
    "a Lever note id"
);
vendor_id!(
    /// An assessment in Qualified.
    AssessmentId,
    "a Qualified assessment id"
);
vendor_id!(
    /// An assessment result in Qualified: one candidate's take of one assessment.
    ResultId,
    "a Qualified assessment result id"
);
vendor_id!(
    /// A team candidate in Qualified: one person, per team.
    TeamCandidateId,
    "a Qualified team candidate id"
);

/// A customer's account here. It is part of webhook addresses, so it never changes.
///
/// Shape: `[a-z0-9][a-z0-9-]{0,62}`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AccountId(String);

impl AccountId {
    /// Checks the shape.
    ///
    /// # Errors
    /// The text has another shape.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidId> {
        let text = text.into();
        let shaped = (1..=63).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if shaped {
            Ok(Self(text))
        } else {
            Err(InvalidId {
                what: "an account name",
                why: "use 1 to 63 lower-case letters, digits and '-', not '-' first",
            })
        }
    }

    /// The account's name in keys and routes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for AccountId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(text)
    }
}

impl From<AccountId> for String {
    fn from(id: AccountId) -> String {
        id.0
    }
}

/// A company's name at BambooHR: the first label of its address. It comes from a person and decides where the
/// key is sent.
///
/// Shape: a letter or digit, then up to 62 letters, digits and hyphens; kept in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Company(String);

impl Company {
    /// Checks the shape.
    ///
    /// # Errors
    /// The text has another shape.
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        let text = text.trim().to_ascii_lowercase();
        let shaped = (1..=63).contains(&text.len())
            && !text.starts_with('-')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let why = "give the acme of acme.bamboohr.com";
        if shaped { Ok(Self(text)) } else { Err(InvalidId { what: "a BambooHR subdomain", why }) }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Company {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Company {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::new(&text)
    }
}

impl From<Company> for String {
    fn from(company: Company) -> String {
        company.0
    }
}

/// An application in BambooHR: one person for one job opening. The number is the company's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ApplicationId(pub i64);

/// A job opening in BambooHR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(pub i64);

/// An applicant status in BambooHR. `/statuses` writes it as a string, everything else as an integer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StatusId(pub i64);

/// A person's application for a job, in whichever ATS it lives. The unit that is invited, and the unit of
/// work: everything that happens to one candidacy happens one after the other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Candidacy {
    /// Lever's word is opportunity.
    Lever(OpportunityId),
    /// BambooHR's word is application. Another company has others under the same numbers.
    BambooHr(Company, ApplicationId),
}

impl Candidacy {
    /// What people may call it where no name is known.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::Lever(id) => format!("Opportunity {id}"),
            Self::BambooHr(_, id) => format!("Application {}", id.0),
        }
    }
}

impl fmt::Display for Candidacy {
    /// `lever/<id>` or `bamboohr/<company>/<id>`: the form in keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lever(id) => write!(f, "lever/{id}"),
            Self::BambooHr(company, id) => write!(f, "bamboohr/{company}/{}", id.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_names_have_the_documented_shape() {
        for good in ["a", "acme", "acme-2", "0x", &"a".repeat(63)] {
            assert!(AccountId::new(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "Acme", "a_b", "a/b", "a.b", "é", &"a".repeat(64)] {
            assert!(AccountId::new(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn vendor_ids_refuse_what_would_change_a_key_or_a_path() {
        for bad in ["", "a/b", "..", ".", "a b", "a?b", "a%2fb", "a\nb", "é", &"a".repeat(129)] {
            assert!(OpportunityId::new(bad).is_err(), "{bad}");
        }
        assert!(StageId::new("lead-new").is_ok());
    }

    #[test]
    fn a_bad_id_in_json_is_an_error_that_says_what_it_should_have_been() {
        let error = serde_json::from_str::<ResultId>("\"a/b\"").expect_err("a slash is refused");
        assert!(error.to_string().contains("a Qualified assessment result id"));
    }
}

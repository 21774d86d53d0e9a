//! What keeps a sync from looking at a vendor: kept until a look succeeds, so that the health can tell.
//!
//! A webhook that doesn't come is silent, and so is a vendor that doesn't answer. Without this, a set-up that has not
//! worked for days would look sound.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::session::{Trouble, Vendor};
use crate::{domain::time::Timestamp, vendor::CallError};

/// Since when, and what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complaint {
    /// The first look of those that failed in a row.
    pub since: Timestamp,
    /// What was the matter with the latest.
    pub kind: Kind,
    /// Whether a line of the activity told of it.
    pub told: bool,
}

/// What is the matter, by who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// No answer, or "not now". It usually passes.
    Silent,
    /// Our key or token is not accepted, or can't be used any more.
    Credentials,
    /// The key is good, and its user may not see what we need.
    NoAccess,
    /// There is nothing at the address, or it leads elsewhere.
    Elsewhere,
    /// Refused for another reason.
    Refused,
    /// An answer of another shape than documented. A maintenance page looks the same for a while.
    Unreadable,
}

impl Kind {
    /// What a look failed with; `None` = with nothing that is the vendor's.
    #[must_use]
    pub fn of(trouble: &Trouble) -> Option<Self> {
        let error = trouble.call_error()?;
        Some(match error {
            CallError::Unauthorized(_) => Self::Credentials,
            CallError::Throttled { .. }
            | CallError::Unavailable(_)
            | CallError::Unreachable
            | CallError::OutcomeUnknown => Self::Silent,
            CallError::NotFound(_) => Self::Elsewhere,
            CallError::Refused(_) => match error.refused_with() {
                Some(403) => Self::NoAccess,
                Some(300..=399) => Self::Elsewhere,
                _ => Self::Refused,
            },
            CallError::Malformed(_) => Self::Unreadable,
            CallError::Postponed => return None,
        })
    }

    /// How long it may pass by itself before a person is told.
    fn patience(self) -> SignedDuration {
        match self {
            Self::Silent => SignedDuration::from_hours(1),
            Self::Unreadable => SignedDuration::from_mins(10),
            Self::Credentials | Self::NoAccess | Self::Elsewhere | Self::Refused => SignedDuration::ZERO,
        }
    }
}

impl Complaint {
    /// Whether it won't pass by itself, as far as can be told.
    #[must_use]
    pub fn is_lasting(&self, now: Timestamp) -> bool {
        now.duration_since(self.since) >= self.kind.patience()
    }

    /// What is the matter, and what to do.
    #[must_use]
    pub fn sentence(&self, vendor: Vendor, now: Timestamp) -> String {
        let name = vendor.name();
        if !self.is_lasting(now) {
            let what = if self.kind == Kind::Silent { "did not answer" } else { "gave no readable answer" };
            return format!("{name} {what} at the last look; it is asked again at the next sync. Nothing is lost.");
        }
        match (self.kind, vendor) {
            (Kind::Silent, _) => format!(
                "{name} has not answered for more than an hour. It is asked again at every sync, and nothing is lost. \
                 If {name} works for you, ask whoever runs this service to look at its log."
            ),
            (Kind::Credentials, _) => format!("{name} does not accept our credentials. Connect {name} again."),
            (Kind::NoAccess, Vendor::BambooHr) => {
                "BambooHR does not let the user of our key or log-in read the hiring \
                 settings. Ask an admin of BambooHR to give that user access to applicant tracking with its settings; \
                 nothing is lost."
                    .to_owned()
            }
            (Kind::NoAccess, Vendor::Lever) => {
                "Lever does not permit what is needed. Log in to Lever again as a Super \
                 Admin and accept all of it; nothing is lost."
                    .to_owned()
            }
            (Kind::Elsewhere, Vendor::BambooHr) => "BambooHR has no such company at this address any more. If the \
                 company was renamed, remove BambooHR here and connect it with the new subdomain."
                .to_owned(),
            (Kind::NoAccess | Kind::Refused, _) => {
                format!("{name} refuses what we ask for. Ask whoever runs this service to look at its log.")
            }
            (Kind::Elsewhere | Kind::Unreadable, _) => format!(
                "{name} answers in a way that this service does not know. Ask whoever runs it to look at its log; \
                 nothing is lost."
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(error: CallError) -> Option<Kind> {
        Kind::of(&Trouble::Vendor { vendor: Vendor::BambooHr, error })
    }

    #[test]
    fn each_error_is_of_a_kind() {
        let text = |text: &str| text.to_owned();
        for (error, kind) in [
            (CallError::Refused(text("403: no access")), Some(Kind::NoAccess)),
            (CallError::Refused(text("301: it redirects elsewhere")), Some(Kind::Elsewhere)),
            (CallError::Refused(text("400")), Some(Kind::Refused)),
            (CallError::NotFound(text("404")), Some(Kind::Elsewhere)),
            (CallError::Throttled { after: None }, Some(Kind::Silent)),
            (CallError::Unavailable(text("503")), Some(Kind::Silent)),
            (CallError::Malformed(text("no JSON")), Some(Kind::Unreadable)),
            (CallError::Unauthorized(text("401")), Some(Kind::Credentials)),
            (CallError::Postponed, None),
        ] {
            assert_eq!(of(error.clone()), kind, "{error:?}");
        }
        assert_eq!(Kind::of(&Trouble::NotConnected(Vendor::Lever)), None);
    }

    #[test]
    fn what_passes_by_itself_is_given_an_hour() {
        let since = Timestamp::UNIX_EPOCH;
        let complaint = |kind| Complaint { since, kind, told: false };
        for (kind, minutes, lasting) in [
            (Kind::Silent, 59, false),
            (Kind::Silent, 60, true),
            (Kind::Unreadable, 0, false),
            (Kind::Unreadable, 15, true),
            (Kind::NoAccess, 0, true),
        ] {
            let now = since.plus(SignedDuration::from_mins(minutes));
            assert_eq!(complaint(kind).is_lasting(now), lasting, "{kind:?} {minutes}");
        }
    }
}

//! The vendors' dialects: requests out, responses in, as data.
//!
//! A call is a plain struct. It knows how to write its request and how to read the response; it does no
//! I/O and knows no clock, no store and no other vendor. Retrying, refreshing and waiting are the
//! application's business, which decides by [`CallError`] alone.
//!
//! Each vendor has the same headings in the same order: origin and grant, calls, replies, errors,
//! webhooks. Replies hold only what is used. Fields we don't know are ignored, a field that may be null
//! may be absent, and whatever says something about a person is [`Personal`].

use bytes::Bytes;
use http::{HeaderName, Request, Response, header};
use jiff::SignedDuration;

pub mod bamboohr;
pub mod lever;
pub mod oauth;
mod personal;
pub mod qualified;
mod reading;
mod writing;

pub use personal::Personal;

/// The response headers that are looked at. The shell hands over no others.
pub const HEADERS: [HeaderName; 5] =
    [header::CONTENT_TYPE, header::DATE, header::LOCATION, header::RETRY_AFTER, bamboohr::ERROR_MESSAGE];

/// One operation of a vendor's API.
pub trait Call {
    /// What authorises the call: the origin, and a token or key.
    type Grant;
    /// What the vendor answers.
    type Reply;
    /// Whether sending it twice has the effect of sending it once. Where it is `false`, the application
    /// looks before it repeats.
    const REPEATABLE: bool;

    /// The request, complete: absolute URL, headers, body.
    fn request(&self, grant: &Self::Grant) -> Request<Bytes>;

    /// Reads the response: status, then content type, then JSON.
    ///
    /// # Errors
    /// See [`CallError`].
    fn read(&self, response: &Response<Bytes>) -> Result<Self::Reply, CallError>;
}

/// Why a vendor gave no usable answer, named by what the caller does next.
///
/// The texts are ours or the vendor's own error summary, cut to 200 characters; they never hold a
/// request's headers or body, nor a value of the response's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The vendor doesn't accept the token or key. Refresh once; then ask for a reconnect.
    #[error("the credentials were not accepted ({0})")]
    Unauthorized(String),
    /// Too many requests. Wait as long as the vendor says, else back off.
    #[error("too many requests")]
    Throttled {
        /// The vendor's `Retry-After`.
        after: Option<SignedDuration>,
    },
    /// The thing asked for doesn't exist (any more). Repeating is pointless.
    #[error("not found ({0})")]
    NotFound(String),
    /// The vendor says no, and will again: a missing permission, an invalid value.
    #[error("refused ({0})")]
    Refused(String),
    /// The vendor is in trouble. Try again later; a 5xx may come after the effect, so look before repeating
    /// a call that is not repeatable.
    #[error("unavailable ({0})")]
    Unavailable(String),
    /// The call did not leave: the vendor can't be reached. Try again later; it had no effect.
    #[error("unavailable (it could not be reached)")]
    Unreachable,
    /// The time of this pass was over before the call. It had no effect and is nobody's failure: go on in the next.
    #[error("there was no time left for it")]
    Postponed,
    /// The answer is not what the vendor documents: contract drift, an alarm.
    #[error("the answer could not be read ({0})")]
    Malformed(String),
    /// The call may or may not have had its effect. Look before repeating one that is not repeatable.
    #[error("no answer came, the outcome is unknown")]
    OutcomeUnknown,
}

impl CallError {
    /// Whether the vendor understood the request and says no to what it asks for, rather than to who asks (403) or where
    /// (a redirect): asking again for the same is pointless, whatever is mended.
    #[must_use]
    pub fn is_about_the_request(&self) -> bool {
        let is_no = matches!(self, Self::NotFound(_) | Self::Refused(_));
        is_no && self.refused_with().is_none_or(|status| (400..500).contains(&status) && status != 403)
    }

    /// Whether a permission is missing: the credentials are good, and may not do this (403).
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.refused_with() == Some(403)
    }

    /// The same with the status alone where the vendor's own words would stand: they may name somebody, and go to
    /// people who know the candidate, but never into a log.
    #[must_use]
    pub fn without_words(&self) -> Self {
        let cut = |text: &String| status(text).map_or_else(|| text.clone(), |status| status.to_string());
        match self {
            Self::Unauthorized(text) => Self::Unauthorized(cut(text)),
            Self::NotFound(text) => Self::NotFound(cut(text)),
            Self::Refused(text) => Self::Refused(cut(text)),
            Self::Unavailable(text) => Self::Unavailable(cut(text)),
            Self::Malformed(text) => Self::Malformed(cut(text)),
            Self::Throttled { .. } | Self::Unreachable | Self::Postponed | Self::OutcomeUnknown => self.clone(),
        }
    }

    /// Whether the call surely changed nothing at the vendor: what was noted of it before can be taken back.
    #[must_use]
    pub fn had_no_effect(&self) -> bool {
        match self {
            Self::Unauthorized(_)
            | Self::Throttled { .. }
            | Self::NotFound(_)
            | Self::Refused(_)
            | Self::Unreachable
            | Self::Postponed => true,
            Self::Unavailable(_) | Self::Malformed(_) | Self::OutcomeUnknown => false,
        }
    }

    /// The HTTP status with which the vendor refused, where it did.
    #[must_use]
    pub fn refused_with(&self) -> Option<u16> {
        let (Self::Refused(text) | Self::NotFound(text)) = self else { return None };
        status(text)
    }
}

/// The HTTP status with which an error's text begins, if a vendor's status was the error.
fn status(text: &str) -> Option<u16> {
    let digits = text.split_once(':').map_or(text, |(digits, _)| digits);
    digits.parse().ok().filter(|_| digits.len() == 3)
}

/// A vendor's JSON is not what the vendor documents. The text names the field and what was expected, never
/// the value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub(crate) String);

impl From<Unreadable> for CallError {
    fn from(error: Unreadable) -> Self {
        Self::Malformed(error.0)
    }
}

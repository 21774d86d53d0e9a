//! BambooHR's way of saying no: an empty `text/html` body, the reason in a header.

use crate::reply::{self, Reply};

#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    message: &'static str,
    challenge: bool,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: &'static str) -> Self {
        Self { status, message, challenge: false }
    }

    /// No credentials at all: the only refusal with a challenge.
    pub(crate) fn challenge() -> Self {
        Self { challenge: true, ..Self::unauthorized() }
    }

    pub(crate) fn unauthorized() -> Self {
        Self::new(401, "Unauthorized")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(403, "Forbidden")
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not found")
    }

    pub(crate) fn reply(self) -> Reply {
        let reply = reply::typed(self.status, "text/html", String::new());
        let reply = reply::with(reply, "x-bamboohr-error-message", self.message);
        if self.challenge { reply::with(reply, "www-authenticate", "Basic realm=\"BambooHR\"") } else { reply }
    }
}

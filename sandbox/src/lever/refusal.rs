//! Lever's way of saying no: a status and `{"code", "message"}`.

use serde_json::json;

use crate::reply::{self, Reply};

/// `code` is Lever's own for `ResourceNotFound` only; the other names are the sandbox's, since no source shows them.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    code: &'static str,
    message: String,
}

impl Refusal {
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self { status: 400, code: "BadRequest", message: message.into() }
    }

    pub(crate) fn unauthorized() -> Self {
        Self { status: 401, code: "Unauthorized", message: "No valid credentials".into() }
    }

    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self { status: 403, code: "Forbidden", message: message.into() }
    }

    pub(crate) fn throttled() -> Self {
        Self { status: 429, code: "TooManyRequests", message: "Rate limit exceeded".into() }
    }

    pub(crate) fn unknown_path() -> Self {
        Self { status: 404, code: "ResourceNotFound", message: "no such path".into() }
    }

    pub(crate) fn not_found(resource: &str, id: &str) -> Self {
        Self { status: 404, code: "ResourceNotFound", message: format!("{resource} {id} was not found") }
    }

    pub(crate) fn reply(self) -> Reply {
        reply::json(self.status, &json!({"code": self.code, "message": self.message}))
    }
}

//! Qualified's two ways of saying no: `{"reason", "user"}`, and per-field errors with 422.

use serde_json::{Map, Value, json};

use crate::reply::{self, Reply};

#[derive(Debug)]
pub(crate) enum Refusal {
    Reason { status: u16, reason: String, user: Option<String> },
    Invalid { kind: &'static str, field: &'static str, error: &'static str, attributes: Map<String, Value> },
}

impl Refusal {
    pub(crate) fn bad(reason: impl Into<String>) -> Self {
        Self::Reason { status: 400, reason: reason.into(), user: Some("API".into()) }
    }

    /// No source shows a wrong key's answer: the status is a switch.
    pub(crate) fn unauthorized(status: u16) -> Self {
        Self::Reason { status, reason: "unauthorized".into(), user: None }
    }

    pub(crate) fn forbidden(action: &str, model: &str) -> Self {
        let reason = format!("User is not permitted to {action} on {model}");
        Self::Reason { status: 403, reason, user: Some("API".into()) }
    }

    pub(crate) fn not_found(status: u16) -> Self {
        Self::Reason { status, reason: "couldn't find that resource".into(), user: Some("API".into()) }
    }

    /// `field` in snake case, as only these bodies and webhooks have it.
    pub(crate) fn invalid(
        kind: &'static str,
        field: &'static str,
        error: &'static str,
        data: &Map<String, Value>,
    ) -> Self {
        Self::Invalid { kind, field, error, attributes: data.clone() }
    }

    pub(crate) fn reply(self) -> Reply {
        match self {
            Self::Reason { status, reason, user } => reply::json(status, &json!({"reason": reason, "user": user})),
            Self::Invalid { kind, field, error, attributes } => {
                reply::json(422, &json!({"errors": {field: error}, "type": kind, "attributes": attributes}))
            }
        }
    }
}

//! Qualified: the API v1 and its webhooks (docs.qualified.io, "Custom integrations").
//!
//! Answers are camelCase, webhook bodies snake_case; requests may be either. Times are ISO 8601. Ids are 24
//! hex digits, and some parts of an object may be missing where the plan or the route leaves them out.

use bytes::Bytes;
use http::{Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::{
    CallError, Unreadable,
    reading::{self, Node},
    writing::Target,
};
use crate::domain::secret::Secret;

mod assessment;
mod candidate;
mod event;
mod exhibit;
mod invitation;
mod result;
mod share;
mod subscription;

pub use assessment::{Assessment, AssessmentState, ListAssessments};
pub use candidate::{CandidateState, FindTeamCandidate, GetTeamCandidate, ListTeamCandidates, TeamCandidate};
pub use event::{CandidateEvent, Event, ResultEvent};
pub use exhibit::{Exhibit, GetExhibit, Risk, Solution};
pub use invitation::{Invitation, Invite};
pub use result::{GetResult, ListResults, ListResultsOfCandidate, TakenResult};
pub use share::Share;
pub use subscription::{CreateWebhookSubscription, DeleteWebhookSubscription, ListWebhookSubscriptions, Subscription};

// Origin and grant.

/// What authorises a call to Qualified.
#[derive(Debug, Clone)]
pub struct Grant {
    /// `https://www.qualified.io`
    pub origin: Url,
    /// The team's API key. It is the `Authorization` header's whole value.
    pub key: Secret,
}

fn target(grant: &Grant, path: &[&str]) -> Target {
    Target::new(&grant.origin, &[&["api", "v1"], path].concat())
}

// Replies.

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// The number of the next page; `None` on the last.
    pub next: Option<u32>,
}

fn object<T>(
    response: &Response<Bytes>,
    read: impl FnOnce(&Node<'_>) -> Result<T, Unreadable>,
) -> Result<T, CallError> {
    let body = answer(response)?;
    let data = Node::root(&body).at("data");
    if data.is_object() { Ok(read(&data)?) } else { Err(data.wrong("an object").into()) }
}

/// Reads a list. The size of a page is Qualified's choice, so only its own numbers say whether there is more.
fn page<T>(
    response: &Response<Bytes>,
    read: impl Fn(&Node<'_>) -> Result<T, Unreadable>,
) -> Result<Page<T>, CallError> {
    let body = answer(response)?;
    let body = Node::root(&body);
    let rows = body.at("data").list(read)?;
    let current = body.at("currentPage").maybe(Node::count)?.unwrap_or(1);
    let total = body.at("totalPages").maybe(Node::count)?.unwrap_or(current);
    let next = (current < total && !rows.is_empty()).then(|| current + 1);
    Ok(Page { rows, next })
}

fn answer(response: &Response<Bytes>) -> Result<Value, CallError> {
    accept(response)?;
    reading::json(response)
}

// Errors.

/// `{"reason": "...", "user": "..."}`, or with 422 `{"errors": {"<field>": "..."}, "attributes": {...}}`;
/// `user` and `attributes` are personal and not read.
///
/// A replaced key may be answered by 403 as well as 401 (docs.qualified.io, "API errors", 2026): both mean that the key is no
/// good, unless the reason is that "User is not permitted to <action> on <Model>". That one is a privilege
/// that the key's pseudo user lacks, and no new key would help.
fn accept(response: &Response<Bytes>) -> Result<(), CallError> {
    match reading::accept(response, reason) {
        Err(CallError::Refused(text))
            if response.status() == StatusCode::FORBIDDEN && !text.contains("is not permitted to") =>
        {
            Err(CallError::Unauthorized(text))
        }
        // Documented: a 400 that says "couldn't find that resource".
        Err(CallError::Refused(text))
            if response.status() == StatusCode::BAD_REQUEST && text.to_lowercase().contains("find that resource") =>
        {
            Err(CallError::NotFound(text))
        }
        other => other,
    }
}

fn reason(response: &Response<Bytes>) -> Option<String> {
    let body = reading::parse(response.body()).ok()?;
    let body = Node::root(&body);
    if let Ok(reason) = body.at("reason").text() {
        return Some(reason);
    }
    Some(body.at("errors").members()?.map(|(field, why)| format!("{field} {why}")).collect::<Vec<_>>().join(", "))
}

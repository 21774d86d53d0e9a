//! Lever: the Data API v1 and its webhooks (hire.lever.co/developer/documentation).
//!
//! Lists come in pages, with an opaque token that leads to the next one and belongs to the filters it came
//! with. Times are milliseconds since 1970.

use bytes::Bytes;
use http::{Response, header};
use serde_json::Value;
use url::Url;

use super::{
    CallError, Unreadable, oauth,
    reading::{self, Node},
    writing::Target,
};
use crate::domain::secret::Secret;

mod claims;
mod delivery;
mod note;
mod opportunity;
mod posting;
mod stage;
mod tag;
mod user;
mod webhook;

pub use claims::{Claims, claims};
pub use delivery::{Delivery, Event};
pub use note::{AddNote, ListNotes, Note};
pub use opportunity::{GetOpportunity, ListOpportunities, Opportunity, StageChange};
pub use posting::{GetPosting, Posting};
pub use stage::{ListStages, Stage};
pub use tag::{AddTags, RemoveTags};
pub use user::{GetUser, User};
pub use webhook::{CreateWebhook, CreatedWebhook, DeleteWebhook, ListWebhooks, Webhook};

// Origin and grant.

/// What authorises a call to Lever.
#[derive(Debug, Clone)]
pub struct Grant {
    /// `https://api.lever.co`, or the data centre that [`redirected`] named.
    pub origin: Url,
    /// The OAuth access token.
    pub access: Secret,
}

/// What we ask the customer's admin to grant, and what needs it.
pub const SCOPES: &[&str] = &[
    // A refresh token.
    "offline_access",
    // Read candidacies, add and remove their tags. Write includes read.
    "opportunities:write:admin",
    // Add the result's note; list notes to find one whose POST got no answer.
    "notes:write:admin",
    // Offer the stages that exist; notice one that is gone.
    "stages:read:admin",
    // Make, list and delete our webhook.
    "webhooks:write:admin",
    // Read the tags of the candidate's job.
    "postings:read:admin",
    // See which job a candidacy is for (`expand=applications`).
    "applications:read:admin",
    // Show who connected Lever.
    "users:read:admin",
];

/// Lever's authorization server. The audience, with its slash, is what makes the token one for the API.
#[must_use]
pub fn provider(auth_origin: &Url, api_origin: &Url, client_id: &str, client_secret: &Secret) -> oauth::Provider {
    oauth::Provider {
        authorize: Target::new(auth_origin, &["authorize"]).into(),
        token: Target::new(auth_origin, &["oauth", "token"]).into(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.clone(),
        audience: Some(Url::from(Target::new(api_origin, &["v1", ""])).into()),
        scopes: SCOPES,
        prompt_consent: true,
    }
}

fn target(grant: &Grant, path: &[&str]) -> Target {
    Target::new(&grant.origin, &[&["v1"], path].concat())
}

// Replies.

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows.
    pub rows: Vec<T>,
    /// The `offset` of the next page; `None` on the last.
    pub next: Option<String>,
}

/// Reads the object in the `data` envelope. The documentation shows some answers wrapped twice.
fn object<T>(
    response: &Response<Bytes>,
    read: impl FnOnce(&Node<'_>) -> Result<T, Unreadable>,
) -> Result<T, CallError> {
    let body = answer(response)?;
    let data = Node::root(&body).at("data");
    let inner = data.at("data");
    Ok(read(if inner.is_object() { &inner } else { &data })?)
}

/// Reads a list. `hasNext` may be absent, which means no.
fn page<T>(
    response: &Response<Bytes>,
    read: impl Fn(&Node<'_>) -> Result<T, Unreadable>,
) -> Result<Page<T>, CallError> {
    let body = answer(response)?;
    let body = Node::root(&body);
    let next = if body.at("hasNext").is_set()? { Some(body.at("next").cursor()?) } else { None };
    Ok(Page { rows: body.at("data").list(read)?, next })
}

fn answer(response: &Response<Bytes>) -> Result<Value, CallError> {
    accept(response)?;
    reading::json(response)
}

// Errors: `{"code": "...", "message": "..."}`. 403 is a missing scope, or confidential data: final.

fn accept(response: &Response<Bytes>) -> Result<(), CallError> {
    reading::accept(response, |response| {
        let body = reading::parse(response.body()).ok()?;
        Node::root(&body).at("message").text().ok()
    })
}

/// A deletion that has happened. What is not there any more is as good as deleted.
fn deleted(response: &Response<Bytes>) -> Result<(), CallError> {
    match accept(response) {
        Err(CallError::NotFound(_)) => Ok(()),
        other => other,
    }
}

/// The origin of the data centre that Lever sends us to, if the response does.
///
/// Lever answers 301 for tenants in another data centre. The same request (method and body as they were)
/// then goes to that origin, which is worth remembering. Only `https` on a host below `lever.co` counts,
/// because the customer's token goes along.
#[must_use]
pub fn redirected(response: &Response<Bytes>) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 307 | 308) {
        return None;
    }
    let location = Url::parse(response.headers().get(header::LOCATION)?.to_str().ok()?).ok()?;
    let trusted = location.scheme() == "https"
        && location.domain().is_some_and(|host| host.ends_with(".lever.co"))
        && location.port().is_none()
        && location.username().is_empty()
        && location.password().is_none();
    trusted.then(|| location.join("/").ok())?
}

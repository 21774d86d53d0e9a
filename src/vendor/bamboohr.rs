//! BambooHR: the applicant tracking part of API v1 (documentation.bamboohr.com).
//!
//! Lists are bare arrays or numbered pages; ids are integers, but texts in the list of statuses. Errors have
//! no JSON: what there is to say is in a header. There are no webhooks for applicants.

use bytes::Bytes;
use http::{Response, header::HeaderName};
use serde_json::Value;
use url::Url;

use super::{
    CallError, oauth,
    reading::{self, Node},
    writing::{Outgoing, Target},
};
use crate::domain::{ids::Company, secret::Secret};

mod application;
mod comment;
mod employee;
mod job;
mod status;

pub use application::{Application, ApplicationRow, GetApplication, ListApplications, Page};
pub use comment::AddComment;
pub use employee::GetOwner;
pub use job::{Job, ListJobs};
pub use status::{ListStatuses, SetStatus, Status};

// Origin and grant.

/// Where one company's BambooHR is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    origin: Url,
    api: Url,
}

impl Site {
    /// The company's own host, `<before><company><after>`: `https://acme.bamboohr.com`, with `/api/v1`.
    /// `None` if the three make no such address.
    #[must_use]
    pub fn company(before: &str, company: &Company, after: &str) -> Option<Self> {
        let origin = Url::parse(&format!("{before}{company}{after}")).ok()?;
        let starts_with_company = origin.host_str()?.strip_prefix(company.as_str())?.starts_with('.');
        let api = Target::new(&origin, &["api", "v1"]).into();
        starts_with_company.then_some(Self { origin, api })
    }

    /// The gateway for all companies: `<origin>/api/gateway.php/<company>/v1`.
    #[must_use]
    pub fn gateway(origin: &Url, company: &Company) -> Self {
        let api = Target::new(origin, &["api", "gateway.php", company.as_str(), "v1"]).into();
        Self { origin: origin.clone(), api }
    }
}

/// What authorises a call to BambooHR.
#[derive(Debug, Clone)]
pub struct Grant {
    /// Where.
    pub site: Site,
    /// As whom. What is written appears as this user's doing.
    pub credential: Credential,
}

/// Either of BambooHR's two kinds of credential.
#[derive(Debug, Clone)]
pub enum Credential {
    /// Made by a user. HTTP Basic, the key as the user name and `x` as the password.
    ApiKey(Secret),
    /// An OAuth access token.
    Bearer(Secret),
}

/// What we ask the customer's admin to grant. Which operation needs which is documented for some only (BambooHR's
/// OpenAPI definition, April 2026); these are the ones that name what we do.
pub const SCOPES: &[&str] = &[
    // A refresh token.
    "offline_access",
    // Read applications; write includes status and comment.
    "hiring:applications",
    "hiring:applications.write",
    // Offer the openings.
    "hiring:job_openings",
    // Offer the statuses.
    "hiring:settings",
];

/// A company's authorization server.
#[must_use]
pub fn provider(site: &Site, client_id: &str, client_secret: &Secret) -> oauth::Provider {
    oauth::Provider {
        authorize: Target::new(&site.origin, &["authorize.php"]).query("request", "authorize").into(),
        token: Target::new(&site.origin, &["token.php"]).query("request", "token").into(),
        client_id: client_id.to_owned(),
        client_secret: client_secret.clone(),
        audience: None,
        scopes: SCOPES,
        prompt_consent: false,
    }
}

fn target(grant: &Grant, path: &[&str]) -> Target {
    Target::new(&grant.site.api, &[&["applicant_tracking"], path].concat())
}

fn authorized(outgoing: Outgoing, grant: &Grant) -> http::Request<Bytes> {
    match &grant.credential {
        Credential::ApiKey(key) => outgoing.basic(key, "x"),
        Credential::Bearer(token) => outgoing.bearer(token),
    }
}

// Replies.

fn answer(response: &Response<Bytes>) -> Result<Value, CallError> {
    accept(response)?;
    reading::json(response)
}

/// A write answers `{"type": "...", "id": 1}`. A 200 of another kind, such as a login page, tells nothing
/// about the write.
fn written(response: &Response<Bytes>) -> Result<(), CallError> {
    let body = answer(response)?;
    Node::root(&body).at("id").integer_or_text()?;
    Ok(())
}

// Errors. 403 is a user without access to the hiring settings, or an account without the API: final.

pub(super) const ERROR_MESSAGE: HeaderName = HeaderName::from_static("x-bamboohr-error-message");

fn accept(response: &Response<Bytes>) -> Result<(), CallError> {
    reading::accept(response, |response| {
        let text = response.headers().get(ERROR_MESSAGE)?;
        Some(String::from_utf8_lossy(text.as_bytes()).into_owned())
    })
}

// Webhooks: none.

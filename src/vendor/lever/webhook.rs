//! Webhook subscriptions.
//!
//! Lever delivers nothing until a Super Admin turns the event's group on in Lever's settings, makes a
//! second subscription for an address that has one, and tells the signature token only once, on creation.
//! So: list first, keep exactly one of ours, delete and make anew when its token is lost.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, Page, deleted, object, page, target};
use crate::{
    domain::{ids::WebhookId, secret::Secret},
    vendor::{Call, CallError},
};

/// The event we subscribe to.
const EVENT: &str = "candidateStageChange";

/// Every way a candidate comes in. Lever's default when left out; said, so that a new default changes nothing.
const ORIGINS: [&str; 6] = ["applied", "sourced", "referred", "university", "agency", "internal"];

/// A subscription, ours or another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// Lever's id of it, opaque.
    pub id: WebhookId,
    /// What it is for.
    pub event: String,
    /// Where it delivers.
    pub url: String,
}

impl Webhook {
    /// Whether it is what [`CreateWebhook`] makes for that address.
    #[must_use]
    pub fn delivers_to(&self, url: &str) -> bool {
        self.event == EVENT && self.url == url
    }
}

/// `GET /webhooks`: all that the API may see, without signature tokens.
#[derive(Debug, Clone, Default)]
pub struct ListWebhooks {
    /// [`Page::next`] of the page before.
    pub offset: Option<String>,
}

impl Call for ListWebhooks {
    type Grant = Grant;
    type Reply = Page<Webhook>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["webhooks"]).maybe("offset", self.offset.as_deref()).get().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<Webhook>, CallError> {
        page(response, |row| {
            Ok(Webhook { id: row.at("id").id()?, event: row.at("event").text()?, url: row.at("url").text()? })
        })
    }
}

/// `POST /webhooks` for stage changes.
#[derive(Debug, Clone)]
pub struct CreateWebhook {
    /// Where to deliver.
    pub url: String,
}

/// A subscription just made.
#[derive(Debug, Clone)]
pub struct CreatedWebhook {
    /// Lever's id of it, opaque.
    pub id: WebhookId,
    /// Where it delivers.
    pub url: String,
    /// Signs its deliveries. Never told again.
    pub signature_token: Secret,
}

impl Call for CreateWebhook {
    type Grant = Grant;
    type Reply = CreatedWebhook;
    const REPEATABLE: bool = false;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let body = json!({
            "url": self.url,
            "event": EVENT,
            "configuration": { "conditions": { "origins": ORIGINS } },
        });
        target(grant, &["webhooks"]).post(&body).bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<CreatedWebhook, CallError> {
        object(response, |data| {
            Ok(CreatedWebhook {
                id: data.at("id").id()?,
                url: data.at("url").text()?,
                signature_token: data.at("configuration").at("signatureToken").secret()?,
            })
        })
    }
}

/// `DELETE /webhooks/:id`. One that is gone already is deleted too.
#[derive(Debug, Clone)]
pub struct DeleteWebhook {
    /// Lever's id of it, opaque.
    pub id: WebhookId,
}

impl Call for DeleteWebhook {
    type Grant = Grant;
    type Reply = ();
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["webhooks", self.id.as_str()]).delete().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<(), CallError> {
        deleted(response)
    }
}

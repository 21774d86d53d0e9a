//! Webhook subscriptions.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, Page, accept, object, page, target};
use crate::{
    domain::{ids::WebhookId, secret::Secret},
    vendor::{Call, CallError, Unreadable, reading::Node},
};

/// How ours is named on Qualified's page.
const NAME: &str = "ATS integration";

/// A subscription, ours or another's. The address holds a secret when it is ours, so it is one here.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Qualified's id of it, opaque.
    pub id: WebhookId,
    /// Where it delivers.
    pub url: Secret,
    /// Whether it brings what we need.
    pub complete: bool,
}

/// `GET /webhook_subscriptions`
#[derive(Debug, Clone, Copy)]
pub struct ListWebhookSubscriptions {
    /// From 1.
    pub page: u32,
}

impl Call for ListWebhookSubscriptions {
    type Grant = Grant;
    type Reply = Page<Subscription>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let page = self.page.to_string();
        target(grant, &["webhook_subscriptions"]).query("page", &page).get().raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<Subscription>, CallError> {
        page(response, subscription)
    }
}

/// `POST /webhook_subscriptions` for two events.
///
/// `assessment_result_state_changed` tells every step of a result, a reopening and a termination included;
/// Qualified advises it instead of `..._started` and `..._submitted`, which would say the same again.
/// `team_candidate_state_changed` is the only one that tells of approval and rejection.
#[derive(Debug, Clone)]
pub struct CreateWebhookSubscription {
    /// Where to deliver. Its path holds the secret by which deliveries are known.
    pub url: Secret,
}

impl Call for CreateWebhookSubscription {
    type Grant = Grant;
    type Reply = Subscription;
    const REPEATABLE: bool = false;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let body = json!({ "data": {
            "name": NAME,
            "url": self.url.expose(),
            "event_triggers": { "assessment_result_state_changed": true, "team_candidate_state_changed": true },
        }});
        target(grant, &["webhook_subscriptions"]).post(&body).raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Subscription, CallError> {
        object(response, subscription)
    }
}

/// `DELETE /webhook_subscriptions/:id`. One that is gone already is deleted too.
#[derive(Debug, Clone)]
pub struct DeleteWebhookSubscription {
    /// Qualified's id of it, opaque.
    pub id: WebhookId,
}

impl Call for DeleteWebhookSubscription {
    type Grant = Grant;
    type Reply = ();
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["webhook_subscriptions", self.id.as_str()]).delete().raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<(), CallError> {
        match accept(response) {
            Err(CallError::NotFound(_)) => Ok(()),
            other => other,
        }
    }
}

fn subscription(node: &Node<'_>) -> Result<Subscription, Unreadable> {
    let triggers = node.at("eventTriggers");
    let complete = node.at("triggerOnAll").is_set()?
        || triggers.at_any_case("assessment_result_state_changed").is_set()?
            && triggers.at_any_case("team_candidate_state_changed").is_set()?;
    Ok(Subscription { id: node.at("id").id()?, url: node.at("url").secret()?, complete })
}

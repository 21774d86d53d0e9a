//! Webhook subscriptions. Nothing is signed: the URL is the secret.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::body;
use super::listing::{Filtered, Listing, includes, single};
use super::refusal::Refusal;
use super::team::Team;
use crate::call::Call;
use crate::delivery;
use crate::reply::{self, Reply};
use crate::shelf::Labelled;
use crate::world::Context;

/// Where events go.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where.
    pub url: String,
    /// Which events, in snake case.
    pub events: BTreeSet<String>,
}

impl Labelled for Subscription {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Filtered for Subscription {
    const FIELDS: &'static [&'static str] = &["id"];

    fn field(&self, name: &str) -> Option<Value> {
        (name == "id").then(|| json!(self.id))
    }
}

impl Subscription {
    fn view(&self) -> Value {
        let mut triggers: Map<String, Value> =
            self.events.iter().map(|event| (body::camel_case(event), json!(true))).collect();
        triggers.insert("id".into(), json!(self.id));
        json!({
            "id": self.id, "name": self.name, "url": self.url, "supportEmail": null, "schema": "v1",
            "triggerOnAll": false, "eventTriggers": triggers, "failingEventsCount": null,
        })
    }
}

pub(crate) fn list(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    listing("WebhookSubscription", team, context, call).reply(
        call,
        team.subscriptions.all().iter().collect(),
        Subscription::view,
    )
}

pub(super) fn listing<'a>(kind: &'static str, team: &Team, context: &Context, call: &'a Call) -> Listing<'a> {
    Listing { kind, now: context.now, page_size: team.settings.page_size, includes: includes(call) }
}

pub(crate) fn get(team: &Team, context: &Context, id: &str) -> Result<Reply, Refusal> {
    let found = team.subscriptions.get(id).ok_or_else(|| Refusal::not_found(team.settings.not_found))?;
    Ok(single("WebhookSubscription", &found.view(), context.now, &[]))
}

pub(crate) fn add(team: &mut Team, context: &mut Context, call: &Call) -> Result<Reply, Refusal> {
    let data = body::data(call)?;
    let invalid = |field, error| Refusal::invalid("WebhookSubscription", field, error, &data);
    let url = body::text(&data, "url").ok_or_else(|| invalid("url", "can't be blank"))?;
    if !delivery::is_target(url) {
        return Err(invalid("url", "is invalid"));
    }
    let events = triggers(&data).ok_or_else(|| invalid("event_triggers", "can't be blank"))?;
    let name = body::text(&data, "name").unwrap_or("Default").to_owned();
    let subscription = Subscription { id: context.seed.hex(24), name, url: url.into(), events };
    let view = subscription.view();
    team.subscriptions.add(subscription);
    Ok(single("WebhookSubscription", &view, context.now, &[]))
}

pub(crate) fn put(team: &mut Team, context: &Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let data = body::data(call)?;
    let (merge, not_found) = (team.settings.merge_triggers, team.settings.not_found);
    let subscription = team.subscriptions.get_mut(id).ok_or_else(|| Refusal::not_found(not_found))?;
    if let Some(url) = body::text(&data, "url") {
        if !delivery::is_target(url) {
            return Err(Refusal::invalid("WebhookSubscription", "url", "is invalid", &data));
        }
        url.clone_into(&mut subscription.url);
    }
    if let Some(name) = body::text(&data, "name") {
        name.clone_into(&mut subscription.name);
    }
    if let Some(events) = triggers(&data) {
        if merge {
            subscription.events.extend(events);
        } else {
            subscription.events = events;
        }
    }
    get(team, context, id)
}

/// The events switched on in `event_triggers`.
fn triggers(data: &Map<String, Value>) -> Option<BTreeSet<String>> {
    let map = data.get("event_triggers")?.as_object()?;
    Some(map.iter().filter(|(_, on)| **on == json!(true)).map(|(event, _)| event.clone()).collect())
}

/// By id, or by `?url=` at the id `url`.
pub(crate) fn delete(team: &mut Team, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let id = match (id, call.query("url")) {
        ("url", Some(url)) => team.subscriptions.all().iter().find(|own| own.url == url).map(|own| own.id.clone()),
        _ => Some(id.to_owned()),
    };
    match id.and_then(|id| team.subscriptions.remove(&id)) {
        Some(_) => Ok(reply::empty(204)),
        None => Err(Refusal::not_found(team.settings.not_found)),
    }
}

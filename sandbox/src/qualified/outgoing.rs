//! Events on their way to the subscriptions, the one retry, and the log of it all.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::body;
use super::listing::{Filtered, single, time, times};
use super::payload;
use super::refusal::Refusal;
use super::subscription::{Subscription, listing};
use super::team::Team;
use crate::call::Call;
use crate::delivery::{self, Pending};
use crate::reply::{self, Reply};
use crate::world::Context;

/// One automatic retry, not sooner than this.
pub const RETRY_AFTER: SignedDuration = SignedDuration::from_secs(60);

/// The only statuses that are retried, beside a failed connection and a timeout.
const RETRIED: [u16; 10] = [502, 503, 504, 520, 521, 523, 525, 526, 527, 530];

/// So many deliveries of a subscription are remembered.
const REMEMBERED: usize = 100;

/// One event on its way to one subscription, as `webhook_events` shows it.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    id: String,
    name: String,
    url: String,
    data: Value,
    subscription: String,
    state: &'static str,
    created: Timestamp,
    responses: Vec<Option<u16>>,
    retry_at: Option<Timestamp>,
    ended: Option<Timestamp>,
}

impl Filtered for Posted {
    const FIELDS: &'static [&'static str] = &["id", "state", "name", "created_at"];

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => json!(self.id),
            "state" => json!(self.state),
            "name" => json!(self.name),
            "created_at" => json!(time(self.created)),
            _ => return None,
        })
    }
}

impl Posted {
    fn view(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "url": self.url, "data": self.data, "postAttempts": self.responses.len(),
            "createdAt": time(self.created), "retryPendingAt": times(self.retry_at),
            "failedAt": times(self.ended.filter(|_| self.state == "failed")),
            "postSucceededAt": times(self.ended.filter(|_| self.state == "posted")),
            "webhookSubscriptionId": self.subscription, "state": self.state, "postResponses": self.responses,
        })
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) url: String,
    pub(crate) body: Value,
    team: String,
    event: String,
}

/// Sends an event to whoever subscribed to it. The payload is built only if someone did.
pub(crate) fn emit(team: &mut Team, context: &mut Context, event: &str, data: impl Fn(&Team) -> Value) {
    let wanted: Vec<Subscription> =
        team.subscriptions.all().iter().filter(|own| own.events.contains(event)).cloned().collect();
    if wanted.is_empty() {
        return;
    }
    let data = delivery::tampered(data(team), &context.outbox.qualified);
    for subscription in wanted {
        let id = context.seed.hex(24);
        team.posted.push(Posted {
            id: id.clone(),
            name: event.into(),
            url: subscription.url.clone(),
            data: data.clone(),
            subscription: subscription.id.clone(),
            state: "pending",
            created: context.now,
            responses: Vec::new(),
            retry_at: None,
            ended: None,
        });
        if team.posted.iter().filter(|own| own.subscription == subscription.id).count() > REMEMBERED {
            let oldest = team.posted.iter().position(|own| own.subscription == subscription.id);
            oldest.map(|place| team.posted.remove(place));
        }
        post(team, context, &subscription.url, event, &data, id);
    }
}

fn post(team: &Team, context: &mut Context, url: &str, event: &str, data: &Value, id: String) {
    let body = json!({"event": event, "data": data});
    let message = Message { url: url.into(), body, team: team.name.clone(), event: id };
    context.outbox.post(context.now, delivery::Message::Qualified(message));
}

impl Message {
    pub(crate) fn team(&self) -> &str {
        &self.team
    }
}

/// What came back for an attempt. `500`, `429`, all `4xx`, `522` and `524` are not retried.
pub(crate) fn answered(
    team: &mut Team,
    context: &mut Context,
    message: Message,
    attempt: u32,
    status: Option<StatusCode>,
) {
    let code = status.map(|status| status.as_u16());
    let retry = attempt == 1 && code.is_none_or(|code| RETRIED.contains(&code));
    let at = context.now + RETRY_AFTER;
    if let Some(posted) = team.posted.iter_mut().find(|posted| posted.id == message.event) {
        posted.responses.push(code);
        posted.retry_at = retry.then_some(at);
        posted.ended = (!retry).then_some(context.now);
        posted.state = match (status.is_some_and(|status| status.is_success()), retry) {
            (true, _) => "posted",
            (false, true) => "retry_pending",
            (false, false) => "failed",
        };
    }
    if retry {
        context.outbox.queue(at, Pending { message: delivery::Message::Qualified(message), attempt: attempt + 1 });
    }
}

/// Sends again what failed, as the page's button does; answers how many.
pub(crate) fn retry_failed(team: &mut Team, context: &mut Context) -> usize {
    let failed: Vec<Posted> = team.posted.iter().filter(|posted| posted.state == "failed").cloned().collect();
    for posted in &failed {
        post(team, context, &posted.url, &posted.name, &posted.data, posted.id.clone());
    }
    failed.len()
}

pub(crate) fn events(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    listing("WebhookEvent", team, context, call).reply(call, team.posted.iter().rev().collect(), Posted::view)
}

pub(crate) fn event(team: &Team, context: &Context, id: &str) -> Result<Reply, Refusal> {
    let posted = team.posted.iter().find(|posted| posted.id == id);
    let posted = posted.ok_or_else(|| Refusal::not_found(team.settings.not_found))?;
    Ok(single("WebhookEvent", &posted.view(), context.now, &[]))
}

/// The exact payload of a real record: answered, and on POST also sent to `url`.
pub(crate) fn example(team: &Team, context: &mut Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let given = if call.method == http::Method::POST { body::bare(call)? } else { Map::new() };
    let of = |name| call.query(name).or_else(|| body::text(&given, name));
    let data = match of("type") {
        Some("AssessmentResult") => payload::result(team, id, None),
        Some("TeamCandidate") => payload::candidate(team, id),
        _ => return Err(Refusal::bad("type is unknown")),
    };
    let event = of("event").filter(|_| !data.is_null()).ok_or_else(|| Refusal::not_found(team.settings.not_found))?;
    if let Some(url) = body::text(&given, "url").filter(|url| delivery::is_target(url)) {
        let id = context.seed.hex(24);
        post(team, context, url, event, &data, id);
    }
    Ok(reply::json(200, &json!({"event": event, "data": data})))
}

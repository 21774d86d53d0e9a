//! `/webhooks`: no handshake, duplicates allowed, the signature token told only on creation, changes only in bulk.

use serde_json::{Value, json};

use super::access::Access;
use super::account::Account;
use super::refusal::Refusal;
use super::webhook::{Event, ORIGINS, Webhook};
use crate::call::Call;
use crate::delivery;
use crate::reply::{self, Reply};
use crate::world::Context;

/// Without `hasNext`, as recorded, and grouped by event.
pub(crate) fn list(account: &Account, access: &Access) -> Result<Reply, Refusal> {
    access.read("webhooks")?;
    let mut webhooks: Vec<_> = account.webhooks.iter().collect();
    webhooks.sort_by_key(|webhook| webhook.event);
    let data: Vec<Value> = webhooks.into_iter().map(|webhook| webhook.view(false)).collect();
    Ok(reply::json(200, &json!({"data": data})))
}

pub(crate) fn add(
    account: &mut Account,
    context: &mut Context,
    access: &Access,
    call: &Call,
) -> Result<Reply, Refusal> {
    access.write("webhooks")?;
    let body = call.json().ok_or_else(|| Refusal::bad_request("the body is not JSON"))?;
    let url = target(&body["url"])?;
    let event = body["event"].as_str().and_then(Event::named);
    let event = event.ok_or_else(|| Refusal::bad_request("event is unknown"))?;
    let origins = origins(&body["configuration"])?.unwrap_or_else(|| ORIGINS.map(str::to_owned).to_vec());
    let now = context.millis();
    let webhook = Webhook {
        id: context.seed.uuid(),
        event,
        url,
        by_api: true,
        signature_token: context.seed.hex(48),
        origins,
        created_at: now,
        updated_at: now,
    };
    let view = webhook.view(true);
    account.webhooks.push(webhook);
    Ok(reply::json(201, &json!({"data": view})))
}

/// `PUT /webhooks` with `{"data": [{"id", "url"?, "configuration"?}]}`: all or nothing. The token stays.
pub(crate) fn put(account: &mut Account, context: &Context, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.write("webhooks")?;
    let body = call.json().unwrap_or_default();
    let rows = body["data"].as_array().ok_or_else(|| Refusal::bad_request("data must be a list"))?;
    let mut changed = Vec::new();
    for row in rows {
        let id = row["id"].as_str().ok_or_else(|| Refusal::bad_request("id is required"))?;
        let mut webhook = ours(account, id)?.clone();
        if row.get("url").is_some() {
            webhook.url = target(&row["url"])?;
        }
        if let Some(origins) = origins(&row["configuration"])? {
            webhook.origins = origins;
        }
        webhook.updated_at = context.millis();
        changed.push(webhook);
    }
    let views: Vec<Value> = changed.iter().map(|webhook| webhook.view(false)).collect();
    for webhook in changed {
        if let Some(place) = account.webhooks.iter_mut().find(|own| own.id == webhook.id) {
            *place = webhook;
        }
    }
    Ok(reply::json(200, &json!({"data": views})))
}

pub(crate) fn delete(account: &mut Account, access: &Access, id: &str) -> Result<Reply, Refusal> {
    access.write("webhooks")?;
    ours(account, id)?;
    account.webhooks.retain(|webhook| webhook.id != id);
    Ok(reply::empty(204))
}

/// The API changes only what the API made.
fn ours<'a>(account: &'a Account, id: &str) -> Result<&'a Webhook, Refusal> {
    let webhook = account.webhooks.iter().find(|webhook| webhook.id == id);
    let webhook = webhook.ok_or_else(|| Refusal::not_found("webhooks", id))?;
    if webhook.by_api { Ok(webhook) } else { Err(Refusal::forbidden("This webhook was made in the settings")) }
}

fn target(url: &Value) -> Result<String, Refusal> {
    let url = url.as_str().filter(|url| delivery::is_target(url));
    url.map(str::to_owned).ok_or_else(|| Refusal::bad_request("url must be an https URL"))
}

fn origins(configuration: &Value) -> Result<Option<Vec<String>>, Refusal> {
    let Some(given) = configuration["conditions"].get("origins") else {
        return Ok(None);
    };
    let given: Vec<&str> = given.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if given.is_empty() || given.iter().any(|origin| !ORIGINS.contains(origin)) {
        return Err(Refusal::bad_request("origins must name candidate origins"));
    }
    Ok(Some(ORIGINS.iter().filter(|origin| given.contains(origin)).map(|&origin| origin.to_owned()).collect()))
}

//! `/opportunities`: reading, moving, archiving, tagging and linking candidacies.

use serde_json::{Value, json};

use super::access::Access;
use super::account::Account;
use super::moves;
use super::opportunity::{self, Contacts, Opportunity};
use super::paging::{self, Shape};
use super::refusal::Refusal;
use crate::call::Call;
use crate::reply::{self, Reply};
use crate::world::Context;

pub(crate) fn get(account: &Account, access: &Access, call: &Call, id: &str) -> Result<Reply, Refusal> {
    access.read("opportunities")?;
    let opportunity = find(account, access, id)?;
    Ok(reply::json(200, &json!({"data": opportunity::view(account, opportunity, &Shape::of(call), Contacts::Shown)})))
}

/// Deprecated by Lever, still answered.
pub(crate) fn applications(account: &Account, access: &Access, id: &str) -> Result<Reply, Refusal> {
    access.read("applications")?;
    let opportunity = find(account, access, id)?;
    let expanded = Shape::expanding("applications");
    Ok(reply::json(200, &json!({"data": opportunity::applications(account, opportunity, &expanded)})))
}

pub(crate) fn list(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("opportunities")?;
    let wanted = call.query("confidentiality").unwrap_or("non-confidential");
    if wanted != "non-confidential" && !access.confidential() {
        return Err(Refusal::forbidden("Confidential data is not granted"));
    }
    let (created, updated) = (paging::span(call, "created_at")?, paging::span(call, "updated_at")?);
    let (advanced, archived) = (paging::span(call, "advanced_at")?, paging::span(call, "archived_at")?);
    let rows = account
        .opportunities
        .all()
        .iter()
        .rev()
        .filter(|opportunity| opportunity.deleted_at.is_none())
        .filter(|opportunity| match wanted {
            "all" => true,
            "confidential" => opportunity.confidential,
            _ => !opportunity.confidential,
        })
        .filter(|opportunity| fits(account, opportunity, call))
        .filter(|opportunity| {
            created.contains(Some(opportunity.created_at))
                && updated.contains(opportunity.updated_at)
                && advanced.contains(Some(opportunity.last_advanced_at))
                && archived.contains(opportunity.archived.as_ref().map(|_| opportunity.archived_at))
        })
        .map(|opportunity| (opportunity.created_at, opportunity.id.as_str(), opportunity))
        .collect();
    let shape = Shape::of(call);
    paging::page(call, rows, |opportunity| opportunity::view(account, opportunity, &shape, Contacts::Shown))
}

fn fits(account: &Account, opportunity: &Opportunity, call: &Call) -> bool {
    let (live, dead) = match opportunity.archived {
        None => (opportunity.posting.as_deref(), None),
        Some(_) => (None, opportunity.posting.as_deref()),
    };
    paging::any(call, "stage_id", |id| opportunity.stage == id)
        && paging::any(call, "posting_id", |id| live == Some(id))
        && paging::any(call, "archived_posting_id", |id| dead == Some(id))
        && paging::any(call, "contact_id", |id| opportunity.contact == id)
        && paging::any(call, "origin", |origin| opportunity.origin == origin)
        && paging::any(call, "tag", |tag| opportunity.tags().any(|own| own == tag))
        && paging::any(call, "email", |email| {
            account.contacts[&opportunity.contact].emails.iter().any(|own| own == email)
        })
        && paging::any(call, "archived", |archived| opportunity.archived.is_some() == (archived == "true"))
        && paging::any(call, "archive_reason_id", |reason| opportunity.archived.as_deref() == Some(reason))
        && paging::any(call, "snoozed", |snoozed| snoozed == "false")
}

pub(crate) fn deleted(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("opportunities")?;
    let span = paging::span(call, "deleted_at")?;
    let rows = account
        .opportunities
        .all()
        .iter()
        .rev()
        .filter(|opportunity| opportunity.deleted_at.is_some() && span.contains(opportunity.deleted_at))
        .map(|opportunity| (opportunity.created_at, opportunity.id.as_str(), opportunity))
        .collect();
    paging::page(call, rows, |opportunity| json!({"id": opportunity.id, "deletedAt": opportunity.deleted_at}))
}

/// `addTags` and `removeTags`.
pub(crate) fn tags(
    account: &mut Account,
    context: &Context,
    access: &Access,
    call: &Call,
    id: &str,
    add: bool,
) -> Result<Reply, Refusal> {
    access.write("opportunities")?;
    find(account, access, id)?;
    account.performer(call.query("perform_as"))?;
    let tags = texts(call, "tags")?;
    let inherited_too = account.unproven.inherited_tags_removable;
    moves::change(account, id, context, |opportunity| {
        for tag in &tags {
            if add { opportunity.add_tag(tag) } else { opportunity.remove_tag(tag, inherited_too) }
        }
    });
    written(account, call, id, Contacts::Blank)
}

/// `addLinks` and `removeLinks`: links belong to the person.
pub(crate) fn links(
    account: &mut Account,
    context: &Context,
    access: &Access,
    call: &Call,
    id: &str,
    add: bool,
) -> Result<Reply, Refusal> {
    access.write("opportunities")?;
    let contact = find(account, access, id)?.contact.clone();
    account.performer(call.query("perform_as"))?;
    let links = texts(call, "links")?;
    if let Some(contact) = account.contacts.get_mut(&contact) {
        contact.links.retain(|link| !links.contains(link));
        if add {
            contact.links.extend(links);
        }
    }
    moves::change(account, id, context, |_| {});
    written(account, call, id, Contacts::Shown)
}

pub(crate) fn put_stage(
    account: &mut Account,
    context: &mut Context,
    access: &Access,
    call: &Call,
    id: &str,
) -> Result<Reply, Refusal> {
    access.write("opportunities")?;
    find(account, access, id)?;
    let user = account.performer(call.query("perform_as"))?;
    let body = call.json().unwrap_or_default();
    let stage = body["stage"].as_str().ok_or_else(|| Refusal::bad_request("stage is required"))?;
    if account.stage(stage).is_none() {
        return Err(Refusal::bad_request("stage does not exist"));
    }
    moves::move_to(account, context, id, stage, user);
    written(account, call, id, Contacts::Blank)
}

pub(crate) fn put_archived(
    account: &mut Account,
    context: &mut Context,
    access: &Access,
    call: &Call,
    id: &str,
) -> Result<Reply, Refusal> {
    access.write("opportunities")?;
    find(account, access, id)?;
    account.performer(call.query("perform_as"))?;
    let body = call.json().unwrap_or_default();
    let reason = match &body["reason"] {
        Value::Null if body.get("reason").is_some() => None,
        Value::String(reason) if account.archive_reasons.iter().any(|known| known.id == *reason) => {
            Some(reason.clone())
        }
        _ => return Err(Refusal::bad_request("reason is no archive reason")),
    };
    moves::archive(account, context, id, reason);
    written(account, call, id, Contacts::Blank)
}

/// A deleted candidacy is unknown; a confidential one is refused without the grant.
pub(crate) fn find<'a>(account: &'a Account, access: &Access, id: &str) -> Result<&'a Opportunity, Refusal> {
    let opportunity = account.opportunity(id).ok_or_else(|| Refusal::not_found("opportunities", id))?;
    if opportunity.confidential && !access.confidential() {
        return Err(Refusal::forbidden("Confidential data is not granted"));
    }
    Ok(opportunity)
}

fn written(account: &Account, call: &Call, id: &str, contacts: Contacts) -> Result<Reply, Refusal> {
    let opportunity = account.opportunity(id).ok_or_else(|| Refusal::not_found("opportunities", id))?;
    Ok(reply::json(200, &json!({"data": opportunity::view(account, opportunity, &Shape::of(call), contacts)})))
}

fn texts(call: &Call, name: &str) -> Result<Vec<String>, Refusal> {
    let texts: Option<Vec<String>> = call
        .json()
        .and_then(|body| body[name].as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect());
    texts
        .filter(|texts| !texts.is_empty())
        .ok_or_else(|| Refusal::bad_request(format!("{name} must be a list of texts")))
}

/// `GET /tags`: every tag in use, with the number of candidacies that have it.
pub(crate) fn all_tags(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("tags")?;
    let mut counts = std::collections::BTreeMap::<&str, u32>::new();
    for opportunity in account.opportunities.all().iter().filter(|opportunity| opportunity.deleted_at.is_none()) {
        for tag in opportunity.tags() {
            *counts.entry(tag).or_default() += 1;
        }
    }
    let rows = counts.into_iter().map(|(text, count)| (0, text, (text, count))).collect();
    paging::page(call, rows, |(text, count)| json!({"text": text, "count": count}))
}

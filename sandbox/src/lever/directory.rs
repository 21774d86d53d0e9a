//! What seldom changes: stages, archive reasons, users, contacts.

use serde_json::{Value, json};

use super::access::Access;
use super::account::{Account, ArchiveReason, Stage, User};
use super::opportunity::Contact;
use super::paging::{self, Shape};
use super::refusal::Refusal;
use crate::call::Call;
use crate::reply::{self, Reply};

pub(crate) fn user_view(user: &User) -> Value {
    json!({
        "id": user.id, "name": user.name, "username": user.email.split('@').next(), "email": user.email,
        "accessRole": user.role, "photo": null, "createdAt": 1_700_000_000_000_i64,
        "deactivatedAt": (!user.active).then_some(1_710_000_000_000_i64),
        "externalDirectoryId": null, "linkedContactIds": null, "jobTitle": null, "managerId": null,
    })
}

pub(crate) fn contact_view(contact: &Contact) -> Value {
    json!({
        "id": contact.id, "name": contact.name, "headline": "", "isAnonymized": contact.anonymized,
        "location": {"name": ""}, "emails": contact.emails, "phones": [], "dataProtection": null,
    })
}

fn stage_view(stage: &Stage) -> Value {
    json!({"id": stage.id, "text": stage.text})
}

fn reason_view(reason: &ArchiveReason) -> Value {
    json!({
        "id": reason.id, "text": reason.text, "status": if reason.active { "active" } else { "inactive" },
        "type": if reason.hired { "hired" } else { "non-hired" },
    })
}

fn one(call: &Call, found: Option<Value>, resource: &str, id: &str) -> Result<Reply, Refusal> {
    let item = found.ok_or_else(|| Refusal::not_found(resource, id))?;
    Ok(reply::json(200, &json!({"data": Shape::of(call).cut(item)})))
}

/// In pipeline order.
pub(crate) fn stages(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("stages")?;
    let rows = account.stages.iter().map(|stage| (0, stage.id.as_str(), stage)).collect();
    paging::page(call, rows, |stage| Shape::of(call).cut(stage_view(stage)))
}

pub(crate) fn stage(account: &Account, access: &Access, call: &Call, id: &str) -> Result<Reply, Refusal> {
    access.read("stages")?;
    one(call, account.stage(id).map(|(_, stage)| stage_view(stage)), "stages", id)
}

pub(crate) fn archive_reasons(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("archive_reasons")?;
    let rows = account.archive_reasons.iter().map(|reason| (0, reason.id.as_str(), reason)).collect();
    paging::page(call, rows, reason_view)
}

/// Only active users unless `includeDeactivated=true`; `email` compares exactly.
pub(crate) fn users(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("users")?;
    let all = call.query("includeDeactivated") == Some("true");
    let rows = account
        .users
        .iter()
        .filter(|user| {
            (all || user.active)
                && paging::any(call, "email", |email| user.email == email)
                && paging::any(call, "accessRole", |role| user.role == role)
                && paging::any(call, "accessRole[]", |role| user.role == role)
        })
        .map(|user| (0, user.id.as_str(), user))
        .collect();
    paging::page(call, rows, |user| Shape::of(call).cut(user_view(user)))
}

pub(crate) fn user(account: &Account, access: &Access, call: &Call, id: &str) -> Result<Reply, Refusal> {
    access.read("users")?;
    one(call, account.user(id).map(user_view), "users", id)
}

/// The scope's name is singular.
pub(crate) fn contact(account: &Account, access: &Access, call: &Call, id: &str) -> Result<Reply, Refusal> {
    access.read("contact")?;
    one(call, account.contacts.get(id).map(contact_view), "contacts", id)
}

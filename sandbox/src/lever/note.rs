//! Notes on a candidacy. There is no idempotency key: a repeated POST makes a second note.

use serde_json::{Value, json};

use super::access::Access;
use super::account::Account;
use super::candidacies;
use super::paging;
use super::refusal::Refusal;
use crate::call::Call;
use crate::reply::{self, Reply};
use crate::world::Context;

/// A note with the comments of its thread.
#[derive(Debug, Clone)]
pub struct Note {
    /// Its id.
    pub id: String,
    /// First the note itself, then what was added to its thread.
    pub comments: Vec<Comment>,
    /// Who is shown as the author, when `perform_as` named someone.
    pub user: Option<String>,
    /// Visible to few.
    pub secret: bool,
    /// The users whom an `@name` in the text has notified.
    pub notified: Vec<String>,
    pub(crate) created_at: i64,
    pub(crate) stage: String,
}

impl Note {
    /// The text of the note itself.
    #[must_use]
    pub fn text(&self) -> &str {
        self.comments.first().map_or("", |comment| &comment.text)
    }

    fn view(&self) -> Value {
        let fields: Vec<Value> = self
            .comments
            .iter()
            .map(|comment| {
                json!({
                    "type": "note", "text": "Comment", "value": comment.text, "score": comment.score,
                    "stage": self.stage, "user": self.user, "createdAt": comment.at,
                })
            })
            .collect();
        json!({
            "id": self.id, "text": "Note", "fields": fields, "user": self.user, "secret": self.secret,
            "completedAt": self.created_at, "deletedAt": null, "createdAt": self.created_at,
        })
    }
}

/// One entry of a note's thread.
#[derive(Debug, Clone)]
pub struct Comment {
    /// Plain text.
    pub text: String,
    /// 1 (strong no) to 4 (strong yes).
    pub score: Option<u8>,
    pub(crate) at: i64,
}

pub(crate) fn list(account: &Account, access: &Access, call: &Call, id: &str) -> Result<Reply, Refusal> {
    access.read("notes")?;
    let opportunity = candidacies::find(account, access, id)?;
    let rows = opportunity.notes.iter().rev().map(|note| (note.created_at, note.id.as_str(), note)).collect();
    paging::page(call, rows, Note::view)
}

pub(crate) fn get(account: &Account, access: &Access, id: &str, note: &str) -> Result<Reply, Refusal> {
    access.read("notes")?;
    let opportunity = candidacies::find(account, access, id)?;
    let found = opportunity.notes.iter().find(|own| own.id == note);
    let note = found.ok_or_else(|| Refusal::not_found("notes", note))?;
    Ok(reply::json(200, &json!({"data": note.view()})))
}

pub(crate) fn add(
    account: &mut Account,
    context: &mut Context,
    access: &Access,
    call: &Call,
    id: &str,
) -> Result<Reply, Refusal> {
    access.write("notes")?;
    let stage = candidacies::find(account, access, id)?.stage.clone();
    let user = account.performer(call.query("perform_as"))?;
    let body = call.json().ok_or_else(|| Refusal::bad_request("the body is not JSON"))?;
    let text = body["value"].as_str().filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| Refusal::bad_request("value is required"))?.to_owned();
    let score = score(&body["score"])?;
    let now = context.millis();
    let at = match &body["createdAt"] {
        Value::Null => now,
        given => given
            .as_i64()
            .filter(|at| *at <= now)
            .ok_or_else(|| Refusal::bad_request("createdAt must be past milliseconds"))?,
    };
    let notified = mentioned(account, &text);
    let comment = Comment { text, score, at };
    let fresh = context.seed.uuid();
    let opportunity = account.opportunity_mut(id).ok_or_else(|| Refusal::not_found("opportunities", id))?;
    let view = match call.query("note_id") {
        Some(thread) => {
            let note = opportunity.notes.iter_mut().find(|note| note.id == thread);
            let note = note.ok_or_else(|| Refusal::not_found("notes", thread))?;
            note.comments.push(comment);
            note.notified.extend(notified);
            note.view()
        }
        None => {
            let secret = body["secret"].as_bool().unwrap_or(false);
            let note = Note { id: fresh, comments: vec![comment], user, secret, notified, created_at: at, stage };
            let view = note.view();
            opportunity.notes.push(note);
            view
        }
    };
    // The docs show `noteId` alone, the live service answers the whole note and `noteId`.
    let mut view = view;
    view["noteId"] = view["id"].clone();
    Ok(reply::json(201, &json!({"data": view})))
}

pub(crate) fn replace(
    account: &mut Account,
    access: &Access,
    call: &Call,
    id: &str,
    note: &str,
) -> Result<Reply, Refusal> {
    access.write("notes")?;
    candidacies::find(account, access, id)?;
    let body = call.json().unwrap_or_default();
    let text = body["values"][0]["value"].as_str().ok_or_else(|| Refusal::bad_request("values is required"))?;
    let (score, notified) = (score(&body["score"])?, mentioned(account, text));
    let found = account.opportunity_mut(id).and_then(|own| own.notes.iter_mut().find(|own| own.id == note));
    let found = found.ok_or_else(|| Refusal::not_found("notes", note))?;
    let at = found.created_at;
    found.comments = vec![Comment { text: text.into(), score, at }];
    found.notified.extend(notified);
    Ok(reply::json(200, &json!({"data": found.view()})))
}

pub(crate) fn delete(account: &mut Account, access: &Access, id: &str, note: &str) -> Result<Reply, Refusal> {
    access.write("notes")?;
    candidacies::find(account, access, id)?;
    let notes = account.opportunity_mut(id).map(|opportunity| &mut opportunity.notes);
    let notes = notes.ok_or_else(|| Refusal::not_found("opportunities", id))?;
    let place = notes.iter().position(|own| own.id == note);
    notes.remove(place.ok_or_else(|| Refusal::not_found("notes", note))?);
    Ok(reply::empty(204))
}

fn score(given: &Value) -> Result<Option<u8>, Refusal> {
    match given {
        Value::Null => Ok(None),
        given => match given.as_u64() {
            Some(score @ 1..=4) => Ok(Some(score as u8)),
            _ => Err(Refusal::bad_request("score must be 1 to 4 or null")),
        },
    }
}

/// `@username` in a note notifies that user.
fn mentioned(account: &Account, text: &str) -> Vec<String> {
    let names = account.users.iter().filter_map(|user| user.email.split('@').next());
    names.filter(|name| text.contains(&format!("@{name}"))).map(str::to_owned).collect()
}

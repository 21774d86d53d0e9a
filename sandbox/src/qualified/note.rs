//! The team's notes about candidates.

use serde_json::{Value, json};

use super::body;
use super::listing::{Filtered, Listing, includes, single, time};
use super::refusal::Refusal;
use super::team::{Team, TeamNote};
use crate::call::Call;
use crate::reply::Reply;
use crate::world::Context;

impl Filtered for TeamNote {
    const FIELDS: &'static [&'static str] = &["id", "created_at"];

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => json!(self.id),
            "created_at" => json!(time(self.at)),
            _ => return None,
        })
    }
}

fn view(note: &TeamNote, team: &Team) -> Value {
    json!({
        "id": note.id, "body": note.body, "userId": team.api_member, "notableId": note.candidate,
        "createdAt": time(note.at), "updatedAt": time(note.at),
    })
}

pub(crate) fn list(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    let of = call.query("notable_id");
    let rows = team.notes.iter().filter(|note| of.is_none_or(|of| note.candidate == of)).collect();
    let listing =
        Listing { kind: "Note", now: context.now, page_size: team.settings.page_size, includes: includes(call) };
    listing.reply(call, rows, |note| view(note, team))
}

pub(crate) fn add(team: &mut Team, context: &mut Context, call: &Call) -> Result<Reply, Refusal> {
    let data = body::data(call)?;
    let blank = |field| Refusal::invalid("Note", field, "can't be blank", &data);
    let candidate = body::text(&data, "notable_id").ok_or_else(|| blank("notable_id"))?;
    let text = body::text(&data, "body").ok_or_else(|| blank("body"))?;
    if team.candidates.get(candidate).is_none() {
        return Err(Refusal::not_found(team.settings.not_found));
    }
    let note = TeamNote { id: context.seed.hex(24), candidate: candidate.into(), body: text.into(), at: context.now };
    let view = view(&note, team);
    team.notes.push(note);
    Ok(single("Note", &view, context.now, &[]))
}

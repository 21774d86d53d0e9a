//! "Add Trigger Stage": a page, which the script shows as a dialog.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Choice, Field, Select, Tone},
};
use crate::{app::Failure, domain::ids::AccountId};

/// What the form holds.
#[derive(Clone, Copy, Default)]
pub struct Given<'a> {
    /// The stage's id.
    pub stage: &'a str,
    /// Days, as typed.
    pub deadline_days: &'a str,
    /// Days, as typed.
    pub reminder_days: &'a str,
    /// What to narrow the stages to.
    pub only: &'a str,
}

/// What the stages may come to, in bytes of HTML.
const ROOM: usize = 60_000;

/// The page. `stages`: as Lever lists them now, or why it doesn't. `is_known`: the stage given is a trigger stage.
#[must_use]
pub fn page(
    reader: &Reader<'_>,
    id: &AccountId,
    stages: Result<&[Choice], &str>,
    given: &Given<'_>,
    is_known: bool,
    wrong: Option<&Failure>,
) -> Markup {
    let title = if is_known { "Change Trigger Stage" } else { "Add Trigger Stage" };
    let reader = Reader { account: Some((id, Some(Tab::Setup))), ..*reader };
    frame(
        &reader,
        title,
        &html! {
            section.card data-dialog-content {
                h1 { (title) }
                p { "Candidates who enter the stage from now on are invited to the assessments that their tags or their job's tags name. Whoever is in it already is not." }
                @match stages {
                    Err(why) => {
                        (piece::notice(Tone::Bad, why))
                        div.row { a.button href={ "/integrations/" (id) } data-cancel { "Back" } }
                    }
                    Ok(stages) => (form(&reader, id, stages, given, wrong, title)),
                }
            }
        },
    )
}

fn form(
    reader: &Reader<'_>,
    id: &AccountId,
    stages: &[Choice],
    given: &Given<'_>,
    wrong: Option<&Failure>,
    title: &str,
) -> Markup {
    let (stage, is_cut) = Select {
        name: "stage",
        label: "Stage in Lever",
        none: "Choose a stage",
        required: true,
        given: given.stage,
        only: given.only,
        error: piece::wrong_at(wrong, "stage"),
        room: ROOM,
    }
    .show(stages);
    html! {
        (piece::wrong_at_large(wrong))
        form.fields method="post" action={ "/integrations/" (id) "/lever/stages" } {
            @if let Some(token) = reader.form_token { (piece::form_token(token)) }
            (piece::narrowing(given.only, is_cut))
            (stage)
            div.pair {
                (piece::field(&Field {
                    name: "deadline_days",
                    label: "Deadline, in days",
                    hint: "The invitation expires then. Empty: never.",
                    value: given.deadline_days,
                    error: piece::wrong_at(wrong, "deadline_days"),
                    kind: "number",
                }))
                (piece::field(&Field {
                    name: "reminder_days",
                    label: "Reminder, in days",
                    hint: "Sent when not begun by then. Empty: none.",
                    value: given.reminder_days,
                    error: piece::wrong_at(wrong, "reminder_days"),
                    kind: "number",
                }))
            }
            div.row {
                button.main { (title) }
                a.button href={ "/integrations/" (id) } data-cancel { "Cancel" }
            }
        }
    }
}

//! "Add Trigger Stage": a page, which the script shows as a dialog.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Choice, Field, Select, Tone},
};
use crate::{
    app::{Failure, account::TriggerStage},
    domain::ids::AccountId,
};

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

/// Which stage the form is about.
#[derive(Clone, Copy)]
pub enum Of<'a> {
    /// One to be chosen from those that Lever lists now and that are no trigger stages; or why it lists none.
    New(Result<&'a [Choice], &'a str>),
    /// A trigger stage, whose days are changed.
    Known(&'a TriggerStage),
    /// A trigger stage that Lever no longer has: there is nothing to be changed.
    Gone(&'a TriggerStage),
}

/// The page that adds a trigger stage, or changes one.
#[must_use]
pub fn page(reader: &Reader<'_>, id: &AccountId, of: Of<'_>, given: &Given<'_>, wrong: Option<&Failure>) -> Markup {
    let title = if let Of::New(_) = of { "Add Trigger Stage" } else { "Change Trigger Stage" };
    let reader = reader.at(Tab::Setup);
    let back = html! { div.row { a.button href={ "/integrations/" (id) } data-cancel { "Back" } } };
    frame(
        &reader,
        title,
        &html! {
            section.card data-dialog-content {
                h1 { (title) }
                p { "Candidates who enter the stage from now on are invited to the assessments that their tags or their job's tags name. Whoever is in it already is not." }
                @match of {
                    Of::New(Err(why)) => {
                        (piece::notice(Tone::Bad, why))
                        (back)
                    }
                    Of::New(Ok(stages)) => (form(&reader, id, select(stages, given, wrong), given, wrong, title)),
                    Of::Known(stage) => {
                        @let fixed = piece::fixed("stage", LABEL, stage.id.as_str(), &stage.text);
                        (form(&reader, id, (fixed, false), given, wrong, "Save"))
                    }
                    Of::Gone(stage) => {
                        (piece::notice(Tone::Bad, &format!("Lever no longer has the stage \u{201c}{}\u{201d}: nobody can enter it. Remove it, and add another one.", stage.text)))
                        (back)
                    }
                }
            }
        },
    )
}

const LABEL: &str = "Stage in Lever";

/// The list to choose from, and whether there was no room for all of it.
fn select(stages: &[Choice], given: &Given<'_>, wrong: Option<&Failure>) -> (Markup, bool) {
    Select {
        name: "stage",
        label: LABEL,
        none: "Choose a stage",
        required: true,
        given: given.stage,
        only: given.only,
        error: piece::wrong_at(wrong, "stage"),
        room: ROOM,
    }
    .show(stages)
}

fn form(
    reader: &Reader<'_>,
    id: &AccountId,
    (stage, is_cut): (Markup, bool),
    given: &Given<'_>,
    wrong: Option<&Failure>,
    save: &str,
) -> Markup {
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
                button.main { (save) }
                a.button href={ "/integrations/" (id) } data-cancel { "Cancel" }
            }
        }
    }
}

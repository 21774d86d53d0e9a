//! "Add Trigger Stage": a page, which the script shows as a dialog.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Field, Tone},
};
use crate::{
    app::account::{Account, TriggerStage},
    domain::ids::{AccountId, StageId},
};

/// A stage to choose: its id, and its name in Lever.
pub type Choice<'a> = (&'a StageId, &'a str);

/// What the form holds.
#[derive(Clone, Copy, Default)]
pub struct Given<'a> {
    /// The stage's id.
    pub stage: &'a str,
    /// Days, as typed.
    pub deadline_days: &'a str,
    /// Days, as typed.
    pub reminder_days: &'a str,
}

/// What was wrong, and with which field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrong<'a> {
    /// With the stage, or in general.
    Stage(&'a str),
    /// With the deadline.
    Deadline(&'a str),
    /// With the reminder.
    Reminder(&'a str),
}

/// The page. `stages`: as Lever lists them now, or why it doesn't.
#[must_use]
pub fn page(
    reader: &Reader<'_>,
    (id, account): (&AccountId, &Account),
    stages: Result<&[Choice<'_>], &str>,
    given: &Given<'_>,
    wrong: Option<Wrong<'_>>,
) -> Markup {
    let known: &[TriggerStage] =
        account.lever.as_ref().map(|lever| lever.trigger_stages.as_slice()).unwrap_or_default();
    let changed = known.iter().find(|stage| stage.id.as_str() == given.stage && wrong.is_none());
    let title = if changed.is_some() { "Change Trigger Stage" } else { "Add Trigger Stage" };
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
                    Ok(stages) => (form(&reader, id, stages, known, given, wrong, title)),
                }
            }
        },
    )
}

fn form(
    reader: &Reader<'_>,
    id: &AccountId,
    stages: &[Choice<'_>],
    known: &[TriggerStage],
    given: &Given<'_>,
    wrong: Option<Wrong<'_>>,
    title: &str,
) -> Markup {
    let (stage, deadline, reminder) = match wrong {
        Some(Wrong::Stage(why)) => (Some(why), None, None),
        Some(Wrong::Deadline(why)) => (None, Some(why), None),
        Some(Wrong::Reminder(why)) => (None, None, Some(why)),
        None => (None, None, None),
    };
    let is_known = |stage: &StageId| known.iter().any(|trigger| trigger.id == *stage);
    html! {
        form.fields method="post" action={ "/integrations/" (id) "/lever/stages" } {
            @if let Some(token) = reader.form_token { (piece::form_token(token)) }
            div {
                label for="stage" { "Stage in Lever" }
                select id="stage" name="stage" required autofocus[deadline.is_none() && reminder.is_none()]
                    aria-invalid=[stage.map(|_| "true")] aria-describedby=[stage.map(|_| "stage-error")] {
                    option value="" selected[given.stage.is_empty()] { "Choose a stage" }
                    @for (id, name) in stages {
                        option value=(id) selected[id.as_str() == given.stage] {
                            (name) @if is_known(id) { " (is a trigger stage)" }
                        }
                    }
                }
                (piece::error_of("stage", stage))
            }
            div.pair {
                (piece::field(&Field {
                    name: "deadline_days",
                    label: "Deadline, in days",
                    hint: "The invitation expires then. Empty: never.",
                    value: given.deadline_days,
                    error: deadline,
                    kind: "number",
                }))
                (piece::field(&Field {
                    name: "reminder_days",
                    label: "Reminder, in days",
                    hint: "Sent when not begun by then. Empty: none.",
                    value: given.reminder_days,
                    error: reminder,
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

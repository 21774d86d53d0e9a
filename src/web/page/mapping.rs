//! How an assessment goes with a job opening in BambooHR: a page, which the script shows as a dialog.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Tone},
};
use crate::domain::ids::AccountId;

/// Something to choose: its id, and its name.
pub type Choice = (String, String);

/// What there is to choose from, as the vendors list it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offers {
    /// Published assessments.
    pub assessments: Vec<Choice>,
    /// Open and draft job openings.
    pub jobs: Vec<Choice>,
    /// Statuses in use.
    pub statuses: Vec<Choice>,
}

/// The names of the four progress fields, with their labels.
pub const PROGRESS: [(&str, &str); 4] = [
    ("on_started", "When the assessment is started"),
    ("on_submitted", "When it is submitted"),
    ("on_approved", "When the candidate is approved"),
    ("on_rejected", "When the candidate is rejected"),
];

/// The page. `given` answers what a field holds.
#[must_use]
pub fn page(
    reader: &Reader<'_>,
    id: &AccountId,
    offers: Result<&Offers, &str>,
    given: &dyn Fn(&str) -> String,
    wrong: Option<&str>,
) -> Markup {
    let reader = Reader { account: Some((id, Some(Tab::Setup))), ..*reader };
    let back = format!("/integrations/{id}");
    frame(
        &reader,
        "BambooHR Integration",
        &html! {
            section.card data-dialog-content {
                h1 { "BambooHR Integration" }
                p { "Applicants of the job opening who are newly given the sending status are invited. Whoever has it already is not." }
                @if let Some(why) = wrong { (piece::notice(Tone::Bad, why)) }
                @match offers {
                    Err(why) => {
                        (piece::notice(Tone::Bad, why))
                        div.row { a.button href=(back) data-cancel { "Back" } }
                    }
                    Ok(offers) => {
                        form.fields method="post" action={ (back) "/bamboohr/assessments" } {
                            @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                            (select("assessment", "Assessment", "Choose an assessment", true, &offers.assessments, given))
                            (select("job_id", "Job opening", "Choose a job opening", true, &offers.jobs, given))
                            (select("send_status", "Send it to applicants with this status", "Don't automatically invite applicants", false, &offers.statuses, given))
                            @for (name, label) in PROGRESS {
                                (select(name, label, "No change", false, &offers.statuses, given))
                            }
                            div.row {
                                button.main { "Save" }
                                a.button href=(back) data-cancel { "Cancel" }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn select(
    name: &str,
    label: &str,
    none: &str,
    required: bool,
    choices: &[Choice],
    given: &dyn Fn(&str) -> String,
) -> Markup {
    let given = given(name);
    html! {
        div {
            label for=(name) { (label) }
            select id=(name) name=(name) required[required] {
                option value="" selected[given.is_empty()] { (none) }
                @for (id, text) in choices { option value=(id) selected[*id == given] { (text) } }
            }
        }
    }
}

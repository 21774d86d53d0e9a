//! How an assessment goes with a job opening in BambooHR: a page, which the script shows as a dialog.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Choice, ONLY, Select, Tone},
};
use crate::{app::Failure, domain::ids::AccountId};

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

/// What one list of statuses may come to, in bytes of HTML: there are five.
const ROOM_FOR_STATUSES: usize = 8_000;

/// The page. `given` answers what a field holds.
#[must_use]
pub fn page(
    reader: &Reader<'_>,
    id: &AccountId,
    offers: Result<&Offers, &str>,
    given: &dyn Fn(&str) -> String,
    wrong: Option<&Failure>,
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
                (piece::wrong_at_large(wrong))
                @match offers {
                    Err(why) => {
                        (piece::notice(Tone::Bad, why))
                        div.row { a.button href=(back) data-cancel { "Back" } }
                    }
                    Ok(offers) => (form(&reader, &back, offers, given, wrong)),
                }
            }
        },
    )
}

fn form(
    reader: &Reader<'_>,
    back: &str,
    offers: &Offers,
    given: &dyn Fn(&str) -> String,
    wrong: Option<&Failure>,
) -> Markup {
    let only = given(ONLY);
    let mut is_cut = false;
    let mut select = |name: &str, label: &str, none: &str, room: usize, choices: &[Choice]| {
        let given = given(name);
        let error = piece::wrong_at(wrong, name);
        let required = matches!(name, "assessment" | "job_id");
        let (select, cut) =
            Select { name, label, none, required, given: &given, only: &only, error, room }.show(choices);
        is_cut |= cut;
        select
    };
    let assessment = select("assessment", "Assessment", "Choose an assessment", 25_000, &offers.assessments);
    let job = select("job_id", "Job opening", "Choose a job opening", 15_000, &offers.jobs);
    let (sent, none) = ("Send it to applicants with this status", "Don't automatically invite applicants");
    let sent = select("send_status", sent, none, ROOM_FOR_STATUSES, &offers.statuses);
    let progress = PROGRESS.map(|(name, label)| select(name, label, "No change", ROOM_FOR_STATUSES, &offers.statuses));
    html! {
        form.fields method="post" action={ (back) "/bamboohr/assessments" } {
            @if let Some(token) = reader.form_token { (piece::form_token(token)) }
            (piece::narrowing(&only, is_cut))
            (assessment)
            (job)
            (sent)
            @for select in progress { (select) }
            div.row {
                button.main { "Save" }
                a.button href=(back) data-cancel { "Cancel" }
            }
        }
    }
}

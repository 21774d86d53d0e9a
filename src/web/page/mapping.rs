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
    /// Published assessments that go with no job opening yet.
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

/// An assessment that goes with a job opening already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    /// Its title.
    pub title: &'a str,
    /// Why nobody can be invited to it.
    pub obstacle: Option<&'a str>,
}

/// The page. `known`: the assessment given, when it is changed and not added. `given` answers what a field holds.
#[must_use]
pub fn page(
    reader: &Reader<'_>,
    id: &AccountId,
    known: Option<Known<'_>>,
    offers: Result<&Offers, &str>,
    given: &dyn Fn(&str) -> String,
    wrong: Option<&Failure>,
) -> Markup {
    let reader = reader.at(Tab::Setup);
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
                    Ok(offers) => (form(&reader, &back, known, offers, given, wrong)),
                }
            }
        },
    )
}

fn form(
    reader: &Reader<'_>,
    back: &str,
    known: Option<Known<'_>>,
    offers: &Offers,
    given: &dyn Fn(&str) -> String,
    wrong: Option<&Failure>,
) -> Markup {
    let (only, given_assessment) = (given(ONLY), given("assessment"));
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
    let assessment = match known {
        None => select("assessment", "Assessment", "Choose an assessment", 25_000, &offers.assessments),
        Some(known) => html! {
            (piece::fixed("assessment", "Assessment", &given_assessment, known.title))
            @if let Some(why) = known.obstacle { p.quiet { "Nobody is invited by it now: " (why) ". Those who were invited go on." } }
        },
    };
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

//! BambooHR's part of the set-up: the connection, and which assessments go with which job openings.

use maud::{Markup, html};

use super::{
    Reader,
    piece::{self, Field, Tone},
    setup::{Setup, Wrong, card, checks, form_token, remove},
};
use crate::{app::account::BambooHr, domain::ids::AssessmentId};

/// The section. Until BambooHR is connected it is optional, and says so.
pub(super) fn section(reader: &Reader<'_>, base: &str, setup: &Setup<'_>) -> Markup {
    let error = match setup.wrong {
        Some(Wrong::Company(why)) => Some(why),
        _ => None,
    };
    match &setup.account.bamboohr {
        None => card(
            "bamboohr",
            "BambooHR",
            Tone::Plain,
            &html! {
                details open[error.is_some()] {
                    summary { "Connect BambooHR" }
                    (credentials(reader, base, setup, "", error))
                }
            },
        ),
        Some(bamboohr) => card(
            "bamboohr",
            "BambooHR",
            setup.state("bamboohr"),
            &html! {
                (checks(setup.of("bamboohr")))
                ul.rows {
                    @for assessment in bamboohr.mappings.keys() { (mapping(reader, base, setup, bamboohr, assessment)) }
                }
                div.row {
                    a.button.main[bamboohr.mappings.is_empty()] href={ (base) "/bamboohr/assessments" } data-dialog { "Add Assessment" }
                }
                details open[error.is_some()] {
                    summary { "Connect again" }
                    (credentials(reader, base, setup, &bamboohr.domain, error))
                }
                (remove(reader, &format!("{base}/bamboohr/remove"), "BambooHR", "The key or permission and the assessments' settings are forgotten. Statuses and comments stay as they are."))
            },
        ),
    }
}

fn credentials(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, domain: &str, error: Option<&str>) -> Markup {
    html! {
        form.fields method="post" action={ (base) "/bamboohr" } {
            (form_token(reader))
            (piece::field(&Field {
                name: "domain",
                label: "Company",
                hint: "The subdomain: the acme of acme.bamboohr.com.",
                value: domain,
                error,
                ..Field::default()
            }))
            (piece::field(&Field {
                name: "bamboohr_key",
                label: "BambooHR API key",
                hint: "In BambooHR: the user's menu, API Keys. Changes appear there as that user's.",
                kind: "password",
                ..Field::default()
            }))
            div.row {
                button.main { "Connect BambooHR" }
                @if setup.bamboohr_log_in { button formaction={ (base) "/bamboohr/login" } { "Log In to BambooHR instead" } }
            }
        }
    }
}

fn mapping(
    reader: &Reader<'_>,
    base: &str,
    setup: &Setup<'_>,
    bamboohr: &BambooHr,
    assessment: &AssessmentId,
) -> Markup {
    let listed = setup.catalogue.and_then(|all| all.assessments.iter().find(|listed| listed.id == *assessment));
    let title = listed.map_or(assessment.as_str(), |listed| listed.title.as_str());
    let put = &bamboohr.mappings[assessment];
    html! {
        li {
            div.what {
                strong { (title) }
                div.quiet {
                    @match put.send_status { Some(_) => "Sent by a status, since ", None => "Sent by hand; progress is shown, since " }
                    (piece::time(put.enabled_at))
                }
                @if let Some(why) = &put.broken { div.bad { (why) } }
            }
            a.button.small href={ (base) "/bamboohr/assessments?assessment=" (assessment) } data-dialog aria-label={ "Change " (title) } { "Change" }
            form method="post" action={ (base) "/bamboohr/assessments/remove" } {
                (form_token(reader))
                input type="hidden" name="assessment" value=(assessment);
                button.small.danger aria-label={ "Remove " (title) } { "Remove" }
            }
        }
    }
}

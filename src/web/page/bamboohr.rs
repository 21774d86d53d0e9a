//! BambooHR's part of the set-up: the connection, and which assessments go with which job openings.

use litemap::LiteMap;
use maud::{Markup, html};

use super::{
    Reader,
    piece::{self, Field, Rows, Tone},
    setup::{Part, Setup, card, checks, form_token, remove, remove_row},
};
use crate::{
    app::{
        Failure,
        account::{BambooHr, Mapping},
    },
    domain::ids::AssessmentId,
};

/// What the assessments may come to, in bytes of HTML.
const ROOM: usize = 30_000;

/// The section. Until BambooHR is connected it is optional, and says so.
pub(super) fn section(reader: &Reader<'_>, base: &str, setup: &Setup<'_>) -> Markup {
    let wrong = setup.wrong(Part::BambooHr);
    let title = if setup.is_bamboohr_alone() { "2. BambooHR" } else { "BambooHR" };
    match &setup.account.bamboohr {
        None => card(
            "bamboohr",
            title,
            Tone::Plain,
            &html! {
                details open[wrong.is_some()] {
                    summary { "Connect BambooHR" }
                    (credentials(reader, base, setup, "", wrong))
                }
            },
        ),
        Some(bamboohr) => card(
            "bamboohr",
            title,
            setup.state("bamboohr"),
            &html! {
                (checks(setup, "bamboohr"))
                (mappings(reader, base, setup, bamboohr))
                div.row {
                    a.button.main[bamboohr.mappings.is_empty()] href={ (base) "/bamboohr/assessments" } data-dialog { "Add Assessment" }
                }
                details open[wrong.is_some()] {
                    summary { "Connect again" }
                    (credentials(reader, base, setup, bamboohr.company.as_str(), wrong))
                }
                (remove(reader, &format!("{base}/bamboohr/remove"), "BambooHR", "The key or permission and the assessments' settings are forgotten. Statuses and comments stay as they are."))
            },
        ),
    }
}

fn credentials(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, domain: &str, wrong: Option<&Failure>) -> Markup {
    html! {
        (piece::wrong_at_large(wrong))
        form.fields method="post" action={ (base) "/bamboohr" } {
            (form_token(reader))
            (piece::field(&Field {
                name: "domain",
                label: "Company",
                hint: "The subdomain: the acme of acme.bamboohr.com.",
                value: if setup.company.is_empty() { domain } else { setup.company },
                error: piece::wrong_at(wrong, "domain"),
                ..Field::default()
            }))
            (piece::field(&Field {
                name: "bamboohr_key",
                label: "BambooHR API key",
                hint: "In BambooHR: the user's menu, API Keys. Changes appear there as that user's.",
                error: piece::wrong_at(wrong, "bamboohr_key"),
                kind: "password",
                ..Field::default()
            }))
            div.row {
                button.main { "Connect BambooHR" }
                @if setup.bamboohr_log_in { button formaction={ (base) "/bamboohr/login" } formtarget="_top" { "Log In to BambooHR instead" } }
            }
        }
    }
}

fn mappings(reader: &Reader<'_>, base: &str, setup: &Setup<'_>, bamboohr: &BambooHr) -> Markup {
    let listed = setup.catalogue.map(|catalogue| catalogue.assessments.as_slice()).unwrap_or_default();
    let mut titles = LiteMap::new_vec();
    for listed in listed {
        titles.insert(&listed.id, listed.title.as_str());
    }
    let sought = setup.assessments_sought.to_lowercase();
    let named = bamboohr.mappings.iter().map(|(id, put)| (id, titles.get(id).copied().unwrap_or(id.as_str()), put));
    let found: Vec<_> = named.filter(|(_, title, _)| title.to_lowercase().contains(&sought)).collect();
    let rows = Rows {
        page: &format!("{base}#bamboohr"),
        name: "assessments-search",
        label: "Search assessments",
        sought: setup.assessments_sought,
        found: found.len(),
        room: ROOM,
    };
    rows.show(&mut found.iter().map(|(id, title, put)| mapping(reader, base, id, title, put)))
}

fn mapping(reader: &Reader<'_>, base: &str, assessment: &AssessmentId, title: &str, put: &Mapping) -> Markup {
    let shows = [
        ("started", put.on_started),
        ("submitted", put.on_submitted),
        ("approved", put.on_approved),
        ("rejected", put.on_rejected),
    ];
    let shows = shows.into_iter().filter_map(|(when, status)| Some((when, status?)));
    html! {
        li {
            div.what {
                strong { (title) }
                div.quiet {
                    (put.job_label()) ": "
                    @match put.send_status { Some(status) => { "sent by " (put.status_label(status)) }, None => "sent to nobody by itself" }
                    ", since " (piece::time(put.enabled_at))
                }
                @if shows.clone().next().is_some() {
                    div.quiet {
                        "Shown by "
                        @for (place, (when, status)) in shows.enumerate() { @if place > 0 { ", " } (put.status_label(status)) " when " (when) }
                    }
                }
                @if let Some(why) = &put.broken { div.bad { (why) } }
            }
            a.button.small href={ (base) "/bamboohr/assessments?assessment=" (assessment) } data-dialog aria-label={ "Change " (title) } { "Change" }
            (remove_row(reader, &format!("{base}/bamboohr/assessments/remove"), ("assessment", assessment.as_str()), title, "Nobody is invited by it any more, and no status shows how far candidates are. Invitations already sent stay good."))
        }
    }
}

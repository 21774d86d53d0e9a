//! The tag helper: which tag invites to what, and what a candidate's tags would do.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Field, Tone},
};
use crate::{
    app::{catalogue::Listed, preview::Foreseen},
    domain::{ids::AccountId, tag},
};

/// Assessments shown at a time; beyond, searching narrows.
pub const MOST: usize = 100;

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Tags<'a> {
    /// Published assessments that match the search, at most [`MOST`]; or why they can't be listed.
    pub shown: Result<&'a [&'a Listed], &'a str>,
    /// How many match.
    pub found: usize,
    /// What was searched.
    pub sought: &'a str,
    /// Who was asked about.
    pub asked: &'a str,
    /// What would happen, or why that can't be told.
    pub foreseen: Option<Result<&'a [Foreseen], &'a str>>,
}

/// The page.
#[must_use]
pub fn page(reader: &Reader<'_>, id: &AccountId, tags: &Tags<'_>) -> Markup {
    let reader = Reader { account: Some((id, Some(Tab::Tags))), ..*reader };
    frame(
        &reader,
        "Tags",
        &html! {
            h1 { "Tags" }
            p { "A tag that is exactly an assessment's title invites to it, on the candidate or on the job, as soon as the candidate enters a trigger stage." }
            (preview(&reader, id, tags))
            (assessments(id, tags))
        },
    )
}

fn preview(reader: &Reader<'_>, id: &AccountId, tags: &Tags<'_>) -> Markup {
    let error = match tags.foreseen {
        Some(Err(why)) => Some(why),
        _ => None,
    };
    html! {
        section.card #preview {
            h2 { "What would happen?" }
            form.fields method="post" action={ "/integrations/" (id) "/tags#preview" } {
                @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                (piece::field(&Field {
                    name: "candidate",
                    label: "Candidate",
                    hint: "The address of the candidate's page in Lever, or the candidate's e-mail address. Nothing is sent or changed.",
                    value: tags.asked,
                    error,
                    ..Field::default()
                }))
                div { button.main { "Look" } }
            }
            @if let Some(Ok(foreseen)) = tags.foreseen {
                div role="status" tabindex="-1" autofocus {
                    @for one in foreseen { (verdict(one)) }
                }
            }
        }
    }
}

fn verdict(foreseen: &Foreseen) -> Markup {
    let titles = |titles: &[String]| {
        html! {
            @for (index, title) in titles.iter().enumerate() { @if index > 0 { ", " } strong { (title) } }
        }
    };
    let tone = if foreseen.obstacle.is_none() && !foreseen.invited.is_empty() { Tone::Good } else { Tone::Wait };
    let name = if foreseen.name.is_empty() { "The candidate" } else { &foreseen.name };
    let page = foreseen.lever_page.as_ref().filter(|url| matches!(url.scheme(), "http" | "https"));
    html! {
        div class={ "notice " (tone.class()) } {
            p {
                @match page {
                    Some(url) => a href=(url) rel="noreferrer" { (name) },
                    None => strong { (name) },
                }
                @match &foreseen.trigger_stage {
                    Some(stage) => { " is in the trigger stage " strong { (stage) } "." },
                    None => " is in no trigger stage.",
                }
            }
            @match (&foreseen.obstacle, foreseen.invited.as_slice()) {
                (None, []) => p { "Nothing would be sent: no tag of the candidate or the job is the title of a published assessment that was not sent before." },
                (None, invited) => p { "Would be invited to " (titles(invited)) "." },
                (Some(why), []) => p { "Nothing would be sent: " (why) ", and no tag is the title of a published assessment that was not sent before." },
                (Some(why), invited) => {
                    p { "Nothing would be sent now: " (why) "." }
                    p { "On entering a trigger stage, if nothing else is in the way: " (titles(invited)) "." }
                },
            }
            @for (title, progress) in &foreseen.sent_before { p { strong { (title) } " was sent before: " (progress) "." } }
            @for puzzle in &foreseen.puzzles { p { "Note: " (puzzle) "." } }
            p { a href={ "activity?subject=" (foreseen.opportunity) } { "What was done so far" } }
        }
    }
}

fn assessments(id: &AccountId, tags: &Tags<'_>) -> Markup {
    html! {
        section.card {
            h2 { "Published assessments" }
            form.row.search method="get" action={ "/integrations/" (id) "/tags" } role="search" {
                div {
                    label for="search" { "Search titles" }
                    input id="search" name="search" type="search" value=(tags.sought);
                }
                button { "Search" }
            }
            @match tags.shown {
                Err(why) => (piece::notice(Tone::Bad, why)),
                Ok(shown) => {
                    ul.rows {
                        @for listed in shown {
                            li {
                                code.what { (listed.title) }
                                button.small type="button" data-copy=(listed.title) hidden { "Copy tag" span.unseen { " " (listed.title) } }
                            }
                        }
                    }
                    @if shown.is_empty() { p.quiet { "There is none" (if tags.sought.is_empty() { ". Publish one in Qualified" } else { " like this" }) "." } }
                    @if tags.found > shown.len() { p.quiet { (tags.found) " assessments; the first " (shown.len()) " are shown. Search to find others." } }
                    @if let Some(first) = shown.first() {
                        p.quiet { "The tag then changes by itself: " code { (tag::showing(&first.title, crate::domain::assignment::Progress::Invited)) } ", then Started, Submitted, and Approved or Rejected." }
                    }
                }
            }
        }
    }
}

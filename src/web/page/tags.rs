//! The tag helper: which tag invites to what, and what a candidate's tags would do.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Field, Rows, Tone},
    preview,
};
use crate::{
    app::{catalogue::Listed, preview::Foreseen},
    domain::{ids::AccountId, tag},
};

/// What the list of assessments may come to, in bytes of HTML; beyond, searching narrows.
const ROOM: usize = 50_000;

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Tags<'a> {
    /// Whether tags invite to anything: Lever's do.
    pub are_asked: bool,
    /// Published assessments that match the search, or why they can't be listed.
    pub found: Result<&'a [&'a Listed], &'a str>,
    /// What was searched.
    pub sought: &'a str,
    /// Who was asked about.
    pub asked: &'a str,
    /// What would happen, or why that can't be told.
    pub foreseen: Option<Result<&'a [Foreseen], &'a str>>,
}

/// The page of tags to copy, with the dry run.
#[must_use]
pub fn page(reader: &Reader<'_>, id: &AccountId, tags: &Tags<'_>) -> Markup {
    let reader = reader.at(Tab::Tags);
    frame(
        &reader,
        "Tags",
        &html! {
            h1 { "Tags" }
            @if tags.are_asked {
                p { "A tag that is exactly an assessment's title invites to it, on the candidate or on the job, as soon as the candidate enters a trigger stage." }
                (preview(&reader, id, tags))
            } @else {
                p { "Tags invite in Lever alone. In BambooHR it is a status: " a href={ "/integrations/" (id) "#bamboohr" } { "choose it for each assessment" } "." }
            }
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
        section.card {
            h2 { "What would happen?" }
            form.fields method="post" action={ "/integrations/" (id) "/tags" } {
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
                    @for one in foreseen { (preview::verdict(one)) }
                }
            }
        }
    }
}

fn assessments(id: &AccountId, tags: &Tags<'_>) -> Markup {
    html! {
        section.card {
            h2 { "Published assessments" }
            @match tags.found {
                Err(why) => (piece::notice(Tone::Bad, why)),
                Ok(found) => {
                    @let page = format!("/integrations/{id}/tags");
                    @let rows = Rows { page: &page, name: "search", label: "Search titles", sought: tags.sought, found: found.len(), room: ROOM };
                    @if found.is_empty() && tags.sought.is_empty() { p.quiet { "There is none. Publish one in Qualified." } }
                    (rows.show(&mut found.iter().map(|listed| assessment(&listed.title))))
                    @if let Some(first) = found.first() {
                        p.quiet { "The tag then changes by itself: " code { (tag::showing(&first.title, crate::domain::assignment::Progress::Invited)) } ", then Started, Submitted, and Approved or Rejected." }
                    }
                }
            }
        }
    }
}

fn assessment(title: &str) -> Markup {
    html! {
        li {
            code.what { (title) }
            button.small type="button" data-copy=(title) hidden { "Copy tag" span.unseen { " " (title) } }
        }
    }
}

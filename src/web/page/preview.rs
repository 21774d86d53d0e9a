//! What would happen, to one candidate and to those of a trigger stage. Nothing is done by looking.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Choice, Select, Tone},
};
use crate::{
    app::preview::{Foreseen, Look, StageLook},
    domain::ids::{AccountId, StageId},
};

/// What a list of candidates may come to, in bytes of HTML: there are two.
const ROOM: usize = 30_000;
/// What the list of stages may come to.
const ROOM_FOR_STAGES: usize = 20_000;
/// Titles and puzzles told of one candidate.
const SOME: usize = 5;

fn name(foreseen: &Foreseen) -> Markup {
    let name = if foreseen.name.is_empty() { "The candidate" } else { &foreseen.name };
    let page = foreseen.lever_page.as_ref().filter(|url| matches!(url.scheme(), "http" | "https"));
    html! {
        @match page {
            Some(url) => a href=(url) rel="noreferrer" { (name) },
            None => strong { (name) },
        }
    }
}

fn titles(titles: &[String]) -> Markup {
    html! {
        @for (index, title) in titles.iter().take(SOME).enumerate() { @if index > 0 { ", " } strong { (title) } }
        @if titles.len() > SOME { " and " (titles.len() - SOME) " more" }
    }
}

/// What would happen to one candidate.
pub(super) fn verdict(foreseen: &Foreseen) -> Markup {
    let tone = if foreseen.obstacle.is_none() && !foreseen.invited.is_empty() { Tone::Good } else { Tone::Wait };
    html! {
        div class={ "notice " (tone.class()) } {
            p {
                (name(foreseen))
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
            @for puzzle in foreseen.puzzles.iter().take(SOME) { p { "Note: " (puzzle) "." } }
            p { a href={ "activity?subject=" (foreseen.opportunity) } { "What was done so far" } }
        }
    }
}

/// The page of a trigger stage. `only`: what the list of stages is narrowed to.
#[must_use]
pub fn page(reader: &Reader<'_>, id: &AccountId, stage: &StageId, look: &StageLook, only: &str) -> Markup {
    let reader = reader.at(Tab::Setup);
    let title = format!("Whom \u{201c}{}\u{201d} invites", look.text);
    frame(
        &reader,
        &title,
        &html! {
            h1 { (title) }
            p { "As things are just now. Nothing is sent or changed by looking." }
            section.card {
                h2 { "In the stage now" }
                (people(&look.present, "Nobody is in it."))
            }
            section.card {
                h2 { "On entering it" }
                form.fields method="get" action={ "/integrations/" (id) "/lever/stages/" (stage) } {
                    (from(look, only))
                    div { button { "Look" } }
                }
                @if let Some(coming) = &look.coming { (people(coming, "Nobody is there.")) }
            }
            div.row { a.button href={ "/integrations/" (id) "#stages" } { "Back to the set-up" } }
        },
    )
}

fn from(look: &StageLook, only: &str) -> Markup {
    let stages: Vec<Choice> = look.stages.iter().map(|stage| (stage.id.to_string(), stage.text.clone())).collect();
    let (select, is_cut) = Select {
        name: "from",
        label: "Candidates who come from",
        none: "The stage before it",
        required: false,
        given: look.from.as_ref().map(StageId::as_str).unwrap_or_default(),
        only,
        error: None,
        room: ROOM_FOR_STAGES,
    }
    .show(&stages);
    html! { (piece::narrowing(only, is_cut)) (select) }
}

fn people(look: &Look, nobody: &str) -> Markup {
    let (rows, shown) = piece::fitting(ROOM, &mut look.people.iter().map(person));
    html! {
        @if shown > 0 { ul.rows { (rows) } } @else { p.quiet { (nobody) } }
        @if look.is_cut || shown < look.people.len() {
            p.quiet { "Only the first " (shown) " are shown. Ask for any other under Tags, by e-mail address." }
        }
    }
}

/// A candidate in a few words.
fn person(foreseen: &Foreseen) -> Markup {
    let (tone, words) = match (&foreseen.obstacle, foreseen.invited.is_empty(), foreseen.sent_before.is_empty()) {
        (None, false, _) => (Tone::Good, "Would be invited"),
        (_, _, false) => (Tone::Plain, "Invited before"),
        _ => (Tone::Wait, "Would not be invited"),
    };
    html! {
        li {
            div.what {
                (name(foreseen))
                @for (title, progress) in &foreseen.sent_before { div.quiet { strong { (title) } ": " (progress) } }
                @match (&foreseen.obstacle, foreseen.invited.as_slice()) {
                    (None, []) => @if foreseen.sent_before.is_empty() { div.quiet { "No tag is the title of a published assessment." } },
                    (None, invited) => div.quiet { "To " (titles(invited)) },
                    (Some(why), []) => div.quiet { "Because " (why) },
                    (Some(why), invited) => div.quiet { "Not to " (titles(invited)) ", because " (why) },
                }
                @for puzzle in foreseen.puzzles.iter().take(SOME) { div.quiet { "Note: " (puzzle) } }
            }
            (piece::badge(tone, words))
        }
    }
}

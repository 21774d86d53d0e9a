//! What was done, for whom, and why not.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Tone},
};
use crate::{
    app::activity::{Item, ItemId, Listing, Outcome, Source},
    domain::ids::{AccountId, Candidacy},
};

/// Lines asked for per page.
pub const LINES: usize = 25;
/// What the lines of a page may come to, in bytes of HTML; the whole page stays below 100 kB.
const ROOM: usize = 80_000;
/// What one line's steps may come to.
const ROOM_FOR_STEPS: usize = 12_000;

/// What the page shows.
#[derive(Clone, Copy)]
pub struct Activity<'a> {
    /// The lines.
    pub listing: &'a Listing,
    /// What was searched.
    pub sought: &'a str,
    /// Which outcome was asked for.
    pub outcome: Option<Outcome>,
    /// Whether this is the list's beginning.
    pub is_newest: bool,
    /// How many pieces of work were given up.
    pub parked: usize,
    /// What became of the form just sent.
    pub notice: Option<(Tone, &'a str)>,
}

/// The words for an outcome.
fn words(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Invited => (Tone::Good, "Invited"),
        Outcome::NotInvited => (Tone::Wait, "Not invited"),
        Outcome::Updated => (Tone::Good, "Updated"),
        Outcome::Ignored => (Tone::Plain, "Ignored"),
        Outcome::Retrying => (Tone::Wait, "Tried again by itself"),
        Outcome::Failed => (Tone::Bad, "Failed"),
        Outcome::Healed => (Tone::Good, "Healed"),
        Outcome::Settings => (Tone::Plain, "Settings"),
    }
}

fn cause(source: Source) -> &'static str {
    match source {
        Source::Webhook => "by a webhook",
        Source::Sync => "by the sync",
        Source::Replay => "by a replay",
        Source::Admin => "by a person",
    }
}

/// The page.
#[must_use]
pub fn page(reader: &Reader<'_>, id: &AccountId, activity: &Activity<'_>) -> Markup {
    let reader = reader.at(Tab::Activity);
    let Activity { listing, sought, outcome, is_newest, parked, notice } = *activity;
    let here = format!("/integrations/{id}/activity");
    let (lines, next) = lines(&reader, &here, listing);
    frame(
        &reader,
        "Activity",
        &html! {
            h1 { "Activity" }
            p { "Why was somebody not invited? Search the name." }
            @if let Some((tone, words)) = notice { (piece::notice(tone, words)) }
            @if parked > 0 { (parked_work(&reader, &here, parked)) }
            form.row.search method="get" action=(here) role="search" {
                div {
                    label for="subject" { "Candidate, title or reason" }
                    input id="subject" name="subject" type="search" value=(sought);
                }
                div {
                    label for="outcome" { "Outcome" }
                    select id="outcome" name="outcome" {
                        option value="" selected[outcome.is_none()] { "All" }
                        @for known in Outcome::ALL {
                            option value=(known.word()) selected[outcome == Some(known)] { (words(known).1) }
                        }
                    }
                }
                button { "Search" }
            }
            @if listing.items.is_empty() {
                p.quiet { @if sought.is_empty() && outcome.is_none() { "Nothing has happened yet." } @else { "Nothing like this is kept." } }
            }
            (lines)
            nav.row aria-label="Pages" {
                @if !is_newest { a.button href={ (here) (query(sought, outcome, None)) } { "Newest" } }
                @if next.is_some() { a.button href={ (here) (query(sought, outcome, next)) } { "Older" } }
            }
        },
    )
}

fn parked_work(reader: &Reader<'_>, here: &str, parked: usize) -> Markup {
    html! {
        section.notice.bad {
            p {
                @if parked == 1 { "One piece of work was given up and waits for you. " }
                @else { (parked) " pieces of work were given up and wait for you. " }
                a href={ (here) "?outcome=failed" } { "See what failed" } "."
            }
            form.row method="post" action={ (here) "/replay" } {
                @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                button { "Replay all failed" }
            }
        }
    }
}

/// As many lines as there is room for, and where the next page begins.
fn lines(reader: &Reader<'_>, here: &str, listing: &Listing) -> (Markup, Option<ItemId>) {
    let (lines, shown) = piece::fitting(ROOM, &mut listing.items.iter().map(|item| line(reader, here, item)));
    // A line always fits, so there is a last one wherever some are left.
    let last = listing.items[..shown].last().map(|item| item.id);
    let next = if shown < listing.items.len() { last } else { listing.next };
    (html! { ol.activity { (lines) } }, next)
}

fn line(reader: &Reader<'_>, here: &str, item: &Item) -> Markup {
    let (tone, words) = words(item.outcome);
    let who = if item.subject.is_empty() { "A candidate" } else { &item.subject };
    let is_open = matches!(item.outcome, Outcome::NotInvited | Outcome::Failed | Outcome::Retrying);
    html! {
        li id={ "line-" (item.id) } class=(tone.class()) {
            div.head {
                strong { (who) }
                (piece::badge(tone, words))
                span.quiet { (piece::time(item.at)) }
            }
            p { (item.summary) }
            @if !item.steps.is_empty() { (steps(item)) }
            @if let (true, Some(candidacy)) = (is_open, &item.candidacy) {
                form.row method="post" action={ (here) "/" (item.id) "/replay" } {
                    @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                    button.small aria-label={ "Replay: " (who) } { "Replay" }
                    @if let Candidacy::Lever(opportunity) = candidacy {
                        a.button.small href={ (here) "?subject=" (opportunity) } { "Everything about " (who) }
                    }
                }
            }
        }
    }
}

fn steps(item: &Item) -> Markup {
    let mut steps = item.steps.iter().map(|step| {
        html! {
            li {
                span class=(if step.ok { "good" } else { "bad" }) { (if step.ok { "✓" } else { "✗" }) span.unseen { (if step.ok { " done: " } else { " failed: " }) } }
                " " (step.what) ": " (step.detail)
            }
        }
    });
    let (written, shown) = piece::fitting(ROOM_FOR_STEPS, &mut steps);
    let left = item.steps.len() - shown;
    html! {
        details {
            summary { "Steps, begun " (cause(item.source)) }
            ol.steps { (written) }
            @if left > 0 { p.quiet { "… and " (left) " more." } }
        }
    }
}

fn query(sought: &str, outcome: Option<Outcome>, before: Option<ItemId>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    if !sought.is_empty() {
        pairs.append_pair("subject", sought);
    }
    if let Some(outcome) = outcome {
        pairs.append_pair("outcome", outcome.word());
    }
    if let Some(before) = before {
        pairs.append_pair("before", &before.to_string());
    }
    let pairs = pairs.finish();
    if pairs.is_empty() { pairs } else { format!("?{pairs}") }
}

#[cfg(test)]
mod tests {
    use crate::domain::time::Timestamp;

    use super::*;
    use crate::app::activity::Step;

    fn item(number: u64, text: &str, steps: usize) -> Item {
        let step = Step { at: Timestamp::UNIX_EPOCH, what: text.to_owned(), ok: false, detail: text.to_owned() };
        Item {
            id: ItemId { lane: 0, number },
            at: Timestamp::UNIX_EPOCH,
            source: Source::Sync,
            candidacy: None,
            subject: text.to_owned(),
            outcome: Outcome::Failed,
            summary: text.to_owned(),
            steps: vec![step; steps],
        }
    }

    fn written(items: Vec<Item>) -> String {
        let listing = Listing { items, next: None };
        let id = AccountId::new("acme").expect("valid");
        let activity =
            Activity { listing: &listing, sought: "", outcome: None, is_newest: true, parked: 2, notice: None };
        page(&Reader::default(), &id, &activity).into_string()
    }

    #[test]
    fn the_longest_lines_stay_below_100_kb_and_are_paged_instead() {
        // The longest texts that are kept, of a character whose escape is the longest.
        let items = (0..25).map(|number| item(number, &"\"".repeat(400), 40)).collect();
        let page = written(items);
        assert!(page.len() < 100_000, "{}", page.len());
        assert!(page.contains("before=0-"), "there is a way to the rest");
    }

    #[test]
    fn what_people_wrote_is_text() {
        let page = written(vec![item(0, "<script>alert(1)</script>\"'&", 1)]);
        assert!(!page.contains("<script>alert"));
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }

    #[test]
    fn the_query_of_a_page_is_whole() {
        assert_eq!(query("", None, None), "");
        assert_eq!(query("a&b c", Some(Outcome::Failed), None), "?subject=a%26b+c&outcome=failed");
        assert_eq!(query("", None, Some(ItemId { lane: 1, number: 2 })), "?before=1-2");
    }
}

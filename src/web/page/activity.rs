//! What was done, for whom, and why not.

use maud::{Markup, html};

use super::{
    Reader, Tab, frame,
    piece::{self, Tone},
};
use crate::{
    app::{
        activity::{Item, ItemId, Listing, Outcome, Source},
        inbox::Standing,
        replay::Replayed,
    },
    domain::ids::{AccountId, Candidacy},
};

/// Lines asked for per page.
pub const LINES: usize = 25;
/// What the lines of a page may come to, in bytes of HTML; the whole page stays below 100 kB.
const ROOM: usize = 80_000;
/// What one line's steps may come to.
const ROOM_FOR_STEPS: usize = 12_000;

/// What became of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// Of one piece of work.
    One(Standing),
    /// Of all that were given up.
    All(Replayed),
}

/// What the page shows.
#[derive(Clone)]
pub struct Activity<'a> {
    /// The lines.
    pub listing: &'a Listing,
    /// What was searched.
    pub sought: &'a str,
    /// Which outcome was asked for.
    pub outcome: Option<Outcome>,
    /// Whether this is the list's beginning.
    pub is_newest: bool,
    /// Whether candidates of Lever's can be asked about under Tags.
    pub has_lever: bool,
    /// What became of the form just sent.
    pub notice: Option<Notice>,
}

/// The words for an outcome.
fn words(outcome: Outcome) -> (Tone, &'static str) {
    match outcome {
        Outcome::Invited => (Tone::Good, "Invited"),
        Outcome::NotInvited => (Tone::Wait, "Not invited"),
        Outcome::Updated => (Tone::Good, "Updated"),
        Outcome::Ignored => (Tone::Plain, "Ignored"),
        Outcome::Retrying => (Tone::Wait, "Will be tried again"),
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

/// The page of what was done and why, newest first.
#[must_use]
pub fn page(reader: &Reader<'_>, id: &AccountId, activity: &Activity<'_>) -> Markup {
    let reader = reader.at(Tab::Activity);
    let Activity { listing, sought, outcome, is_newest, has_lever, ref notice } = *activity;
    let here = format!("/integrations/{id}/activity");
    let parked = listing.parked.len();
    // A replay leads back to the same search.
    let search = address("", sought, outcome, &[]);
    let (lines, next) = lines(&reader, &here, &search, listing);
    frame(
        &reader,
        "Activity",
        &html! {
            h1 { "Activity" }
            p { "Why was somebody not invited? Search the name." }
            @match notice {
                Some(Notice::One(standing)) => (replayed(standing, outcome)),
                Some(Notice::All(all)) => (replayed_all(*all, &here)),
                None => {}
            }
            @if parked > 0 { (parked_work(&reader, &here, &search, parked)) }
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
                @if !sought.is_empty() && has_lever {
                    p { "Whoever never entered a trigger stage is not in this list. " a href={ "/integrations/" (id) "/tags" } { "What would happen?" } " tells what stands in the way, by the candidate's address in Lever or e-mail address." }
                }
            }
            (lines)
            nav.row aria-label="Pages" {
                @if !is_newest { a.button href=(address(&here, sought, outcome, &[])) { "Newest" } }
                @if let Some(next) = next { a.button href=(address(&here, sought, outcome, &[("before", &next.to_string())])) { "Older" } }
            }
        },
    )
}

/// What came of replaying one piece of work. `outcome`: what the list below is narrowed to.
fn replayed(standing: &Standing, outcome: Option<Outcome>) -> Markup {
    let failing = |why: &str| format!("Tried again; it still does not work. {why}");
    match standing {
        // The newest line may end otherwise than what the list shows.
        Standing::Done(summary) if outcome.is_some() && !summary.is_empty() => {
            piece::notice(Tone::Good, &format!("It was looked at again. {summary}"))
        }
        Standing::Done(_) => piece::notice(Tone::Good, "It was looked at again. What came of it is the newest line."),
        Standing::Failing(why) => piece::notice(Tone::Bad, failing(why).trim_end()),
        Standing::Busy => piece::notice(Tone::Wait, "Somebody is at it just now. Load the page again in a moment."),
        Standing::Held(until) => piece::notice_of(
            Tone::Wait,
            &html! { "A vendor asked for a pause until " (piece::time(*until)) ". It is looked at again by itself then." },
        ),
        Standing::Queued => piece::notice(Tone::Wait, "It waits for its turn: the next sync looks at it again."),
    }
}

fn replayed_all(Replayed { tried, of }: Replayed, here: &str) -> Markup {
    let told = match (tried, of) {
        (_, 0) => "Nothing had been given up.".to_owned(),
        (0, _) => format!("None of {of} could be looked at yet. The sync goes on with them."),
        (1, 1) => "It was looked at again.".to_owned(),
        _ if tried >= of => format!("All {of} were looked at again."),
        _ => format!("{tried} of {of} were looked at again; the sync goes on with the rest."),
    };
    piece::notice_of(
        Tone::Good,
        &html! {
            (told)
            // The list below may be narrowed to those that failed.
            @if tried > 0 { " " a href=(here) { "The newest lines" } " tell what came of it." }
        },
    )
}

fn parked_work(reader: &Reader<'_>, here: &str, search: &str, parked: usize) -> Markup {
    html! {
        section.notice.bad {
            p {
                @if parked == 1 { "One piece of work was given up and waits for you. " }
                @else { (parked) " pieces of work were given up and wait for you. " }
                a href={ (here) "?outcome=failed" } { "See what failed" } "."
            }
            form.row method="post" action={ (here) "/replay" (search) } {
                @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                button { "Replay all failed" }
            }
        }
    }
}

/// As many lines as there is room for, and where the next page begins.
fn lines(reader: &Reader<'_>, here: &str, search: &str, listing: &Listing) -> (Markup, Option<ItemId>) {
    let mut lines = listing.items.iter().map(|item| line(reader, here, search, item, State::of(item, listing)));
    let (lines, shown) = piece::fitting(ROOM, &mut lines);
    // A line always fits, so there is a last one wherever some are left.
    let last = listing.items[..shown].last().map(|item| item.id);
    let next = if shown < listing.items.len() { last } else { listing.next };
    (html! { ol.activity { (lines) } }, next)
}

/// What is left to do about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A person has to.
    Waits,
    /// It may be looked at again.
    Open,
    /// Nothing: a later line tells how it went on.
    Settled,
    /// Nothing: it went well.
    Closed,
}

impl State {
    fn of(item: &Item, listing: &Listing) -> Self {
        let is_parked = || item.candidacy.as_ref().is_some_and(|own| listing.parked.contains(own));
        match item.outcome {
            Outcome::NotInvited | Outcome::Failed | Outcome::Retrying if listing.settled.contains(&item.id) => {
                Self::Settled
            }
            Outcome::Failed if is_parked() => Self::Waits,
            Outcome::NotInvited | Outcome::Failed | Outcome::Retrying => Self::Open,
            Outcome::Invited | Outcome::Updated | Outcome::Ignored | Outcome::Healed | Outcome::Settings => {
                Self::Closed
            }
        }
    }
}

fn line(reader: &Reader<'_>, here: &str, search: &str, item: &Item, state: State) -> Markup {
    let (tone, words) = words(item.outcome);
    let tone = if state == State::Settled { Tone::Plain } else { tone };
    let label = item.candidacy.as_ref().map(Candidacy::label).unwrap_or_default();
    let who = if item.subject.is_empty() { &label } else { &item.subject };
    let about = match &item.candidacy {
        Some(Candidacy::Lever(opportunity)) => opportunity.as_str(),
        Some(Candidacy::BambooHr(..)) | None => &label,
    };
    html! {
        li id={ "line-" (item.id) } class=(tone.class()) {
            div.head {
                strong { (who) }
                @if state == State::Waits { (piece::badge(Tone::Bad, "Waits for you")) }
                (piece::badge(tone, words))
                @if state == State::Settled { span.quiet { "went on since" } }
                span.quiet { (piece::time(item.at)) }
            }
            p { (item.summary) }
            @if !item.steps.is_empty() { (steps(item)) }
            @let everything = html! { a.button.small href=(address(here, about, None, &[])) { "Everything about " (who) } };
            @match state {
                _ if item.candidacy.is_none() => {},
                State::Closed => {},
                State::Settled => div.row { (everything) },
                State::Waits | State::Open => form.row method="post" action={ (here) "/" (item.id) "/replay" (search) } {
                    @if let Some(token) = reader.form_token { (piece::form_token(token)) }
                    button.small aria-label={ "Replay: " (who) } { "Replay" }
                    (everything)
                },
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

/// The address of the list at `page`, searched so, with what else its query says.
#[must_use]
pub fn address(page: &str, sought: &str, outcome: Option<Outcome>, more: &[(&str, &str)]) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    if !sought.is_empty() {
        pairs.append_pair("subject", sought);
    }
    if let Some(outcome) = outcome {
        pairs.append_pair("outcome", outcome.word());
    }
    for (name, value) in more {
        pairs.append_pair(name, value);
    }
    let pairs = pairs.finish();
    if pairs.is_empty() { page.to_owned() } else { format!("{page}?{pairs}") }
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
        let listing = Listing { items, next: None, settled: Vec::new(), parked: Vec::new() };
        let id = AccountId::new("acme").expect("valid");
        let activity =
            Activity { listing: &listing, sought: "", outcome: None, is_newest: true, has_lever: true, notice: None };
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
        assert_eq!(address("/x", "", None, &[]), "/x");
        assert_eq!(address("", "a&b c", Some(Outcome::Failed), &[]), "?subject=a%26b+c&outcome=failed");
        assert_eq!(address("/x", "", None, &[("before", "1-2")]), "/x?before=1-2");
    }
}

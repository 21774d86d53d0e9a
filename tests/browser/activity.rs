//! The activity tells how things stand: what a replay came to, what waits for a person, and what is past.

use bytes::Bytes;
use http::Response;
use sandbox::lever::NewOpportunity;
use sandbox::{Effect, Rule, Vendor};
use serde_json::{Value, json};

use crate::bounds::edit;
use crate::support::{ACCOUNT, Candidate, Town};
use crate::visitor::Visitor;

const RUST: &str = "Rust: Ownership, Traits, and Lifetimes";
const DRAFT: &str = "Go: Channels";
/// The words of an answer that trying again does not change.
const ELSEWHERE: &str = "https://elsewhere.example";

fn activity() -> String {
    format!("/integrations/{ACCOUNT}/activity")
}

/// Somebody with a tag who enters the trigger stage, and what comes of it.
#[track_caller]
fn enters(town: &Town, name: &str, tag: &str) -> Candidate {
    let who = town.recruiter().adds_tagged(name, tag);
    town.recruiter().moves(&who, "Coding test");
    town.deliver();
    who
}

/// Tags can't be changed until the faults are cleared.
fn break_tags(town: &Town) {
    let moved = Rule::at(Vendor::Lever, Effect::MovedTo(ELSEWHERE.into())).ending("/addTags").always();
    town.vendors(|vendors| vendors.faults().add(moved));
}

/// The activity's lines about somebody, newest first.
#[track_caller]
fn lines(town: &Town, who: &Candidate) -> Vec<Value> {
    let page =
        town.account("GET", &format!("/activity?limit=100&subject={}", who.opportunity), None).expect(200).json();
    page["items"].as_array().expect("items").clone()
}

/// Replays the newest line about somebody, as the page with this search does. The page that follows.
#[track_caller]
fn replays(town: &Town, visitor: &Visitor<'_>, who: &Candidate, search: &str) -> String {
    let id = lines(town, who)[0]["id"].as_str().expect("an id").to_owned();
    let back = visitor.submit(&format!("{}/{id}/replay{search}", activity()), &[]).expect(303);
    let to = back.headers["location"].to_str().expect("text").to_owned();
    if !search.is_empty() {
        assert!(to.starts_with(&format!("{}{search}&", activity())), "the search is kept: {to}");
    }
    visitor.get(&to).expect(200).text
}

/// What the page says of the line with this id.
#[track_caller]
fn line<'p>(page: &'p str, id: &Value) -> &'p str {
    let anchor = format!("id=\"line-{}\"", id.as_str().expect("an id"));
    let (_, rest) = page.split_once(&anchor).unwrap_or_else(|| panic!("no {anchor}: {page}"));
    rest.split("<li id=").next().unwrap_or_default()
}

#[test]
fn a_replay_tells_what_came_of_it() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        let draft = town.vendors(|vendors| vendors.qualified().add_assessment(DRAFT, false));
        let operator = Visitor::operator(town);
        let fatou = enters(town, "Fatou Ndiaye", DRAFT);
        let page = replays(town, &operator, &fatou, "");
        assert!(page.contains("It was looked at again. What came of it is the newest line."), "{page}");
        town.vendors(|vendors| vendors.qualified().publish(&draft).expect("Qualified lets them"));
        let page = replays(town, &operator, &fatou, "?subject=Fatou&outcome=not_invited");
        assert!(page.contains(&format!("It was looked at again. Invited to &quot;{DRAFT}&quot;.")), "{page}");

        break_tags(town);
        let gita = enters(town, "Gita Rao", RUST);
        let before = lines(town, &gita).len();
        let page = replays(town, &operator, &gita, "?outcome=failed");
        assert!(page.contains("Tried again; it still does not work. It was given up at attempt"), "{page}");
        assert!(!page.contains("It was looked at again"), "{page}");
        assert_eq!(lines(town, &gita).len(), before + 1);
    });
}

fn unavailable(_: &http::Request<Bytes>) -> Option<Response<Bytes>> {
    Response::builder().status(503).body(Bytes::new()).ok()
}

fn throttled(_: &http::Request<Bytes>) -> Option<Response<Bytes>> {
    Response::builder().status(429).header("retry-after", "600").body(Bytes::new()).ok()
}

#[test]
fn a_replay_that_has_to_wait_tells_for_what() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        let operator = Visitor::operator(town);
        town.outside().stand_in = Some(unavailable);
        let nia = enters(town, "Nia Brooks", RUST);
        assert_eq!(lines(town, &nia).len(), 1);
        for times in 2..4 {
            let page = replays(town, &operator, &nia, "");
            assert!(page.contains("Tried again; it still does not work. It will be tried again by itself"), "{page}");
            assert_eq!(lines(town, &nia).len(), times, "every replay has a line of its own");
        }
        town.outside().stand_in = Some(throttled);
        for _ in 0..2 {
            let page = replays(town, &operator, &nia, "");
            assert!(page.contains("A vendor asked for a pause until <time datetime="), "{page}");
        }
        // Somebody else is at it.
        let lane = (0..8).map(|lane| format!("inbox/{ACCOUNT}/{lane}"));
        let lane = lane.into_iter().find(|key| {
            let record: Value = serde_json::from_slice(&town.records()[key]).expect("JSON");
            record["record"]["work"].as_array().is_some_and(|work| !work.is_empty())
        });
        edit(town, &lane.expect("it waits"), |inbox| {
            inbox["work"][0]["hold"] = Value::Null;
            inbox["work"][0]["lease"] = json!({"holder": "another", "until": "2026-03-02T23:00:00Z"});
        });
        let page = replays(town, &operator, &nia, "");
        assert!(page.contains("Somebody is at it just now"), "{page}");
    });
}

#[test]
fn replaying_all_tells_how_many_and_leaves_the_rest_to_the_sync() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        let operator = Visitor::operator(town);
        let all = || {
            let back = operator.submit(&format!("{}/replay?subject=Rao", activity()), &[]).expect(303);
            let to = back.headers["location"].to_str().expect("text").to_owned();
            assert!(to.contains("?subject=Rao&"), "{to}");
            operator.get(&to).expect(200).text
        };
        assert!(all().contains("Nothing had been given up."));
        break_tags(town);
        let names = ["Gita Rao", "Hugo Rao", "Ines Rao"].map(|name| enters(town, name, RUST));
        let page = all();
        assert!(page.contains("All 3 were looked at again."), "{page}");
        assert!(page.contains("3 pieces of work were given up and wait for you."), "and failed again: {page}");

        town.vendors(|vendors| vendors.faults().clear());
        town.outside().slow_down("lever", 5);
        let page = all();
        assert!(page.contains("1 of 3 were looked at again; the sync goes on with the rest."), "{page}");
        assert!(!page.contains("given up and"), "none is left to wait for a person: {page}");
        town.outside().slow_down("lever", 0);
        town.sync_until_quiet();
        for who in &names {
            assert_eq!(lines(town, who)[0]["outcome"], "updated", "{}", who.name);
        }
    });
}

#[test]
fn what_waits_is_told_from_what_is_past() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        town.vendors(|vendors| vendors.qualified().add_assessment(DRAFT, false));
        let operator = Visitor::operator(town);
        break_tags(town);
        let (gita, hugo) = (enters(town, "Gita Rao", RUST), enters(town, "Hugo Silva", RUST));
        let (failed, waits) = (lines(town, &gita)[0]["id"].clone(), lines(town, &hugo)[0]["id"].clone());
        let page = operator.get(&activity()).expect(200).text;
        for id in [&failed, &waits] {
            let line = line(&page, id);
            assert!(line.contains(">Waits for you<") && line.contains(">Replay<"), "{line}");
        }
        town.vendors(|vendors| vendors.faults().clear());
        replays(town, &operator, &gita, "");
        // Also where the line that settled it is not listed.
        for search in ["", "?outcome=failed"] {
            let page = operator.get(&format!("{}{search}", activity())).expect(200).text;
            let past = line(&page, &failed);
            assert!(past.contains("went on since") && !past.contains(">Replay<"), "{past}");
            assert!(!past.contains("Waits for you") && past.contains("Everything about"), "{past}");
            assert!(line(&page, &waits).contains(">Waits for you<"), "{page}");
        }
        // Who was not invited is still not when something else happened, until it is decided again.
        let fatou = enters(town, "Fatou Ndiaye", DRAFT);
        replays(town, &operator, &fatou, "");
        let page = operator.get(&activity()).expect(200).text;
        let [newer, older] = [0, 1].map(|place| lines(town, &fatou)[place]["id"].clone());
        assert!(line(&page, &newer).contains(">Replay<") && !line(&page, &older).contains(">Replay<"), "{page}");
    });
}

#[test]
fn who_has_no_name_is_found_by_the_candidacys_id() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        town.outside().stand_in = Some(unavailable);
        let nia = enters(town, "Nia Brooks", RUST);
        let operator = Visitor::operator(town);
        let label = format!("Opportunity {}", nia.opportunity);
        for sought in ["", &nia.opportunity, &nia.opportunity[..8], &label.replace(' ', "+")] {
            let page = operator.get(&format!("{}?subject={sought}", activity())).expect(200).text;
            assert!(page.contains(&format!("<strong>{label}</strong>")), "{sought}: {page}");
        }
        // Few letters are of a name and not of an id.
        let few = &nia.opportunity[..3];
        let page = operator.get(&format!("{}?subject={few}", activity())).expect(200).text;
        assert!(!page.contains(&label), "{page}");
        // Who never entered a trigger stage is asked about elsewhere.
        let tags = format!("href=\"/integrations/{ACCOUNT}/tags\">What would happen?");
        assert!(page.contains(&tags), "{page}");
        let page = operator.get(&format!("{}?outcome=healed", activity())).expect(200).text;
        assert!(!page.contains(&tags), "nobody was sought: {page}");
    });
}

#[test]
fn older_lines_are_on_the_pages_that_follow() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        for number in 0..60 {
            town.account("PUT", "/lever/signature-token", Some(json!({"token": format!("token-{number}")}))).fine();
        }
        town.recruiter().adds_with("Nia Brooks", NewOpportunity::named("Nia Brooks"));
        let operator = Visitor::operator(town);
        let (mut path, mut ids) = (format!("{}?outcome=settings", activity()), Vec::new());
        let pages = (1..).find(|_| {
            let page = operator.get(&path).expect(200).text;
            ids.extend(page.split("id=\"line-").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
            let older = page.split_once("\">Older</a>").map(|(before, _)| before.to_owned());
            let Some(before) = older else {
                assert!(page.contains(&format!("href=\"{}?outcome=settings\">Newest</a>", activity())), "{page}");
                return true;
            };
            path = before.rsplit_once("href=\"").expect("a link").1.replace("&amp;", "&");
            assert!(path.contains("outcome=settings"), "the filter goes along: {path}");
            false
        });
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((pages, all, ids.len()), (Some(3), 63, 63), "each line is on one page: {ids:?}");
    });
}

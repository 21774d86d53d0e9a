//! Looking is only looking: the dry run leaves no trace.

use http::Method;
use sandbox::lever::NewOpportunity;

use crate::support::{ACCOUNT, Answer, Candidate, Kind, Town};
use crate::visitor::Visitor;

const RUST: &str = "Rust: Ownership, Traits, and Lifetimes";
const NASTY: &str = "<img src=x onerror=alert(1)>\"'&";

/// Asks what would happen, and holds that nothing did.
#[track_caller]
fn look(town: &Town, visitor: &Visitor<'_>, candidate: &str) -> String {
    let token = visitor.form_token();
    let (before, tags) = (town.records(), format!("/integrations/{ACCOUNT}/tags"));
    town.watch();
    let answer = visitor.send(&tags, &[("form_token", &token), ("candidate", candidate)]);
    assert_eq!(town.count(Kind::Write), 0, "{:#?}", town.operations());
    assert!(town.vendors(|vendors| vendors.requests().all(|call| call.method == Method::GET)));
    assert_eq!(town.records(), before);
    answer.text
}

#[test]
fn a_dry_run_tells_what_would_happen_and_does_nothing() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        town.deliver();
        let visitor = Visitor::operator(town);
        let nia = town.recruiter().adds_tagged("Nia Brooks", RUST);
        visitor.get(&format!("/integrations/{ACCOUNT}/tags")).expect(200);

        let page = look(town, &visitor, &nia.email());
        assert!(page.contains("On entering a trigger stage"), "{page}");
        town.recruiter().moves(&nia, "Coding test");
        let page = look(town, &visitor, &format!("https://hire.lever.co/candidates/{}", nia.opportunity));
        assert!(page.contains("Would be invited to"), "{page}");
        assert!(town.mails().is_empty());

        town.deliver();
        assert_eq!(town.mails().len(), 1);
        let page = look(town, &visitor, &nia.opportunity);
        assert!(page.contains("was sent before: Invited"), "{page}");
        let page = look(town, &visitor, "nobody@example.com");
        assert!(page.contains("no active candidate"), "{page}");
        let page = look(town, &visitor, NASTY);
        assert!(!page.contains("<img") && page.contains("&lt;img"), "{page}");
    });
}

/// Looks whom a trigger stage invites, and holds that nothing was done.
#[track_caller]
fn look_at_stage(town: &Town, visitor: &Visitor<'_>, question: &str) -> Answer {
    let account = town.operator().account();
    let stage = account["lever"]["trigger_stages"][0]["id"].as_str().expect("a trigger stage");
    let before = town.records();
    town.watch();
    let answer = visitor.get(&format!("/integrations/{ACCOUNT}/lever/stages/{stage}{question}"));
    assert_eq!(town.count(Kind::Write), 0, "{:#?}", town.operations());
    assert!(town.vendors(|vendors| vendors.requests().all(|call| call.method == Method::GET)));
    assert_eq!(town.records(), before);
    answer
}

/// What the page says of a candidate.
#[track_caller]
fn said_of<'p>(page: &'p str, name: &str) -> &'p str {
    let (_, rest) = page.split_once(&format!(">{name}<")).unwrap_or_else(|| panic!("nothing of {name}: {page}"));
    rest.split("</li>").next().unwrap_or_default()
}

#[test]
fn a_stage_tells_whom_it_invites_and_why_not_the_others() {
    Town::native().tell(|town| {
        let early = town.recruiter().adds_tagged("Ed Early", RUST);
        town.recruiter().moves(&early, "Coding test");
        town.advance(5);
        town.operator().sets_everything_up(&[RUST]);
        town.vendors(|vendors| vendors.qualified().add_assessment("Go", false));
        let sent = town.recruiter().adds_tagged("Sue Sent", RUST);
        town.recruiter().moves(&sent, "Coding test");
        town.deliver();
        let fresh = town.recruiter().adds_tagged("Fay Fresh", RUST);
        town.recruiter().moves(&fresh, "Coding test");
        let stage = town.operator().stage("Coding test");
        let before = town.vendors(|vendors| {
            let lever = vendors.lever();
            let place = lever.stages().iter().position(|known| known.id == stage).expect("it is there");
            lever.stages()[place - 1].clone()
        });
        town.recruiter().moves(&town.recruiter().adds_tagged("Nia Next", RUST), &before.text);
        town.recruiter().moves(&town.recruiter().adds_tagged("Dee Draft", "Go"), &before.text);
        let mute = NewOpportunity::named("Moe Mute").tag(RUST).emails(&[]).stage(&before.id);
        town.recruiter().adds_with("Moe Mute", mute);
        town.recruiter().adds_with("Al Applicant", NewOpportunity::named("Al Applicant").tag(RUST));

        let visitor = Visitor::operator(town);
        let page = look_at_stage(town, &visitor, "").expect(200).text;
        let (present, coming) = page.split_once("On entering it").expect("both are there");
        assert!(said_of(present, "Ed Early").contains("was there before the trigger was set up"), "{page}");
        assert!(said_of(present, "Sue Sent").contains("Invited before"), "{page}");
        assert!(said_of(present, "Fay Fresh").contains("Would be invited"), "{page}");
        assert!(said_of(coming, "Nia Next").contains("Would be invited"), "{page}");
        assert!(said_of(coming, "Dee Draft").contains("still a draft"), "{page}");
        assert!(said_of(coming, "Moe Mute").contains("no e-mail address"), "{page}");
        assert!(!page.contains("Al Applicant"), "{page}");
        let page = look_at_stage(town, &visitor, "?from=applicant-new").expect(200).text;
        assert!(said_of(&page, "Al Applicant").contains("Would be invited"), "{page}");
        assert!(!page.contains("Nia Next"), "{page}");
        assert_eq!(town.mails().len(), 1, "Sue's, of before");

        // What was told is what is done.
        town.recruiter().moves(&candidate(town, "Nia Next"), "Coding test");
        town.deliver();
        assert_eq!(town.mails().len(), 3, "Fay and Nia: {:?}", town.mails());
    });
}

/// The candidate of this name.
fn candidate(town: &Town, name: &str) -> Candidate {
    let opportunity = town.vendors(|vendors| {
        let lever = vendors.lever();
        let mut known = lever.opportunities().map(|opportunity| opportunity.id.clone());
        known.find(|id| lever.person(id).is_some_and(|(person, _)| person == name)).expect("they are there")
    });
    Candidate { name: name.to_owned(), opportunity }
}

#[test]
fn a_stage_with_many_says_that_there_are_more() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        let stage = town.operator().stage("Coding test");
        for number in 0..60 {
            let name = format!("Candidate {number}");
            town.recruiter().adds_with(&name, NewOpportunity::named(&name).stage(&stage));
        }
        let page = look_at_stage(town, &Visitor::operator(town), "").expect(200).text;
        assert!(page.contains("Only the first 50 are shown"), "{page}");
    });
}

#[test]
fn a_stage_that_cannot_be_looked_at_says_why() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        let visitor = Visitor::operator(town);
        let other = format!("/integrations/{ACCOUNT}/lever/stages/offer");
        assert!(visitor.get(&other).expect(404).text.contains("not a trigger stage"));
        town.advance(60);
        let page = look_at_stage(town, &visitor, "").expect(409).text;
        assert!(page.contains("Check now"), "{page}");
    });
}

#[test]
fn a_dry_run_with_a_worn_out_token_says_so_and_does_nothing() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        let nia = town.recruiter().adds_tagged("Nia Brooks", RUST);
        let visitor = Visitor::operator(town);
        visitor.get(&format!("/integrations/{ACCOUNT}/tags")).expect(200);
        town.advance(60);
        let page = look(town, &visitor, &nia.opportunity);
        assert!(page.contains("Check now"), "{page}");
    });
}

#[test]
fn the_activity_tells_what_a_sync_has_healed() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST]);
        town.vendors(|vendors| vendors.lever_webhooks().drop = true);
        for name in ["Nia Brooks", "Omar Haddad", "Pia Lund"] {
            let who = town.recruiter().adds_tagged(name, RUST);
            town.recruiter().moves(&who, "Coding test");
        }
        town.advance(15);
        town.sync();
        let visitor = Visitor::operator(town);
        let page = visitor.get(&format!("/integrations/{ACCOUNT}/activity")).expect(200).text;
        assert!(page.contains("3 missed events healed.") && page.contains("by the sync"), "{page}");
        let page = visitor.get(&format!("/integrations/{ACCOUNT}/activity?outcome=healed")).expect(200).text;
        assert!(page.contains("3 missed events healed.") && !page.contains("Nia Brooks"), "{page}");
    });
}

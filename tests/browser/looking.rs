//! Looking is only looking: the dry run leaves no trace, and what others wrote is shown as text.

use http::Method;
use sandbox::lever::NewOpportunity;

use crate::support::{ACCOUNT, Kind, Town};
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
fn what_others_wrote_is_text_on_every_page() {
    Town::native().tell(|town| {
        town.operator().sets_everything_up(&[RUST, NASTY]);
        let nasty =
            town.recruiter().adds_with("Mallory <img src=x>", NewOpportunity::named("Mallory <img src=x>").tag(NASTY));
        town.recruiter().moves(&nasty, "Coding test");
        town.deliver();
        let operator = Visitor::operator(town);
        let base = format!("/integrations/{ACCOUNT}");
        operator.submit("/integrations", &[("account", "other"), ("name", NASTY)]).expect(303);
        let reflected = url::form_urlencoded::byte_serialize(NASTY.as_bytes()).collect::<String>();
        for path in [
            format!("{base}?done={reflected}"),
            format!("{base}/tags?search={reflected}"),
            format!("{base}/activity?subject={reflected}&outcome={reflected}"),
            format!("{base}/activity"),
            format!("{base}/lever/stages?stage={reflected}"),
            "/integrations/other".to_owned(),
            format!("/integrations?search={reflected}"),
            format!("/sign-in?done={reflected}"),
        ] {
            let answer = operator.get(&path).expect(200);
            assert!(!answer.text.contains("<img"), "{path}: {}", answer.text);
            let policy = answer.headers["content-security-policy"].to_str().expect("text");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        }
    });
}

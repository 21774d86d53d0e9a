//! Who gets in, for how long, and where to.

use crate::support::{ACCOUNT, Town};
use crate::visitor::{Visitor, ticket};

const OTHER: &str = "umbrella";

/// Every page and form of an account.
const GETS: &[&str] = &["", "/lever/stages", "/tags", "/activity"];
const POSTS: &[&str] = &[
    "/check",
    "/qualified",
    "/qualified/remove",
    "/lever/login",
    "/lever/remove",
    "/lever/signature-token",
    "/lever/stages",
    "/lever/stages/remove",
    "/tags",
    "/activity/replay",
    "/activity/0-0/replay",
];

fn path(account: &str, rest: &str) -> String {
    format!("/integrations/{account}{rest}")
}

#[test]
fn a_stranger_is_sent_to_the_sign_in() {
    Town::native().tell(|town| {
        town.operator().put_account(true);
        let stranger = Visitor::stranger(town);
        let before = town.records();
        for rest in GETS {
            let answer = stranger.get(&path(ACCOUNT, rest)).expect(303);
            assert_eq!(answer.headers["location"], "/sign-in");
        }
        for rest in POSTS {
            assert_eq!(stranger.send(&path(ACCOUNT, rest), &[]).expect(303).headers["location"], "/sign-in");
        }
        assert_eq!(town.records(), before);
    });
}

#[test]
fn a_wrong_token_opens_nothing() {
    Town::native().tell(|town| {
        for token in ["", "operator", "operator-token-0123456789x"] {
            let answer = Visitor::stranger(town).send("/sign-in", &[("admin_token", token)]).expect(401);
            assert!(!answer.headers.contains_key("set-cookie"));
            assert!(answer.text.contains("aria-invalid=\"true\""), "the error is at the field");
        }
    });
}

#[test]
fn a_cookie_is_guarded_and_ends_after_eight_hours() {
    Town::native().tell(|town| {
        let answer = Visitor::stranger(town).send("/sign-in", &[("admin_token", "operator-token-0123456789")]);
        let cookie = answer.headers["set-cookie"].to_str().expect("text").to_owned();
        for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=28800"] {
            assert!(cookie.contains(attribute), "{cookie}");
        }
        let operator = Visitor::operator(town);
        operator.get("/integrations").expect(200);
        town.advance(8 * 60);
        operator.get("/integrations").expect(303);
    });
}

#[test]
fn an_altered_cookie_is_no_session() {
    Town::native().tell(|town| {
        let mut operator = Visitor::operator(town);
        operator.cookies.pop();
        operator.get("/integrations").expect(303);
        operator.cookies = "qualified_ats_session=operator".to_owned();
        operator.get("/integrations").expect(303);
    });
}

#[test]
fn signing_out_ends_every_copy_of_the_cookie() {
    Town::native().tell(|town| {
        let (operator, other) = (Visitor::operator(town), Visitor::operator(town));
        operator.submit("/sign-out", &[]).expect(303);
        operator.get("/integrations").expect(303);
        other.get("/integrations").expect(200);
    });
}

#[test]
fn a_ticket_is_good_once_and_makes_its_account() {
    Town::native().tell(|town| {
        let stranger = Visitor::stranger(town);
        let link = format!("/sign-in?ticket={}", ticket(town, ACCOUNT, true, 120));
        assert_eq!(stranger.get(&link).expect(303).headers["location"], path(ACCOUNT, "").as_str());
        let again = stranger.get(&link).expect(401);
        assert!(!again.headers.contains_key("set-cookie"));
        assert_eq!(town.operator().account()["ats_enabled"], true);
    });
}

#[test]
fn a_ticket_that_is_late_too_long_or_forged_makes_nothing() {
    Town::native().tell(|town| {
        let good = ticket(town, ACCOUNT, true, 120);
        let forged = format!("{}A", &good[..good.len() - 2]);
        for ticket in [ticket(town, ACCOUNT, true, -1), ticket(town, ACCOUNT, true, 3600), forged, "x.y.z".to_owned()] {
            Visitor::stranger(town).get(&format!("/sign-in?ticket={ticket}")).expect(401);
        }
        assert!(town.records().is_empty());
    });
}

#[test]
fn nobody_sees_or_changes_another_account() {
    Town::native().tell(|town| {
        town.operator().put_account(true);
        let member = Visitor::member(town, OTHER, true);
        let token = member.form_token();
        let before = town.records();
        for rest in GETS {
            member.get(&path(ACCOUNT, rest)).expect(404);
        }
        for rest in POSTS {
            member.send(&path(ACCOUNT, rest), &[("form_token", &token)]).expect(404);
        }
        member.send("/integrations", &[("form_token", &token), ("account", "mine")]).expect(404);
        assert_eq!(town.records(), before);
    });
}

#[test]
fn a_form_from_elsewhere_changes_nothing() {
    Town::native().tell(|town| {
        town.operator().put_account(true);
        let (operator, other) = (Visitor::operator(town), Visitor::operator(town));
        let foreign = other.form_token();
        let before = town.records();
        for token in ["", "0", &foreign] {
            for rest in POSTS {
                operator.send(&path(ACCOUNT, rest), &[("form_token", token)]).expect(400);
            }
            operator.send("/integrations", &[("form_token", token), ("account", "new")]).expect(400);
            operator.send("/sign-out", &[("form_token", token)]).expect(400);
        }
        assert_eq!(town.records(), before);
        operator.get("/integrations").expect(200);
    });
}

#[test]
fn without_the_ats_features_there_is_only_the_way_to_them() {
    Town::native().tell(|town| {
        let member = Visitor::member(town, ACCOUNT, false);
        let token = member.form_token();
        let before = town.records();
        for rest in GETS {
            assert!(member.get(&path(ACCOUNT, rest)).expect(200).text.contains("Ask for ATS integrations"));
        }
        for rest in POSTS {
            let answer = member.send(&path(ACCOUNT, rest), &[("form_token", &token)]).expect(200);
            assert!(answer.text.contains("Ask for ATS integrations"));
        }
        assert_eq!(town.records(), before);
    });
}

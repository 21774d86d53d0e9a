//! Who gets in, for how long, and where to.

use qualified_ats::web::TABLE;

use crate::doors::doors_of;
use crate::furnished::furnish;
use crate::support::{ACCOUNT, Kind, PUBLIC, Town};
use crate::visitor::{Visitor, ticket, ticket_of};

const OTHER: &str = "umbrella";

/// Every page and every form of an account.
fn doors(account: &str) -> Vec<(&'static str, String)> {
    doors_of(account, "applicant-new")
}

/// The forms among them.
fn forms(account: &str) -> impl Iterator<Item = String> {
    doors(account).into_iter().filter(|(method, _)| *method == "POST").map(|(_, path)| path)
}

#[test]
fn a_stranger_is_sent_to_the_sign_in() {
    Town::native().tell(|town| {
        furnish(town);
        let stranger = Visitor::stranger(town);
        town.watch();
        for (method, path) in doors(ACCOUNT).into_iter().chain([("GET", "/integrations".to_owned())]) {
            let answer = stranger.knock(method, &path, "").expect(303);
            assert_eq!(answer.headers["location"], "/sign-in", "{method} {path}");
        }
        nothing_happened(town);
    });
}

/// Since the watch began nothing was written here, and no vendor asked anything.
#[track_caller]
fn nothing_happened(town: &Town) {
    assert_eq!((town.count(Kind::Write), town.count(Kind::Send)), (0, 0), "{:#?}", town.operations());
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
        assert_eq!(stranger.get(&link).expect(303).headers["location"], format!("/integrations/{ACCOUNT}").as_str());
        let again = stranger.get(&link).expect(401);
        assert!(!again.headers.contains_key("set-cookie"));
        assert_eq!(town.operator().account()["ats_enabled"], true);
    });
}

/// Two browsers open the same link at the same time, switched at every place where either may wait.
#[test]
fn a_ticket_used_twice_at_once_is_good_for_one() {
    for switch in 0..100 {
        let town = Town::native();
        // Somebody was here before: the records that all accounts share are there.
        town.call("PUT", "/api/accounts/first", Some(serde_json::json!({"name": "First", "ats_enabled": true}))).fine();
        let link = format!("/sign-in?ticket={}", ticket(&town, ACCOUNT, true, 120));
        let visit = || town.stepwise(http::Request::get(&link).body(bytes::Bytes::new()).expect("a request"));
        let (mut one, mut other) = (visit(), visit());
        let ended = (0..switch).any(|_| one.step());
        while !other.step() {}
        if !ended {
            while !one.step() {}
        }
        let mut statuses =
            [&one, &other].map(|run| run.answer.borrow().as_ref().map(|answer| answer.status().as_u16()));
        statuses.sort_unstable();
        assert_eq!(statuses, [Some(303), Some(401)], "switched after {switch} operations");
        if ended {
            assert!(switch > 5, "it was really switched");
            return;
        }
    }
    panic!("the sign-in never ends");
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
        furnish(town);
        let member = Visitor::member(town, OTHER, true);
        let token = member.form_token();
        town.watch();
        for (method, path) in doors(ACCOUNT) {
            let refused = member.knock(method, &path, &token).expect(404).text;
            // One that exists and one that doesn't can't be told apart.
            let nowhere = member.knock(method, &path.replace(ACCOUNT, "nobody"), &token).expect(404).text;
            assert_eq!(refused.replace(ACCOUNT, "nobody"), nowhere, "{method} {path}");
        }
        member.send("/integrations", &[("form_token", &token), ("account", "mine")]).expect(404);
        nothing_happened(town);
    });
}

#[test]
fn a_log_in_begun_for_one_account_is_not_ended_for_another() {
    Town::native().tell(|town| {
        furnish(town);
        let member = Visitor::member(town, OTHER, true);
        let (url, _) = town.operator().begin_log_in();
        let callback = town.operator().consent(&url);
        let callback = callback.strip_prefix(PUBLIC).expect("our own callback");
        let before = town.records();
        town.watch();
        for callback in [callback.to_owned(), format!("/lever/callback?state={ACCOUNT}.x&error=access_denied")] {
            let answer = member.get(&callback).expect(400);
            assert!(!answer.text.contains("Acme"), "nothing of the other account's shows: {}", answer.text);
            member.get(&callback.replace("/lever/", "/bamboohr/")).expect(400);
        }
        nothing_happened(town);
        assert_eq!(town.records(), before);
    });
}

#[test]
fn the_page_does_not_open_the_operators_api() {
    Town::native().tell(|town| {
        furnish(town);
        let visitors = [Visitor::stranger(town), Visitor::operator(town), Visitor::member(town, ACCOUNT, true)];
        town.watch();
        let rows = TABLE.iter().filter(|row| row.path.starts_with("/api/") || row.path == "/sync");
        let paths: Vec<_> = rows.map(|row| (row.method, row.path.replace("{account}", ACCOUNT))).collect();
        assert!(paths.len() > 15, "{paths:?}");
        for (method, path) in paths {
            let path = path.replace(['{', '}'], "");
            for visitor in &visitors {
                visitor.knock(method, &path, "").expect(401);
            }
        }
        nothing_happened(town);
    });
}

#[test]
fn a_form_from_elsewhere_changes_nothing() {
    Town::native().tell(|town| {
        furnish(town);
        let (operator, other, member) =
            (Visitor::operator(town), Visitor::operator(town), Visitor::member(town, ACCOUNT, true));
        let (foreign, members) = (other.form_token(), member.form_token());
        town.watch();
        for token in ["", "0", &foreign, &members] {
            for path in forms(ACCOUNT).chain(["/integrations".to_owned(), "/sign-out".to_owned()]) {
                operator.knock("POST", &path, token).expect(400);
                // In the query it counts for nothing.
                operator.knock("POST", &format!("{path}?form_token={}", operator.form_token()), token).expect(400);
            }
        }
        nothing_happened(town);
        operator.get("/integrations").expect(200);
    });
}

#[test]
fn without_the_ats_features_there_is_only_the_way_to_them() {
    Town::native().tell(|town| {
        furnish(town);
        let member = Visitor::member(town, ACCOUNT, false);
        let token = member.form_token();
        town.watch();
        for (method, path) in doors(ACCOUNT) {
            let answer = member.knock(method, &path, &token).expect(200);
            assert!(answer.text.contains("ATS integrations"), "{method} {path}");
        }
        nothing_happened(town);
    });
}

/// A link must not change unnoticed as whom one works, and on which account.
#[test]
fn a_link_asks_whoever_is_somebody_else_here() {
    Town::native().tell(|town| {
        furnish(town);
        let mut visitor = Visitor::operator(town);
        let link = |user: &str, account: &str| format!("/sign-in?ticket={}", ticket_of(town, user, account, true, 120));
        let first = link("Bob", OTHER);
        let asked = visitor.get(&first).expect(200);
        assert!(!asked.headers.contains_key("set-cookie") && !asked.text.contains("<nav"), "{}", asked.text);
        assert!(
            asked.text.contains("Continue to Umbrella as Bob?") && asked.text.contains("Stay signed in as operator")
        );
        assert!(town.call("GET", &format!("/api/accounts/{OTHER}"), None).status == 404, "nothing is made yet");
        visitor.get("/integrations").expect(200);

        // Another site can't answer in one's place: it has no form of this session's, or no cookie.
        let given = first.split_once('=').expect("a ticket").1;
        visitor.send("/sign-in", &[("ticket", given)]).expect(400);
        let back = Visitor::stranger(town).send("/sign-in", &[("ticket", given)]).expect(303);
        assert_eq!(back.headers["location"], first.as_str());
        visitor.get("/integrations").expect(200);

        let in_now = visitor.submit("/sign-in", &[("ticket", given)]).expect(303);
        assert_eq!(in_now.headers["location"], format!("/integrations/{OTHER}").as_str());
        assert!(visitor.submit("/sign-in", &[("ticket", given)]).expect(401).text.contains("no longer good"));
        assert!(visitor.get(&first).expect(401).text.contains("no longer good"), "it is used up");

        // The same account needs no question, another one does.
        visitor.cookies = in_now.cookies();
        visitor.get(&link("Bob", OTHER)).expect(303);
        let asked = visitor.get(&link("Ada", ACCOUNT)).expect(200).text;
        assert!(asked.contains("signed in here as <strong>Bob</strong> of <strong>Umbrella</strong>"), "{asked}");
    });
}

#[test]
fn every_page_says_whose_it_is_and_for_whom() {
    Town::native().tell(|town| {
        furnish(town);
        let (operator, member) = (Visitor::operator(town), Visitor::member(town, ACCOUNT, true));
        for (visitor, who) in [(&operator, "operator"), (&member, "Ada")] {
            for (_, path) in doors(ACCOUNT).into_iter().filter(|(method, _)| *method == "GET") {
                let page = visitor.get(&path).text;
                assert!(page.contains(&format!("<strong>Acme</strong> · {who}</p>")), "{path}: {page}");
                let (_, title) = page.split_once("<title>").expect("a title");
                let title = title.split('<').next().unwrap_or_default();
                assert!(title.contains(" – Acme – "), "{path}: {title}");
            }
        }
        member.submit(&format!("/integrations/{ACCOUNT}/lever/signature-token"), &[("token", "t")]).expect(303);
        let page = member.get(&format!("/integrations/{ACCOUNT}/activity?outcome=settings")).expect(200).text;
        assert!(page.contains("By Ada."), "the activity says who it was: {page}");
    });
}

#[test]
fn a_ticket_is_good_for_five_minutes_and_the_clocks_difference() {
    Town::native().tell(|town| {
        // The one minute more is for clocks that differ.
        for (seconds, status) in [(0, 401), (1, 303), (300, 303), (360, 303), (361, 401)] {
            Visitor::stranger(town)
                .get(&format!("/sign-in?ticket={}", ticket(town, ACCOUNT, true, seconds)))
                .expect(status);
        }
    });
}

#[test]
fn without_a_key_for_tickets_nobody_is_sent_for_one() {
    let on = Visitor::stranger(&Town::native()).get("/sign-in").expect(200).text;
    assert!(on.contains("The link there signs you in"), "{on}");
    let town = Town::native_with(&[("ticket_key", "")]);
    let stranger = Visitor::stranger(&town);
    let off = stranger.get("/sign-in").expect(200).text;
    assert!(!off.contains("From Qualified") && off.contains("Operator's token"), "{off}");
    let refused = stranger.get(&format!("/sign-in?ticket={}", ticket(&town, ACCOUNT, true, 120))).expect(401).text;
    assert!(refused.contains("not switched on here"), "{refused}");
}

#[test]
fn a_cookie_over_http_is_not_kept_for_https() {
    let town = Town::native_with(&[("public_url", "http://127.0.0.1:3000")]);
    let answer = Visitor::stranger(&town).send("/sign-in", &[("admin_token", "operator-token-0123456789")]).expect(303);
    let cookie = answer.headers["set-cookie"].to_str().expect("text");
    assert!(cookie.contains("HttpOnly") && !cookie.contains("Secure"), "a browser would not send it: {cookie}");
}

/// A page that tells of an error in a form has the form's address, and is loaded again.
#[test]
fn the_address_of_a_form_leads_back_to_its_page() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        let pages: Vec<_> =
            doors(ACCOUNT).into_iter().filter(|(method, _)| *method == "GET").map(|(_, path)| path).collect();
        let mut tried = 0;
        // To the table, the latter is the page of a stage of this name. It says that there is none, with the way back.
        for path in forms(ACCOUNT).filter(|path| !pages.contains(path) && !path.ends_with("/stages/remove")) {
            let back = operator.types(&path).expect(303);
            assert_eq!(back.headers["location"], format!("/integrations/{ACCOUNT}").as_str(), "{path}");
            operator.get(&path).expect(405);
            tried += 1;
        }
        assert!(tried > 10, "{tried}");
    });
}

#[test]
fn whoever_goes_astray_keeps_the_way_back() {
    Town::native().tell(|town| {
        furnish(town);
        let (home, own) = (format!("href=\"/integrations/{ACCOUNT}\""), Visitor::member(town, ACCOUNT, true));
        for path in ["/no/such/page", "/integrations/umbrella", "/integrations/umbrella/tags", "/integrations/acme/x"] {
            let lost = own.types(path).expect(404).text;
            assert!(lost.contains(&home) && lost.contains("<nav") && lost.contains("Sign out"), "{path}: {lost}");
        }
        let lost = Visitor::operator(town).types("/integrations/acme/no/such/page").expect(404).text;
        assert!(lost.contains(&home) && lost.contains("<nav"), "{lost}");
        let lost = Visitor::operator(town).types("/no/such/page").expect(404).text;
        assert!(lost.contains("href=\"/integrations\"") && lost.contains("Sign out"), "{lost}");
        let lost = Visitor::stranger(town).types("/no/such/page").expect(404).text;
        assert!(!lost.contains("Sign out") && !lost.contains("<nav"), "{lost}");
    });
}

/// What a page's words leave out is for whoever reads the log.
#[test]
fn what_a_page_tells_of_a_failure_is_logged_with_its_detail() {
    Town::native().tell(|town| {
        furnish(town);
        let operator = Visitor::operator(town);
        town.outside().stand_in = Some(|_| http::Response::builder().status(503).body(bytes::Bytes::new()).ok());
        let base = format!("/integrations/{ACCOUNT}");
        let key = [("api_key", "qa-0123456789")];
        for (path, fields) in [
            ("/qualified", &key[..]),
            ("/lever/stages", &[("stage", "offer")]),
            ("/bamboohr/assessments", &[]),
            ("/tags", &[("candidate", "jo@example.com")]),
        ] {
            let before = town.log().len();
            operator.submit(&format!("{base}{path}"), fields);
            let log = town.log()[before..].to_vec();
            let told = log.iter().filter(|line| line.starts_with(&format!("POST {base}{path}: ")));
            assert!(told.count() > 0 && !format!("{log:?}").contains("qa-0123456789"), "{path}: {log:?}");
        }
    });
}

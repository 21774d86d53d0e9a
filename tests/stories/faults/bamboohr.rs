//! The roads through BambooHR: with Qualified's events, by syncs alone, and from nothing.

use serde_json::json;

use super::{insist, looks};
use crate::RUST;
use crate::bamboohr::connection::register_app;
use crate::bamboohr::office::{Office, changes, comments, desk, mapping, sets, status};
use crate::support::{ACCOUNT, Candidate, PUBLIC, Town};

/// BambooHR is always asked; Qualified tells.
pub(super) fn heard(town: &Town, office: &Office) -> Candidate {
    walks(town, office, &|| drop(town.deliver()))
}

/// When none of Qualified's events arrives: one sync after each step.
pub(super) fn unheard(town: &Town, office: &Office) -> Candidate {
    town.vendors(|vendors| vendors.qualified_webhooks().drop = true);
    walks(town, office, &|| looks(town))
}

/// An operator who sets everything up and does not give up at the first error, while somebody has the status already.
pub(super) fn from_nothing(town: &Town, office: &Office) -> Candidate {
    begins(town, office);
    insist(town, "PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": office.key})));
    maps(town, office);
    unheard(town, office)
}

/// The same by BambooHR's log-in, whose tokens are then renewed again and again.
pub(super) fn from_a_log_in(town: &Town, office: &Office) -> Candidate {
    register_app(town);
    begins(town, office);
    for _ in 0..4 {
        if insist(town, "GET", "", None)["bamboohr"]["connected"] == json!(true) {
            break;
        }
        let path = format!("/api/accounts/{ACCOUNT}/bamboohr/login");
        let login = town.try_call("POST", &path, Some(json!({"domain": "acme"})));
        let Some(login) = login.filter(|login| login.status == 200) else { continue };
        let url = login.json()["authorize_url"].as_str().expect("authorize_url").to_owned();
        let callback = desk(town, |desk| desk.consent(&url)).expect("the consent page shows");
        let back = http::Request::get(callback.strip_prefix(PUBLIC).expect("our own"));
        town.request(back.header("cookie", login.cookies()).body(bytes::Bytes::new()).expect("a request"));
    }
    maps(town, office);
    town.advance(2 * 60);
    unheard(town, office)
}

fn begins(town: &Town, office: &Office) {
    let early = office.applies(town, "Early Bird");
    sets(town, &early, office.send);
    let key = town.vendors(|vendors| vendors.qualified().api_key().to_owned());
    insist(town, "PUT", "", Some(json!({"name": "Acme", "ats_enabled": true})));
    insist(town, "PUT", "/qualified", Some(json!({"api_key": key})));
}

fn maps(town: &Town, office: &Office) {
    insist(town, "GET", "/bamboohr/jobs", None);
    insist(town, "GET", "/bamboohr/statuses", None);
    insist(town, "PUT", &mapping(town), Some(office.choices()));
}

fn walks(town: &Town, office: &Office, tells: &dyn Fn()) -> Candidate {
    let ada = office.applies(town, "Ada Okafor");
    sets(town, &ada, office.send);
    looks(town);
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    tells();
    town.candidate(&ada).submits(86.0);
    tells();
    town.reviewer().approves(&ada);
    tells();
    ada
}

/// The end that every road through BambooHR must lead to.
pub(super) fn arrived(town: &Town, office: &Office, ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "one mail");
    assert_eq!(status(town, ada), office.approved);
    let comments = comments(town, ada);
    assert_eq!(comments.len(), 1, "one comment: {comments:#?}");
    assert!(comments[0].starts_with(RUST), "{comments:#?}");
    let changes = changes(town, ada);
    assert!(changes <= 4, "the recruiter's change, and one for each step: {changes}");
}

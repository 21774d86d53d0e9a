//! The roads through Lever: by webhooks, by syncs alone, and from nothing.

use sandbox::lever::Event;
use serde_json::json;

use super::{insist, looks};
use crate::RUST;
use crate::support::{ACCOUNT, Candidate, PUBLIC, Town};

pub(super) fn set_up(town: &Town) {
    town.operator().sets_everything_up(&[RUST]);
}

/// From the move to the decision, by webhooks. What a fault stops, a sync brings on.
pub(super) fn heard(town: &Town, (): &()) -> Candidate {
    walks(town, &|| drop(town.deliver()))
}

/// The same when no webhook arrives: one sync after each step.
pub(super) fn unheard(town: &Town, (): &()) -> Candidate {
    town.vendors(|vendors| {
        vendors.lever_webhooks().drop = true;
        vendors.qualified_webhooks().drop = true;
    });
    walks(town, &|| looks(town))
}

fn walks(town: &Town, tells: &dyn Fn()) -> Candidate {
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    tells();
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

/// Lever's refresh tokens are good for one time. When the successor is lost on its way into the store, only a person
/// can mend that, and the health says so.
pub(super) fn reconnect(town: &Town) {
    town.advance(15);
    town.sync();
    if town.health().iter().any(|(_, ok, detail)| *ok == Some(false) && detail.contains("econnect")) {
        town.operator().log_in_to_lever();
    }
}

/// The end that every road through Lever must lead to.
pub(super) fn arrived(town: &Town, (): &(), ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "one mail");
    let notes = town.notes(ada);
    assert_eq!(notes.len(), 1, "one note: {notes:#?}");
    assert!(notes[0].starts_with(RUST), "{notes:#?}");
    assert_eq!(town.tags(ada), [format!("{RUST} - Approved")]);
}

/// The vendors are ready; nothing is connected.
pub(super) fn published(town: &Town) {
    town.vendors(|vendors| {
        vendors.qualified().add_assessment(RUST, true);
        vendors.lever().set_webhook_toggle(Event::CandidateStageChange, true);
    });
}

/// An operator who sets everything up and does not give up at the first error.
pub(super) fn from_nothing(town: &Town, (): &()) -> Candidate {
    let key = town.vendors(|vendors| vendors.qualified().api_key().to_owned());
    insist(town, "PUT", "", Some(json!({"name": "Acme", "ats_enabled": true})));
    insist(town, "PUT", "/qualified", Some(json!({"api_key": key})));
    for _ in 0..4 {
        if insist(town, "GET", "", None)["lever"]["connected"] == json!(true) {
            break;
        }
        let login = town.try_call("POST", &format!("/api/accounts/{ACCOUNT}/lever/login"), None);
        let Some(login) = login.filter(|login| login.status == 200) else { continue };
        let url = login.json()["authorize_url"].as_str().expect("authorize_url").to_owned();
        let callback = town.operator().consent(&url);
        let back =
            http::Request::get(callback.strip_prefix(PUBLIC).expect("our own")).header("cookie", login.cookies());
        town.request(back.body(bytes::Bytes::new()).expect("a request"));
    }
    insist(town, "GET", "/lever/stages", None);
    let stage = town.vendors(|vendors| vendors.lever().stage("Coding test")).expect("the stage exists");
    insist(town, "PUT", &format!("/lever/trigger-stages/{stage}"), None);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver();
    ada
}

/// One connection of each kind, and it works.
pub(super) fn connected_once(town: &Town, (): &(), ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "{:#?}", town.activity());
    assert_eq!(town.tags(ada), [format!("{RUST} - Invited")]);
    let webhooks = town.vendors(|vendors| vendors.lever().webhooks().to_vec());
    assert_eq!(webhooks.len(), 1, "one webhook at Lever: {webhooks:#?}");
    let subscriptions = town.vendors(|vendors| vendors.qualified().subscriptions().to_vec());
    assert_eq!(subscriptions.len(), 1, "one subscription at Qualified: {subscriptions:#?}");
    let health = town.health();
    assert!(health.iter().all(|(_, ok, _)| *ok != Some(false)), "{health:#?}");
}

//! The sweep: the journey is played once for every operation at the boundary and everything that can go wrong there.
//!
//! Whatever it was, redelivery and sync must bring the same end: one invitation mail, one note, the last tag, readable
//! records, no secret in any log.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sandbox::bamboohr::{JobStatus, NewApplication};
use sandbox::lever::Event;
use serde_json::{Value, json};

use crate::RUST;
use crate::support::{ACCOUNT, Candidate, Fault, Kind, PUBLIC, Town};

/// From the move to the note, by webhooks. What a fault stops, a sync brings on.
fn journey(town: &Town) -> Candidate {
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver();
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    town.deliver();
    town.candidate(&ada).submits(86.0);
    town.deliver();
    ada
}

/// The same when no webhook arrives: by syncs alone.
fn silence(town: &Town) -> Candidate {
    town.vendors(|vendors| {
        vendors.lever_webhooks().drop = true;
        vendors.qualified_webhooks().drop = true;
    });
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let sync = || {
        town.advance(15);
        town.try_call("POST", "/sync", None);
    };
    sync();
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(86.0);
    sync();
    ada
}

/// Lever's refresh tokens are good for one time. When the successor is lost on its way into the store, only a person
/// can mend that, and the health says so.
fn reconnect(town: &Town) {
    town.advance(15);
    town.sync();
    if town.health().iter().any(|(_, ok, detail)| *ok == Some(false) && detail.contains("econnect")) {
        town.operator().log_in_to_lever();
    }
}

/// The end that every road through Lever must lead to.
fn arrived_in_lever(town: &Town, ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "one mail");
    let notes = town.notes(ada);
    assert_eq!(notes.len(), 1, "one note: {notes:#?}");
    assert!(notes[0].starts_with(RUST), "{notes:#?}");
    assert_eq!(town.tags(ada), [format!("{RUST} - Submitted")]);
}

fn set_up(town: &Town) {
    town.operator().sets_everything_up(&[RUST]);
}

/// Calls the API again and again, as people do with a button that failed.
fn insist(town: &Town, method: &str, path: &str, body: Option<Value>) -> Value {
    let path = format!("/api/accounts/{ACCOUNT}{path}");
    for _ in 0..4 {
        match town.try_call(method, &path, body.clone()) {
            Some(answer) if answer.status < 400 => return serde_json::from_str(&answer.text).unwrap_or_default(),
            _ => town.advance(1),
        }
    }
    panic!("{method} {path} never works");
}

/// An operator who sets everything up and does not give up at the first error.
fn stubborn_set_up(town: &Town) -> Candidate {
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
fn connected_once(town: &Town, ada: &Candidate) {
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

/// The statuses of the company's opening in BambooHR: sending, started, submitted.
const STATUSES: [&str; 3] = ["Send assessment", "In progress", "Completed"];

fn bamboohr_status(town: &Town, name: &str) -> i64 {
    let answer = town.account("GET", "/bamboohr/statuses", None).expect(200).json();
    let found = answer["statuses"].as_array().expect("statuses").iter().find(|status| status["name"] == json!(name));
    found.and_then(|status| status["id"].as_i64()).unwrap_or_else(|| panic!("no status {name}: {answer}"))
}

fn set_up_bamboohr(town: &Town) {
    let assessment = town.vendors(|vendors| vendors.qualified().add_assessment(RUST, true));
    town.operator().put_account(true);
    town.operator().connect_qualified();
    let key = town.vendors(|vendors| {
        let mut bamboohr = vendors.bamboohr();
        bamboohr.add_job("Backend Engineer", JobStatus::Open);
        for status in STATUSES {
            bamboohr.add_status(status);
        }
        bamboohr.make_api_key()
    });
    town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": key}))).fine();
    let job = town.account("GET", "/bamboohr/jobs", None).expect(200).json()["jobs"][0]["id"].clone();
    let [send, started, submitted] = STATUSES.map(|name| bamboohr_status(town, name));
    let mapping = json!({
        "job_id": job, "send_status": send, "on_started": started, "on_submitted": submitted,
        "on_approved": null, "on_rejected": null,
    });
    town.account("PUT", &format!("/bamboohr/assessments/{assessment}"), Some(mapping)).fine();
}

/// From the status to the comment: BambooHR is asked, Qualified tells.
fn bamboohr_journey(town: &Town) -> Candidate {
    let job = town.vendors(|vendors| vendors.bamboohr().jobs()[0].id);
    let new = NewApplication::named("Ada", "Okafor", job).email("ada.okafor@example.com");
    let id = town.vendors(|vendors| vendors.bamboohr().add_application(new)).expect("BambooHR lets them");
    let ada = Candidate { name: "Ada Okafor".to_owned(), opportunity: id.to_string() };
    let send = town.vendors(|vendors| {
        let bamboohr = vendors.bamboohr();
        bamboohr.statuses().iter().find(|status| status.name == STATUSES[0]).expect("the status exists").id
    });
    town.advance(1);
    town.vendors(|vendors| vendors.bamboohr().set_status(id, send)).expect("BambooHR lets them");
    town.advance(15);
    town.try_call("POST", "/sync", None);
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    town.deliver();
    town.candidate(&ada).submits(86.0);
    town.deliver();
    ada
}

fn arrived_in_bamboohr(town: &Town, ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "one mail");
    let id = ada.opportunity.parse().expect("a number");
    let (status, comments) = town.vendors(|vendors| {
        let bamboohr = vendors.bamboohr();
        let comments: Vec<_> = bamboohr.comments(id).iter().map(|comment| comment.text.clone()).collect();
        (bamboohr.application(id).expect("it exists").status, comments)
    });
    assert_eq!(status, bamboohr_status(town, STATUSES[2]));
    assert_eq!(comments.len(), 1, "one comment: {comments:#?}");
}

/// A journey with its preparations and its end.
struct Road {
    prepare: fn(&Town),
    go: fn(&Town) -> Candidate,
    arrived: fn(&Town, &Candidate),
}

impl Road {
    /// Plays the journey, with one operation cut, and checks its end. The operations it took.
    fn play(&self, town: &Town, cut: Option<(usize, Fault, &str)>) -> Vec<(Kind, String)> {
        (self.prepare)(town);
        town.watch();
        if let Some((number, fault, _)) = cut {
            town.cut(number, fault);
        }
        let ada = (self.go)(town);
        town.mend();
        let operations = town.operations();
        if cut.is_some_and(|(_, _, what)| what.contains("/oauth/token") || what.contains(" tokens/")) {
            reconnect(town);
        }
        (self.arrived)(town, &ada);
        town.audit();
        operations
    }

    /// Plays it for every `stride`th combination of operation and fault, and reports all that went wrong.
    fn sweep(&self, town: fn() -> Town, stride: usize) {
        let operations = self.play(&town(), None);
        assert!(operations.iter().any(|(kind, _)| *kind == Kind::Send), "the journey calls the vendors");
        let cuts = operations.iter().enumerate().flat_map(|(number, (kind, what))| {
            Fault::of(*kind).iter().map(move |fault| (number, *fault, what.as_str()))
        });
        let mut wrong = Vec::new();
        let mut played = 0;
        for cut in cuts.step_by(stride) {
            played += 1;
            let outcome = catch_unwind(AssertUnwindSafe(|| self.play(&town(), Some(cut))));
            if let Err(panic) = outcome {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let text: String = text.unwrap_or_default().chars().take(700).collect();
                let (number, fault, what) = cut;
                wrong.push(format!("{fault:?} at operation {number}, {what}: {text}"));
            }
        }
        let shown = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n\n");
        assert!(wrong.is_empty(), "{} of {played} roads lead elsewhere:\n\n{shown}", wrong.len());
    }
}

const BY_WEBHOOK: Road = Road { prepare: set_up, go: journey, arrived: arrived_in_lever };
const BY_SYNC: Road = Road { prepare: set_up, go: silence, arrived: arrived_in_lever };
const IN_BAMBOOHR: Road = Road { prepare: set_up_bamboohr, go: bamboohr_journey, arrived: arrived_in_bamboohr };
const SET_UP: Road = Road { prepare: published, go: stubborn_set_up, arrived: connected_once };

/// The vendors are ready; nothing is connected.
fn published(town: &Town) {
    town.vendors(|vendors| {
        vendors.qualified().add_assessment(RUST, true);
        vendors.lever().set_webhook_toggle(Event::CandidateStageChange, true);
    });
}

#[test]
fn every_cut_of_the_journey_heals_native() {
    BY_WEBHOOK.sweep(Town::native, 1);
}

#[test]
fn every_seventh_cut_of_the_journey_heals_component() {
    BY_WEBHOOK.sweep(Town::component, 7);
}

#[test]
fn every_cut_of_a_sync_heals_native() {
    BY_SYNC.sweep(Town::native, 1);
}

#[test]
fn every_cut_of_a_journey_in_bamboohr_heals_native() {
    IN_BAMBOOHR.sweep(Town::native, 1);
}

#[test]
fn every_cut_of_the_set_up_can_be_mended_by_asking_again_native() {
    SET_UP.sweep(Town::native, 1);
}

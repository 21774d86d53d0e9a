//! What holds for the whole sandbox: it is deterministic, it has many customers, its demo is hiring.

use jiff::SignedDuration;
use sandbox::lever::NewOpportunity;
use sandbox::qualified::AssessmentState;
use sandbox::{Origins, Sandbox, Vendor, demo};
use serde_json::{Value, json};

use crate::bench::{Client, deliver, listening, sandbox};

/// A move on the board, as the webhook told it.
fn told(seed: u64) -> Vec<Value> {
    let now = "2026-03-02T09:30:00Z".parse().expect("a time");
    let mut sandbox = Sandbox::new(Origins::default(), now, seed);
    listening(&mut sandbox);
    let ada = sandbox.lever().add_opportunity(NewOpportunity::named("Ada")).expect("a stage");
    sandbox.lever().move_to_stage(&ada, "offer").expect("a stage");
    deliver(&mut sandbox)
}

#[test]
fn the_same_seed_and_the_same_actions_give_the_same_bytes() {
    assert_eq!(told(7), told(7));
    assert_ne!(told(7), told(8));
}

#[test]
fn customers_are_made_when_they_are_first_met() {
    let mut sandbox = sandbox();
    sandbox.lever_of("globex");
    sandbox.qualified_of("Globex");
    let customers = sandbox.customers();
    assert_eq!(customers[&Vendor::Lever], ["acme", "globex"]);
    assert_eq!(customers[&Vendor::Qualified], ["Acme", "Globex"]);
    assert_eq!(customers[&Vendor::BambooHr], ["acme"]);
}

#[test]
fn what_waits_happens_at_its_own_time_across_teams() {
    let mut sandbox = sandbox();
    for (team, reminder) in [("Acme", "2026-03-04T09:30:00Z"), ("Globex", "2026-03-03T09:30:00Z")] {
        let assessment = sandbox.qualified_of(team).add_assessment("Rust basics", true);
        let key = sandbox.qualified_of(team).api_key().to_owned();
        let client = Client { base: crate::bench::QUALIFIED, authorization: Some(key) };
        let data = json!({"candidates": ["ada@example.com"], "assessment_id": assessment, "reminder_at": reminder});
        client.post(&mut sandbox, "/assessment_invitations/invite_candidates", json!({"data": data}));
    }
    sandbox.advance(SignedDuration::from_hours(24));
    assert_eq!((sandbox.qualified().mails().len(), sandbox.qualified_of("Globex").mails().len()), (1, 2));
    sandbox.advance(SignedDuration::from_hours(24));
    assert_eq!(sandbox.qualified().mails().len(), 2);
}

#[test]
fn the_demo_is_hiring() {
    let now = "2026-03-02T09:30:00Z".parse().expect("a time");
    let mut sandbox = Sandbox::demo(Origins::default(), now, 1, "http://127.0.0.1:3000/").expect("the demo");
    assert!(sandbox.lever().stage("Coding test").is_ok());
    assert!(sandbox.lever().opportunities().count() >= 5);
    let desk = sandbox.qualified();
    let published = desk.assessments().iter().filter(|own| own.state == AssessmentState::Published);
    assert_eq!(published.count() + 1, demo::ASSESSMENTS.len());
    assert!(sandbox.bamboohr().statuses().iter().any(|own| own.name == "Qualified - Send assessment"));
    let url = format!(
        "https://auth.lever.co/authorize?client_id={}&response_type=code&state=s&scope=stages:read:admin\
         &redirect_uri=http://127.0.0.1:3000/lever/callback&audience=https://api.lever.co/v1/",
        demo::CLIENT_ID,
    );
    assert!(sandbox.lever().consent(&url).is_ok());
}

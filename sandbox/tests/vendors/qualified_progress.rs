//! The path of a take, seen through the API.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::qualified::{CandidateState, ResultState, Score};
use serde_json::{Value, json};

use crate::bench::{Client, sandbox};

fn ada(sandbox: &mut Sandbox) -> (Client, String) {
    let assessment = sandbox.qualified().add_assessment("Rust basics", true);
    let client = Client::qualified(sandbox);
    let body = json!({"data": {"candidates": ["ada@example.com"], "assessment_id": assessment}});
    client.post(sandbox, "/assessment_invitations/invite_candidates", body);
    let result = sandbox.qualified().result_of("ada@example.com", &assessment).expect("invited");
    (client, result)
}

fn state(sandbox: &mut Sandbox, client: &Client, result: &str) -> Value {
    client.get(sandbox, &format!("/assessment_results/{result}")).json()["data"].clone()
}

fn exhibit(sandbox: &mut Sandbox, client: &Client, result: &str) -> Value {
    client.get(sandbox, &format!("/assessment_results/{result}/exhibit")).json()
}

#[test]
fn from_invited_to_submitted_with_a_score_only_when_scoring_is_done() {
    let mut sandbox = sandbox();
    let (client, result) = ada(&mut sandbox);
    sandbox.qualified().settings().scoring = SignedDuration::from_secs(30);
    assert_eq!(state(&mut sandbox, &client, &result)["state"], "invited");
    sandbox.qualified().open(&result).expect("invited");
    assert_eq!(state(&mut sandbox, &client, &result)["state"], "opened");
    sandbox.qualified().start(&result).expect("opened");
    assert!(sandbox.qualified().start(&result).is_err());
    let score =
        Score::of(86.7).seconds(2710).solution("Borrow Checker", 100.0, "rust").solution("Pinning", 73.4, "rust");
    sandbox.qualified().submit(&result, score.similarity_risk("medium")).expect("started");
    let scoring = state(&mut sandbox, &client, &result);
    assert_eq!((&scoring["state"], &scoring["score"]), (&json!("submitting"), &Value::Null));
    assert_eq!(exhibit(&mut sandbox, &client, &result)["data"]["passingScore"], Value::Null);

    sandbox.advance(SignedDuration::from_secs(30));
    let done = state(&mut sandbox, &client, &result);
    assert_eq!((&done["state"], &done["score"]), (&json!("submitted"), &json!(86.7)));
    assert_eq!(done["submittedAt"], "2026-03-02T09:30:30.000Z");
    let shown = exhibit(&mut sandbox, &client, &result);
    assert!(shown.get("type").is_none() && shown.get("meta").is_none());
    let data = &shown["data"];
    assert_eq!((&data["passingScore"], &data["passedAll"]), (&json!(true), &json!(false)));
    assert_eq!(data["accumulatedSeconds"], 2710);
    assert_eq!(data["solutions"][0]["challenge"]["Type"], "CodeChallenge");
    assert_eq!(data["solutions"][1]["similarityRiskLevel"], "medium");
}

#[test]
fn reopening_shows_only_when_the_candidate_lands_again() {
    let mut sandbox = sandbox();
    let (client, result) = ada(&mut sandbox);
    assert!(sandbox.qualified().reopen(&result).is_err(), "nothing to reopen");
    sandbox.qualified().start(&result).expect("invited");
    sandbox.qualified().submit(&result, Score::of(40.0)).expect("started");
    sandbox.qualified().reopen(&result).expect("submitted");
    assert_eq!(state(&mut sandbox, &client, &result)["state"], "submitted");
    sandbox.advance(SignedDuration::from_hours(1));
    sandbox.qualified().start(&result).expect("reopened");
    let again = state(&mut sandbox, &client, &result);
    assert_eq!((&again["state"], &again["submittedAt"]), (&json!("started"), &Value::Null));
    assert_eq!(again["originalSubmittedAt"], "2026-03-02T09:30:00.000Z");
    assert_eq!(sandbox.qualified().candidates()[0].state, CandidateState::Started);
    sandbox.qualified().submit(&result, Score::of(90.0)).expect("started");
    assert_eq!(state(&mut sandbox, &client, &result)["score"], 90.0);
}

#[test]
fn a_retake_is_a_new_result_and_the_old_one_keeps_its_data() {
    let mut sandbox = sandbox();
    let (client, first) = ada(&mut sandbox);
    sandbox.qualified().start(&first).expect("invited");
    sandbox.qualified().submit(&first, Score::of(40.0)).expect("started");
    let second = sandbox.qualified().retake(&first).expect("submitted");
    assert_ne!(first, second);
    let old = state(&mut sandbox, &client, &first);
    assert_eq!((&old["currentTake"], &old["score"], &old["retakeNumber"]), (&json!(false), &json!(40.0), &json!(0)));
    let new = state(&mut sandbox, &client, &second);
    assert_eq!(
        (&new["currentTake"], &new["state"], &new["retakeNumber"]),
        (&json!(true), &json!("invited"), &json!(1))
    );
}

#[test]
fn decisions_are_the_persons_and_set_when_and_from_where() {
    let mut sandbox = sandbox();
    let (client, _) = ada(&mut sandbox);
    let id = sandbox.qualified().candidates()[0].id.clone();
    let path = format!("/team_candidates/{id}");
    let approved = client.put(&mut sandbox, &format!("{path}/approve"), json!({})).json()["data"].clone();
    assert_eq!((&approved["state"], &approved["prevState"]), (&json!("approved"), &json!("invited")));
    assert_eq!(approved["decidedAt"], "2026-03-02T09:30:00.000Z");
    sandbox.qualified().reject(&id).expect("Ada");
    sandbox.qualified().set_candidate_state(&id, CandidateState::RiskDetected).expect("Ada");
    let risky = client.get(&mut sandbox, &path).json()["data"].clone();
    assert_eq!((&risky["state"], &risky["stateLabel"]), (&json!("risk_detected"), &json!("Plagiarism Risk Detected")));
    for (verb, state) in [("archive", "archived"), ("unarchive", "risk_detected"), ("forget", "archived")] {
        let answer = client.put(&mut sandbox, &format!("{path}/{verb}"), json!({})).json();
        assert_eq!(answer["data"]["state"], state);
    }
    let forgotten = client.get(&mut sandbox, &path).json()["data"].clone();
    assert_eq!((&forgotten["email"], &forgotten["forgotten"]), (&Value::Null, &json!(true)));
}

#[test]
fn merging_makes_an_id_vanish_and_moves_its_results() {
    let mut sandbox = sandbox();
    let (client, result) = ada(&mut sandbox);
    let body = json!({"data": {"candidates": ["a.lovelace@example.com"],
        "assessment_id": sandbox.qualified().assessments()[0].id.clone()}});
    client.post(&mut sandbox, "/assessment_invitations/invite_candidates", body);
    let ids: Vec<_> = sandbox.qualified().candidates().iter().map(|own| own.id.clone()).collect();
    sandbox.qualified().merge(&ids[0], &ids[1]).expect("both");
    assert_eq!(client.get(&mut sandbox, &format!("/team_candidates/{}", ids[0])).status, 404);
    assert_eq!(state(&mut sandbox, &client, &result)["teamCandidateId"], json!(ids[1]));
}

#[test]
fn termination_leaves_no_score_and_deletion_only_befalls_what_was_not_started() {
    let mut sandbox = sandbox();
    let (client, result) = ada(&mut sandbox);
    sandbox.qualified().start(&result).expect("invited");
    let path = format!("/assessment_results/{result}");
    assert_eq!(client.delete(&mut sandbox, &path).status, 400);
    let body = json!({"data": {"closed_reason": "team_forced"}});
    let ended = client.put(&mut sandbox, &format!("{path}/terminate"), body).json()["data"].clone();
    assert_eq!((&ended["state"], &ended["closedReason"]), (&json!("terminated"), &json!("team_forced")));
    assert_eq!(ended["score"], Value::Null);
    assert_eq!(sandbox.qualified().results()[0].state, ResultState::Terminated);
}

#[test]
fn report_links_depend_on_the_plan() {
    let mut sandbox = sandbox();
    let (client, result) = ada(&mut sandbox);
    let path = format!("/assessment_results/{result}/share?hide=candidateEmail");
    let shared = client.get(&mut sandbox, &path).json();
    assert_eq!(shared["id"], json!(result));
    assert!(shared["url"].as_str().expect("a URL").contains("/reports/"));
    sandbox.qualified().settings().share = false;
    let refused = client.get(&mut sandbox, &path);
    assert_eq!(refused.status, 403);
    assert_eq!(refused.json()["reason"], "User is not permitted to share on AssessmentResult");
}

//! Qualified's webhooks: unsigned, snake case, retried once and not for everything.

use http::StatusCode;
use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::qualified::Score;
use serde_json::{Value, json};

use crate::bench::{Client, HOOK, body, deliver, sandbox};

fn subscribed(sandbox: &mut Sandbox, events: &[&str]) -> (Client, String) {
    let client = Client::qualified(sandbox);
    let triggers: serde_json::Map<String, Value> = events.iter().map(|&event| (event.into(), json!(true))).collect();
    let data = json!({"data": {"name": "ATS", "url": HOOK, "event_triggers": triggers}});
    let made = client.post(sandbox, "/webhook_subscriptions", data);
    assert_eq!(made.status, 200);
    let assessment = sandbox.qualified().add_assessment("Rust basics", true);
    (client, assessment)
}

fn invited(sandbox: &mut Sandbox, client: &Client, assessment: &str) -> String {
    let data = json!({"candidates": ["ada@example.com"], "assessment_id": assessment, "labels": ["ats"]});
    client.post(sandbox, "/assessment_invitations/invite_candidates", json!({"data": data}));
    sandbox.qualified().result_of("ada@example.com", assessment).expect("invited")
}

fn names(bodies: &[Value]) -> Vec<(&str, &str)> {
    bodies
        .iter()
        .map(|body| (body["event"].as_str().expect("an event"), body["data"]["state"].as_str().expect("a state")))
        .collect()
}

const EVENTS: [&str; 3] = ["assessment_result_started", "assessment_result_submitted", "team_candidate_state_changed"];

#[test]
fn a_whole_take_is_told_to_the_subscribed_events() {
    let mut sandbox = sandbox();
    let (client, assessment) = subscribed(&mut sandbox, &EVENTS);
    let result = invited(&mut sandbox, &client, &assessment);
    sandbox.qualified().start(&result).expect("invited");
    let score = Score::of(86.7).solution("Borrow Checker", 100.0, "rust");
    sandbox.qualified().submit(&result, score).expect("started");
    let ada = sandbox.qualified().candidates()[0].id.clone();
    sandbox.qualified().approve(&ada).expect("Ada");
    let told = deliver(&mut sandbox);
    assert_eq!(
        names(&told),
        [
            ("team_candidate_state_changed", "invited"),
            ("assessment_result_started", "started"),
            ("team_candidate_state_changed", "started"),
            ("assessment_result_submitted", "submitted"),
            ("team_candidate_state_changed", "submitted"),
            ("team_candidate_state_changed", "approved"),
        ],
    );
    assert_eq!(told[1]["data"]["score"], 0.0, "a started one shows no real score");
    let submitted = &told[3]["data"];
    assert_eq!((&submitted["score"], &submitted["passing_score"]), (&json!(86.7), &json!(true)));
    assert_eq!(submitted["candidate"]["email"], "ada@example.com");
    assert_eq!(submitted["solutions"][0]["_type"], "CodeSolution");
    assert_eq!(told[5]["data"]["prev_state"], "submitted");
    let everything = json!(told).to_string();
    assert!(!everything.contains("alternate") && !everything.contains("invitation"), "what payloads never carry");
}

#[test]
fn state_changed_tells_every_step_and_labels_have_events_of_their_own() {
    let mut sandbox = sandbox();
    let events = ["assessment_result_state_changed", "team_candidate_label_added"];
    let (client, assessment) = subscribed(&mut sandbox, &events);
    let result = invited(&mut sandbox, &client, &assessment);
    sandbox.qualified().start(&result).expect("invited");
    sandbox.qualified().submit(&result, Score::of(50.0)).expect("started");
    let told = deliver(&mut sandbox);
    assert_eq!(told[0]["data"]["added_label"], "ats");
    let states: Vec<_> = told[1..].iter().map(|body| body["data"]["state"].as_str().expect("a state")).collect();
    assert_eq!(states, ["invited", "opened", "started", "submitting", "submitted"]);
}

#[test]
fn the_score_race_tells_zero_before_scoring_is_done() {
    let mut sandbox = sandbox();
    let (client, assessment) = subscribed(&mut sandbox, &["assessment_result_submitted"]);
    sandbox.qualified().settings().scoring = SignedDuration::from_secs(20);
    sandbox.qualified().settings().score_race = true;
    let result = invited(&mut sandbox, &client, &assessment);
    sandbox.qualified().start(&result).expect("invited");
    sandbox.qualified().submit(&result, Score::of(90.0)).expect("started");
    let told = deliver(&mut sandbox);
    assert_eq!((&told[0]["data"]["state"], &told[0]["data"]["score"]), (&json!("submitted"), &json!(0.0)));
    let read = client.get(&mut sandbox, &format!("/assessment_results/{result}")).json();
    assert_eq!(read["data"]["state"], "submitting");
    sandbox.advance(SignedDuration::from_secs(20));
    assert!(deliver(&mut sandbox).is_empty(), "it is told once");
}

#[test]
fn exactly_one_retry_after_a_minute_and_only_for_some_failures() {
    for (status, retried) in [
        (None, true),
        (Some(502), true),
        (Some(503), true),
        (Some(504), true),
        (Some(520), true),
        (Some(521), true),
        (Some(523), true),
        (Some(525), true),
        (Some(526), true),
        (Some(527), true),
        (Some(530), true),
        (Some(500), false),
        (Some(429), false),
        (Some(401), false),
        (Some(522), false),
        (Some(524), false),
        (Some(302), false),
        (Some(204), false),
    ] {
        let mut sandbox = sandbox();
        let (client, assessment) = subscribed(&mut sandbox, &["team_candidate_state_changed"]);
        invited(&mut sandbox, &client, &assessment);
        let status = status.map(|code| StatusCode::from_u16(code).expect("a status"));
        let first = sandbox.due().remove(0);
        sandbox.answered(first.id, status);
        sandbox.advance(SignedDuration::from_secs(59));
        assert!(sandbox.due().is_empty());
        sandbox.advance(SignedDuration::from_secs(1));
        let due = sandbox.due();
        assert_eq!(due.len(), usize::from(retried), "{status:?}");
        if let Some(second) = due.first() {
            assert_eq!(body(second), body(&first));
            sandbox.answered(second.id, None);
            assert_eq!(sandbox.next_due(), None, "no third time");
        }
    }
}

#[test]
fn the_log_keeps_what_was_posted_and_failed_ones_can_be_sent_by_hand() {
    let mut sandbox = sandbox();
    let (client, assessment) = subscribed(&mut sandbox, &["team_candidate_state_changed"]);
    invited(&mut sandbox, &client, &assessment);
    let first = sandbox.due().remove(0);
    assert_eq!(client.get(&mut sandbox, "/webhook_events").json()["data"][0]["state"], "pending");
    sandbox.answered(first.id, Some(StatusCode::INTERNAL_SERVER_ERROR));
    let row = client.get(&mut sandbox, "/webhook_events").json()["data"][0].clone();
    assert_eq!((&row["state"], &row["postAttempts"]), (&json!("failed"), &json!(1)));
    assert_eq!(sandbox.qualified().retry_failed_webhooks(), 1);
    assert_eq!(deliver(&mut sandbox), [body(&first)]);
    let path = format!("/webhook_events/{}", row["id"].as_str().expect("an id"));
    assert_eq!(client.get(&mut sandbox, &path).json()["data"]["state"], "posted");
}

#[test]
fn subscriptions_are_listed_changed_and_deleted_by_id_or_url() {
    let mut sandbox = sandbox();
    let (client, _) = subscribed(&mut sandbox, &EVENTS);
    let list = client.get(&mut sandbox, "/webhook_subscriptions").json();
    let row = &list["data"][0];
    assert_eq!((&row["name"], &row["url"]), (&json!("ATS"), &json!(HOOK)));
    assert_eq!(row["eventTriggers"]["assessmentResultStarted"], true);
    let path = format!("/webhook_subscriptions/{}", row["id"].as_str().expect("an id"));
    let change = json!({"data": {"eventTriggers": {"noteCreated": true}}});
    let changed = client.put(&mut sandbox, &path, change).json();
    assert!(changed["data"]["eventTriggers"].get("assessmentResultStarted").is_none(), "replaced");
    sandbox.qualified().settings().merge_triggers = true;
    let change = json!({"data": {"event_triggers": {"assessment_result_started": true}}});
    let merged = client.put(&mut sandbox, &path, change).json();
    assert_eq!(merged["data"]["eventTriggers"]["noteCreated"], true);
    let by_url = format!("/webhook_subscriptions/url?url={}", crate::bench::encoded(HOOK));
    assert_eq!(client.delete(&mut sandbox, &by_url).status, 204);
    assert_eq!(client.delete(&mut sandbox, &path).status, 404);
    let blank = client.post(&mut sandbox, "/webhook_subscriptions", json!({"data": {"url": HOOK}}));
    assert_eq!(blank.json()["errors"]["event_triggers"], "can't be blank");
}

#[test]
fn examples_are_real_payloads_and_can_be_posted() {
    let mut sandbox = sandbox();
    let (client, assessment) = subscribed(&mut sandbox, &[]);
    let result = invited(&mut sandbox, &client, &assessment);
    let event = "assessment_result_submitted";
    let path = format!("/webhook_examples/{result}");
    let shown = client.get(&mut sandbox, &format!("{path}?type=AssessmentResult&event={event}")).json();
    assert_eq!((&shown["event"], &shown["data"]["id"]), (&json!(event), &json!(result)));
    let unwrapped = json!({"type": "AssessmentResult", "event": event, "url": HOOK});
    assert_eq!(client.post(&mut sandbox, &path, unwrapped).json(), shown);
    assert_eq!(deliver(&mut sandbox), [shown]);
}

#[test]
fn deliveries_may_be_lost_doubled_delayed_and_out_of_order() {
    let mut sandbox = sandbox();
    let (client, assessment) = subscribed(&mut sandbox, &EVENTS);
    let result = invited(&mut sandbox, &client, &assessment);
    sandbox.due();
    sandbox.qualified_webhooks().reorder = true;
    sandbox.qualified().start(&result).expect("invited");
    let told = deliver(&mut sandbox);
    assert_eq!(names(&told)[0].0, "team_candidate_state_changed", "newest first");
    *sandbox.qualified_webhooks() =
        sandbox::Knobs { duplicate: true, delay: SignedDuration::from_secs(90), ..Default::default() };
    sandbox.qualified().submit(&result, Score::of(50.0)).expect("started");
    assert!(deliver(&mut sandbox).is_empty());
    sandbox.advance(SignedDuration::from_secs(90));
    assert_eq!(deliver(&mut sandbox).len(), 4);
    sandbox.qualified_webhooks().drop = true;
    let ada = sandbox.qualified().candidates()[0].id.clone();
    sandbox.qualified().approve(&ada).expect("Ada");
    sandbox.advance(SignedDuration::from_hours(1));
    assert!(deliver(&mut sandbox).is_empty());
}

#[test]
fn termination_is_silent_unless_the_other_page_is_right() {
    for tells in [false, true] {
        let mut sandbox = sandbox();
        let (client, assessment) = subscribed(&mut sandbox, &["assessment_result_state_changed"]);
        let result = invited(&mut sandbox, &client, &assessment);
        sandbox.due();
        sandbox.qualified().settings().terminate_tells = tells;
        sandbox.qualified().terminate(&result).expect("a result");
        assert_eq!(deliver(&mut sandbox).len(), usize::from(tells));
    }
}

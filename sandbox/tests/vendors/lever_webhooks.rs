//! Lever's webhooks: silent until switched on, signed over token and time alone, tried six times.

use http::StatusCode;
use jiff::SignedDuration;
use sandbox::lever::{Event, NewOpportunity, RETRY_AFTER};
use sandbox::{Sandbox, Signature};
use serde_json::{Value, json};

use crate::bench::{Client, HOOK, body, deliver, listening, sandbox};

fn candidate(sandbox: &mut Sandbox) -> String {
    sandbox.lever().add_opportunity(NewOpportunity::named("Ada Lovelace")).expect("a stage")
}

fn moved(sandbox: &mut Sandbox) -> String {
    let ada = candidate(sandbox);
    sandbox.lever().move_to_stage(&ada, "offer").expect("a stage");
    ada
}

#[test]
fn nothing_is_delivered_until_the_event_is_switched_on() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    sandbox.lever().set_webhook_toggle(Event::CandidateStageChange, false);
    moved(&mut sandbox);
    assert!(deliver(&mut sandbox).is_empty());
    sandbox.lever().set_webhook_toggle(Event::CandidateStageChange, true);
    let ada = moved(&mut sandbox);
    let told = deliver(&mut sandbox);
    let data = &told[0]["data"];
    assert_eq!((told.len(), &data["opportunityId"]), (1, &json!(ada)));
    assert_eq!((&data["fromStageId"], &data["toStageId"]), (&json!("applicant-new"), &json!("offer")));
    assert!(data.get("name").is_none(), "ids only");
}

#[test]
fn an_account_that_nobody_has_touched_delivers_nothing() {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    let made = client.post(&mut sandbox, "/webhooks", json!({"url": HOOK, "event": "candidateStageChange"}));
    assert_eq!(made.status, 201);
    moved(&mut sandbox);
    assert!(deliver(&mut sandbox).is_empty(), "the group's toggle is off from the beginning");
}

#[test]
fn the_token_is_told_once_and_duplicates_are_accepted() {
    let mut sandbox = sandbox();
    let first = listening(&mut sandbox);
    let second = listening(&mut sandbox);
    assert_ne!(first, second);
    let list = Client::lever(&mut sandbox).get(&mut sandbox, "/webhooks").json();
    assert!(list.get("hasNext").is_none());
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert!(list["data"][0]["configuration"].get("signatureToken").is_none());
    assert_eq!(
        list["data"][0]["configuration"]["conditions"]["origins"],
        json!(["applied", "sourced", "referred", "university", "internal", "agency"]),
    );
    moved(&mut sandbox);
    assert_eq!(deliver(&mut sandbox).len(), 2, "each subscription is told");
}

#[test]
fn webhooks_are_changed_in_bulk_deleted_and_refused() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    let client = Client::lever(&mut sandbox);
    let id = client.get(&mut sandbox, "/webhooks").json()["data"][0]["id"].clone();
    let other = "https://ats.example.com/other";
    let body = json!({"data": [{"id": id, "url": other, "configuration": {"conditions": {"origins": ["sourced"]}}}]});
    assert_eq!(client.put(&mut sandbox, "/webhooks", body).json()["data"][0]["url"], other);
    moved(&mut sandbox);
    assert!(deliver(&mut sandbox).is_empty(), "Ada applied, she was not sourced");
    for body in [
        json!({"url": "http://ats.example.com/hook", "event": "candidateStageChange"}),
        json!({"url": HOOK, "event": "stageChange"}),
        json!({"url": HOOK, "event": "candidateStageChange", "configuration": {"conditions": {"origins": ["x"]}}}),
    ] {
        assert_eq!(client.post(&mut sandbox, "/webhooks", body).status, 400);
    }
    let path = format!("/webhooks/{}", id.as_str().expect("an id"));
    let deleted = client.delete(&mut sandbox, &path);
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    assert_eq!(client.delete(&mut sandbox, &path).status, 404);
    let contact = client.post(&mut sandbox, "/webhooks", json!({"url": HOOK, "event": "contactCreated"})).json();
    assert!(contact["data"]["configuration"].get("conditions").is_none());
}

#[test]
fn a_webhook_made_by_hand_is_out_of_the_apis_reach() {
    let mut sandbox = sandbox();
    let token = sandbox.lever().make_webhook_by_hand(HOOK).expect("https");
    assert_eq!(token.len(), 48);
    assert!(sandbox.lever().make_webhook_by_hand("http://ats.example.com").is_err());
    let client = Client::lever(&mut sandbox);
    let id = sandbox.lever().webhooks()[0].id.clone();
    assert_eq!(client.get(&mut sandbox, "/webhooks").json()["data"][0]["id"], json!(id));
    assert_eq!(client.delete(&mut sandbox, &format!("/webhooks/{id}")).status, 403);
}

#[test]
fn a_test_request_has_empty_data_no_id_and_a_signature() {
    let mut sandbox = sandbox();
    sandbox.lever().make_webhook_by_hand(HOOK).expect("https");
    let id = sandbox.lever().webhooks()[0].id.clone();
    sandbox.lever().send_test_request(&id).expect("a webhook");
    let told = deliver(&mut sandbox);
    assert_eq!(told[0]["data"], json!({}));
    assert!(told[0].get("id").is_none() && told[0]["signature"].is_string());
}

#[test]
fn five_retries_follow_each_later_than_the_last_and_a_redirect_is_a_failure() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    moved(&mut sandbox);
    let answers = [Some(StatusCode::FOUND), None, Some(StatusCode::UNAUTHORIZED)];
    let mut first = Value::Null;
    for attempt in 0..6 {
        let due = sandbox.due();
        assert_eq!(due.len(), 1, "attempt {attempt}");
        assert_eq!(due[0].request.headers()["user-agent"], "Lever-Webhooks");
        if first.is_null() {
            first = body(&due[0]);
        }
        assert_eq!(body(&due[0]), first, "a retry is the same message");
        sandbox.answered(due[0].id, answers[attempt % 3]);
        assert!(sandbox.due().is_empty());
        if let Some(wait) = RETRY_AFTER.get(attempt) {
            assert_eq!(sandbox.next_due(), Some(sandbox.now() + *wait));
            sandbox.advance(*wait);
        }
    }
    assert_eq!(sandbox.next_due(), None);
}

#[test]
fn a_2xx_ends_it() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    moved(&mut sandbox);
    let due = sandbox.due();
    sandbox.answered(due[0].id, Some(StatusCode::ACCEPTED));
    assert_eq!(sandbox.next_due(), None);
}

#[test]
fn retries_may_carry_a_fresh_token() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    sandbox.lever_webhooks().fresh_token_on_retry = true;
    moved(&mut sandbox);
    let first = sandbox.due().remove(0);
    sandbox.answered(first.id, None);
    sandbox.advance(RETRY_AFTER[0]);
    let second = sandbox.due().remove(0);
    assert_ne!(body(&first)["token"], body(&second)["token"]);
    assert_ne!(body(&first)["signature"], body(&second)["signature"]);
    assert_eq!(body(&first)["data"], body(&second)["data"]);
}

#[test]
fn the_network_may_lose_double_delay_and_reorder() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    sandbox.lever_webhooks().drop = true;
    moved(&mut sandbox);
    sandbox.advance(SignedDuration::from_hours(24));
    assert!(deliver(&mut sandbox).is_empty(), "lost");

    *sandbox.lever_webhooks() = sandbox::Knobs { duplicate: true, ..Default::default() };
    moved(&mut sandbox);
    let told = deliver(&mut sandbox);
    assert_eq!((told.len(), &told[0]), (2, &told[1]));

    *sandbox.lever_webhooks() = sandbox::Knobs { delay: SignedDuration::from_mins(5), ..Default::default() };
    moved(&mut sandbox);
    assert!(deliver(&mut sandbox).is_empty());
    sandbox.advance(SignedDuration::from_mins(5));
    assert_eq!(deliver(&mut sandbox).len(), 1);

    *sandbox.lever_webhooks() = sandbox::Knobs { reorder: true, ..Default::default() };
    let (ben, cyd) = (moved(&mut sandbox), moved(&mut sandbox));
    let told = deliver(&mut sandbox);
    let order: Vec<_> = told.iter().map(|body| body["data"]["opportunityId"].clone()).collect();
    assert_eq!(order, [json!(cyd), json!(ben)]);
}

#[test]
fn an_attacker_may_replay_tamper_and_forge() {
    let mut sandbox = sandbox();
    listening(&mut sandbox);
    sandbox.lever_webhooks().replay_after = Some(SignedDuration::from_hours(3));
    moved(&mut sandbox);
    let seen = deliver(&mut sandbox);
    sandbox.advance(SignedDuration::from_hours(3));
    assert_eq!(deliver(&mut sandbox), seen, "the very same bytes");

    let victim = candidate(&mut sandbox);
    *sandbox.lever_webhooks() = sandbox::Knobs {
        tamper: json!({"opportunityId": victim}).as_object().cloned(),
        omit_id: true,
        ..Default::default()
    };
    moved(&mut sandbox);
    let told = deliver(&mut sandbox);
    assert_eq!(told[0]["data"]["opportunityId"], json!(victim));
    assert!(told[0].get("id").is_none());

    sandbox.lever_webhooks().signature = Signature::Missing;
    moved(&mut sandbox);
    assert!(deliver(&mut sandbox)[0].get("signature").is_none());
    sandbox.lever_webhooks().signature = Signature::Wrong;
    moved(&mut sandbox);
    assert_eq!(deliver(&mut sandbox)[0]["signature"].as_str().map(str::len), Some(64));
}

//! Lever's lists: filters, pages, tokens that survive nothing but being passed on unchanged.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::lever::NewOpportunity;
use serde_json::Value;

use crate::bench::{Client, encoded, sandbox};

/// Five candidacies, a minute apart.
fn five(sandbox: &mut Sandbox) -> Vec<String> {
    let names = ["Ada", "Ben", "Cyd", "Dee", "Eli"];
    let add = |name| {
        sandbox.advance(SignedDuration::from_mins(1));
        sandbox.lever().add_opportunity(NewOpportunity::named(name)).expect("a stage")
    };
    names.map(add).to_vec()
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().expect("rows").iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

#[test]
fn pages_follow_opaque_tokens_newest_first() {
    let mut sandbox = sandbox();
    let all = five(&mut sandbox);
    let client = Client::lever(&mut sandbox);
    let (mut seen, mut offset) = (Vec::new(), String::new());
    loop {
        let page = client.get(&mut sandbox, &format!("/opportunities?limit=2{offset}")).json();
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        let Some(next) = page["next"].as_str() else {
            assert_eq!(page["hasNext"], false);
            break;
        };
        assert!(next.contains('%'), "a token needs the client's own encoding");
        offset = format!("&offset={}", encoded(next));
    }
    assert_eq!(seen, all.into_iter().rev().collect::<Vec<_>>());
}

#[test]
fn a_token_is_bound_to_its_filters_and_must_not_be_decoded() {
    let mut sandbox = sandbox();
    five(&mut sandbox);
    let client = Client::lever(&mut sandbox);
    let next = client.get(&mut sandbox, "/opportunities?limit=2").json()["next"].as_str().expect("a token").to_owned();
    for query in [
        format!("limit=2&archived=false&offset={}", encoded(&next)),
        format!("limit=2&offset={next}"),
        "limit=2&offset=2".into(),
    ] {
        let answer = client.get(&mut sandbox, &format!("/opportunities?{query}"));
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["message"].as_str().expect("a message").contains("Invalid offset token"));
    }
    assert_eq!(client.get(&mut sandbox, "/opportunities?limit=101").status, 400);
}

#[test]
fn filters_are_unions_and_times_are_inclusive() {
    let mut sandbox = sandbox();
    let all = five(&mut sandbox);
    let client = Client::lever(&mut sandbox);
    sandbox.lever().archive(&all[0]).expect("Ada");
    sandbox.advance(SignedDuration::from_mins(1));
    sandbox.lever().move_to_stage(&all[1], "offer").expect("Ben");
    let moved = sandbox.now().as_millisecond();
    let count =
        |sandbox: &mut Sandbox, query: &str| ids(&client.get(sandbox, &format!("/opportunities?{query}")).json()).len();
    assert_eq!(count(&mut sandbox, ""), 5);
    assert_eq!(count(&mut sandbox, "archived=false"), 4);
    assert_eq!(count(&mut sandbox, "stage_id=offer"), 1);
    assert_eq!(count(&mut sandbox, "stage_id=offer&stage_id=applicant-new"), 5);
    assert_eq!(count(&mut sandbox, &format!("advanced_at_start={moved}")), 1);
    assert_eq!(count(&mut sandbox, &format!("advanced_at_start={}", moved + 1)), 0);
    assert_eq!(count(&mut sandbox, "updated_at_start=0"), 2, "a null updatedAt never matches");
    assert_eq!(count(&mut sandbox, "email=ben@example.com"), 1);
}

#[test]
fn tags_are_listed_while_in_use_with_their_count() {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    for (name, tag) in [("Ada", "Full-time"), ("Ben", "Full-Time"), ("Cyd", "Full-time")] {
        sandbox.lever().add_opportunity(NewOpportunity::named(name).tag(tag)).expect("a stage");
    }
    let tags = client.get(&mut sandbox, "/tags").json()["data"].clone();
    assert_eq!(tags, serde_json::json!([{"text": "Full-Time", "count": 1}, {"text": "Full-time", "count": 2}]));
}

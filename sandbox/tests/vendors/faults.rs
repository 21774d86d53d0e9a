//! Vendors on a bad day.

use http::{Method, Request};
use sandbox::lever::NewOpportunity;
use sandbox::{Effect, NoAnswer, Rule, Sandbox, Vendor};
use serde_json::json;

use crate::bench::{Client, sandbox};

fn ada(sandbox: &mut Sandbox) -> (Client, String, String) {
    let id = sandbox.lever().add_opportunity(NewOpportunity::named("Ada")).expect("a stage");
    (Client::lever(sandbox), format!("/opportunities/{id}/notes"), id)
}

#[test]
fn a_foreign_origin_is_misdirected_and_nobody_is_asked() {
    let mut sandbox = sandbox();
    let request = Request::get("https://evil.example/v1/stages").body(Default::default()).expect("a request");
    assert_eq!(sandbox.handle(request).expect("an answer").status(), 421);
    assert_eq!(sandbox.requests().count(), 0);
}

#[test]
fn bad_statuses_do_nothing_and_pass() {
    for (effect, status, retry_after) in [
        (Effect::Throttled { retry_after: Some(7) }, 429, "7"),
        (Effect::Throttled { retry_after: None }, 429, ""),
        (Effect::Unavailable { retry_after: Some(9) }, 503, "9"),
        (Effect::Unavailable { retry_after: None }, 503, ""),
        (Effect::ServerError, 500, ""),
        (Effect::BadGateway, 502, ""),
        (Effect::HtmlPage, 200, ""),
        (Effect::XmlPage, 200, ""),
    ] {
        let mut sandbox = sandbox();
        let (client, notes, id) = ada(&mut sandbox);
        sandbox.faults().add(Rule::at(Vendor::Lever, effect));
        let spoilt = client.post(&mut sandbox, &notes, json!({"value": "x"}));
        assert_eq!((spoilt.status, spoilt.header("retry-after")), (status, retry_after));
        assert!(sandbox.lever().notes(&id).is_empty());
        assert_eq!(client.post(&mut sandbox, &notes, json!({"value": "x"})).status, 201, "once");
    }
}

#[test]
fn a_slow_answer_comes_late_and_the_work_is_done() {
    let mut sandbox = sandbox();
    let (client, notes, id) = ada(&mut sandbox);
    sandbox.faults().add(Rule::at(Vendor::Lever, Effect::Slow { seconds: 20 }).ending("/notes"));
    let before = sandbox.now();
    assert_eq!(client.post(&mut sandbox, &notes, json!({"value": "x"})).status, 201);
    assert_eq!(sandbox.now().duration_since(before).as_secs(), 20);
    assert_eq!(sandbox.lever().notes(&id).len(), 1);
}

#[test]
fn qualified_asks_to_slow_down_too() {
    let mut sandbox = sandbox();
    let qualified = Client::qualified(&mut sandbox);
    sandbox.faults().add(Rule::at(Vendor::Qualified, Effect::Throttled { retry_after: Some(3) }));
    let throttled = qualified.get(&mut sandbox, "/assessments");
    assert_eq!((throttled.status, throttled.header("retry-after")), (429, "3"));
    assert_eq!(qualified.get(&mut sandbox, "/assessments").status, 200);
}

#[test]
fn a_spoilt_body_hides_what_was_done() {
    for effect in [Effect::Truncated, Effect::EmptyBody] {
        let mut sandbox = sandbox();
        let (client, notes, id) = ada(&mut sandbox);
        sandbox.faults().add(Rule::at(Vendor::Lever, effect));
        let spoilt = client.post(&mut sandbox, &notes, json!({"value": "x"}));
        assert_eq!(spoilt.status, 201);
        assert!(serde_json::from_slice::<serde_json::Value>(&spoilt.body).is_err());
        assert_eq!(sandbox.lever().notes(&id).len(), 1);
    }
}

#[test]
fn the_line_goes_dead_before_or_after_the_work() {
    for applied in [false, true] {
        let mut sandbox = sandbox();
        let (client, notes, id) = ada(&mut sandbox);
        sandbox.faults().add(Rule::at(Vendor::Lever, Effect::NoAnswer { applied }).ending("/notes"));
        let request = client.request(Method::POST, &notes, Some(&json!({"value": "x"})));
        assert_eq!(sandbox.handle(request).expect_err("no answer"), NoAnswer { applied });
        assert_eq!(sandbox.lever().notes(&id).len(), usize::from(applied));
        assert_eq!(sandbox.requests().last().expect("a record").status, None);
    }
}

#[test]
fn rules_choose_by_vendor_method_path_and_number() {
    let mut sandbox = sandbox();
    let (client, notes, _) = ada(&mut sandbox);
    let rule = Rule::anywhere(Effect::ServerError).on(Method::POST).under("/v1/opp").ending("/notes").nth(2).times(2);
    sandbox.faults().add(rule);
    assert_eq!(client.get(&mut sandbox, &notes).status, 200);
    let statuses = [0; 4].map(|_| client.post(&mut sandbox, &notes, json!({"value": "x"})).status);
    assert_eq!(statuses, [201, 500, 500, 201]);
    sandbox.faults().add(Rule::at(Vendor::Qualified, Effect::ServerError).always());
    assert_eq!(client.get(&mut sandbox, &notes).status, 200);
    let qualified = Client::qualified(&mut sandbox);
    assert_eq!([0; 3].map(|_| qualified.get(&mut sandbox, "/assessments").status), [500; 3]);
    sandbox.faults().clear();
    assert_eq!(qualified.get(&mut sandbox, "/assessments").status, 200);
}

#[test]
fn a_move_elsewhere_keeps_path_and_query() {
    let mut sandbox = sandbox();
    let (client, ..) = ada(&mut sandbox);
    sandbox.faults().add(Rule::at(Vendor::Lever, Effect::MovedTo("https://evil.example".into())));
    let moved = client.get(&mut sandbox, "/stages?limit=1");
    assert_eq!((moved.status, moved.header("location")), (301, "https://evil.example/v1/stages?limit=1"));
}

#[test]
fn what_was_asked_is_recorded_without_credentials() {
    let mut sandbox = sandbox();
    let (client, notes, _) = ada(&mut sandbox);
    client.post(&mut sandbox, &notes, json!({"value": "x"}));
    crate::bench::form(
        &mut sandbox,
        "https://auth.lever.co/oauth/token",
        &[("client_id", "app"), ("client_secret", "s3cr3t")],
    );
    let asked: Vec<_> = sandbox.requests().collect();
    assert_eq!((asked[0].vendor, &asked[0].method, asked[0].status), (Vendor::Lever, &Method::POST, Some(201)));
    assert_eq!(asked[0].body, r#"{"value":"x"}"#);
    assert_eq!(asked[0].headers["content-type"], "application/json");
    assert_eq!(asked[0].headers["authorization"], "[secret]");
    let everything = format!("{asked:?}");
    assert!(!everything.contains("s3cr3t") && !everything.contains("Basic"));
}

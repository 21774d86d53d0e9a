//! Lever's other checks: scopes, keys, tenants, the rate limit, the other data centre.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::lever::NewOpportunity;
use serde_json::json;

use crate::bench::{Client, LEVER, basic, sandbox};
use crate::lever_oauth::{bearer, connected};

#[test]
fn scopes_are_checked_per_route_and_write_includes_read() {
    let mut sandbox = sandbox();
    let ada = sandbox.lever().add_opportunity(NewOpportunity::named("Ada")).expect("a stage");
    let reader = bearer(&connected(&mut sandbox, "stages:read:admin"));
    assert_eq!(reader.get(&mut sandbox, &format!("/opportunities/{ada}")).status, 403);
    let writer = bearer(&connected(&mut sandbox, "opportunities:write:admin"));
    assert_eq!(writer.get(&mut sandbox, &format!("/opportunities/{ada}")).status, 200);
    assert_eq!(writer.post(&mut sandbox, &format!("/opportunities/{ada}/notes"), json!({"value": "x"})).status, 403);
    assert_eq!(writer.get(&mut sandbox, "/webhooks").status, 403);
}

#[test]
fn api_keys_come_as_the_basic_user_without_a_password() {
    let mut sandbox = sandbox();
    let key = sandbox.lever().make_api_key();
    for (credentials, status) in [(format!("{key}:"), 200), (format!("{key}:x"), 401), ("wrong:".into(), 401)] {
        let client = Client { base: LEVER, authorization: Some(basic(&credentials)) };
        assert_eq!(client.get(&mut sandbox, "/stages").status, status, "{credentials}");
    }
    let nobody = Client { base: LEVER, authorization: None };
    assert_eq!(nobody.get(&mut sandbox, "/stages").status, 401);
}

#[test]
fn one_account_never_sees_anothers() {
    let mut sandbox = sandbox();
    let ada = sandbox.lever_of("globex").add_opportunity(NewOpportunity::named("Ada")).expect("a stage");
    let acme = Client::lever(&mut sandbox);
    assert_eq!(acme.get(&mut sandbox, &format!("/opportunities/{ada}")).status, 404);
    let globex = Client::lever_of(&mut sandbox, "globex");
    assert_eq!(globex.get(&mut sandbox, &format!("/opportunities/{ada}")).status, 200);
}

#[test]
fn the_rate_limit_is_a_bucket_of_twenty_filled_at_ten_a_second() {
    let mut sandbox = sandbox();
    sandbox.lever().set_rate_limit(true, None);
    let client = Client::lever(&mut sandbox);
    let passed = |sandbox: &mut Sandbox| {
        let answers = (0..30).map(|_| client.get(sandbox, "/stages"));
        answers.filter(|answer| answer.status == 200 || answer.header("retry-after") == "2").count()
    };
    assert_eq!(passed(&mut sandbox), 20);
    sandbox.advance(SignedDuration::from_millis(500));
    assert_eq!(passed(&mut sandbox), 5);
    sandbox.lever().set_rate_limit(true, Some(2));
    assert_eq!(passed(&mut sandbox), 30, "20 answered, 10 told when to come back");
}

#[test]
fn european_accounts_are_redirected_with_path_and_query() {
    let mut sandbox = sandbox();
    sandbox.lever().set_european(true);
    let client = Client::lever(&mut sandbox);
    let moved = client.get(&mut sandbox, "/stages?limit=1");
    assert_eq!(moved.status, 301);
    assert_eq!(moved.header("location"), "https://api.eu.lever.co/v1/stages?limit=1");
    let europe = Client { base: "https://api.eu.lever.co/v1", ..client };
    let answer = europe.get(&mut sandbox, "/stages?limit=1");
    assert_eq!((answer.status, answer.header("x-lever-region")), (200, "eu"));
}

#[test]
fn unknown_paths_and_objects_are_resource_not_found() {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    assert_eq!(client.get(&mut sandbox, "/candidates").json()["code"], "ResourceNotFound");
    let missing = client.get(&mut sandbox, "/opportunities/00000000-0000-4000-8000-00000000dead");
    assert_eq!(missing.status, 404);
    assert_eq!(missing.json()["message"], "opportunities 00000000-0000-4000-8000-00000000dead was not found",);
}

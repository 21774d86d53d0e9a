//! Lever's front doors: consent, tokens, scopes, keys, the rate limit, the other data centre.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::lever::{NewOpportunity, Rotation};
use serde_json::{Value, json};

use crate::bench::{Answer, CALLBACK, Client, LEVER, app, basic, encoded, form, sandbox};

const TOKEN: &str = "https://auth.lever.co/oauth/token";

fn authorize_url(scope: &str, audience: &str, redirect_uri: &str) -> String {
    format!(
        "https://auth.lever.co/authorize?client_id=app&response_type=code&state=st%2Fate&redirect_uri={}&scope={}&audience={}",
        encoded(redirect_uri),
        encoded(scope),
        encoded(audience),
    )
}

fn code(sandbox: &mut Sandbox, scope: &str) -> String {
    let url = authorize_url(scope, "https://api.lever.co/v1/", CALLBACK);
    let callback = sandbox.lever().consent(&url).expect("consent");
    let callback = url::Url::parse(&callback).expect("a URL");
    let mut pairs = callback.query_pairs();
    let code = pairs
        .find(|(name, _)| name == "code")
        .expect("a code")
        .1
        .into_owned();
    assert_eq!(
        pairs.find(|(name, _)| name == "state").expect("a state").1,
        "st/ate"
    );
    code
}

fn exchange(sandbox: &mut Sandbox, code: &str) -> Answer {
    let pairs = [
        ("grant_type", "authorization_code"),
        ("client_id", "app"),
        ("client_secret", "s3cr3t"),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ];
    form(sandbox, TOKEN, &pairs)
}

fn refresh(sandbox: &mut Sandbox, token: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("client_id", "app"),
        ("client_secret", "s3cr3t"),
        ("refresh_token", token.as_str().expect("a token")),
    ];
    form(sandbox, TOKEN, &pairs)
}

fn bearer(grant: &Value) -> Client {
    let token = grant["access_token"].as_str().expect("a token");
    Client {
        base: LEVER,
        authorization: Some(format!("Bearer {token}")),
    }
}

fn connected(sandbox: &mut Sandbox, scope: &str) -> Value {
    let code = code(sandbox, scope);
    let grant = exchange(sandbox, &code);
    assert_eq!(grant.status, 200);
    grant.json()
}

#[test]
fn consent_code_token_call() {
    let mut sandbox = sandbox();
    let grant = connected(&mut sandbox, "offline_access stages:read:admin");
    assert_eq!(grant["token_type"], "Bearer");
    assert_eq!(grant["expires_in"], 3600);
    assert_eq!(grant["scope"], "offline_access stages:read:admin");
    assert_eq!(bearer(&grant).get(&mut sandbox, "/stages").status, 200);
}

#[test]
fn a_code_works_once_for_its_redirect_uri_and_not_for_long() {
    let mut sandbox = sandbox();
    let first = code(&mut sandbox, "stages:read:admin");
    assert_eq!(exchange(&mut sandbox, &first).status, 200);
    let again = exchange(&mut sandbox, &first);
    assert_eq!(
        (again.status, again.json()["error"].clone()),
        (403, json!("invalid_grant"))
    );
    let late = code(&mut sandbox, "stages:read:admin");
    sandbox.advance(SignedDuration::from_mins(11));
    assert_eq!(exchange(&mut sandbox, &late).status, 403);
}

#[test]
fn a_wrong_client_secret_is_access_denied() {
    let mut sandbox = sandbox();
    let answer = form(
        &mut sandbox,
        TOKEN,
        &[("client_id", "app"), ("client_secret", "api key")],
    );
    assert_eq!(
        (answer.status, answer.json()["error"].clone()),
        (401, json!("access_denied"))
    );
}

#[test]
fn the_redirect_uri_and_the_scopes_must_be_registered() {
    let mut sandbox = sandbox();
    let audience = "https://api.lever.co/v1/";
    let elsewhere = authorize_url(
        "stages:read:admin",
        audience,
        "https://evil.example/callback",
    );
    let refused = sandbox
        .lever()
        .consent(&elsewhere)
        .expect_err("another redirect URI");
    assert_eq!(refused.to_string(), "Callback URL mismatch");
    let greedy = authorize_url("candidates:write:admin", audience, CALLBACK);
    assert!(sandbox.lever().consent(&greedy).is_err());
}

#[test]
fn without_the_exact_audience_only_offline_access_is_granted() {
    let mut sandbox = sandbox();
    for audience in ["", "https://api.lever.co/v1"] {
        let url = authorize_url("offline_access stages:read:admin", audience, CALLBACK);
        let callback = sandbox.lever().consent(&url).expect("consent");
        let code = callback
            .split_once("code=")
            .expect("a code")
            .1
            .split('&')
            .next()
            .expect("a code")
            .to_owned();
        let grant = exchange(&mut sandbox, &code).json();
        assert_eq!(grant["scope"], "offline_access");
        assert_eq!(bearer(&grant).get(&mut sandbox, "/stages").status, 403);
    }
}

#[test]
fn refusing_comes_back_with_an_error_and_the_state() {
    let mut sandbox = sandbox();
    let url = authorize_url("stages:read:admin", "https://api.lever.co/v1/", CALLBACK);
    let callback = sandbox.lever().refuse(&url).expect("a callback");
    assert!(
        callback.contains("error=access_denied") && callback.contains("state=st%2Fate"),
        "{callback}"
    );
}

#[test]
fn the_consent_page_lists_what_is_asked_and_decides_for_the_chosen_account() {
    let mut sandbox = sandbox();
    let url = authorize_url("stages:read:admin", "https://api.lever.co/v1/", CALLBACK);
    let page = http::Request::get(&url)
        .body(bytes::Bytes::new())
        .expect("a request");
    let page = crate::bench::send(&mut sandbox, page);
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(html.contains("stages:read:admin") && html.contains("nothing here is real"));
    let accepted = form(
        &mut sandbox,
        &url,
        &[("account", "acme"), ("decision", "accept")],
    );
    assert_eq!(accepted.status, 303);
    assert!(accepted.header("location").starts_with(CALLBACK));
    let unknown = form(
        &mut sandbox,
        &url,
        &[("account", "nobody"), ("decision", "accept")],
    );
    assert_eq!(unknown.status, 403);
}

#[test]
fn access_tokens_die_after_an_hour() {
    let mut sandbox = sandbox();
    let grant = connected(&mut sandbox, "offline_access stages:read:admin");
    sandbox.advance(SignedDuration::from_secs(3599));
    assert_eq!(bearer(&grant).get(&mut sandbox, "/stages").status, 200);
    sandbox.advance(SignedDuration::from_secs(1));
    let expired = bearer(&grant).get(&mut sandbox, "/stages");
    assert_eq!(expired.status, 401);
    assert!(expired.json()["code"].is_string());
    let fresh = refresh(&mut sandbox, &grant["refresh_token"]).json();
    assert_ne!(fresh["refresh_token"], grant["refresh_token"]);
    assert_eq!(bearer(&fresh).get(&mut sandbox, "/stages").status, 200);
}

#[test]
fn without_offline_access_there_is_no_refresh_token() {
    let grant = connected(&mut sandbox(), "stages:read:admin");
    assert!(grant.get("refresh_token").is_none());
}

#[test]
fn a_used_refresh_token_may_live_die_or_take_all_with_it() {
    for (rotation, reuse, heir) in [
        (Rotation::OldStaysValid, 200, 200),
        (Rotation::OldDies, 403, 200),
        (Rotation::ReuseKillsFamily, 403, 403),
    ] {
        let mut sandbox = sandbox();
        sandbox.register_lever_app(app(rotation));
        let grant = connected(&mut sandbox, "offline_access stages:read:admin");
        let second = refresh(&mut sandbox, &grant["refresh_token"]).json();
        assert_eq!(
            refresh(&mut sandbox, &grant["refresh_token"]).status,
            reuse,
            "{rotation:?}"
        );
        assert_eq!(
            refresh(&mut sandbox, &second["refresh_token"]).status,
            heir,
            "{rotation:?}"
        );
    }
}

#[test]
fn refresh_tokens_die_of_90_idle_days_and_of_a_year() {
    let mut sandbox = sandbox();
    let mut grant = connected(&mut sandbox, "offline_access stages:read:admin");
    for _ in 0..4 {
        sandbox.advance(SignedDuration::from_hours(89 * 24));
        let next = refresh(&mut sandbox, &grant["refresh_token"]);
        assert_eq!(next.status, 200);
        grant = next.json();
    }
    sandbox.advance(SignedDuration::from_hours(10 * 24));
    assert_eq!(
        refresh(&mut sandbox, &grant["refresh_token"]).json()["error"],
        "invalid_grant",
        "a year"
    );

    let grant = connected(&mut sandbox, "offline_access stages:read:admin");
    sandbox.advance(SignedDuration::from_hours(90 * 24));
    assert_eq!(
        refresh(&mut sandbox, &grant["refresh_token"]).json()["error"],
        "invalid_grant",
        "idle"
    );
}

#[test]
fn revoking_the_app_kills_access_and_refresh_tokens() {
    let mut sandbox = sandbox();
    let grant = connected(&mut sandbox, "offline_access stages:read:admin");
    sandbox.lever().revoke_app();
    assert_eq!(bearer(&grant).get(&mut sandbox, "/stages").status, 401);
    assert_eq!(
        refresh(&mut sandbox, &grant["refresh_token"]).json()["error"],
        "invalid_grant"
    );
}

#[test]
fn scopes_are_checked_per_route_and_write_includes_read() {
    let mut sandbox = sandbox();
    let ada = sandbox
        .lever()
        .add_opportunity(NewOpportunity::named("Ada"))
        .expect("a stage");
    let reader = bearer(&connected(&mut sandbox, "stages:read:admin"));
    assert_eq!(
        reader
            .get(&mut sandbox, &format!("/opportunities/{ada}"))
            .status,
        403
    );
    let writer = bearer(&connected(&mut sandbox, "opportunities:write:admin"));
    assert_eq!(
        writer
            .get(&mut sandbox, &format!("/opportunities/{ada}"))
            .status,
        200
    );
    assert_eq!(
        writer
            .post(
                &mut sandbox,
                &format!("/opportunities/{ada}/notes"),
                json!({"value": "x"})
            )
            .status,
        403
    );
    assert_eq!(writer.get(&mut sandbox, "/webhooks").status, 403);
}

#[test]
fn api_keys_come_as_the_basic_user_without_a_password() {
    let mut sandbox = sandbox();
    let key = sandbox.lever().make_api_key();
    for (credentials, status) in [
        (format!("{key}:"), 200),
        (format!("{key}:x"), 401),
        ("wrong:".into(), 401),
    ] {
        let client = Client {
            base: LEVER,
            authorization: Some(basic(&credentials)),
        };
        assert_eq!(
            client.get(&mut sandbox, "/stages").status,
            status,
            "{credentials}"
        );
    }
    let nobody = Client {
        base: LEVER,
        authorization: None,
    };
    assert_eq!(nobody.get(&mut sandbox, "/stages").status, 401);
}

#[test]
fn one_account_never_sees_anothers() {
    let mut sandbox = sandbox();
    let ada = sandbox
        .lever_of("globex")
        .add_opportunity(NewOpportunity::named("Ada"))
        .expect("a stage");
    let acme = Client::lever(&mut sandbox);
    assert_eq!(
        acme.get(&mut sandbox, &format!("/opportunities/{ada}"))
            .status,
        404
    );
    let globex = Client::lever_of(&mut sandbox, "globex");
    assert_eq!(
        globex
            .get(&mut sandbox, &format!("/opportunities/{ada}"))
            .status,
        200
    );
}

#[test]
fn the_rate_limit_is_a_bucket_of_twenty_filled_at_ten_a_second() {
    let mut sandbox = sandbox();
    sandbox.lever().set_rate_limit(true, None);
    let client = Client::lever(&mut sandbox);
    let passed = |sandbox: &mut Sandbox| {
        let answers = (0..30).map(|_| client.get(sandbox, "/stages"));
        answers
            .filter(|answer| answer.status == 200 || answer.header("retry-after") == "2")
            .count()
    };
    assert_eq!(passed(&mut sandbox), 20);
    sandbox.advance(SignedDuration::from_millis(500));
    assert_eq!(passed(&mut sandbox), 5);
    sandbox.lever().set_rate_limit(true, Some(2));
    assert_eq!(
        passed(&mut sandbox),
        30,
        "20 answered, 10 told when to come back"
    );
}

#[test]
fn european_accounts_are_redirected_with_path_and_query() {
    let mut sandbox = sandbox();
    sandbox.lever().set_european(true);
    let client = Client::lever(&mut sandbox);
    let moved = client.get(&mut sandbox, "/stages?limit=1");
    assert_eq!(moved.status, 301);
    assert_eq!(
        moved.header("location"),
        "https://api.eu.lever.co/v1/stages?limit=1"
    );
    let europe = Client {
        base: "https://api.eu.lever.co/v1",
        ..client
    };
    let answer = europe.get(&mut sandbox, "/stages?limit=1");
    assert_eq!(
        (answer.status, answer.header("x-lever-region")),
        (200, "eu")
    );
}

#[test]
fn unknown_paths_and_objects_are_resource_not_found() {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    assert_eq!(
        client.get(&mut sandbox, "/candidates").json()["code"],
        "ResourceNotFound"
    );
    let missing = client.get(
        &mut sandbox,
        "/opportunities/00000000-0000-4000-8000-00000000dead",
    );
    assert_eq!(missing.status, 404);
    assert_eq!(
        missing.json()["message"],
        "opportunities 00000000-0000-4000-8000-00000000dead was not found",
    );
}

//! Lever's OAuth: consent, codes, tokens, and what becomes of used ones.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::lever::Rotation;
use serde_json::{Value, json};

use crate::bench::{Answer, CALLBACK, Client, LEVER, app, encoded, form, sandbox};

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
    let code = pairs.find(|(name, _)| name == "code").expect("a code").1.into_owned();
    assert_eq!(pairs.find(|(name, _)| name == "state").expect("a state").1, "st/ate");
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

pub(crate) fn bearer(grant: &Value) -> Client {
    let token = grant["access_token"].as_str().expect("a token");
    Client { base: LEVER, authorization: Some(format!("Bearer {token}")) }
}

pub(crate) fn connected(sandbox: &mut Sandbox, scope: &str) -> Value {
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
    assert_eq!((again.status, again.json()["error"].clone()), (403, json!("invalid_grant")));
    let late = code(&mut sandbox, "stages:read:admin");
    sandbox.advance(SignedDuration::from_mins(11));
    assert_eq!(exchange(&mut sandbox, &late).status, 403);
}

#[test]
fn a_code_is_good_for_its_own_redirect_uri_alone() {
    let mut sandbox = sandbox();
    for elsewhere in ["https://evil.example/callback", "https://ats.example.com/lever/callback/", ""] {
        let code = code(&mut sandbox, "stages:read:admin");
        let pairs = [
            ("grant_type", "authorization_code"),
            ("client_id", "app"),
            ("client_secret", "s3cr3t"),
            ("code", &code),
            ("redirect_uri", elsewhere),
        ];
        let answer = form(&mut sandbox, TOKEN, &pairs);
        assert_eq!((answer.status, answer.json()["error"].clone()), (403, json!("invalid_grant")), "{elsewhere:?}");
    }
}

#[test]
fn a_wrong_client_secret_is_access_denied() {
    let mut sandbox = sandbox();
    let answer = form(&mut sandbox, TOKEN, &[("client_id", "app"), ("client_secret", "api key")]);
    assert_eq!((answer.status, answer.json()["error"].clone()), (401, json!("access_denied")));
}

#[test]
fn the_redirect_uri_and_the_scopes_must_be_registered() {
    let mut sandbox = sandbox();
    let audience = "https://api.lever.co/v1/";
    let elsewhere = authorize_url("stages:read:admin", audience, "https://evil.example/callback");
    let refused = sandbox.lever().consent(&elsewhere).expect_err("another redirect URI");
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
        let code = callback.split_once("code=").expect("a code").1.split('&').next().expect("a code").to_owned();
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
    assert!(callback.contains("error=access_denied") && callback.contains("state=st%2Fate"), "{callback}");
}

#[test]
fn the_consent_page_lists_what_is_asked_and_decides_for_the_chosen_account() {
    let mut sandbox = sandbox();
    let url = authorize_url("stages:read:admin", "https://api.lever.co/v1/", CALLBACK);
    let page = http::Request::get(&url).body(bytes::Bytes::new()).expect("a request");
    let page = crate::bench::send(&mut sandbox, page);
    let html = String::from_utf8_lossy(&page.body).into_owned();
    assert!(html.contains("stages:read:admin") && html.contains("nothing here is real"));
    let accepted = form(&mut sandbox, &url, &[("account", "acme"), ("decision", "accept")]);
    assert_eq!(accepted.status, 303);
    assert!(accepted.header("location").starts_with(CALLBACK));
    let unknown = form(&mut sandbox, &url, &[("account", "nobody"), ("decision", "accept")]);
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
    for (rotation, reuse, heir) in
        [(Rotation::OldStaysValid, 200, 200), (Rotation::OldDies, 403, 200), (Rotation::ReuseKillsFamily, 403, 403)]
    {
        let mut sandbox = sandbox();
        sandbox.register_lever_app(app(rotation));
        let grant = connected(&mut sandbox, "offline_access stages:read:admin");
        let second = refresh(&mut sandbox, &grant["refresh_token"]).json();
        assert_eq!(refresh(&mut sandbox, &grant["refresh_token"]).status, reuse, "{rotation:?}");
        assert_eq!(refresh(&mut sandbox, &second["refresh_token"]).status, heir, "{rotation:?}");
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
    assert_eq!(refresh(&mut sandbox, &grant["refresh_token"]).json()["error"], "invalid_grant", "a year");

    let grant = connected(&mut sandbox, "offline_access stages:read:admin");
    sandbox.advance(SignedDuration::from_hours(90 * 24));
    assert_eq!(refresh(&mut sandbox, &grant["refresh_token"]).json()["error"], "invalid_grant", "idle");
}

#[test]
fn revoking_the_app_kills_access_and_refresh_tokens() {
    let mut sandbox = sandbox();
    let grant = connected(&mut sandbox, "offline_access stages:read:admin");
    sandbox.lever().revoke_app();
    assert_eq!(bearer(&grant).get(&mut sandbox, "/stages").status, 401);
    assert_eq!(refresh(&mut sandbox, &grant["refresh_token"]).json()["error"], "invalid_grant");
}

//! OAuth, at both vendors.

use bytes::Bytes;
use http::Response;
use jiff::SignedDuration;
use qualified_ats::{
    domain::ids::Company,
    vendor::{
        Call, CallError, bamboohr, lever,
        oauth::{ExchangeCode, Outcome, Provider, Refresh, authorize_url},
    },
};

use super::{json, read, secret, shown, url};

fn lever() -> Provider {
    lever::provider(&url("https://auth.lever.co"), &url("https://api.lever.co"), "client", &secret())
}

fn bamboohr() -> Provider {
    let company = Company::new("acme").expect("a company");
    let site = bamboohr::Site::company("https://", &company, ".bamboohr.com").expect("a site");
    bamboohr::provider(&site, "client", &secret())
}

/// One parameter a line, as in the address bar.
fn split(url: impl Into<String>) -> String {
    url.into().replace(['?', '&'], "\n  ")
}

#[test]
fn the_browser_is_sent_to_the_vendor() {
    let lever = authorize_url(&lever(), "https://ats.example.com/lever/callback", "st&te");
    insta::assert_snapshot!(split(lever), @"
    https://auth.lever.co/authorize
      response_type=code
      client_id=client
      redirect_uri=https%3A%2F%2Fats.example.com%2Flever%2Fcallback
      state=st%26te
      scope=offline_access+opportunities%3Awrite%3Aadmin+notes%3Awrite%3Aadmin+stages%3Aread%3Aadmin+webhooks%3Awrite%3Aadmin+postings%3Aread%3Aadmin+applications%3Aread%3Aadmin+users%3Aread%3Aadmin
      audience=https%3A%2F%2Fapi.lever.co%2Fv1%2F
      prompt=consent
    ");
    let bamboohr = authorize_url(&bamboohr(), "https://ats.example.com/bamboohr/callback", "state");
    insta::assert_snapshot!(split(bamboohr), @"
    https://acme.bamboohr.com/authorize.php
      request=authorize
      response_type=code
      client_id=client
      redirect_uri=https%3A%2F%2Fats.example.com%2Fbamboohr%2Fcallback
      state=state
      scope=offline_access+hiring%3Aapplications+hiring%3Aapplications.write+hiring%3Ajob_openings+hiring%3Asettings
    ");
}

#[test]
fn codes_and_refresh_tokens_go_out_as_forms() {
    let redirect_uri = "https://ats.example.com/lever/callback".to_owned();
    let exchange = ExchangeCode { code: secret(), redirect_uri };
    insta::assert_snapshot!(split(shown(&exchange.request(&lever()))), @"
    POST https://auth.lever.co/oauth/token
    content-type: application/x-www-form-urlencoded
    client_id=client
      client_secret=[secret]
      grant_type=authorization_code
      code=[secret]
      redirect_uri=https%3A%2F%2Fats.example.com%2Flever%2Fcallback
    ");
    insta::assert_snapshot!(split(shown(&Refresh { token: secret() }.request(&bamboohr()))), @"
    POST https://acme.bamboohr.com/token.php
      request=token
    content-type: application/x-www-form-urlencoded
    client_id=client
      client_secret=[secret]
      grant_type=refresh_token
      refresh_token=[secret]
    ");
}

#[test]
fn tokens_are_read() {
    let call = Refresh { token: secret() };
    let full = r#"{"access_token":"a","refresh_token":"r","token_type":"Bearer","scope":"x y","expires_in":3600}"#;
    let Ok(Outcome::Tokens(tokens)) = read(&call, full) else { panic!("no tokens") };
    assert!(tokens.access.matches("a") && tokens.refresh.is_some_and(|token| token.matches("r")));
    assert_eq!((tokens.expires_in, tokens.scope.as_deref()), (SignedDuration::from_hours(1), Some("x y")));

    let Ok(Outcome::Tokens(tokens)) = read(&call, r#"{"access_token":"a"}"#) else { panic!("no tokens") };
    assert!(tokens.refresh.is_none() && tokens.scope.is_none());
    assert!(matches!(read(&call, r#"{"access_token":""}"#), Err(CallError::Malformed(_))));
}

#[test]
fn the_error_text_decides_whatever_the_status() {
    let call = Refresh { token: secret() };
    for status in [400, 401, 403] {
        let lost = r#"{"error":"invalid_grant","error_description":"Unknown or invalid refresh token."}"#;
        assert!(matches!(call.read(&json(status, lost)), Ok(Outcome::GrantLost)));
        for error in ["access_denied", "invalid_client", "unauthorized_client"] {
            let Err(CallError::Refused(why)) = call.read(&json(status, &format!(r#"{{"error":"{error}"}}"#))) else {
                panic!("{status} {error}")
            };
            assert_eq!(why, "the OAuth client id or secret is not accepted: check the two settings");
        }
    }
    let invalid = r#"{"error":"invalid_request","error_description":"Missing code"}"#;
    assert_eq!(call.read(&json(400, invalid)).err(), Some(CallError::Refused("400: Missing code".to_owned())));
    assert!(matches!(call.read(&json(503, "")), Err(CallError::Unavailable(_))));
    assert!(matches!(call.read(&json(429, "{}")), Err(CallError::Throttled { after: None })));
    let page = Response::builder().status(401).body(Bytes::from_static(b"<html>")).expect("a response");
    assert!(matches!(call.read(&page), Err(CallError::Refused(_))));
}

//! BambooHR's front doors: two addresses, keys of users, OAuth.

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::bamboohr::App;
use serde_json::{Value, json};

use crate::bamboohr::{APPLICATIONS, COMPANY, GATEWAY, ines, json_of, refused};
use crate::bench::{Answer, Client, basic, encoded, form, sandbox, send};

#[test]
fn both_forms_of_the_address_lead_to_the_company() {
    let (mut sandbox, company, ..) = ines();
    let gateway = Client { base: GATEWAY, ..company.clone() };
    let path = "/applicant_tracking/statuses";
    assert_eq!(json_of(&mut sandbox, &company, path), json_of(&mut sandbox, &gateway, path));
    let other = Client { base: "https://globex.bamboohr.com/api/v1", ..company.clone() };
    refused(&other.get(&mut sandbox, path), 404, "Not found");
    sandbox.bamboohr_of("globex");
    refused(&other.get(&mut sandbox, path), 401, "Unauthorized");
}

#[test]
fn keys_count_passwords_do_not_and_only_the_unknown_are_challenged() {
    let mut sandbox = sandbox();
    let key = sandbox.bamboohr().make_api_key();
    let path = "/applicant_tracking/statuses";
    for password in ["x", "", "anything"] {
        let client = Client { base: COMPANY, authorization: Some(basic(&format!("{key}:{password}"))) };
        assert_eq!(client.get(&mut sandbox, path).status, 200);
    }
    let nobody = Client { base: COMPANY, authorization: None }.get(&mut sandbox, path);
    refused(&nobody, 401, "Unauthorized");
    assert!(nobody.header("www-authenticate").starts_with("Basic realm="));
    let wrong = Client { base: COMPANY, authorization: Some(basic("wrong:x")) }.get(&mut sandbox, path);
    refused(&wrong, 401, "Unauthorized");
    assert_eq!(wrong.header("www-authenticate"), "");
    sandbox.bamboohr().revoke_api_key(&key).expect("a key");
    let revoked = Client { base: COMPANY, authorization: Some(basic(&format!("{key}:x"))) };
    assert_eq!(revoked.get(&mut sandbox, path).status, 401);
}

#[test]
fn a_key_leads_to_its_users_employee_if_there_is_one() {
    let (mut sandbox, client, ..) = ines();
    let path = "/employees/0?fields=firstName,lastName";
    refused(&client.get(&mut sandbox, path), 404, "Not found");
    let key = sandbox.bamboohr().make_recruiters_api_key();
    let recruiter = Client { base: COMPANY, authorization: Some(basic(&format!("{key}:x"))) };
    let mara = json!({"id": "7", "firstName": "Mara", "lastName": "Quist"});
    assert_eq!(json_of(&mut sandbox, &recruiter, path), mara);
}

#[test]
fn a_user_without_access_is_forbidden_everything() {
    let (mut sandbox, client, ..) = ines();
    let key = sandbox.bamboohr().make_powerless_api_key();
    let visitor = Client { base: COMPANY, authorization: Some(basic(&format!("{key}:x"))) };
    refused(&visitor.get(&mut sandbox, APPLICATIONS), 403, "Forbidden");
    sandbox.bamboohr().set_ats_access(false);
    assert_eq!(client.get(&mut sandbox, APPLICATIONS).status, 403);
    sandbox.bamboohr().set_ats_access(true);
    sandbox.bamboohr().settings().api = false;
    assert_eq!(client.get(&mut sandbox, APPLICATIONS).status, 403);
}

const CALLBACK: &str = "https://ats.example.com/bamboohr/callback";
const TOKEN: &str = "https://acme.bamboohr.com/token.php?request=token";

fn grant(sandbox: &mut Sandbox, scope: &str) -> Value {
    let scopes = "offline_access hiring:applications hiring:applications.write hiring:job_openings";
    sandbox.register_bamboohr_app(App {
        client_id: "app".into(),
        client_secret: "s3cr3t".into(),
        redirect_uris: vec![CALLBACK.into()],
        scopes: scopes.split(' ').map(str::to_owned).collect(),
    });
    let url = format!(
        "https://acme.bamboohr.com/authorize.php?request=authorize&state=s&response_type=code&scope={}&client_id=app&redirect_uri={}",
        encoded(scope),
        encoded(CALLBACK),
    );
    let page = send(sandbox, Request::get(&url).body(Bytes::new()).expect("a request"));
    assert_eq!(page.status, 200);
    let callback = sandbox.bamboohr().consent(&url).expect("consent");
    assert!(sandbox.bamboohr().refuse(&url).expect("a callback").contains("error=access_denied"));
    let code = callback.split("code=").nth(1).and_then(|rest| rest.split('&').next()).expect("a code");
    let pairs = [("grant_type", "authorization_code"), ("code", code), ("redirect_uri", CALLBACK)];
    let grant = exchange(sandbox, &pairs);
    assert_eq!(grant.status, 200);
    assert_eq!(exchange(sandbox, &pairs).json()["error"], "invalid_grant", "a code works once");
    grant.json()
}

fn exchange(sandbox: &mut Sandbox, pairs: &[(&str, &str)]) -> Answer {
    let credentials = [("client_id", "app"), ("client_secret", "s3cr3t")];
    form(sandbox, TOKEN, &[&credentials[..], pairs].concat())
}

#[test]
fn oauth_tokens_expire_are_scoped_and_refresh_with_or_without_rotation() {
    let (mut sandbox, ..) = ines();
    let first = grant(&mut sandbox, "offline_access hiring:applications");
    assert_eq!((&first["companyDomain"], &first["expires_in"]), (&json!("acme"), &json!(3600)));
    let bearer = |grant: &Value| Client {
        base: COMPANY,
        authorization: Some(format!("Bearer {}", grant["access_token"].as_str().expect("a token"))),
    };
    assert_eq!(bearer(&first).get(&mut sandbox, APPLICATIONS).status, 200);
    assert_eq!(bearer(&first).get(&mut sandbox, "/applicant_tracking/jobs").status, 403);
    sandbox.advance(SignedDuration::from_hours(1));
    assert_eq!(bearer(&first).get(&mut sandbox, APPLICATIONS).status, 401);

    let refresh = first["refresh_token"].as_str().expect("a token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let second = exchange(&mut sandbox, &pairs).json();
    assert!(second.get("refresh_token").is_none(), "keep the old one");
    assert_eq!(bearer(&second).get(&mut sandbox, APPLICATIONS).status, 200);
    sandbox.bamboohr().settings().rotate_refresh_tokens = true;
    assert!(exchange(&mut sandbox, &pairs).json()["refresh_token"].is_string());
    assert_eq!(exchange(&mut sandbox, &pairs).json()["error"], "invalid_grant");
    sandbox.bamboohr().revoke_apps();
    assert_eq!(bearer(&second).get(&mut sandbox, APPLICATIONS).status, 401);
}

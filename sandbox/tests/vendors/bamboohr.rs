//! BambooHR: polling, defaults that hide rows, writes that are not idempotent, reasons in headers.

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::bamboohr::{App, JobStatus, NewApplication, NextPage};
use serde_json::{Value, json};

use crate::bench::{Answer, Client, basic, encoded, form, sandbox, send};

const COMPANY: &str = "https://acme.bamboohr.com/api/v1";
const GATEWAY: &str = "https://api.bamboohr.com/api/gateway.php/acme/v1";
const APPLICATIONS: &str = "/applicant_tracking/applications";

fn client(sandbox: &mut Sandbox) -> Client {
    let key = sandbox.bamboohr().make_api_key();
    assert_eq!(key.len(), 40);
    Client {
        base: COMPANY,
        authorization: Some(basic(&format!("{key}:x"))),
    }
}

/// A sandbox, a client, an open job and an application for it.
fn ines() -> (Sandbox, Client, i64, i64) {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let job = sandbox
        .bamboohr()
        .add_job("Backend Engineer (Rust)", JobStatus::Open);
    let ines = NewApplication::named("Ines", "Okoro", job).source("12");
    let ines = sandbox.bamboohr().add_application(ines).expect("a job");
    (sandbox, client, job, ines)
}

fn json_of(sandbox: &mut Sandbox, client: &Client, path: &str) -> Value {
    let answer = client.get(sandbox, path);
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, "application/json")
    );
    assert_eq!(answer.header("x-request-id").len(), 32);
    answer.json()
}

fn rows(sandbox: &mut Sandbox, client: &Client, query: &str) -> Vec<i64> {
    let page = json_of(sandbox, client, &format!("{APPLICATIONS}?{query}"));
    let rows = page["applications"].as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_i64().expect("an id")).collect()
}

fn refused(answer: &Answer, status: u16, message: &str) {
    assert_eq!(
        (answer.status, answer.header("x-bamboohr-error-message")),
        (status, message)
    );
    assert_eq!(
        (answer.body.len(), answer.header("content-type")),
        (0, "text/html")
    );
}

#[test]
fn both_forms_of_the_address_lead_to_the_company() {
    let (mut sandbox, company, ..) = ines();
    let gateway = Client {
        base: GATEWAY,
        ..company.clone()
    };
    let path = "/applicant_tracking/statuses";
    assert_eq!(
        json_of(&mut sandbox, &company, path),
        json_of(&mut sandbox, &gateway, path)
    );
    let other = Client {
        base: "https://globex.bamboohr.com/api/v1",
        ..company.clone()
    };
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
        let client = Client {
            base: COMPANY,
            authorization: Some(basic(&format!("{key}:{password}"))),
        };
        assert_eq!(client.get(&mut sandbox, path).status, 200);
    }
    let nobody = Client {
        base: COMPANY,
        authorization: None,
    }
    .get(&mut sandbox, path);
    refused(&nobody, 401, "Unauthorized");
    assert!(
        nobody
            .header("www-authenticate")
            .starts_with("Basic realm=")
    );
    let wrong = Client {
        base: COMPANY,
        authorization: Some(basic("wrong:x")),
    }
    .get(&mut sandbox, path);
    refused(&wrong, 401, "Unauthorized");
    assert_eq!(wrong.header("www-authenticate"), "");
    sandbox.bamboohr().revoke_api_key(&key).expect("a key");
    let revoked = Client {
        base: COMPANY,
        authorization: Some(basic(&format!("{key}:x"))),
    };
    assert_eq!(revoked.get(&mut sandbox, path).status, 401);
}

#[test]
fn a_user_without_access_is_forbidden_everything() {
    let (mut sandbox, client, ..) = ines();
    let key = sandbox.bamboohr().make_powerless_api_key();
    let visitor = Client {
        base: COMPANY,
        authorization: Some(basic(&format!("{key}:x"))),
    };
    refused(&visitor.get(&mut sandbox, APPLICATIONS), 403, "Forbidden");
    sandbox.bamboohr().set_ats_access(false);
    assert_eq!(client.get(&mut sandbox, APPLICATIONS).status, 403);
    sandbox.bamboohr().set_ats_access(true);
    sandbox.bamboohr().settings().api = false;
    assert_eq!(client.get(&mut sandbox, APPLICATIONS).status, 403);
}

#[test]
fn statuses_have_text_ids_and_names_that_may_collide() {
    let (mut sandbox, client, ..) = ines();
    let own = sandbox.bamboohr().add_status("Made an Offer");
    let statuses = json_of(&mut sandbox, &client, "/applicant_tracking/statuses");
    let named: Vec<_> = statuses
        .as_array()
        .expect("a bare array")
        .iter()
        .filter(|own| own["name"] == "Made an Offer")
        .collect();
    assert_eq!(
        (
            &named[0]["id"],
            &named[0]["enabled"],
            &named[0]["manageable"]
        ),
        (&json!("9"), &json!(false), &json!(false))
    );
    assert_eq!(
        (&named[1]["id"], &named[1]["code"], &named[1]["manageable"]),
        (&json!("20"), &Value::Null, &json!(true))
    );
    sandbox
        .bamboohr()
        .rename_status(own, "Offer made")
        .expect("a status");
    sandbox.bamboohr().delete_status(own).expect("a status");
    assert!(sandbox.bamboohr().delete_status(1).is_err());
    let left = json_of(&mut sandbox, &client, "/applicant_tracking/statuses");
    assert_eq!(left.as_array().map(Vec::len), Some(19));
}

#[test]
fn openings_are_a_bare_array_and_change_without_changing() {
    let (mut sandbox, client, open, _) = ines();
    sandbox
        .bamboohr()
        .set_location(open, "Ghent", "East Flanders")
        .expect("a job");
    let draft = sandbox.bamboohr().add_job("Draft", JobStatus::Draft);
    let path = "/applicant_tracking/jobs";
    let jobs = json_of(&mut sandbox, &client, path);
    assert_eq!(
        (&jobs[0]["id"], &jobs[1]["id"]),
        (&json!(draft), &json!(open)),
        "newest first"
    );
    assert_eq!(
        (&jobs[1]["title"], &jobs[1]["location"]["label"]),
        (
            &json!({"id": null, "label": "Backend Engineer (Rust)"}),
            &json!("Ghent, East Flanders")
        )
    );
    assert_eq!(
        (
            &jobs[0]["newApplicantsCount"],
            &jobs[0]["totalApplicantsCount"]
        ),
        (&Value::Null, &json!(0))
    );
    assert_eq!(
        (&jobs[1]["newApplicantsCount"], &jobs[0]["postingUrl"]),
        (&json!(1), &Value::Null)
    );
    assert_eq!(
        jobs[0]["postedDate"], "2026-03-02T03:30:00+00:00",
        "a draft was posted six hours before the question"
    );
    sandbox.advance(SignedDuration::from_mins(1));
    let later = json_of(&mut sandbox, &client, path);
    assert_eq!(later[0]["postedDate"], "2026-03-02T03:31:00+00:00");
    assert_ne!(
        later[1]["hiringLead"]["avatar"],
        jobs[1]["hiringLead"]["avatar"]
    );
}

#[test]
fn openings_are_filtered_by_group_with_case_and_by_ids_in_snake_case() {
    let (mut sandbox, client, ..) = ines();
    for status in [
        JobStatus::Draft,
        JobStatus::OnHold,
        JobStatus::Filled,
        JobStatus::Deleted,
    ] {
        sandbox.bamboohr().add_job(status.label(), status);
    }
    for (query, count) in [
        ("", 4),
        ("statusGroups=ALL", 5),
        ("statusGroups=DRAFT_AND_OPEN", 2),
        ("statusGroups=Open,On%20Hold", 2),
        ("statusGroups=open", 0),
        ("status_ids=1,4", 2),
        ("statusIds=1", 4),
    ] {
        let jobs = json_of(
            &mut sandbox,
            &client,
            &format!("/applicant_tracking/jobs?{query}"),
        );
        assert_eq!(jobs.as_array().map(Vec::len), Some(count), "{query}");
    }
}

#[test]
fn default_filters_hide_inactive_applicants_and_held_jobs() {
    let (mut sandbox, client, job, ines) = ines();
    assert_eq!(rows(&mut sandbox, &client, ""), [ines]);
    sandbox.bamboohr().set_status(ines, 10).expect("Not a Fit");
    assert!(rows(&mut sandbox, &client, "").is_empty());
    assert!(
        rows(&mut sandbox, &client, "applicationStatusId=10").is_empty(),
        "the default stays in force"
    );
    assert_eq!(
        rows(
            &mut sandbox,
            &client,
            "applicationStatusId=3,10&applicationStatus=ALL"
        ),
        [ines]
    );
    assert_eq!(
        rows(&mut sandbox, &client, "applicationStatus=INACTIVE"),
        [ines]
    );
    sandbox
        .bamboohr()
        .set_job_status(job, JobStatus::OnHold)
        .expect("a job");
    assert!(rows(&mut sandbox, &client, "applicationStatus=ALL").is_empty());
    assert_eq!(
        rows(
            &mut sandbox,
            &client,
            "applicationStatus=ALL&jobStatusGroups=ALL"
        ),
        [ines]
    );
    sandbox.bamboohr().settings().status_id_escapes_defaults = true;
    assert_eq!(
        rows(&mut sandbox, &client, "applicationStatusId=10"),
        [ines]
    );
}

#[test]
fn applications_come_in_numbered_pages_whose_link_loses_the_filters() {
    let (mut sandbox, client, job, first) = ines();
    sandbox.bamboohr().settings().page_size = 2;
    sandbox.advance(SignedDuration::from_mins(1));
    let since = encoded("2026-03-02 09:31:00");
    let mut all = vec![first];
    for name in ["Ada", "Ben", "Cyd"] {
        let new = NewApplication::named(name, "Example", job);
        all.push(sandbox.bamboohr().add_application(new).expect("a job"));
    }
    let page = json_of(
        &mut sandbox,
        &client,
        &format!("{APPLICATIONS}?jobId={job}&per_page=9"),
    );
    assert_eq!(
        (
            &page["paginationComplete"],
            page["applications"].as_array().map(Vec::len)
        ),
        (&json!(false), Some(2))
    );
    assert_eq!(
        page["nextPageUrl"],
        format!("{COMPANY}{APPLICATIONS}?page=2")
    );
    for (form, url) in [
        (NextPage::Gateway, format!("{GATEWAY}{APPLICATIONS}?page=2")),
        (NextPage::Hostless, format!("/v1{APPLICATIONS}?page=2")),
    ] {
        sandbox.bamboohr().settings().next_page = form;
        assert_eq!(
            json_of(&mut sandbox, &client, APPLICATIONS)["nextPageUrl"],
            url
        );
    }
    let last = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}?page=2"));
    assert_eq!(
        (&last["paginationComplete"], &last["nextPageUrl"]),
        (&json!(true), &Value::Null)
    );
    let beyond = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}?page=9"));
    assert_eq!(
        (&beyond["applications"], &beyond["paginationComplete"]),
        (&json!([]), &json!(true))
    );
    assert_eq!(
        rows(&mut sandbox, &client, "sortBy=created_date&sortOrder=ASC"),
        all[..2]
    );
    assert_eq!(
        rows(&mut sandbox, &client, ""),
        [all[3], all[2]],
        "newest first"
    );
    assert_eq!(
        rows(
            &mut sandbox,
            &client,
            &format!("newSince={since}&sortBy=created_date")
        ),
        all[1..3]
    );
    assert_eq!(rows(&mut sandbox, &client, "searchString=cyd"), [all[3]]);
}

#[test]
fn a_row_has_a_numeric_status_and_a_detail_tells_who_changed_it() {
    let (mut sandbox, client, _, ines) = ines();
    let page = json_of(&mut sandbox, &client, APPLICATIONS);
    let row = &page["applications"][0];
    assert_eq!(row["status"], json!({"id": 1, "label": "New"}));
    assert_eq!(
        (&row["applicant"]["email"], &row["applicant"]["source"]),
        (&json!("Ines.Okoro@example.net"), &json!("12"))
    );
    assert_ne!(row["applicant"]["id"], row["id"]);
    let detail = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}/{ines}"));
    assert_eq!(
        (
            &detail["status"]["dateChanged"],
            &detail["status"]["changedByUser"]
        ),
        (&detail["appliedDate"], &Value::Null)
    );
    assert_eq!(
        detail["applicant"]["avatar"],
        Value::Null,
        "though the row has one"
    );
    sandbox.advance(SignedDuration::from_mins(1));
    sandbox.bamboohr().set_status(ines, 2).expect("Reviewed");
    let moved = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}/{ines}"));
    assert_eq!(moved["status"]["changedByUser"]["firstName"], "Mara");
    assert_eq!(moved["status"]["dateChanged"], "2026-03-02T09:31:00+00:00");
}

#[test]
fn who_applies_twice_is_two_applicants_and_an_email_may_be_missing() {
    let (mut sandbox, client, job, first) = ines();
    let again = NewApplication::named("Ines", "Okoro", job).email("ines.okoro@EXAMPLE.net");
    let second = sandbox.bamboohr().add_application(again).expect("a job");
    let nobody = NewApplication::named("Noa", "Mail", job).without_email();
    let nobody = sandbox.bamboohr().add_application(nobody).expect("a job");
    let detail =
        |sandbox: &mut Sandbox, id| json_of(sandbox, &client, &format!("{APPLICATIONS}/{id}"));
    let (a, b, c) = (
        detail(&mut sandbox, first),
        detail(&mut sandbox, second),
        detail(&mut sandbox, nobody),
    );
    assert_ne!(a["applicant"]["id"], b["applicant"]["id"]);
    assert_eq!(
        (
            &a["duplicateApplicationCount"],
            &c["duplicateApplicationCount"]
        ),
        (&json!(1), &json!(0))
    );
    assert_eq!(c["applicant"]["email"], Value::Null);
}

#[test]
fn every_status_write_is_a_change_record_even_a_repeated_one() {
    let (mut sandbox, client, _, ines) = ines();
    let sent = sandbox.bamboohr().add_status("Qualified - Send assessment");
    let path = format!("{APPLICATIONS}/{ines}/status");
    let first = client.post(&mut sandbox, &path, json!({"status": sent}));
    assert_eq!(
        (first.status, &first.json()["type"]),
        (200, &json!("positionApplicantStatus"))
    );
    let second = client.post(&mut sandbox, &path, json!({"status": sent}));
    assert!(second.json()["id"].as_i64() > first.json()["id"].as_i64());
    let detail = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}/{ines}"));
    assert_eq!(
        detail["status"]["changedByUser"]["lastName"], "Integration",
        "the key's user"
    );
    assert_eq!(
        rows(
            &mut sandbox,
            &client,
            &format!("applicationStatusId={sent}")
        ),
        [ines]
    );
}

#[test]
fn bad_statuses_are_refused_in_a_header() {
    let (mut sandbox, client, _, ines) = ines();
    let path = format!("{APPLICATIONS}/{ines}/status");
    for body in [
        json!({"status": 999}),
        json!({"status": "2"}),
        json!({}),
        json!([]),
    ] {
        refused(
            &client.post(&mut sandbox, &path, body),
            400,
            "Invalid status",
        );
    }
    let offer = json!({"status": 9});
    refused(
        &client.post(&mut sandbox, &path, offer.clone()),
        400,
        "Invalid status",
    );
    sandbox.bamboohr().settings().disabled_status_accepted = true;
    assert_eq!(client.post(&mut sandbox, &path, offer).status, 200);
    let unknown = format!("{APPLICATIONS}/999999/status");
    refused(
        &client.post(&mut sandbox, &unknown, json!({"status": 2})),
        404,
        "Not found",
    );
}

#[test]
fn comments_can_be_written_and_counted_but_not_read() {
    let (mut sandbox, client, _, ines) = ines();
    let path = format!("{APPLICATIONS}/{ines}/comments");
    let made = client.post(
        &mut sandbox,
        &path,
        json!({"type": "comment", "comment": "Score: 82"}),
    );
    assert_eq!(
        (made.status, &made.json()["type"]),
        (200, &json!("comment"))
    );
    assert_eq!(
        client
            .post(&mut sandbox, &path, json!({"comment": "again"}))
            .status,
        200
    );
    assert_eq!(client.get(&mut sandbox, &path).status, 404);
    refused(
        &client.post(&mut sandbox, &path, json!({"type": "comment"})),
        400,
        "Invalid comment",
    );
    let detail = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}/{ines}"));
    assert_eq!(detail["commentCount"], 2);
    assert_eq!(sandbox.bamboohr().comments(ines)[0].text, "Score: 82");
}

#[test]
fn a_row_may_vanish_between_list_and_look_and_candidates_may_be_made() {
    let (mut sandbox, client, job, ines) = ines();
    sandbox.bamboohr().delete_application(ines).expect("Ines");
    refused(
        &client.get(&mut sandbox, &format!("{APPLICATIONS}/{ines}")),
        404,
        "Not found",
    );
    let body = json!({"firstName": "Ada", "lastName": "L", "jobId": job});
    let made = client
        .post(&mut sandbox, "/applicant_tracking/application", body)
        .json();
    assert_eq!(
        rows(&mut sandbox, &client, ""),
        [made["candidateId"].as_i64().expect("the application's id")]
    );
    let bad = client.post(
        &mut sandbox,
        "/applicant_tracking/application",
        json!({"jobId": job}),
    );
    assert_eq!(bad.status, 422);
    let users = json_of(&mut sandbox, &client, "/meta/users");
    assert_eq!(users["2391"]["lastName"], "Integration");
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
    let page = send(
        sandbox,
        Request::get(&url).body(Bytes::new()).expect("a request"),
    );
    assert_eq!(page.status, 200);
    let callback = sandbox.bamboohr().consent(&url).expect("consent");
    assert!(
        sandbox
            .bamboohr()
            .refuse(&url)
            .expect("a callback")
            .contains("error=access_denied")
    );
    let code = callback
        .split("code=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .expect("a code");
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", CALLBACK),
    ];
    let grant = exchange(sandbox, &pairs);
    assert_eq!(grant.status, 200);
    assert_eq!(
        exchange(sandbox, &pairs).json()["error"],
        "invalid_grant",
        "a code works once"
    );
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
    assert_eq!(
        (&first["companyDomain"], &first["expires_in"]),
        (&json!("acme"), &json!(3600))
    );
    let bearer = |grant: &Value| Client {
        base: COMPANY,
        authorization: Some(format!(
            "Bearer {}",
            grant["access_token"].as_str().expect("a token")
        )),
    };
    assert_eq!(bearer(&first).get(&mut sandbox, APPLICATIONS).status, 200);
    assert_eq!(
        bearer(&first)
            .get(&mut sandbox, "/applicant_tracking/jobs")
            .status,
        403
    );
    sandbox.advance(SignedDuration::from_hours(1));
    assert_eq!(bearer(&first).get(&mut sandbox, APPLICATIONS).status, 401);

    let refresh = first["refresh_token"].as_str().expect("a token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
    let second = exchange(&mut sandbox, &pairs).json();
    assert!(second.get("refresh_token").is_none(), "keep the old one");
    assert_eq!(bearer(&second).get(&mut sandbox, APPLICATIONS).status, 200);
    sandbox.bamboohr().settings().rotate_refresh_tokens = true;
    assert!(exchange(&mut sandbox, &pairs).json()["refresh_token"].is_string());
    assert_eq!(
        exchange(&mut sandbox, &pairs).json()["error"],
        "invalid_grant"
    );
    sandbox.bamboohr().revoke_apps();
    assert_eq!(bearer(&second).get(&mut sandbox, APPLICATIONS).status, 401);
}

//! BambooHR.

use bytes::Bytes;
use http::Response;
use qualified_ats::{
    domain::ids::{ApplicationId, Company, JobId, StatusId},
    vendor::{Call, CallError, Personal, bamboohr::*},
};

use super::{SECRET, read, secret, shown, time, url};

fn company() -> Company {
    Company::new("acme").expect("a company")
}

fn grant() -> Grant {
    let site = Site::company("https://", &company(), ".bamboohr.com").expect("a site");
    Grant { site, credential: Credential::Bearer(secret()) }
}

fn list() -> ListApplications {
    ListApplications { job: Some(JobId(41)), statuses: vec![StatusId(24), StatusId(25)], latest_first: false, page: 1 }
}

#[test]
fn reads_go_out() {
    insta::assert_snapshot!(shown(&ListStatuses.request(&grant())), @"
    GET https://acme.bamboohr.com/api/v1/applicant_tracking/statuses
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&ListJobs.request(&grant())), @"
    GET https://acme.bamboohr.com/api/v1/applicant_tracking/jobs?statusGroups=DRAFT_AND_OPEN
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&list().request(&grant())), @"
    GET https://acme.bamboohr.com/api/v1/applicant_tracking/applications?jobId=41&applicationStatusId=24%2C25&applicationStatus=ALL&jobStatusGroups=ALL&sortBy=created_date&sortOrder=ASC&page=1
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&GetApplication { id: ApplicationId(903) }.request(&grant())), @"
    GET https://acme.bamboohr.com/api/v1/applicant_tracking/applications/903
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&GetOwner.request(&grant())), @"
    GET https://acme.bamboohr.com/api/v1/employees/0?fields=firstName%2ClastName
    authorization: Bearer [secret]
    ");
}

#[test]
fn writes_go_out() {
    let status = SetStatus { application: ApplicationId(903), status: StatusId(25) };
    insta::assert_snapshot!(shown(&status.request(&grant())), @r#"
    POST https://acme.bamboohr.com/api/v1/applicant_tracking/applications/903/status
    authorization: Bearer [secret]
    content-type: application/json
    {"status":25}
    "#);
    let comment = AddComment { application: ApplicationId(903), text: "Score: 82".to_owned() };
    insta::assert_snapshot!(shown(&comment.request(&grant())), @r#"
    POST https://acme.bamboohr.com/api/v1/applicant_tracking/applications/903/comments
    authorization: Bearer [secret]
    content-type: application/json
    {"comment":"Score: 82","type":"comment"}
    "#);
}

#[test]
fn the_gateway_and_an_api_key_work_too() {
    let site = Site::gateway(&url("http://127.0.0.1:3003"), &company());
    let request = ListStatuses.request(&Grant { site, credential: Credential::ApiKey(secret()) });
    assert_eq!(request.uri(), "http://127.0.0.1:3003/api/gateway.php/acme/v1/applicant_tracking/statuses");
    // s3cr3t/+:x
    assert_eq!(request.headers()["authorization"], "Basic czNjcjN0Lys6eA==");
    assert!(!format!("{request:?}").contains(SECRET));
}

#[test]
fn a_domain_cannot_lead_the_key_elsewhere() {
    for good in ["acme", "Acme-2", " acme ", "0", &"a".repeat(63)] {
        assert!(Company::new(good).is_ok(), "{good}");
    }
    for bad in ["", "-a", "a.b", "a/b", "evil.com#", "a@b", "a b", "é", "a:b", &"a".repeat(64)] {
        assert!(Company::new(bad).is_err(), "{bad}");
    }
    assert_eq!(Company::new("ACME").expect("a company").as_str(), "acme");
    assert_eq!(Site::company("https://x.", &company(), ".bamboohr.com"), None);
    assert_eq!(Site::company("https://", &company(), "bamboohr.com"), None);
}

#[test]
fn status_ids_are_texts_here_and_integers_there() {
    let body = r#"[{"id":"1","code":"NEW","name":"New","translatedName":"Nieuw","enabled":true,"manageable":false},
        {"id":24,"code":null,"name":"Send","translatedName":null,"enabled":false}]"#;
    let statuses = read(&ListStatuses, body).expect("statuses");
    assert_eq!(statuses[0], Status { id: StatusId(1), name: "Nieuw".to_owned(), enabled: true });
    assert_eq!(statuses[1], Status { id: StatusId(24), name: "Send".to_owned(), enabled: false });
}

#[test]
fn openings_are_labelled_with_their_place() {
    let jobs = read(&ListJobs, include_str!("bamboohr_jobs.json")).expect("jobs");
    let labels: Vec<_> = jobs.iter().map(Job::label).collect();
    assert_eq!(labels, ["Backend Engineer (Rust) - Ghent, East Flanders", "Designer"]);
}

#[test]
fn pages_are_counted_never_followed_and_filtered_once_more() {
    let body = include_str!("bamboohr_applications.json");
    let page = read(&list(), body).expect("a page");
    assert_eq!(page.rows, [ApplicationRow { id: ApplicationId(903), job: JobId(41), status: StatusId(24) }]);
    assert_eq!(page.next, Some(2));
    assert_eq!(read(&list(), &body.replace("false", "true")).expect("a page").next, None);
    let end = r#"{"paginationComplete":true,"applications":[],"nextPageUrl":null}"#;
    assert_eq!(read(&list(), end), Ok(Page { rows: vec![], next: None }));
    assert_eq!(read(&list(), r#"{"applications":[]}"#), Ok(Page { rows: vec![], next: None }));
}

#[test]
fn an_application_is_read_in_full() {
    let call = GetApplication { id: ApplicationId(903) };
    let body = include_str!("bamboohr_application.json");
    let application = read(&call, body).expect("an application");
    assert_eq!((application.job, application.status), (JobId(41), StatusId(24)));
    assert_eq!(application.status_changed_at, Some(time("2026-08-12T13:05:44Z")));
    assert_eq!(application.email.as_ref().map(Personal::as_str), Some("Ines.Okoro@example.net"));
    assert_eq!((application.moved, application.comments), (false, Some(1)));
    assert!(!format!("{application:?}").contains("Ines"));
    assert!(read(&call, &body.replace(r#""movedTo": null"#, r#""movedTo": [{"x":1}]"#)).expect("one").moved);
}

#[test]
fn a_keys_owner_is_named_where_there_is_one() {
    let name = |body: &str| read(&GetOwner, body).expect("an answer").map(Personal::into_string);
    assert_eq!(name(r#"{"id":"7","firstName":"Mara","lastName":" Quist "}"#).as_deref(), Some("Mara Quist"));
    assert_eq!(name(r#"{"id":"7","firstName":"Mara","lastName":null}"#).as_deref(), Some("Mara"));
    assert_eq!(name(r#"{"id":"0"}"#), None);
}

#[test]
fn a_write_is_done_only_if_bamboohr_says_so() {
    let call = SetStatus { application: ApplicationId(903), status: StatusId(25) };
    assert_eq!(read(&call, r#"{"type":"positionApplicantStatus","id":3127}"#), Ok(()));
    assert!(matches!(read(&call, r#"{"error":{"code":429}}"#), Err(CallError::Malformed(_))));
    let page = Response::builder().header("content-type", "text/html").body(Bytes::from_static(b"<html>"));
    assert!(matches!(call.read(&page.expect("a response")), Err(CallError::Malformed(_))));
}

#[test]
fn errors_speak_by_a_header() {
    let error = |status: u16, message: &str| {
        let response = Response::builder().status(status).header("content-type", "text/html");
        let response = response.header("X-BambooHR-Error-Message", message).body(Bytes::new());
        ListStatuses.read(&response.expect("a response")).expect_err("an error")
    };
    assert_eq!(error(400, "Invalid status"), CallError::Refused("400: Invalid status".to_owned()));
    assert_eq!(error(401, ""), CallError::Unauthorized("401".to_owned()));
    assert_eq!(error(403, "No access"), CallError::Refused("403: No access".to_owned()));
    assert_eq!(error(404, ""), CallError::NotFound("404".to_owned()));
}

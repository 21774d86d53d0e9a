//! BambooHR, read by polling: defaults that hide rows, pages, details, values that change by themselves.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::bamboohr::{JobStatus, NewApplication, NextPage};
use serde_json::{Value, json};

use crate::bench::{Answer, Client, basic, encoded, sandbox};

pub(crate) const COMPANY: &str = "https://acme.bamboohr.com/api/v1";
pub(crate) const GATEWAY: &str = "https://api.bamboohr.com/api/gateway.php/acme/v1";
pub(crate) const APPLICATIONS: &str = "/applicant_tracking/applications";

pub(crate) fn client(sandbox: &mut Sandbox) -> Client {
    let key = sandbox.bamboohr().make_api_key();
    assert_eq!(key.len(), 40);
    Client { base: COMPANY, authorization: Some(basic(&format!("{key}:x"))) }
}

/// A sandbox, a client, an open job and an application for it.
pub(crate) fn ines() -> (Sandbox, Client, i64, i64) {
    let mut sandbox = sandbox();
    let client = client(&mut sandbox);
    let job = sandbox.bamboohr().add_job("Backend Engineer (Rust)", JobStatus::Open);
    let ines = NewApplication::named("Ines", "Okoro", job).source("12");
    let ines = sandbox.bamboohr().add_application(ines).expect("a job");
    (sandbox, client, job, ines)
}

pub(crate) fn json_of(sandbox: &mut Sandbox, client: &Client, path: &str) -> Value {
    let answer = client.get(sandbox, path);
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    assert_eq!(answer.header("x-request-id").len(), 32);
    answer.json()
}

pub(crate) fn rows(sandbox: &mut Sandbox, client: &Client, query: &str) -> Vec<i64> {
    let page = json_of(sandbox, client, &format!("{APPLICATIONS}?{query}"));
    let rows = page["applications"].as_array().expect("rows").iter();
    rows.map(|row| row["id"].as_i64().expect("an id")).collect()
}

pub(crate) fn refused(answer: &Answer, status: u16, message: &str) {
    assert_eq!((answer.status, answer.header("x-bamboohr-error-message")), (status, message));
    assert_eq!((answer.body.len(), answer.header("content-type")), (0, "text/html"));
}

#[test]
fn statuses_have_text_ids_and_names_that_may_collide() {
    let (mut sandbox, client, ..) = ines();
    let own = sandbox.bamboohr().add_status("Made an Offer");
    let statuses = json_of(&mut sandbox, &client, "/applicant_tracking/statuses");
    let named: Vec<_> =
        statuses.as_array().expect("a bare array").iter().filter(|own| own["name"] == "Made an Offer").collect();
    assert_eq!(
        (&named[0]["id"], &named[0]["enabled"], &named[0]["manageable"]),
        (&json!("9"), &json!(false), &json!(false))
    );
    assert_eq!(
        (&named[1]["id"], &named[1]["code"], &named[1]["manageable"]),
        (&json!("20"), &Value::Null, &json!(true))
    );
    sandbox.bamboohr().rename_status(own, "Offer made").expect("a status");
    sandbox.bamboohr().delete_status(own).expect("a status");
    assert!(sandbox.bamboohr().delete_status(1).is_err());
    let left = json_of(&mut sandbox, &client, "/applicant_tracking/statuses");
    assert_eq!(left.as_array().map(Vec::len), Some(19));
}

#[test]
fn openings_are_a_bare_array_and_change_without_changing() {
    let (mut sandbox, client, open, _) = ines();
    sandbox.bamboohr().set_location(open, "Ghent", "East Flanders").expect("a job");
    let draft = sandbox.bamboohr().add_job("Draft", JobStatus::Draft);
    let path = "/applicant_tracking/jobs";
    let jobs = json_of(&mut sandbox, &client, path);
    assert_eq!((&jobs[0]["id"], &jobs[1]["id"]), (&json!(draft), &json!(open)), "newest first");
    assert_eq!(
        (&jobs[1]["title"], &jobs[1]["location"]["label"]),
        (&json!({"id": null, "label": "Backend Engineer (Rust)"}), &json!("Ghent, East Flanders"))
    );
    assert_eq!((&jobs[0]["newApplicantsCount"], &jobs[0]["totalApplicantsCount"]), (&Value::Null, &json!(0)));
    assert_eq!((&jobs[1]["newApplicantsCount"], &jobs[0]["postingUrl"]), (&json!(1), &Value::Null));
    assert_eq!(jobs[0]["postedDate"], "2026-03-02T03:30:00+00:00", "a draft was posted six hours before the question");
    sandbox.advance(SignedDuration::from_mins(1));
    let later = json_of(&mut sandbox, &client, path);
    assert_eq!(later[0]["postedDate"], "2026-03-02T03:31:00+00:00");
    assert_ne!(later[1]["hiringLead"]["avatar"], jobs[1]["hiringLead"]["avatar"]);
}

#[test]
fn openings_are_filtered_by_group_with_case_and_by_ids_in_snake_case() {
    let (mut sandbox, client, ..) = ines();
    for status in [JobStatus::Draft, JobStatus::OnHold, JobStatus::Filled, JobStatus::Deleted] {
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
        let jobs = json_of(&mut sandbox, &client, &format!("/applicant_tracking/jobs?{query}"));
        assert_eq!(jobs.as_array().map(Vec::len), Some(count), "{query}");
    }
}

#[test]
fn default_filters_hide_inactive_applicants_and_held_jobs() {
    let (mut sandbox, client, job, ines) = ines();
    assert_eq!(rows(&mut sandbox, &client, ""), [ines]);
    sandbox.bamboohr().set_status(ines, 10).expect("Not a Fit");
    assert!(rows(&mut sandbox, &client, "").is_empty());
    assert!(rows(&mut sandbox, &client, "applicationStatusId=10").is_empty(), "the default stays in force");
    assert_eq!(rows(&mut sandbox, &client, "applicationStatusId=3,10&applicationStatus=ALL"), [ines]);
    assert_eq!(rows(&mut sandbox, &client, "applicationStatus=INACTIVE"), [ines]);
    sandbox.bamboohr().set_job_status(job, JobStatus::OnHold).expect("a job");
    assert!(rows(&mut sandbox, &client, "applicationStatus=ALL").is_empty());
    assert_eq!(rows(&mut sandbox, &client, "applicationStatus=ALL&jobStatusGroups=ALL"), [ines]);
    sandbox.bamboohr().settings().status_id_escapes_defaults = true;
    assert_eq!(rows(&mut sandbox, &client, "applicationStatusId=10"), [ines]);
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
    let page = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}?jobId={job}&per_page=9"));
    assert_eq!((&page["paginationComplete"], page["applications"].as_array().map(Vec::len)), (&json!(false), Some(2)));
    assert_eq!(page["nextPageUrl"], format!("{COMPANY}{APPLICATIONS}?page=2"));
    for (form, url) in [
        (NextPage::Gateway, format!("{GATEWAY}{APPLICATIONS}?page=2")),
        (NextPage::Hostless, format!("/v1{APPLICATIONS}?page=2")),
    ] {
        sandbox.bamboohr().settings().next_page = form;
        assert_eq!(json_of(&mut sandbox, &client, APPLICATIONS)["nextPageUrl"], url);
    }
    let last = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}?page=2"));
    assert_eq!((&last["paginationComplete"], &last["nextPageUrl"]), (&json!(true), &Value::Null));
    let beyond = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}?page=9"));
    assert_eq!((&beyond["applications"], &beyond["paginationComplete"]), (&json!([]), &json!(true)));
    assert_eq!(rows(&mut sandbox, &client, "sortBy=created_date&sortOrder=ASC"), all[..2]);
    assert_eq!(rows(&mut sandbox, &client, ""), [all[3], all[2]], "newest first");
    assert_eq!(rows(&mut sandbox, &client, &format!("newSince={since}&sortBy=created_date")), all[1..3]);
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
        (&detail["status"]["dateChanged"], &detail["status"]["changedByUser"]),
        (&detail["appliedDate"], &Value::Null)
    );
    assert_eq!(detail["applicant"]["avatar"], Value::Null, "though the row has one");
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
    let detail = |sandbox: &mut Sandbox, id| json_of(sandbox, &client, &format!("{APPLICATIONS}/{id}"));
    let (a, b, c) = (detail(&mut sandbox, first), detail(&mut sandbox, second), detail(&mut sandbox, nobody));
    assert_ne!(a["applicant"]["id"], b["applicant"]["id"]);
    assert_eq!((&a["duplicateApplicationCount"], &c["duplicateApplicationCount"]), (&json!(1), &json!(0)));
    assert_eq!(c["applicant"]["email"], Value::Null);
}

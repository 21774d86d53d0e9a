//! BambooHR, written to: nothing is idempotent, and reasons are in headers.

use serde_json::json;

use crate::bamboohr::{APPLICATIONS, ines, json_of, refused, rows};

#[test]
fn every_status_write_is_a_change_record_even_a_repeated_one() {
    let (mut sandbox, client, _, ines) = ines();
    let sent = sandbox.bamboohr().add_status("Qualified - Send assessment");
    let path = format!("{APPLICATIONS}/{ines}/status");
    let first = client.post(&mut sandbox, &path, json!({"status": sent}));
    assert_eq!((first.status, &first.json()["type"]), (200, &json!("positionApplicantStatus")));
    let second = client.post(&mut sandbox, &path, json!({"status": sent}));
    assert!(second.json()["id"].as_i64() > first.json()["id"].as_i64());
    let detail = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}/{ines}"));
    assert_eq!(detail["status"]["changedByUser"]["lastName"], "Integration", "the key's user");
    assert_eq!(rows(&mut sandbox, &client, &format!("applicationStatusId={sent}")), [ines]);
}

#[test]
fn bad_statuses_are_refused_in_a_header() {
    let (mut sandbox, client, _, ines) = ines();
    let path = format!("{APPLICATIONS}/{ines}/status");
    for body in [json!({"status": 999}), json!({"status": "2"}), json!({}), json!([])] {
        refused(&client.post(&mut sandbox, &path, body), 400, "Invalid status");
    }
    let offer = json!({"status": 9});
    refused(&client.post(&mut sandbox, &path, offer.clone()), 400, "Invalid status");
    sandbox.bamboohr().settings().disabled_status_accepted = true;
    assert_eq!(client.post(&mut sandbox, &path, offer).status, 200);
    let unknown = format!("{APPLICATIONS}/999999/status");
    refused(&client.post(&mut sandbox, &unknown, json!({"status": 2})), 404, "Not found");
}

#[test]
fn comments_can_be_written_and_counted_but_not_read() {
    let (mut sandbox, client, _, ines) = ines();
    let path = format!("{APPLICATIONS}/{ines}/comments");
    let made = client.post(&mut sandbox, &path, json!({"type": "comment", "comment": "Score: 82"}));
    assert_eq!((made.status, &made.json()["type"]), (200, &json!("comment")));
    assert_eq!(client.post(&mut sandbox, &path, json!({"comment": "again"})).status, 200);
    assert_eq!(client.get(&mut sandbox, &path).status, 404);
    refused(&client.post(&mut sandbox, &path, json!({"type": "comment"})), 400, "Invalid comment");
    let detail = json_of(&mut sandbox, &client, &format!("{APPLICATIONS}/{ines}"));
    assert_eq!(detail["commentCount"], 2);
    assert_eq!(sandbox.bamboohr().comments(ines)[0].text, "Score: 82");
}

#[test]
fn a_row_may_vanish_between_list_and_look_and_candidates_may_be_made() {
    let (mut sandbox, client, job, ines) = ines();
    sandbox.bamboohr().delete_application(ines).expect("Ines");
    refused(&client.get(&mut sandbox, &format!("{APPLICATIONS}/{ines}")), 404, "Not found");
    let body = json!({"firstName": "Ada", "lastName": "L", "jobId": job});
    let made = client.post(&mut sandbox, "/applicant_tracking/application", body).json();
    assert_eq!(rows(&mut sandbox, &client, ""), [made["candidateId"].as_i64().expect("the application's id")]);
    let bad = client.post(&mut sandbox, "/applicant_tracking/application", json!({"jobId": job}));
    assert_eq!(bad.status, 422);
    let users = json_of(&mut sandbox, &client, "/meta/users");
    assert_eq!(users["2391"]["lastName"], "Integration");
}

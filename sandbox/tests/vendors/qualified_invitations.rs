//! Who gets which mail, and which result comes of it.

use jiff::SignedDuration;
use sandbox::Sandbox;
use sandbox::qualified::{CandidateState, MailKind, ResultState, Score};
use serde_json::{Value, json};

use crate::bench::{Answer, Client, sandbox};

const ADA: &str = "Ada@Example.com";

fn published(sandbox: &mut Sandbox) -> (Client, String) {
    let assessment = sandbox.qualified().add_assessment("Rust: Ownership, Traits, and Lifetimes", true);
    (Client::qualified(sandbox), assessment)
}

/// Invites with further members.
fn invite(sandbox: &mut Sandbox, client: &Client, assessment: &str, email: &str, more: Value) -> Answer {
    let mut data = json!({"candidates": [email], "assessment_id": assessment});
    let members = more.as_object().expect("members").clone();
    data.as_object_mut().expect("an object").extend(members);
    client.post(sandbox, "/assessment_invitations/invite_candidates", json!({"data": data}))
}

fn kinds(sandbox: &mut Sandbox) -> Vec<MailKind> {
    sandbox.qualified().mails().iter().map(|mail| mail.kind).collect()
}

fn submitted(sandbox: &mut Sandbox, assessment: &str) -> String {
    let result = sandbox.qualified().result_of(ADA, assessment).expect("invited");
    sandbox.qualified().start(&result).expect("invited");
    sandbox.qualified().submit(&result, Score::of(80.0)).expect("started");
    result
}

#[test]
fn an_invitation_makes_the_candidate_the_result_and_one_mail() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    let more = json!({
        "first_name": "Ada", "last_name": "Lovelace", "alternate_id": "lever:opp-1", "labels": ["ats"],
        "skip_email_resend": true,
    });
    let answer = invite(&mut sandbox, &client, &assessment, ADA, more);
    assert_eq!(answer.status, 200);
    let body = answer.json();
    assert!(body.get("currentPage").is_none(), "no paging keys");
    let row = &body["data"][0];
    assert_eq!((&row["state"], &row["action"], &row["inviterRole"]), (&json!("active"), &json!("take"), &json!("api")));
    assert_eq!((&row["sendAttempts"], &row["lastSent"]), (&json!(0), &Value::Null));
    assert!(row["invitePath"].as_str().expect("a path").starts_with("/assess/"));
    assert_eq!((&row["candidateName"], &row["candidateEmail"]), (&json!("Ada Lovelace"), &json!(ADA)));
    let desk = sandbox.qualified();
    assert_eq!((desk.mails().len(), desk.mails()[0].to.as_str()), (1, ADA));
    assert_eq!(
        (desk.results()[0].state, &json!(desk.results()[0].id)),
        (ResultState::Invited, &row["assessmentResultId"])
    );
    let ada = desk.candidate("ada@example.COM").expect("Ada, whatever the case");
    assert_eq!((ada.state, ada.alternate_id.as_deref()), (CandidateState::Invited, Some("lever:opp-1")));
    assert_eq!(ada.labels.as_deref(), Some(&["ats".to_owned()][..]));
}

#[test]
fn inviting_again_mails_again_unless_told_not_to() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    let first = invite(&mut sandbox, &client, &assessment, ADA, json!({})).json();
    let quiet = json!({"skip_email_resend": true});
    let second = invite(&mut sandbox, &client, &assessment, "ada@example.com", quiet).json();
    assert_eq!(first["data"][0]["assessmentResultId"], second["data"][0]["assessmentResultId"]);
    assert_eq!(first["data"][0]["id"], second["data"][0]["id"]);
    assert_eq!(kinds(&mut sandbox), [MailKind::Invitation]);
    invite(&mut sandbox, &client, &assessment, ADA, json!({}));
    assert_eq!(kinds(&mut sandbox), [MailKind::Invitation, MailKind::Resend], "the double send shows");
    assert_eq!((sandbox.qualified().candidates().len(), sandbox.qualified().results().len()), (1, 1));
}

#[test]
fn inviting_again_may_make_a_new_invitation_for_the_same_result() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    sandbox.qualified().settings().reinvite_makes_new = true;
    let quiet = json!({"skip_email_resend": true});
    let first = invite(&mut sandbox, &client, &assessment, ADA, quiet.clone()).json();
    let second = invite(&mut sandbox, &client, &assessment, ADA, quiet).json();
    assert_ne!(first["data"][0]["id"], second["data"][0]["id"]);
    assert_eq!(first["data"][0]["assessmentResultId"], second["data"][0]["assessmentResultId"]);
    assert_eq!(kinds(&mut sandbox).len(), 1);
}

#[test]
fn no_mail_when_the_mail_is_disabled() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    invite(&mut sandbox, &client, &assessment, ADA, json!({"send_email_to_candidate": false}));
    assert!(kinds(&mut sandbox).is_empty());
    assert_eq!(sandbox.qualified().results().len(), 1);
}

#[test]
fn a_draft_a_bad_address_and_a_bad_time_are_refused_whole() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    let draft = sandbox.qualified().add_assessment("Draft", false);
    let refused = invite(&mut sandbox, &client, &draft, ADA, json!({}));
    assert_eq!((refused.status, &refused.json()["errors"]["assessment_id"]), (422, &json!("must be published")));
    for email in ["ada", "ada@localhost", "a b@example.com", "", "ada@example.com, ben@example.com"] {
        let refused = invite(&mut sandbox, &client, &assessment, email, json!({}));
        assert_eq!((refused.status, &refused.json()["type"]), (422, &json!("AssessmentInvitation")), "{email}");
    }
    for more in [json!({"expires_at": "soon"}), json!({"reminder_at": 7}), json!({"retry_action": "again"})] {
        assert_eq!(invite(&mut sandbox, &client, &assessment, ADA, more).status, 422);
    }
    let two = json!({"data": {"candidates": [ADA, "no"], "assessment_id": assessment}});
    assert_eq!(client.post(&mut sandbox, "/assessment_invitations/invite_candidates", two).status, 422);
    let named = json!({"data": {"candidates": [ADA, "b@example.com"], "assessment_id": assessment, "first_name": "A"}});
    assert_eq!(client.post(&mut sandbox, "/assessment_invitations/invite_candidates", named).status, 422);
    assert!(sandbox.qualified().candidates().is_empty());
}

#[test]
fn an_expired_invitation_cannot_be_opened_but_an_opened_one_outlives_it() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    let more = json!({"expires_at": "2026-03-03T09:30:00.000Z"});
    invite(&mut sandbox, &client, &assessment, ADA, more.clone());
    invite(&mut sandbox, &client, &assessment, "ben@example.com", more);
    let ada = sandbox.qualified().result_of(ADA, &assessment).expect("invited");
    let ben = sandbox.qualified().result_of("ben@example.com", &assessment).expect("invited");
    sandbox.qualified().open(&ada).expect("in time");
    sandbox.advance(SignedDuration::from_hours(24));
    sandbox.qualified().start(&ada).expect("opened in time");
    assert_eq!(sandbox.qualified().open(&ben).expect_err("too late").to_string(), "the invitation has expired");
}

#[test]
fn a_reminder_goes_out_at_its_time_unless_started() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    let more = json!({"reminder_at": "2026-03-04T09:30:00Z"});
    invite(&mut sandbox, &client, &assessment, ADA, more.clone());
    invite(&mut sandbox, &client, &assessment, "ben@example.com", more);
    let ben = sandbox.qualified().result_of("ben@example.com", &assessment).expect("invited");
    sandbox.qualified().start(&ben).expect("invited");
    sandbox.advance(SignedDuration::from_hours(72));
    let desk = sandbox.qualified();
    let reminders: Vec<_> = desk.mails().iter().filter(|mail| mail.kind == MailKind::Reminder).collect();
    assert_eq!((reminders.len(), reminders[0].to.as_str()), (1, ADA));
    assert_eq!(reminders[0].at.to_string(), "2026-03-04T09:30:00Z");
}

#[test]
fn whoever_submitted_is_left_alone_without_a_retry_action() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    invite(&mut sandbox, &client, &assessment, ADA, json!({}));
    let result = submitted(&mut sandbox, &assessment);
    let again = invite(&mut sandbox, &client, &assessment, ADA, json!({}));
    assert_eq!((again.status, &again.json()["data"][0]["assessmentResultId"]), (200, &json!(result)));
    assert_eq!(kinds(&mut sandbox), [MailKind::Invitation]);

    let reopen = json!({"retry_action": "reopen"});
    let reopened = invite(&mut sandbox, &client, &assessment, ADA, reopen).json();
    assert_eq!(
        (&reopened["data"][0]["action"], &reopened["data"][0]["assessmentResultId"]),
        (&json!("reopen"), &json!(result))
    );
    let retake = json!({"retry_action": "retake"});
    let retaken = invite(&mut sandbox, &client, &assessment, ADA, retake).json();
    assert_eq!(retaken["data"][0]["action"], "retake");
    assert_ne!(retaken["data"][0]["assessmentResultId"], json!(result));
    assert_eq!(kinds(&mut sandbox), [MailKind::Invitation, MailKind::Retry, MailKind::Retry]);
    let old = &sandbox.qualified().results()[0].clone();
    assert!(!old.current_take && old.score.is_some());
}

#[test]
fn cancelling_labels_the_candidate_and_ends_what_was_started() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    let row = invite(&mut sandbox, &client, &assessment, ADA, json!({})).json()["data"][0].clone();
    let result = sandbox.qualified().result_of(ADA, &assessment).expect("invited");
    sandbox.qualified().start(&result).expect("invited");
    let path = format!("/assessment_invitations/{}", row["id"].as_str().expect("an id"));
    assert_eq!(client.delete(&mut sandbox, &path).status, 204);
    assert_eq!(client.get(&mut sandbox, "/assessment_invitations").json()["totalCount"], 0);
    let desk = sandbox.qualified();
    assert_eq!(desk.results()[0].closed_reason, Some("invitation_canceled"));
    assert_eq!(desk.candidates()[0].labels.as_deref(), Some(&["Invitation Cancelled".to_owned()][..]));
}

#[test]
fn archiving_cancels_and_closes_while_unpublishing_lets_invitations_live() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    for email in [ADA, "ben@example.com"] {
        invite(&mut sandbox, &client, &assessment, email, json!({}));
    }
    let ada = sandbox.qualified().result_of(ADA, &assessment).expect("invited");
    let ben = sandbox.qualified().result_of("ben@example.com", &assessment).expect("invited");
    sandbox.qualified().unpublish(&assessment).expect("an assessment");
    sandbox.qualified().start(&ada).expect("existing invitations stay good");
    sandbox.qualified().archive(&assessment).expect("an assessment");
    assert_eq!(sandbox.qualified().results()[0].closed_reason, Some("assessment_archived"));
    assert!(sandbox.qualified().open(&ben).is_err());
}

#[test]
fn a_locked_one_waits_for_the_team() {
    let mut sandbox = sandbox();
    let (client, assessment) = published(&mut sandbox);
    invite(&mut sandbox, &client, &assessment, ADA, json!({"access_locked": true}));
    let result = sandbox.qualified().result_of(ADA, &assessment).expect("invited");
    assert!(sandbox.qualified().open(&result).is_err());
    let path = format!("/assessment_results/{result}/unlock_access");
    assert_eq!(client.put(&mut sandbox, &path, json!({})).status, 200);
    sandbox.qualified().open(&result).expect("unlocked");
}

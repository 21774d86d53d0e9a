//! Qualified.

use jiff::SignedDuration;
use qualified_ats::{
    domain::{
        assignment::ResultState,
        ids::{AssessmentId, ResultId, TeamCandidateId, WebhookId},
        secret::Secret,
        signature::Unverified,
    },
    vendor::{Call, CallError, Personal, Unreadable, qualified::*},
};

use super::{json, read, secret, shown, time, url};

fn grant() -> Grant {
    Grant { origin: url("https://www.qualified.io"), key: secret() }
}

fn assessment() -> AssessmentId {
    AssessmentId::new("65f0c0de0000000000000001").expect("an id")
}

fn result() -> ResultId {
    ResultId::new("65f0c0de0000000000000020").expect("an id")
}

fn candidate() -> TeamCandidateId {
    TeamCandidateId::new("65f0c0de0000000000000030").expect("an id")
}

fn invite() -> Invite {
    Invite {
        assessment: assessment(),
        email: Personal::new("Ada@example.com"),
        first_name: Some(Personal::new("Ada")),
        last_name: Some(Personal::new("Lovelace")),
        alternate_id: Some("lever/opp-123".to_owned()),
        expires_at: Some(time("2026-03-09T09:30:00Z")),
        reminder_at: None,
    }
}

#[test]
fn an_invitation_mails_once_and_carries_the_names() {
    insta::assert_snapshot!(shown(&invite().request(&grant())), @r#"
    POST https://www.qualified.io/api/v1/assessment_invitations/invite_candidates
    authorization: [secret]
    content-type: application/json
    {"data":{"alternate_id":"lever/opp-123","assessment_id":"65f0c0de0000000000000001","candidates":["Ada@example.com"],"expires_at":"2026-03-09T09:30:00.000Z","first_name":"Ada","last_name":"Lovelace","send_email_to_candidate":true,"skip_email_resend":true}}
    "#);
    let bare = Invite { first_name: None, last_name: None, alternate_id: None, expires_at: None, ..invite() };
    insta::assert_snapshot!(shown(&bare.request(&grant())), @r#"
    POST https://www.qualified.io/api/v1/assessment_invitations/invite_candidates
    authorization: [secret]
    content-type: application/json
    {"data":{"assessment_id":"65f0c0de0000000000000001","candidates":["Ada@example.com"],"send_email_to_candidate":true,"skip_email_resend":true}}
    "#);
    assert!(!format!("{bare:?}").to_lowercase().contains("ada"));
}

#[test]
fn reads_go_out() {
    insta::assert_snapshot!(shown(&ListAssessments { page: 2 }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/assessments?order_by=title+ASC&page=2
    authorization: [secret]
    ");
    insta::assert_snapshot!(shown(&GetResult { id: result() }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/assessment_results/65f0c0de0000000000000020?includes%5B%5D=team_candidate
    authorization: [secret]
    ");
    insta::assert_snapshot!(shown(&GetExhibit { result: result() }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/assessment_results/65f0c0de0000000000000020/exhibit
    authorization: [secret]
    ");
    insta::assert_snapshot!(shown(&Share { result: result() }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/assessment_results/65f0c0de0000000000000020/share
    authorization: [secret]
    ");
    insta::assert_snapshot!(shown(&GetTeamCandidate { id: candidate() }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/team_candidates/65f0c0de0000000000000030
    authorization: [secret]
    ");
    insta::assert_snapshot!(shown(&ListResultsOfCandidate { team_candidate: candidate(), page: 1 }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/assessment_results?team_candidate_id=65f0c0de0000000000000030&page=1
    authorization: [secret]
    ");
}

#[test]
fn changes_are_asked_for_by_time() {
    let updated_since = time("2026-03-02T09:00:00Z");
    insta::assert_snapshot!(shown(&ListResults { updated_since, page: 1 }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/assessment_results?where=%7B%22updated_at%22%3A%7B%22%3E%3D%22%3A%222026-03-02T09%3A00%3A00.000Z%22%7D%7D&order_by=updated_at+ASC&includes%5B%5D=team_candidate&page=1
    authorization: [secret]
    ");
    insta::assert_snapshot!(shown(&ListTeamCandidates { updated_since, page: 3 }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/team_candidates?where=%7B%22updated_at%22%3A%7B%22%3E%3D%22%3A%222026-03-02T09%3A00%3A00.000Z%22%7D%7D&order_by=updated_at+ASC&page=3
    authorization: [secret]
    ");
}

#[test]
fn a_person_is_asked_for_in_both_spellings() {
    let find = |email: &str| shown(&FindTeamCandidate { email: Personal::new(email) }.request(&grant()));
    insta::assert_snapshot!(find("ada@example.com"), @"
    GET https://www.qualified.io/api/v1/team_candidates?where=%7B%22email%22%3A%22ada%40example.com%22%7D
    authorization: [secret]
    ");
    insta::assert_snapshot!(find("Ada@Example.com"), @"
    GET https://www.qualified.io/api/v1/team_candidates?where=%7B%22email%22%3A%7B%22in%22%3A%5B%22Ada%40Example.com%22%2C%22ada%40example.com%22%5D%7D%7D
    authorization: [secret]
    ");
}

#[test]
fn subscriptions_go_out() {
    let create = CreateWebhookSubscription { url: Secret::new("https://ats.example.com/hooks/qualified/acme/x") };
    insta::assert_snapshot!(shown(&create.request(&grant())), @r#"
    POST https://www.qualified.io/api/v1/webhook_subscriptions
    authorization: [secret]
    content-type: application/json
    {"data":{"event_triggers":{"assessment_result_state_changed":true,"team_candidate_state_changed":true},"name":"ATS integration","url":"https://ats.example.com/hooks/qualified/acme/x"}}
    "#);
    insta::assert_snapshot!(shown(&ListWebhookSubscriptions { page: 1 }.request(&grant())), @"
    GET https://www.qualified.io/api/v1/webhook_subscriptions?page=1
    authorization: [secret]
    ");
    let delete = DeleteWebhookSubscription { id: WebhookId::new("1").expect("an id") };
    insta::assert_snapshot!(shown(&delete.request(&grant())), @"
    DELETE https://www.qualified.io/api/v1/webhook_subscriptions/1
    authorization: [secret]
    ");
}

#[test]
fn assessments_come_in_pages() {
    let row = r#"{"id":"65f0c0de0000000000000001","title":"Rust: Ownership, Traits","state":"published","passingScore":70,"labels":null}"#;
    let body = |rows: &str, current: u32, total: u32| {
        format!(
            r#"{{"type":"Assessment","data":[{rows}],"currentPage":{current},"totalPages":{total},"totalCount":9,"meta":{{}}}}"#
        )
    };
    let call = ListAssessments { page: 1 };
    let first = read(&call, &body(row, 1, 2)).expect("a page");
    assert_eq!(first.rows[0].title, "Rust: Ownership, Traits");
    assert_eq!(first.rows[0].state, AssessmentState::Published);
    assert_eq!(first.next, Some(2));
    assert_eq!(read(&call, &body(row, 2, 2)).expect("a page").next, None);
    assert_eq!(read(&call, &body("", 1, 0)).expect("a page").next, None);
    assert_eq!(read(&call, &body("", 1, 5)).expect("a page").next, None);
    let newer = read(&call, &body(&row.replace("published", "frozen"), 1, 1)).expect("a page");
    assert_eq!(newer.rows[0].state, AssessmentState::Other);
}

#[test]
fn an_invitation_names_the_result_and_the_person() {
    let made = read(&invite(), include_str!("qualified_invitation.json"));
    assert_eq!(made, Ok(Invitation { result: result(), team_candidate: candidate(), mailed_before: false }));
    let known = include_str!("qualified_invitation.json").replace("\"sendAttempts\":0", "\"sendAttempts\":1");
    assert!(read(&invite(), &known).expect("an invitation").mailed_before);
    assert!(matches!(read(&invite(), r#"{"data":[],"meta":{}}"#), Err(CallError::Refused(_))));
}

#[test]
fn a_result_is_read_with_its_person() {
    let taken = read(&GetResult { id: result() }, include_str!("qualified_result.json")).expect("a result");
    assert_eq!((&taken.id, &taken.assessment, &taken.team_candidate), (&result(), &assessment(), &candidate()));
    assert_eq!((taken.state, taken.retake_number), (ResultState::Submitted, 0));
    assert_eq!(taken.submitted_at, Some(time("2026-03-03T10:00:00Z")));
    let person = taken.candidate.expect("embedded");
    assert_eq!((person.state, person.test), (CandidateState::Submitted, false));
    assert_eq!(person.email.as_ref().map(Personal::as_str), Some("Ada@example.com"));
}

#[test]
fn a_person_is_compared_whatever_the_filter_did() {
    let page = r#"{"data":[{"id":"1","email":"eve@example.com"},{"id":"2","email":"ADA@example.com"}],"currentPage":1,"totalPages":1}"#;
    let find = |email: &str| read(&FindTeamCandidate { email: Personal::new(email) }, page).expect("a list");
    assert_eq!(find("ada@example.com").map(|person| person.id.to_string()).as_deref(), Some("2"));
    assert_eq!(find("bob@example.com"), None);
}

#[test]
fn an_exhibit_is_read_in_full() {
    let exhibit = read(&GetExhibit { result: result() }, include_str!("qualified_exhibit.json")).expect("an exhibit");
    assert_eq!((exhibit.score, exhibit.passed), (Some(86.7), Some(true)));
    assert_eq!(exhibit.time_taken, Some(SignedDuration::from_secs(2710)));
    let [code, quiz] = &exhibit.solutions[..] else { panic!("two solutions") };
    assert_eq!((code.title.as_deref(), code.language.as_deref()), (Some("Borrow Checker"), Some("rust")));
    assert_eq!((code.correct, code.total, code.risk), (Some(8), Some(8), Some(Risk::Medium)));
    assert_eq!((quiz.score, quiz.risk), (None, None));
    assert!(!format!("{exhibit:?}").contains("Thanks"));
}

#[test]
fn a_report_link_is_secret_and_may_be_off_the_plan() {
    let call = Share { result: result() };
    let link = read(&call, r#"{"id":"1","url":"https://www.qualified.io/reports/j.w.t/assessment_result","pdf":null}"#);
    let link = link.expect("a link");
    assert_eq!((format!("{link:?}").as_str(), link.expose().len()), ("[secret]", 56));
    for reason in ["feature not available", "User is not permitted to share on AssessmentResult"] {
        let body = format!(r#"{{"reason":"{reason}","user":"Ada L"}}"#);
        assert!(matches!(call.read(&json(403, &body)), Err(CallError::Refused(_))));
    }
    assert!(matches!(call.read(&json(401, "{}")), Err(CallError::Unauthorized(_))));
}

#[test]
fn a_subscription_tells_whether_it_is_complete() {
    let body = |triggers: &str| {
        format!(
            r#"{{"id":"1","type":"WebhookSubscription","data":{{"id":"1","url":"https://x.example","triggerOnAll":false,"eventTriggers":{triggers}}}}}"#
        )
    };
    let call = CreateWebhookSubscription { url: secret() };
    let complete = |triggers: &str| read(&call, &body(triggers)).expect("a subscription").complete;
    assert!(complete(r#"{"id":"2","assessmentResultStateChanged":true,"teamCandidateStateChanged":true}"#));
    assert!(!complete(r#"{"id":"2","assessmentResultStarted":true,"teamCandidateStateChanged":true}"#));
    assert!(!complete("null"));
}

#[test]
fn errors_are_told_by_reason_or_by_field() {
    let error = |status: u16, body: &str| ListAssessments { page: 1 }.read(&json(status, body)).expect_err("an error");
    for (status, body, expected) in [
        (401, r#"{"reason":"unauthorized","user":null}"#, CallError::Unauthorized("401: unauthorized".to_owned())),
        (403, r#"{"reason":"API key invalid"}"#, CallError::Unauthorized("403: API key invalid".to_owned())),
        (403, "", CallError::Unauthorized("403".to_owned())),
        (
            403,
            r#"{"reason":"User is not permitted to index on Assessment","user":"Ada L"}"#,
            CallError::Refused("403: User is not permitted to index on Assessment".to_owned()),
        ),
        (
            400,
            r#"{"reason":"couldn't find that resource"}"#,
            CallError::NotFound("400: couldn't find that resource".to_owned()),
        ),
        (400, r#"{"reason":"ada@example.com is bad"}"#, CallError::Refused("400: [address] is bad".to_owned())),
        (
            422,
            r#"{"errors":{"archived_at":"can't be blank","title":"is too long"},"type":"X","attributes":{"email":"a@b.c"}}"#,
            CallError::Refused("422: archived_at can't be blank, title is too long".to_owned()),
        ),
    ] {
        assert_eq!(error(status, body), expected);
    }
}

fn parse(body: &str) -> Result<Event, Unreadable> {
    Event::parse(Unverified { body: body.as_bytes() }.by_path(&secret(), super::SECRET).expect("the secret"))
}

#[test]
fn a_result_event_is_read_in_either_case() {
    let expected = Event::Result(ResultEvent {
        result: result(),
        state: ResultState::Submitted,
        team_candidate: Some(candidate()),
        assessment: Some(assessment()),
        email: Some(Personal::new("ada@example.com")),
        dry_run: false,
    });
    let body = include_str!("qualified_event.json");
    assert_eq!(parse(body), Ok(expected.clone()));
    let camel = body.replace("submitted_at", "submittedAt").replace("team_candidate", "teamCandidate");
    assert_eq!(parse(&camel), Ok(expected.clone()));
    let narrow = body.replace("assessment_result_state_changed", "assessment_result_submitted");
    assert_eq!(parse(&narrow), Ok(expected.clone()));
    assert_eq!(parse(&narrow.replacen(r#""state":"submitted","#, "", 1)), Ok(expected));
}

#[test]
fn a_candidate_event_tells_the_decision() {
    let body = r#"{"event":"team_candidate_state_changed","data":{"id":"65f0c0de0000000000000030","email":"ada@example.com","state":"approved","prev_state":"reviewed","labels":["ats"],"test_team_member":false}}"#;
    let expected = CandidateEvent {
        team_candidate: candidate(),
        state: CandidateState::Approved,
        email: Some(Personal::new("ada@example.com")),
        test: false,
    };
    assert_eq!(parse(body), Ok(Event::Candidate(expected)));
}

#[test]
fn an_event_we_do_not_know_is_quiet() {
    let other = |name: &str| parse(&format!(r#"{{"event":"{name}","data":null}}"#));
    for name in ["solution_updated", "team_candidate_label_added", "team_candidate_started_assessment", "brand_new"] {
        assert_eq!(other(name), Ok(Event::Other(name.to_owned())));
    }
    assert!(parse(r#"{"event":"assessment_result_state_changed","data":{}}"#).is_err());
    assert!(parse("{}").is_err());
}

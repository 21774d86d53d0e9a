//! Answers that are not what is documented: told by the path of the field, never by its value, and never
//! with a panic.

use bytes::Bytes;
use http::Response;
use proptest::prelude::*;
use qualified_ats::{
    domain::{
        ids::{ApplicationId, OpportunityId, ResultId},
        signature::Unverified,
    },
    vendor::{Call, CallError, Personal, bamboohr, lever, oauth, qualified},
};

use super::{SECRET, json, read, secret};

fn drift<T: std::fmt::Debug>(answer: Result<T, CallError>) -> String {
    match answer {
        Err(CallError::Malformed(text)) => text,
        other => panic!("not malformed: {other:?}"),
    }
}

#[test]
fn the_path_is_told_and_the_value_is_not() {
    let get = lever::GetOpportunity { id: OpportunityId::new("o").expect("an id") };
    for (body, told) in [
        (r#"{}"#, "`data.id` is missing: expected a text"),
        (r#"{"data":{"id":7}}"#, "`data.id`: expected a text"),
        (r#"{"data":{"id":"o","emails":["a@b.c",{"value":"secret"}]}}"#, "`data.emails[1]`: expected a text"),
        (r#"{"data":{"id":"o","emails":"a@b.c"}}"#, "`data.emails`: expected an array"),
        (
            r#"{"data":{"id":"o","stageChanges":[{"toStageId":"s","updatedAt":"yesterday"}]}}"#,
            "`data.stageChanges[0].updatedAt`: expected an integer",
        ),
        (
            r#"{"data":{"id":"o","applications":[{"posting":{"id":"a/b"}}]}}"#,
            "`data.applications[0].posting.id`: not a Lever posting id: only letters, digits, '-', '_' and '.' may occur",
        ),
        ("{\n\"data\":", "no JSON at line 2, column 7"),
        ("", "the body is empty"),
    ] {
        assert_eq!(drift(read(&get, body)), told);
    }
    let rows = r#"{"data":[{"id":"ok","text":"A"},{"id":"not/ok","text":"B"}]}"#;
    assert!(drift(read(&lever::ListStages::default(), rows)).starts_with("`data[1].id`: not a Lever stage id"));
    let endless = r#"{"data":[],"hasNext":true}"#;
    assert_eq!(drift(read(&lever::ListStages::default(), endless)), "`next` is missing: expected a text");
}

#[test]
fn json_must_be_called_json() {
    let page = |content_type: &str| {
        let response = Response::builder().header("content-type", content_type);
        lever::ListStages::default().read(&response.body(Bytes::from_static(br#"{"data":[]}"#)).expect("a response"))
    };
    for good in ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/vnd.x+json"] {
        assert!(page(good).is_ok(), "{good}");
    }
    for bad in ["", "text/html", "text/json", "application/jsonp"] {
        assert_eq!(drift(page(bad)), "the content type is not JSON", "{bad}");
    }
}

/// Every reader on one body. Reading it is all that is asked.
fn read_all(status: u16, body: &str) {
    fn one<C: Call>(call: &C, response: &Response<Bytes>) {
        drop(call.read(response));
    }
    let response = json(status, body);
    let opportunity = || OpportunityId::new("o").expect("an id");
    let result = || ResultId::new("r").expect("an id");
    one(&lever::ListStages::default(), &response);
    one(&lever::GetOpportunity { id: opportunity() }, &response);
    one(&lever::ListOpportunities::default(), &response);
    one(&lever::ListNotes { opportunity: opportunity(), offset: None }, &response);
    one(&lever::CreateWebhook { url: String::new() }, &response);
    one(&oauth::Refresh { token: secret() }, &response);
    one(&qualified::ListAssessments { page: 1 }, &response);
    one(&qualified::GetResult { id: result() }, &response);
    one(&qualified::GetExhibit { result: result() }, &response);
    one(&qualified::Share { result: result() }, &response);
    one(&qualified::FindTeamCandidate { email: Personal::new("a@b.c") }, &response);
    one(&qualified::ListWebhookSubscriptions { page: 1 }, &response);
    one(&bamboohr::ListStatuses, &response);
    one(&bamboohr::ListJobs, &response);
    one(&bamboohr::GetOwner, &response);
    one(&bamboohr::ListApplications { job: None, statuses: vec![], latest_first: false, page: u32::MAX }, &response);
    one(&bamboohr::GetApplication { id: ApplicationId(1) }, &response);
    if let Ok(verified) = (Unverified { body: body.as_bytes() }).by_path(&secret(), SECRET) {
        drop(qualified::Event::parse(verified));
        drop(lever::Delivery::parse(verified));
    }
}

/// JSON that is nearly an answer: the members' names are right, their values are anything.
fn near_answer() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        "data",
        "id",
        "next",
        "hasNext",
        "state",
        "stage",
        "emails",
        "tags",
        "applications",
        "posting",
        "fields",
        "value",
        "event",
        "triggeredAt",
        "token",
        "url",
        "configuration",
        "currentPage",
        "totalPages",
        "error",
        "errors",
        "reason",
        "message",
        "expires_in",
        "access_token",
        "accumulatedSeconds",
        "solutions",
        "status",
        "job",
        "stageChanges",
    ]);
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("1e308".to_owned()),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| if number.is_finite() { number.to_string() } else { "0".to_owned() }),
        "[a-z/@]{0,6}".prop_map(|text| format!("\"{text}\"")),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        let array = prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(",")));
        let member = (names.clone(), inner).prop_map(|(name, value)| format!("\"{name}\":{value}"));
        prop_oneof![array, prop::collection::vec(member, 0..6).prop_map(|members| format!("{{{}}}", members.join(",")))]
    })
}

proptest! {
    #[test]
    fn no_answer_makes_a_reader_panic(status in prop::sample::select(vec![200_u16, 201, 204, 400, 403, 422, 500]), body in near_answer()) {
        read_all(status, &body);
    }

    #[test]
    fn no_bytes_make_a_reader_panic(body in "\\PC{0,60}|[\\[{\":,0-9a-z]{0,60}") {
        read_all(200, &body);
    }

    #[test]
    fn no_bytes_make_a_signature_check_panic(body in prop::collection::vec(any::<u8>(), 0..80)) {
        let unverified = Unverified { body: &body };
        prop_assert!(unverified.by_lever(&[secret()]).is_err());
    }
}

//! Qualified's REST habits: raw keys, envelopes, pages, `where`, casing, its ways of saying no.

use jiff::SignedDuration;
use sandbox::Sandbox;
use serde_json::{Value, json};

use crate::bench::{Client, QUALIFIED, encoded, form, sandbox, send};

const TITLE: &str = "Rust: Ownership, Traits, and Lifetimes";

fn invited(sandbox: &mut Sandbox, emails: &[&str]) -> (Client, String) {
    let assessment = sandbox.qualified().add_assessment(TITLE, true);
    let client = Client::qualified(sandbox);
    for email in emails {
        sandbox.advance(SignedDuration::from_mins(1));
        let body = json!({"data": {"candidates": [email], "assessment_id": assessment}});
        assert_eq!(client.post(sandbox, "/assessment_invitations/invite_candidates", body).status, 200);
    }
    (client, assessment)
}

fn filtered(sandbox: &mut Sandbox, client: &Client, path: &str, condition: &Value) -> Vec<Value> {
    let answer = client.get(sandbox, &format!("{path}?where={}", encoded(&condition.to_string())));
    assert_eq!(answer.status, 200, "{condition}");
    answer.json()["data"].as_array().expect("rows").clone()
}

#[test]
fn a_field_off_the_whitelist_is_refused_also_where_there_are_no_rows() {
    let mut sandbox = sandbox();
    let client = Client::qualified(&mut sandbox);
    for list in ["/assessments", "/assessment_results", "/team_candidates"] {
        for query in ["where=%7B%22risks%22%3A1%7D", "order_by=risks"] {
            assert_eq!(client.get(&mut sandbox, &format!("{list}?{query}")).status, 400, "{list}?{query}");
        }
        assert_eq!(client.get(&mut sandbox, &format!("{list}?where=%7B%22id%22%3A1%7D")).status, 200, "{list}");
    }
}

#[test]
fn the_key_is_sent_raw_and_nothing_else_will_do() {
    let mut sandbox = sandbox();
    let key = sandbox.qualified().api_key().to_owned();
    for (authorization, status) in
        [(Some(key.clone()), 200), (Some(format!("Bearer {key}")), 401), (Some("wrong".into()), 401), (None, 401)]
    {
        let client = Client { base: QUALIFIED, authorization };
        let answer = client.get(&mut sandbox, "/assessments");
        assert_eq!(answer.status, status);
        if status == 401 {
            assert_eq!(answer.json(), json!({"reason": "unauthorized", "user": null}));
        }
    }
    sandbox.qualified().settings().bad_key = 403;
    let wrong = Client { base: QUALIFIED, authorization: Some("wrong".into()) };
    assert_eq!(wrong.get(&mut sandbox, "/assessments").status, 403);
}

#[test]
fn a_new_key_kills_the_old_one_at_once() {
    let mut sandbox = sandbox();
    let old = Client::qualified(&mut sandbox);
    let fresh = sandbox.qualified().regenerate_api_key();
    assert_eq!(old.get(&mut sandbox, "/assessments").status, 401);
    let new = Client { base: QUALIFIED, authorization: Some(fresh) };
    assert_eq!(new.get(&mut sandbox, "/assessments").status, 200);
}

#[test]
fn teams_do_not_see_each_other() {
    let mut sandbox = sandbox();
    let theirs = sandbox.qualified_of("Globex").add_assessment(TITLE, false);
    let client = Client::qualified(&mut sandbox);
    assert_eq!(client.get(&mut sandbox, &format!("/assessments/{theirs}")).status, 404);
    assert_eq!(client.get(&mut sandbox, "/assessments").json()["totalCount"], 0);
}

#[test]
fn a_published_assessment_is_public_in_few_words() {
    let mut sandbox = sandbox();
    let published = sandbox.qualified().add_assessment(TITLE, true);
    let draft = sandbox.qualified().add_assessment("Draft", false);
    let nobody = Client { base: QUALIFIED, authorization: None };
    let seen = nobody.get(&mut sandbox, &format!("/assessments/{published}")).json();
    assert_eq!(seen["data"]["title"], TITLE);
    assert!(seen["data"].get("passingScore").is_none());
    assert_eq!(nobody.get(&mut sandbox, &format!("/assessments/{draft}")).status, 401);
}

#[test]
fn envelopes_carry_type_paging_and_a_local_timestamp() {
    let mut sandbox = sandbox();
    let client = Client::qualified(&mut sandbox);
    let empty = client.get(&mut sandbox, "/assessments").json();
    assert!(empty.get("type").is_none(), "an empty list has no type");
    assert_eq!((&empty["totalPages"], &empty["data"]), (&json!(0), &json!([])));
    assert_eq!(empty["meta"]["timestamp"], "2026-03-02T01:30:00.000-08:00");
    let id = sandbox.qualified().add_assessment(TITLE, true);
    let list = client.get(&mut sandbox, "/assessments/").json();
    assert_eq!((&list["type"], &list["currentPage"]), (&json!("Assessment"), &json!(1)));
    let one = client.get(&mut sandbox, &format!("/assessments/{id}")).json();
    assert_eq!((&one["id"], &one["type"]), (&json!(id), &json!("Assessment")));
    assert_eq!(one["data"]["publishedAt"], "2026-03-02T09:30:00.000Z");
    assert_eq!(one["data"]["labels"], Value::Null);
}

#[test]
fn pages_obey_limit_and_ignore_per() {
    let mut sandbox = sandbox();
    let client = Client::qualified(&mut sandbox);
    sandbox.qualified().settings().page_size = 2;
    for number in 0..5 {
        sandbox.qualified().add_assessment(&format!("A{number}"), true);
    }
    let page = client.get(&mut sandbox, "/assessments?page=3&per=1").json();
    assert_eq!((&page["totalPages"], page["data"].as_array().map(Vec::len)), (&json!(3), Some(1)));
    let page = client.get(&mut sandbox, "/assessments?limit=4&order_by=title%20DESC").json();
    assert_eq!((&page["totalPages"], &page["data"][0]["title"]), (&json!(2), &json!("A4")));
}

#[test]
fn where_knows_its_operators_and_its_fields() {
    let mut sandbox = sandbox();
    let emails = ["ada@example.com", "ben@example.com", "cyd@example.org"];
    let (client, assessment) = invited(&mut sandbox, &emails);
    let result = sandbox.qualified().result_of("ada@example.com", &assessment).expect("invited");
    sandbox.advance(SignedDuration::from_mins(1));
    let since = sandbox.now().to_string();
    sandbox.qualified().start(&result).expect("invited");
    let mut count = |path: &str, condition: Value| filtered(&mut sandbox, &client, path, &condition).len();
    let results = "/assessment_results";
    assert_eq!(count(results, json!({"state": "started"})), 1);
    assert_eq!(count(results, json!({"state": {"in": ["opened", "started"]}})), 1);
    assert_eq!(count(results, json!({"state": {"nin": ["started"]}})), 2);
    assert_eq!(count(results, json!({"state": {"!=": "started"}, "current_take": true})), 2);
    assert_eq!(count(results, json!({"updated_at": {">=": since}})), 1);
    assert_eq!(count(results, json!({"updated_at": {"<": since}})), 2);
    let people = "/team_candidates";
    assert_eq!(count(people, json!({"email": "ben@example.com"})), 1);
    assert_eq!(count(people, json!({"email": {"contains": "example.org"}})), 1);
    let off = client.get(&mut sandbox, "/team_candidates?where=%7B%22risks%22%3A1%7D");
    assert_eq!(off.status, 400);
    let poll = format!(
        "/assessment_results?where={}&order_by={}",
        encoded(&json!({"updated_at": {">=": "2026-03-02T09:00:00.000Z"}}).to_string()),
        encoded("updated_at ASC"),
    );
    let rows = client.get(&mut sandbox, &poll).json();
    assert_eq!(rows["data"][2]["state"], "started", "changed last");
}

#[test]
fn includes_embed_relations_under_camel_case_names() {
    let mut sandbox = sandbox();
    let (client, _) = invited(&mut sandbox, &["Ada@Example.com"]);
    let bare = client.get(&mut sandbox, "/assessment_results").json();
    assert!(!bare.to_string().contains("xample.com"), "no e-mail without the include");
    let both = "/assessment_results?includes[]=team_candidate&includes[]=assessment";
    let full = client.get(&mut sandbox, both).json();
    assert_eq!(full["data"][0]["teamCandidate"]["email"], "Ada@Example.com");
    assert_eq!(full["data"][0]["assessment"]["title"], TITLE);
    assert_eq!(full["meta"]["includes"], json!(["team_candidate", "assessment"]));
    let id = bare["data"][0]["id"].as_str().expect("an id");
    let one = format!("/assessment_results/{id}?includes=most_recent_invitation");
    assert!(client.get(&mut sandbox, &one).json()["data"]["mostRecentInvitation"]["invitePath"].is_string());
}

#[test]
fn request_names_may_be_in_either_case_and_bodies_may_be_forms() {
    let mut sandbox = sandbox();
    let (client, assessment) = invited(&mut sandbox, &[]);
    let path = "/assessment_invitations/invite_candidates";
    let camel = json!({"data": {"candidates": ["ada@example.com"], "assessmentId": assessment, "firstName": "Ada"}});
    assert_eq!(client.post(&mut sandbox, path, camel).json()["data"][0]["candidateName"], "Ada");
    let body = format!("data[candidates][]=ben%40example.com&data[assessment_id]={assessment}");
    let mut request = client.request(http::Method::POST, path, None).map(|_| body.into());
    let kind = http::HeaderValue::from_static("application/x-www-form-urlencoded");
    request.headers_mut().insert("content-type", kind);
    assert_eq!(send(&mut sandbox, request).status, 200);
    assert_eq!(sandbox.qualified().mails().len(), 2);
}

#[test]
fn validation_names_fields_in_snake_case_and_echoes_the_record() {
    let mut sandbox = sandbox();
    let client = Client::qualified(&mut sandbox);
    let blank = client.post(&mut sandbox, "/assessments", json!({"data": {"title": " "}}));
    assert_eq!(blank.status, 422);
    assert_eq!(
        blank.json(),
        json!({"errors": {"title": "can't be blank"}, "type": "Assessment", "attributes": {"title": " "}}),
    );
    assert_eq!(client.post(&mut sandbox, "/assessments", json!({"title": "not wrapped"})).status, 400);
}

#[test]
fn assessments_are_made_as_drafts_published_and_archived() {
    let mut sandbox = sandbox();
    let client = Client::qualified(&mut sandbox);
    let made = client.post(&mut sandbox, "/assessments", json!({"data": {"title": TITLE}}));
    assert_eq!((made.status, &made.json()["data"]["state"]), (200, &json!("draft")));
    let path = format!("/assessments/{}", made.json()["id"].as_str().expect("an id"));
    for (verb, state) in
        [("publish", "published"), ("unpublish", "draft"), ("archive", "archived"), ("unarchive", "draft")]
    {
        let answer = client.put(&mut sandbox, &format!("{path}/{verb}"), json!({}));
        assert_eq!(answer.json()["data"]["state"], state);
    }
    assert_eq!(client.put(&mut sandbox, &format!("{path}/explode"), json!({})).status, 404);
}

#[test]
fn unknown_ids_are_404_or_by_another_reading_400() {
    let mut sandbox = sandbox();
    let client = Client::qualified(&mut sandbox);
    let path = "/assessment_results/000000000000000000000000";
    assert_eq!(client.get(&mut sandbox, path).status, 404);
    sandbox.qualified().settings().not_found = 400;
    let answer = client.get(&mut sandbox, path);
    assert_eq!((answer.status, &answer.json()["reason"]), (400, &json!("couldn't find that resource")));
}

#[test]
fn notes_are_kept_by_candidate() {
    let mut sandbox = sandbox();
    let (client, _) = invited(&mut sandbox, &["ada@example.com"]);
    let ada = sandbox.qualified().candidates()[0].id.clone();
    let body = json!({"data": {"notable_id": ada, "notable_type": "TeamCandidate", "body": "Nice"}});
    assert_eq!(client.post(&mut sandbox, "/notes", body).status, 200);
    let list = client.get(&mut sandbox, &format!("/notes?notable_id={ada}")).json();
    assert_eq!(list["data"][0]["body"], "Nice");
    assert_eq!(sandbox.qualified().notes().len(), 1);
}

#[test]
fn a_login_form_at_the_api_is_no_way_in() {
    let answer = form(&mut sandbox(), "https://www.qualified.io/api/v1/assessments", &[("key", "x")]);
    assert_eq!(answer.status, 401);
}

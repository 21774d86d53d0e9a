//! Lever.

use qualified_ats::{
    domain::{
        ids::{LeverUserId, OpportunityId, PostingId, StageId, WebhookId},
        secret::Secret,
        signature::Unverified,
    },
    vendor::{Call, CallError, Personal, lever::*},
};

use super::{json, read, secret, shown, time, url};

const OPPORTUNITY: &str = include_str!("lever_opportunity.json");

fn grant() -> Grant {
    Grant { origin: url("https://api.lever.co"), access: secret() }
}

fn opportunity() -> OpportunityId {
    OpportunityId::new("11111111-1111-4111-8111-111111111111").expect("an id")
}

fn stage(id: &str) -> StageId {
    StageId::new(id).expect("an id")
}

#[test]
fn reads_go_out() {
    insta::assert_snapshot!(shown(&ListStages::default().request(&grant())), @"
    GET https://api.lever.co/v1/stages
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&GetOpportunity { id: opportunity() }.request(&grant())), @"
    GET https://api.lever.co/v1/opportunities/11111111-1111-4111-8111-111111111111?expand=applications
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&GetPosting { id: PostingId::new("5555").expect("an id") }.request(&grant())), @"
    GET https://api.lever.co/v1/postings/5555
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&GetUser { id: LeverUserId::new("3333").expect("an id") }.request(&grant())), @"
    GET https://api.lever.co/v1/users/3333
    authorization: Bearer [secret]
    ");
    insta::assert_snapshot!(shown(&ListWebhooks::default().request(&grant())), @"
    GET https://api.lever.co/v1/webhooks
    authorization: Bearer [secret]
    ");
}

#[test]
fn page_tokens_go_back_as_they_came() {
    let offset = Some("%5B3%2C1700000000000%2C%22abc%22%5D".to_owned());
    insta::assert_snapshot!(shown(&ListNotes { opportunity: opportunity(), offset }.request(&grant())), @"
    GET https://api.lever.co/v1/opportunities/11111111-1111-4111-8111-111111111111/notes?offset=%255B3%252C1700000000000%252C%2522abc%2522%255D
    authorization: Bearer [secret]
    ");
}

#[test]
fn opportunities_are_listed_by_stage_and_time_or_by_address() {
    let call = ListOpportunities {
        stage: Some(stage("applicant-new")),
        advanced_since: Some(time("2026-01-01T00:00:00.123Z")),
        ..ListOpportunities::default()
    };
    insta::assert_snapshot!(shown(&call.request(&grant())), @"
    GET https://api.lever.co/v1/opportunities?expand=applications&archived=false&stage_id=applicant-new&advanced_at_start=1767225600123&limit=50
    authorization: Bearer [secret]
    ");
    let call = ListOpportunities { email: Some(Personal::new("ada+x@example.com")), ..ListOpportunities::default() };
    insta::assert_snapshot!(shown(&call.request(&grant())), @"
    GET https://api.lever.co/v1/opportunities?expand=applications&archived=false&email=ada%2Bx%40example.com&limit=50
    authorization: Bearer [secret]
    ");
}

#[test]
fn writes_go_out() {
    let tags = vec!["AngularJS: Services, \"Components\" - Invited".to_owned()];
    let add = AddTags { opportunity: opportunity(), tags: tags.clone() };
    insta::assert_snapshot!(shown(&add.request(&grant())), @r#"
    POST https://api.lever.co/v1/opportunities/11111111-1111-4111-8111-111111111111/addTags
    authorization: Bearer [secret]
    content-type: application/json
    {"tags":["AngularJS: Services, \"Components\" - Invited"]}
    "#);
    let remove = RemoveTags { opportunity: opportunity(), tags };
    insta::assert_snapshot!(shown(&remove.request(&grant())), @r#"
    POST https://api.lever.co/v1/opportunities/11111111-1111-4111-8111-111111111111/removeTags
    authorization: Bearer [secret]
    content-type: application/json
    {"tags":["AngularJS: Services, \"Components\" - Invited"]}
    "#);
    let note = AddNote { opportunity: opportunity(), text: "Rust\nScore: 86.7 / 100".to_owned() };
    insta::assert_snapshot!(shown(&note.request(&grant())), @r#"
    POST https://api.lever.co/v1/opportunities/11111111-1111-4111-8111-111111111111/notes
    authorization: Bearer [secret]
    content-type: application/json
    {"value":"Rust\nScore: 86.7 / 100"}
    "#);
    let create = CreateWebhook { url: "https://hooks.example.com/lever/acct-7".to_owned() };
    insta::assert_snapshot!(shown(&create.request(&grant())), @r#"
    POST https://api.lever.co/v1/webhooks
    authorization: Bearer [secret]
    content-type: application/json
    {"configuration":{"conditions":{"origins":["applied","sourced","referred","university","agency","internal"]}},"event":"candidateStageChange","url":"https://hooks.example.com/lever/acct-7"}
    "#);
    let delete = DeleteWebhook { id: WebhookId::new("7777").expect("an id") };
    insta::assert_snapshot!(shown(&delete.request(&grant())), @"
    DELETE https://api.lever.co/v1/webhooks/7777
    authorization: Bearer [secret]
    ");
}

#[test]
fn stages_may_be_slugs() {
    let body =
        r#"{"data":[{"id":"lead-new","text":"New lead"},{"id":"5b0c1c1e","text":"Coding test"}],"hasNext":false}"#;
    let page = read(&ListStages::default(), body).expect("a page");
    assert_eq!(page.rows[0], Stage { id: stage("lead-new"), text: "New lead".to_owned() });
    assert_eq!((page.rows.len(), page.next), (2, None));
}

#[test]
fn an_opportunity_is_read_in_full() {
    let call = GetOpportunity { id: opportunity() };
    let read = read(&call, OPPORTUNITY).expect("an opportunity");
    assert_eq!(read.id, opportunity());
    assert_eq!(read.name.as_ref().map(Personal::as_str), Some("Ada Example"));
    assert_eq!(read.emails, [Personal::new("ada@example.com")]);
    assert_eq!(read.tags.len(), 6);
    assert_eq!(read.posting, PostingId::new("55555555-5555-4555-8555-555555555555").ok());
    assert!(!read.archived && !read.anonymized && !read.confidential);
    assert_eq!(read.in_stage_since(), Some(time("2026-01-01T00:00:01Z")));
    assert!(read.show_url.is_some());
    assert!(!format!("{read:?}").contains("Ada") && !format!("{read:?}").contains("example.com"));
}

#[test]
fn an_opportunity_may_be_nearly_empty() {
    let call = GetOpportunity { id: opportunity() };
    let bare =
        read(&call, r#"{"data":{"id":"o","stage":"lead-new","applications":[],"emails":[""],"createdAt":1000}}"#);
    let bare = bare.expect("an opportunity");
    assert!(bare.emails.is_empty() && bare.posting.is_none() && bare.name.is_none());
    assert_eq!(bare.in_stage_since(), Some(time("1970-01-01T00:00:01Z")));

    let change = |from: &str, to: &str| {
        let body = OPPORTUNITY.replace(from, to);
        assert_ne!(body, OPPORTUNITY, "{from}");
        read(&call, &body).expect("an opportunity")
    };
    assert!(
        change(
            r#""archived":null,
 "tags""#,
            r#""archived":{"reason":"r","archivedAt":1},"tags""#
        )
        .archived
    );
    assert!(change(r#""isAnonymized":false"#, r#""isAnonymized":true"#).anonymized);
    assert!(change("non-confidential", "confidential").confidential);
    let expanded = change(r#""posting":"55555555-5555-4555-8555-555555555555""#, r#""posting":{"id":"55"}"#);
    assert_eq!(expanded.posting, PostingId::new("55").ok());
    let without_moves = change("stageChanges", "formerly");
    assert_eq!(without_moves.in_stage_since(), Some(time("2026-01-01T00:00:02Z")));
}

#[test]
fn a_postings_own_tags_are_read() {
    let posting = read(&GetPosting { id: PostingId::new("5").expect("an id") }, include_str!("lever_posting.json"));
    let posting = posting.expect("a posting");
    assert_eq!(posting.tags, ["Qualified: Rust Basics"]);
}

#[test]
fn a_note_is_found_by_its_marker() {
    let page = read(&ListNotes { opportunity: opportunity(), offset: None }, include_str!("lever_notes.json"));
    let page = page.expect("a page");
    let found: Vec<_> = page.rows.iter().map(|note| note.contains("Ref: qa-0123456789")).collect();
    assert_eq!(found, [true, false]);
    assert_eq!(page.next.as_deref(), Some("%5B3%2C1700000000000%2C%22abc%22%5D"));
}

#[test]
fn a_new_note_has_its_id_in_either_of_two_fields() {
    let call = AddNote { opportunity: opportunity(), text: String::new() };
    for body in [r#"{"data":{"noteId":"n1"}}"#, r#"{"data":{"id":"n1","text":"Note","fields":[]}}"#] {
        assert_eq!(call.read(&json(201, body)).expect("an id").as_str(), "n1");
    }
}

#[test]
fn a_new_webhook_tells_its_token_once() {
    let call = CreateWebhook { url: String::new() };
    let body = include_str!("lever_webhook.json");
    for body in [body.to_owned(), format!(r#"{{"data":{}}}"#, body.trim())] {
        let created = call.read(&json(201, &body)).expect("a webhook");
        assert_eq!(created.url, "https://hooks.example.com/lever/acct-7");
        assert!(created.signature_token.matches("0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978"));
    }
    let without = body.replace("signatureToken", "signature");
    assert_eq!(
        call.read(&json(201, &without)).err(),
        Some(CallError::Malformed("`data.configuration.signatureToken` is missing: expected a text".to_owned()))
    );
}

#[test]
fn listed_webhooks_have_neither_token_nor_next_page() {
    let body = r#"{"data":[{"id":"7","event":"candidateStageChange","url":"https://a.example/1","configuration":{}},
        {"id":"8","event":"candidateHired","url":"https://a.example/1","configuration":{}}]}"#;
    let page = read(&ListWebhooks::default(), body).expect("a page");
    let ours: Vec<_> = page.rows.iter().map(|webhook| webhook.delivers_to("https://a.example/1")).collect();
    assert_eq!((ours, page.next), (vec![true, false], None));
}

#[test]
fn what_is_gone_is_deleted() {
    let call = DeleteWebhook { id: WebhookId::new("7777").expect("an id") };
    for status in [200, 204, 404] {
        assert_eq!(call.read(&json(status, "")), Ok(()));
    }
    assert!(matches!(call.read(&json(403, r#"{"message":"no scope"}"#)), Err(CallError::Refused(_))));
}

#[test]
fn only_lever_may_redirect_us() {
    let to = |status: u16, location: &str| {
        let response = http::Response::builder().status(status).header("location", location);
        redirected(&response.body(bytes::Bytes::new()).expect("a response")).map(String::from)
    };
    for status in [301, 302, 307, 308] {
        let found = to(status, "https://api.eu.lever.co/v1/opportunities/1?expand=applications#x");
        assert_eq!(found.as_deref(), Some("https://api.eu.lever.co/"));
    }
    for (status, location) in [
        (200, "https://api.eu.lever.co/v1/stages"),
        (303, "https://api.eu.lever.co/v1/stages"),
        (301, "http://api.eu.lever.co/v1/stages"),
        (301, "https://lever.co.example.com/v1/stages"),
        (301, "https://evillever.co/v1/stages"),
        (301, "https://api.eu.lever.co:8443/v1/stages"),
        (301, "https://user@api.eu.lever.co/v1/stages"),
        (301, "/v1/stages"),
        (301, "https://127.0.0.1/.lever.co"),
    ] {
        assert_eq!(to(status, location), None, "{status} {location}");
    }
}

#[test]
fn a_delivery_is_read_once_it_is_verified() {
    let tokens = [Secret::new("0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a6978")];
    let parse = |body: &str| {
        let verified = Unverified { body: body.as_bytes() }.by_lever(&tokens).expect("signed");
        Delivery::parse(verified)
    };
    let body = include_str!("lever_delivery.json");
    let delivery = parse(body).expect("a delivery");
    assert_eq!(delivery.triggered_at, time("2026-01-01T00:00:00.123Z"));
    let moved =
        Event::StageChange { opportunity: opportunity(), to_stage: stage("5b0c1c1e-7d0f-4f0e-9a53-2f7a3f1f0001") };
    assert_eq!(delivery.event, moved);

    let event = |body: &str| parse(body).map(|delivery| delivery.event);
    assert_eq!(event(&body.replace("\"applicant-new\"", "null")), Ok(moved));
    assert_eq!(
        event(&body.replace("candidateStageChange", "candidateHired")),
        Ok(Event::Other("candidateHired".to_owned()))
    );
    let data = body.find(r#""data""#).expect("it has data");
    assert_eq!(event(&format!(r#"{}"data":{{}}}}"#, &body[..data])), Ok(Event::Test));
    let bad = event(&body.replace(r#""opportunityId":"1"#, r#""opportunityId":"/1"#)).expect_err("a bad id");
    assert!(bad.to_string().starts_with("`data.opportunityId`: not a Lever opportunity id"), "{bad}");
}

#[test]
fn claims_are_hints() {
    // {"https://oauth.lever.co/userId":"u1","https://oauth.lever.co/accountId":"a1"}
    let payload =
        "eyJodHRwczovL29hdXRoLmxldmVyLmNvL3VzZXJJZCI6InUxIiwiaHR0cHM6Ly9vYXV0aC5sZXZlci5jby9hY2NvdW50SWQiOiJhMSJ9";
    let found = claims(&Secret::new(format!("e30.{payload}.sig"))).expect("claims");
    assert_eq!((found.user, found.account.as_deref()), (LeverUserId::new("u1").ok(), Some("a1")));
    for opaque in ["", "opaque", "a.b.c", "e30.e30.e30", "..."] {
        assert_eq!(claims(&Secret::new(opaque)), None);
    }
}

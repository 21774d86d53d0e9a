//! What an integration reads and writes on a candidacy, with the quirks of the answers.

use sandbox::Sandbox;
use sandbox::lever::{Event, NewOpportunity, NewPosting};
use serde_json::{Value, json};

use crate::bench::{Client, deliver, listening, sandbox};

fn posting() -> NewPosting {
    NewPosting::titled("Backend Engineer")
        .categories("Engineering", "Platform", "Berlin", "Full-time")
        .tag("Rust basics")
}

/// A sandbox, a client and the path of a candidacy with a job.
pub(crate) fn ada() -> (Sandbox, Client, String, String) {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    let job = sandbox.lever().add_posting(posting());
    let ada = NewOpportunity::named("Ada Lovelace").posting(&job).tag("Test");
    let ada = sandbox.lever().add_opportunity(ada).expect("a job");
    (sandbox, client, format!("/opportunities/{ada}"), job)
}

pub(crate) fn data(sandbox: &mut Sandbox, client: &Client, path: &str) -> Value {
    let answer = client.get(sandbox, path);
    assert_eq!(answer.status, 200);
    answer.json()["data"].clone()
}

#[test]
fn a_fresh_candidacy_reads_as_recorded() {
    let (mut sandbox, client, path, _) = ada();
    let ada = data(&mut sandbox, &client, &path);
    assert_eq!(ada["stage"], "applicant-new");
    assert_eq!(ada["emails"], json!(["ada.lovelace@example.com"]));
    assert_eq!(ada["updatedAt"], Value::Null);
    assert_eq!(ada["archived"], Value::Null);
    assert_eq!(ada["opportunityLocation"], "Berlin");
    assert!(ada["stageChanges"][0].get("userId").is_none());
    assert!(ada["addedWithoutNotice"].is_object(), "unknown fields may come");
    assert_eq!(
        ada["tags"],
        json!(["Test", "Backend Engineer", "Engineering", "Platform", "Berlin", "Full-time", "Rust basics"]),
    );
}

#[test]
fn without_a_job_there_is_no_location_and_no_application() {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    let id = sandbox.lever().add_opportunity(NewOpportunity::named("Ada").emails(&[])).expect("a stage");
    let ada = data(&mut sandbox, &client, &format!("/opportunities/{id}?expand=applications"));
    assert_eq!((&ada["applications"], &ada["emails"]), (&json!([]), &json!([])));
    assert!(ada.get("opportunityLocation").is_none());
}

#[test]
fn expand_replaces_ids_in_place_and_include_leaves_only_what_it_names() {
    let (mut sandbox, client, path, job) = ada();
    let ada = data(&mut sandbox, &client, &format!("{path}?expand=applications&expand=stage&expand=contact"));
    assert_eq!(ada["applications"][0]["posting"], json!(job));
    assert_eq!(ada["stage"]["text"], "New applicant");
    assert_eq!(ada["contact"]["isAnonymized"], false);
    let cut = data(&mut sandbox, &client, &format!("{path}?include=tags&expand=stage"));
    let mut fields: Vec<_> = cut.as_object().expect("an object").keys().collect();
    fields.sort();
    assert_eq!(fields, ["stage", "tags"]);
}

#[test]
fn tags_are_a_case_sensitive_set_in_append_order() {
    let (mut sandbox, client, path, _) = ada();
    let add = |sandbox: &mut Sandbox, tags| client.post(sandbox, &format!("{path}/addTags"), json!({"tags": tags}));
    assert_eq!(add(&mut sandbox, json!(["Rust", "rust"])).status, 200);
    let again = add(&mut sandbox, json!(["Test"])).json();
    let tags: Vec<_> = again["data"]["tags"].as_array().expect("tags").iter().filter_map(Value::as_str).collect();
    assert_eq!((tags.first(), &tags[tags.len() - 2..]), (Some(&"Test"), &["Rust", "rust"][..]));
    let removed = client.post(&mut sandbox, &format!("{path}/removeTags"), json!({"tags": ["rust", "not there"]}));
    assert_eq!(removed.status, 200);
    assert!(removed.json()["data"]["tags"].as_array().expect("tags").contains(&json!("Rust")));
    assert_eq!(client.post(&mut sandbox, &format!("{path}/addTags"), json!({"tags": "Rust"})).status, 400);
}

#[test]
fn write_answers_blank_the_contact_but_for_links() {
    let (mut sandbox, client, path, _) = ada();
    let reasons = data(&mut sandbox, &client, "/archive_reasons");
    let blank = [
        client.post(&mut sandbox, &format!("{path}/addTags"), json!({"tags": ["a"]})),
        client.post(&mut sandbox, &format!("{path}/removeTags"), json!({"tags": ["a"]})),
        client.put(&mut sandbox, &format!("{path}/stage"), json!({"stage": "offer"})),
        client.put(&mut sandbox, &format!("{path}/archived"), json!({"reason": reasons[1]["id"]})),
        client.put(&mut sandbox, &format!("{path}/archived"), json!({"reason": null})),
    ];
    for answer in blank {
        let ada = &answer.json()["data"];
        assert_eq!((answer.status, &ada["name"], &ada["emails"]), (200, &json!(""), &json!([])));
        assert!(ada.get("opportunityLocation").is_none());
    }
    let links = client.post(&mut sandbox, &format!("{path}/addLinks"), json!({"links": ["https://example.com/r"]}));
    assert_eq!(links.json()["data"]["name"], "Ada Lovelace");
    assert_eq!(links.json()["data"]["links"], json!(["https://example.com/r"]));
}

#[test]
fn inherited_tags_follow_the_job() {
    let (mut sandbox, client, path, job) = ada();
    let id = path.rsplit('/').next().expect("an id").to_owned();
    sandbox.lever().rename_posting(&job, "Rust Engineer").expect("a job");
    sandbox.lever().tag_posting(&job, "Async Rust: Futures, Pinning").expect("a job");
    let tags = sandbox.lever().tags(&id);
    assert!(tags.contains(&"Rust Engineer".to_owned()) && !tags.contains(&"Backend Engineer".to_owned()));
    assert!(tags.contains(&"Async Rust: Futures, Pinning".to_owned()));
    sandbox.lever().untag_posting(&job, "Rust basics").expect("a job");
    assert!(!sandbox.lever().tags(&id).contains(&"Rust basics".to_owned()));

    let remove = json!({"tags": ["Rust Engineer"]});
    client.post(&mut sandbox, &format!("{path}/removeTags"), remove.clone());
    assert!(sandbox.lever().tags(&id).contains(&"Rust Engineer".to_owned()), "inherited tags stay");
    sandbox.lever().unproven().inherited_tags_removable = true;
    client.post(&mut sandbox, &format!("{path}/removeTags"), remove);
    assert!(!sandbox.lever().tags(&id).contains(&"Rust Engineer".to_owned()));
    sandbox.lever().unproven().inherited_tags_outlive_posting = true;
    sandbox.lever().untag_posting(&job, "Async Rust: Futures, Pinning").expect("a job");
    assert!(sandbox.lever().tags(&id).contains(&"Async Rust: Futures, Pinning".to_owned()));
}

#[test]
fn the_integrations_own_move_is_told_to_webhooks_and_an_archived_one_stays_archived() {
    let (mut sandbox, client, path, _) = ada();
    listening(&mut sandbox);
    let id = path.rsplit('/').next().expect("an id").to_owned();
    sandbox.lever().archive(&id).expect("Ada");
    assert_eq!(client.put(&mut sandbox, &format!("{path}/stage"), json!({"stage": "offer"})).status, 200);
    assert_eq!(client.put(&mut sandbox, &format!("{path}/stage"), json!({"stage": "gone"})).status, 400);
    assert_eq!(deliver(&mut sandbox).len(), 1);
    assert!(sandbox.lever().opportunity(&id).expect("Ada").archived.is_some());
}

#[test]
fn anonymized_deleted_and_confidential_candidacies_show_as_little_as_they_should() {
    let (mut sandbox, client, path, _) = ada();
    let id = path.rsplit('/').next().expect("an id").to_owned();
    sandbox.lever().anonymize(&id).expect("Ada");
    let ada = data(&mut sandbox, &client, &path);
    assert_eq!((&ada["emails"], &ada["isAnonymized"]), (&json!([]), &json!(true)));
    sandbox.lever().delete_opportunity(&id).expect("Ada");
    assert_eq!(client.get(&mut sandbox, &path).status, 404);
    assert_eq!(data(&mut sandbox, &client, "/opportunities/deleted")[0]["id"], json!(id));
    let secret = sandbox.lever().add_opportunity(NewOpportunity::named("Eve").confidential()).expect("a stage");
    assert_eq!(client.get(&mut sandbox, &format!("/opportunities/{secret}")).status, 403);
    assert_eq!(data(&mut sandbox, &client, "/opportunities"), json!([]));
    assert_eq!(client.get(&mut sandbox, "/opportunities?confidentiality=all").status, 403);
}

#[test]
fn stages_are_slugs_and_uuids_and_may_be_renamed_or_vanish() {
    let mut sandbox = sandbox();
    let client = Client::lever(&mut sandbox);
    let test = sandbox.lever().stage("Coding test").expect("a stage");
    let stages = data(&mut sandbox, &client, "/stages");
    assert_eq!(stages[0]["id"], "lead-new");
    assert!(stages.as_array().expect("stages").contains(&json!({"id": test, "text": "Coding test"})));
    sandbox.lever().rename_stage(&test, "Code challenge").expect("a stage");
    assert_eq!(data(&mut sandbox, &client, &format!("/stages/{test}"))["text"], "Code challenge");
    sandbox.lever().delete_stage(&test).expect("a stage");
    assert_eq!(client.get(&mut sandbox, &format!("/stages/{test}")).status, 404);
}

#[test]
fn drafts_have_no_urls() {
    let (mut sandbox, client, _, job) = ada();
    assert!(data(&mut sandbox, &client, &format!("/postings/{job}"))["urls"].is_object());
    let draft = sandbox.lever().add_posting(posting().state("draft"));
    assert_eq!(data(&mut sandbox, &client, &format!("/postings/{draft}"))["urls"], Value::Null);
    let drafts = data(&mut sandbox, &client, "/postings?state=draft");
    assert_eq!(drafts.as_array().map(Vec::len), Some(1));
}

#[test]
fn hiring_archiving_and_deleting_have_events_of_their_own() {
    let (mut sandbox, client, path, _) = ada();
    let id = path.rsplit('/').next().expect("an id").to_owned();
    for event in [Event::CandidateHired, Event::CandidateArchiveChange, Event::CandidateDeleted] {
        sandbox.lever().set_webhook_toggle(event, true);
        let body = json!({"url": crate::bench::HOOK, "event": event.name()});
        assert_eq!(client.post(&mut sandbox, "/webhooks", body).status, 201);
    }
    sandbox.lever().hire(&id).expect("Ada");
    sandbox.lever().delete_opportunity(&id).expect("Ada");
    let told = deliver(&mut sandbox);
    let names: Vec<_> = told.iter().map(|body| body["event"].as_str().expect("a name")).collect();
    assert_eq!(names, ["candidateArchiveChange", "candidateHired", "candidateDeleted"]);
    assert!(told[0]["data"]["toArchived"]["reason"].is_string());
}

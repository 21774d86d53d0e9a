//! What a person has to mend, and what had happened meanwhile.

use http::Method;
use sandbox::lever::{App, Rotation};
use sandbox::qualified::Score;
use sandbox::{Effect, Rule, Vendor};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, Candidate, Town, lever_app, story};
use crate::{RUST, SQL};

/// Another key for `encryption_key`, base64 of 32 bytes.
const NEW_KEY: &str = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0=";

/// The key that the town starts with.
const OLD_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

fn failing(town: &Town) -> Vec<(String, String)> {
    let failing = town.health().into_iter().filter(|(_, ok, _)| *ok == Some(false));
    failing.map(|(check, _, detail)| (check, detail)).collect()
}

/// Tagged, moved into the trigger stage, and told of.
fn arrives(town: &Town, name: &str) -> Candidate {
    let who = town.recruiter().adds_tagged(name, RUST);
    town.recruiter().moves(&who, "Coding test");
    town.deliver_well();
    who
}

/// Somebody in Qualified invites by hand.
fn invites_by_hand(town: &Town, who: &Candidate) {
    let assessment = town.assessment(RUST);
    let key = town.vendors(|vendors| vendors.qualified().api_key().to_owned());
    let body = json!({"data": {"candidates": [who.email()], "assessment_id": assessment}});
    let request = http::Request::post("https://www.qualified.io/api/v1/assessment_invitations/invite_candidates")
        .header("authorization", key)
        .header("content-type", "application/json")
        .body(bytes::Bytes::from(body.to_string()));
    let answer = town.vendors(|vendors| vendors.handle(request.expect("a request"))).expect("an answer");
    assert_eq!(answer.status(), 200);
}

story!(progress_waits_for_a_client_secret_that_works, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = arrives(town, "Ada Okafor");
    // The operator makes a new secret in Lever, and forgets to tell us.
    town.vendors(|vendors| {
        vendors.register_lever_app(App { client_secret: "a-newer-secret".into(), ..lever_app(Rotation::default()) });
    });
    town.advance(2 * 60);
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(81.0);
    town.reviewer().approves(&ada);
    town.deliver_well();
    for _ in 0..20 {
        town.advance(15);
        town.sync();
    }
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);

    town.vendors(|vendors| vendors.register_lever_app(lever_app(Rotation::default())));
    town.sync_until_quiet();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Approved")]);
    assert_eq!(town.notes(&ada).len(), 1);
});

story!(progress_waits_while_lever_is_not_connected, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = arrives(town, "Ada Okafor");
    town.account("DELETE", "/lever", None).fine();
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(81.0);
    town.deliver_well();
    for _ in 0..8 {
        town.advance(15);
        town.sync();
    }
    assert!(town.notes(&ada).is_empty());

    town.operator().log_in_to_lever();
    town.sync_until_quiet();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
    assert_eq!(town.notes(&ada).len(), 1);
});

story!(who_comes_while_qualified_is_not_connected_is_invited_when_it_is, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.account("DELETE", "/qualified", None).fine();
    let ada = arrives(town, "Ada Okafor");
    assert!(town.reason(&ada).contains("Qualified is connected"), "{}", town.reason(&ada));
    town.operator().connect_qualified();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(an_encryption_key_is_rotated_without_connecting_again, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.restart_with("encryption_key", &format!("{NEW_KEY},{OLD_KEY}"));
    town.advance(60);
    town.sync();
    town.restart_with("encryption_key", NEW_KEY);
    assert_eq!(failing(town), []);
    let ada = arrives(town, "Ada Okafor");
    assert_eq!(town.mails(), [ada.email()]);
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Started")]);
});

story!(a_lost_encryption_key_is_told_and_mended_by_connecting_again, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.restart_with("encryption_key", NEW_KEY);
    let told = failing(town);
    assert!(
        told.iter().any(|(check, detail)| check == "stored-credentials" && detail.contains("API key")),
        "{told:#?}"
    );

    town.operator().connect_qualified();
    town.operator().log_in_to_lever();
    assert_eq!(failing(town), []);
    let ada = arrives(town, "Ada Okafor");
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 1);
    assert_eq!(town.vendors(|vendors| vendors.qualified().subscriptions().len()), 1);
});

story!(who_is_archived_before_the_mail_could_go_gets_none, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let down = Rule::at(Vendor::Qualified, Effect::ServerError).ending("/invite_candidates").always();
    town.vendors(|vendors| vendors.faults().add(down));
    let ada = arrives(town, "Ada Okafor");
    town.vendors(|vendors| vendors.lever().archive(&ada.opportunity)).expect("Lever lets them");
    town.vendors(|vendors| vendors.faults().clear());
    town.sync_until_quiet();
    assert_eq!(town.mails(), [""; 0]);
    assert_eq!(town.tags(&ada), [RUST]);
    assert!(town.reason(&ada).contains("archived"), "{}", town.reason(&ada));
});

story!(a_mail_that_went_out_is_known_though_its_answer_was_lost_and_the_candidate_archived, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let lost = Rule::at(Vendor::Qualified, Effect::NoAnswer { applied: true }).ending("/invite_candidates");
    town.vendors(|vendors| vendors.faults().add(lost));
    let ada = arrives(town, "Ada Okafor");
    town.vendors(|vendors| vendors.lever().archive(&ada.opportunity)).expect("Lever lets them");
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
    town.candidate(&ada).starts();
    town.deliver_well();
    assert_eq!(town.tags(&ada), [format!("{RUST} - Started")]);
});

story!(who_was_invited_by_hand_before_is_taken_up_where_they_are, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    invites_by_hand(town, &ada);
    let result = town.candidate(&ada).result(&town.assessment(RUST));
    town.vendors(|vendors| vendors.qualified().start(&result)).expect("it can be started");
    town.vendors(|vendors| vendors.qualified().submit(&result, Score::of(77.0))).expect("it can be handed in");
    town.advance(60);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "the one that was sent by hand");
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
    assert_eq!(town.notes(&ada).len(), 1);
    let told = town.activity().into_iter().any(|line| line.to_string().contains("no second mail"));
    assert!(told, "{:#?}", town.activity());
});

story!(a_draft_published_a_moment_ago_is_sent_with_the_others, |town| {
    town.vendors(|vendors| vendors.qualified().add_assessment(SQL, false));
    town.operator().sets_everything_up(&[RUST]);
    let id = town.assessment(SQL);
    town.advance(1);
    town.vendors(|vendors| vendors.qualified().publish(&id)).expect("Qualified lets them");
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().tags(&ada, SQL);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [ada.email(), ada.email()], "{}", town.reason(&ada));
});

story!(a_webhook_that_lever_kept_is_deleted_when_it_is_connected_again, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let down = Rule::at(Vendor::Lever, Effect::ServerError).on(Method::DELETE).always();
    town.vendors(|vendors| vendors.faults().add(down));
    town.account("DELETE", "/lever", None).fine();
    town.vendors(|vendors| vendors.faults().clear());
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 1, "it could not be deleted");

    town.operator().log_in_to_lever();
    town.operator().add_trigger_stage("Coding test");
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 1);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    assert_eq!(town.deliver_well(), 1);
    assert_eq!(town.mails(), [ada.email()]);
});

story!(disconnecting_deletes_a_webhook_whose_making_was_not_answered, |town| {
    town.operator().put_account(true);
    town.operator().connect_qualified();
    let lost = Rule::at(Vendor::Lever, Effect::NoAnswer { applied: true }).on(Method::POST).ending("/v1/webhooks");
    town.vendors(|vendors| vendors.faults().add(lost));
    let (url, cookies) = town.operator().begin_log_in();
    let callback = town.operator().consent(&url);
    town.operator().come_back(&callback, &cookies);
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 1);
    town.account("DELETE", "/lever", None).fine();
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 0);
});

story!(disconnecting_deletes_a_subscription_whose_making_was_not_answered, |town| {
    town.operator().put_account(true);
    let lost = Rule::at(Vendor::Qualified, Effect::NoAnswer { applied: true }).on(Method::POST);
    town.vendors(|vendors| vendors.faults().add(lost));
    let key = town.vendors(|vendors| vendors.qualified().api_key().to_owned());
    town.account("PUT", "/qualified", Some(json!({"api_key": key})));
    assert_eq!(town.vendors(|vendors| vendors.qualified().subscriptions().len()), 1);
    town.account("DELETE", "/qualified", None).fine();
    assert_eq!(town.vendors(|vendors| vendors.qualified().subscriptions().len()), 0);
});

story!(connecting_without_the_feature_writes_nothing_at_the_vendors, |town| {
    town.operator().put_account(false);
    town.watch();
    town.operator().connect_qualified();
    town.operator().log_in_to_lever();
    assert_eq!(town.vendor_writes(), [""; 0]);

    town.operator().put_account(true);
    town.advance(15);
    town.sync();
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 1);
    assert_eq!(town.vendors(|vendors| vendors.qualified().subscriptions().len()), 1);
});

story!(a_decision_that_was_not_heard_is_read_on_replay, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = arrives(town, "Ada Okafor");
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(90.0);
    town.deliver_well();
    town.vendors(|vendors| vendors.qualified_webhooks().drop = true);
    town.reviewer().approves(&ada);
    let line = town
        .activity()
        .into_iter()
        .find(|line| line["candidacy"].is_object() || line["subject"] == ada.opportunity.as_str());
    let id = line.expect("a line")["id"].as_str().expect("an id").to_owned();
    town.account("POST", &format!("/activity/{id}/replay"), None).expect(202);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Approved")]);
});

story!(a_captured_delivery_with_somebody_else_put_in_invites_nobody, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let bruno =
        town.recruiter().adds_with("Bruno Castellanos", sandbox::lever::NewOpportunity::named("Bruno Castellanos"));
    town.recruiter().moves(&bruno, "Coding test");
    town.deliver_well();
    // Who has the tag by now, and is not to be invited before coming into the stage again.
    town.recruiter().tags(&bruno, RUST);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let captured = town.due();
    town.deliver_well();
    for (_, request) in captured {
        let mut body: Value = serde_json::from_slice(request.body()).expect("JSON");
        body["data"]["opportunityId"] = json!(bruno.opportunity);
        let answer = town.post(&format!("/hooks/lever/{ACCOUNT}"), body.to_string()).expect("an answer");
        assert_eq!(answer.status, 200, "the signature doesn't cover whom it is about");
    }
    town.sync_until_quiet();
    assert_eq!(town.candidate(&bruno).invitations(), 0);
    assert_eq!(town.tags(&bruno), [RUST]);

    town.recruiter().moves(&bruno, "New applicant");
    town.recruiter().moves(&bruno, "Coding test");
    town.deliver_well();
    assert_eq!(town.candidate(&bruno).invitations(), 1, "the next time counts");
});

story!(deleting_the_account_forgets_earlier_takes_too, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = arrives(town, "Ada Okafor");
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(40.0);
    town.deliver_well();
    let first = town.candidate(&ada).result(&town.assessment(RUST));
    town.vendors(|vendors| vendors.qualified().retake(&first)).expect("Qualified lets them");
    town.sync_until_quiet();
    town.account("DELETE", "", None).fine();
    let left: Vec<_> = town.records().into_keys().filter(|key| key.contains(ACCOUNT)).collect();
    assert!(left.is_empty(), "{left:#?}");
});

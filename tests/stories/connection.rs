//! Connections come, break, heal and go.

use sandbox::Vendor;
use sandbox::lever::Rotation;
use serde_json::json;

use crate::RUST;
use crate::support::{Fault, PUBLIC, Town, lever_app, story};

/// Whether a failing check's detail holds this word.
fn complains(town: &Town, word: &str) -> bool {
    town.health().iter().any(|(_, ok, detail)| *ok == Some(false) && detail.to_lowercase().contains(word))
}

story!(a_sound_set_up_has_no_complaint, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    let health = town.health();
    assert!(!health.is_empty());
    assert!(health.iter().all(|(_, ok, _)| *ok != Some(false)), "{health:#?}");
    let webhooks = town.vendors(|vendors| vendors.lever().webhooks().to_vec());
    assert_eq!(webhooks.len(), 1);
    assert_eq!(webhooks[0].url, format!("{PUBLIC}/hooks/lever/acme"));
});

story!(revoked_grant_asks_to_reconnect_and_loses_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| vendors.lever().revoke_app());
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.advance(15);
    town.sync();
    assert!(town.mails().is_empty());
    assert!(complains(town, "reconnect"), "{:#?}", town.health());
    assert_eq!(town.operator().account()["lever"]["connected"], json!(true), "the settings are kept");

    town.operator().log_in_to_lever();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
    assert!(!complains(town, "reconnect"), "{:#?}", town.health());
    assert_eq!(town.vendors(|vendors| vendors.lever().webhooks().len()), 1);
});

story!(an_expired_token_is_refreshed_quietly, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.advance(3 * 60);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [ada.email()]);
});

story!(a_quiet_year_keeps_the_grant_alive, |town| {
    town.operator().sets_everything_up(&[RUST]);
    // The grant dies after 90 idle days; the scheduler runs, if only once a day.
    for _ in 0..200 {
        town.advance(24 * 60);
        town.sync();
    }
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [ada.email()]);
});

story!(an_account_in_europe_is_followed_there, |town| {
    town.vendors(|vendors| vendors.lever().set_european(true));
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(webhook_deleted_at_lever_is_recreated, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let old = town.vendors(|vendors| vendors.lever().webhooks()[0].id.clone());
    town.vendors(|vendors| vendors.lever().delete_webhook(&old)).expect("it was there");
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.advance(24 * 60);
    town.sync_until_quiet();
    let webhooks = town.vendors(|vendors| vendors.lever().webhooks().to_vec());
    assert_eq!(webhooks.len(), 1, "{webhooks:#?}");
    assert_ne!(webhooks[0].id, old);
    assert_eq!(town.mails(), [ada.email()], "what was missed meanwhile is healed");

    let bruno = town.recruiter().adds_tagged("Bruno Castellanos", RUST);
    town.recruiter().moves(&bruno, "Coding test");
    assert_eq!(town.deliver_well(), 1);
    assert_eq!(town.mails(), [ada.email(), bruno.email()]);
});

story!(subscription_deleted_at_qualified_is_recreated, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let old = town.vendors(|vendors| vendors.qualified().subscriptions()[0].clone());
    let key = town.vendors(|vendors| vendors.qualified().api_key().to_owned());
    let delete = http::Request::delete(format!("https://www.qualified.io/api/v1/webhook_subscriptions/{}", old.id))
        .header("authorization", key)
        .body(bytes::Bytes::new());
    town.vendors(|vendors| vendors.handle(delete.expect("a request"))).expect("an answer");
    assert!(town.vendors(|vendors| vendors.qualified().subscriptions().is_empty()));
    town.advance(24 * 60);
    town.sync_until_quiet();
    let subscriptions = town.vendors(|vendors| vendors.qualified().subscriptions().to_vec());
    assert_eq!(subscriptions.len(), 1, "{subscriptions:#?}");
    assert_eq!(subscriptions[0].url, old.url);
});

story!(a_delivery_through_an_earlier_webhook_proves_nothing_of_this_one, |town| {
    let webhook_on = |town: &Town| {
        let on = town.health().into_iter().find(|(name, ..)| name == "lever-webhook-on").expect("the check").1;
        let last = town.operator().account()["lever"]["webhook"]["last_event_at"].clone();
        assert_eq!(on.is_some(), !last.is_null(), "{last}");
        on
    };
    town.operator().sets_everything_up(&[RUST]);
    assert_eq!(webhook_on(town), None);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    assert_eq!(webhook_on(town), Some(true));

    town.advance(1);
    town.account("DELETE", "/lever", None).fine();
    town.operator().log_in_to_lever();
    town.operator().add_trigger_stage("Coding test");
    assert_eq!(webhook_on(town), None, "{:#?}", town.health());
    let bruno = town.recruiter().adds_tagged("Bruno Castellanos", RUST);
    town.recruiter().moves(&bruno, "Coding test");
    town.deliver_well();
    assert_eq!(webhook_on(town), Some(true));

    // The webhook is made anew, while everything else stays.
    let ours = town.vendors(|vendors| vendors.lever().webhooks()[0].id.clone());
    town.vendors(|vendors| vendors.lever().delete_webhook(&ours)).expect("it was there");
    town.advance(60);
    town.sync();
    assert_eq!(webhook_on(town), None, "{:#?}", town.health());
});

story!(hand_made_webhook_works_with_its_token, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let url = format!("{PUBLIC}/hooks/lever/acme");
    let token = town.vendors(|vendors| vendors.lever().make_webhook_by_hand(&url)).expect("Lever lets them");
    town.account("PUT", "/lever/signature-token", Some(json!({"token": token}))).fine();
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    assert_eq!(town.deliver_well(), 2, "both webhooks tell of the move");
    assert_eq!(town.mails(), [ada.email()], "and it is one piece of work");

    // Ours is gone; the one made by hand goes on, and is never touched.
    let ours = town.vendors(|vendors| vendors.lever().webhooks().iter().find(|it| it.by_api).map(|it| it.id.clone()));
    town.vendors(|vendors| vendors.lever().delete_webhook(&ours.expect("ours"))).expect("it was there");
    let bruno = town.recruiter().adds_tagged("Bruno Castellanos", RUST);
    town.recruiter().moves(&bruno, "Coding test");
    assert_eq!(town.deliver_well(), 1);
    assert_eq!(town.mails(), [ada.email(), bruno.email()]);

    town.account("DELETE", "/lever", None).fine();
    let left = town.vendors(|vendors| vendors.lever().webhooks().to_vec());
    assert_eq!(left.len(), 1);
    assert!(!left[0].by_api);
});

story!(disconnecting_deletes_the_webhook_and_forgets_the_tokens, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let late = town.due();
    town.account("DELETE", "/lever", None).fine();
    assert!(town.vendors(|vendors| vendors.lever().webhooks().is_empty()));
    let account = town.operator().account();
    assert_eq!(account["lever"]["connected"], json!(false));
    assert_eq!(account["lever"]["trigger_stages"], json!([]));

    town.watch();
    for (_, request) in late {
        let answer = town.request(request).expect("an answer");
        assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.text);
    }
    town.sync_until_quiet();
    assert_eq!(town.calls(Vendor::Lever), 0);
    assert!(town.mails().is_empty());
});

story!(deleting_the_account_leaves_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.account("DELETE", "", None).fine();
    town.account("GET", "", None).expect(404);
    assert!(town.vendors(|vendors| vendors.lever().webhooks().is_empty()));
    assert!(town.vendors(|vendors| vendors.qualified().subscriptions().is_empty()));
    let left: Vec<_> = town.records().into_keys().filter(|key| key.contains("acme")).collect();
    assert!(left.is_empty(), "{left:#?}");
});

#[test]
fn deleting_the_account_leaves_nothing_wherever_work_was_cut_before() {
    for number in 0..100 {
        let town = Town::native();
        town.operator().sets_everything_up(&[RUST]);
        let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
        town.recruiter().moves(&ada, "Coding test");
        town.cut(number, Fault::CrashAfter);
        town.deliver();
        let is_over = town.operations().len() <= number;
        town.mend();
        town.sync_until_quiet();
        town.account("DELETE", "", None).fine();
        let left: Vec<_> = town.records().into_keys().filter(|key| key.contains("acme")).collect();
        assert!(left.is_empty(), "cut after {number} operations: {left:#?}");
        if is_over {
            return;
        }
    }
    panic!("the delivery never ends");
}

story!(a_trigger_stage_that_vanished_is_told, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let stage = town.operator().stage("Coding test");
    town.vendors(|vendors| vendors.lever().delete_stage(&stage)).expect("Lever lets them");
    town.advance(24 * 60);
    town.sync_until_quiet();
    assert!(complains(town, "coding test"), "{:#?}", town.health());
    town.account("DELETE", &format!("/lever/trigger-stages/{stage}"), None).fine();
    assert!(!complains(town, "coding test"), "{:#?}", town.health());
});

story!(a_stage_that_lever_does_not_have_is_refused, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let unknown = "/lever/trigger-stages/11111111-2222-4333-8444-555555555555";
    let problem = town.account("PUT", unknown, None).expect(404);
    assert_eq!(problem.headers["content-type"], "application/problem+json");
    assert_eq!(town.operator().account()["lever"]["trigger_stages"].as_array().map(Vec::len), Some(1));
});

story!(a_rotated_qualified_key_loses_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| vendors.qualified().regenerate_api_key());
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.advance(15);
    town.sync();
    assert!(town.mails().is_empty());
    assert!(complains(town, "key"), "{:#?}", town.health());

    town.operator().connect_qualified();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert!(!complains(town, "key"), "{:#?}", town.health());
    assert_eq!(town.vendors(|vendors| vendors.qualified().subscriptions().len()), 1);
});

story!(a_wrong_qualified_key_is_refused_at_once, |town| {
    town.operator().put_account(true);
    let answer = town.account("PUT", "/qualified", Some(json!({"api_key": "not-a-key"})));
    assert!((400..600).contains(&answer.status) && answer.status != 500, "{} {}", answer.status, answer.text);
    assert!(!answer.text.contains("not-a-key"), "{}", answer.text);
    assert_eq!(town.operator().account()["qualified"]["connected"], json!(false));
});

story!(an_account_without_the_feature_does_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.operator().put_account(false);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.watch();
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.vendor_writes(), [""; 0]);
    assert_eq!(town.tags(&ada), [RUST]);
    assert!(town.mails().is_empty());
    assert!(!town.reason(&ada).is_empty());
});

/// A candidate comes when the access token is worn out. Which operation keeps the new tokens.
#[track_caller]
fn comes(town: &Town, name: &str, cut: Option<(usize, Fault)>) -> usize {
    town.advance(3 * 60);
    let who = town.recruiter().adds_tagged(name, RUST);
    town.recruiter().moves(&who, "Coding test");
    match cut {
        Some((number, fault)) => town.cut(number, fault),
        None => town.watch(),
    }
    town.deliver();
    town.mend();
    let operations = town.operations();
    let asked = operations.iter().position(|(_, what)| what.ends_with("/oauth/token")).expect("a refresh");
    let kept = operations[asked..].iter().position(|(_, what)| what == "swap tokens/acme/lever");
    asked + kept.expect("the tokens are kept")
}

story!(renewed_tokens_survive_a_store_that_fails_once, |town| {
    town.vendors(|vendors| vendors.register_lever_app(lever_app(Rotation::ReuseKillsFamily)));
    town.operator().sets_everything_up(&[RUST]);
    comes(town, "Ada Okafor", None);
    let keeps = comes(town, "Bruno Castellanos", None);
    comes(town, "Cleo Marsh", Some((keeps, Fault::StoreErrorBefore)));
    comes(town, "Dana Ito", Some((keeps, Fault::StoreErrorAfter)));
    town.sync_until_quiet();
    assert_eq!(town.mails().len(), 4);
    assert!(!complains(town, "reconnect"), "{:#?}", town.health());
});

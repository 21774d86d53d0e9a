//! What a delivery may do, and what it may not: repeated, forged, not ours.

use sandbox::{Effect, Rule, Signature, Vendor};
use serde_json::json;

use crate::RUST;
use crate::support::{ACCOUNT, Kind, Town, story};

story!(redelivery_changes_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let due = town.due();
    assert_eq!(due.len(), 1);
    let (id, request) = &due[0];
    let answer = town.request(request.clone()).expect("an answer").fine();
    town.answered(*id, Some(&answer));
    assert_eq!(town.mails(), [ada.email()]);

    town.watch();
    for minutes in [0, 1, 30, 600] {
        town.advance(minutes);
        town.request(request.clone()).expect("an answer").fine();
    }
    assert_eq!(town.vendor_writes(), [""; 0]);
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
});

story!(every_webhook_twice_and_again_changes_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.vendors(|vendors| {
        for knobs in [Vendor::Lever, Vendor::Qualified] {
            let knobs = match knobs {
                Vendor::Lever => vendors.lever_webhooks(),
                _ => vendors.qualified_webhooks(),
            };
            knobs.duplicate = true;
            knobs.replay_after = Some(jiff::SignedDuration::from_mins(40));
        }
    });
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver_well();
    town.candidate(&ada).starts();
    town.deliver_well();
    town.candidate(&ada).submits(70.0);
    town.deliver_well();
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.notes(&ada).len(), 1);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Submitted")]);
});

story!(forged_delivery_changes_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    for signature in [Signature::Wrong, Signature::Missing] {
        town.vendors(|vendors| vendors.lever_webhooks().signature = signature);
        town.recruiter().moves(&ada, "Coding test");
        let before = town.records();
        town.watch();
        let answers = town.deliver();
        assert!(!answers.is_empty());
        for (_, answer) in answers {
            assert_eq!(answer.expect("an answer").status, 401);
        }
        assert_eq!(town.records(), before, "nothing is stored");
        assert_eq!(town.count(Kind::Send), 0, "nobody is called");
        town.recruiter().moves(&ada, "Offer");
        town.deliver();
    }
    assert!(town.mails().is_empty());
});

story!(a_delivery_with_a_wrong_secret_or_for_nobody_is_not_found, |town| {
    town.operator().sets_everything_up(&[RUST]);
    town.watch();
    let before = town.records();
    let event = json!({"event": "assessment_result_submitted", "data": {"id": "0123456789abcdef01234567"}}).to_string();
    for path in [
        format!("/hooks/qualified/{ACCOUNT}/{}", "0".repeat(43)),
        "/hooks/qualified/nobody/0000".to_owned(),
        "/hooks/lever/nobody".to_owned(),
    ] {
        town.post(&path, event.clone()).expect("an answer").expect(404);
    }
    assert_eq!(town.records(), before);
    assert_eq!(town.count(Kind::Send), 0);
});

story!(delivery_of_another_stage_costs_nothing, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    // An account's first delivery is noted, for its health.
    town.recruiter().moves(&ada, "Offer");
    town.deliver_well();

    town.recruiter().moves(&ada, "Recruiter screen");
    town.watch();
    assert_eq!(town.deliver_well(), 1);
    assert_eq!(town.count(Kind::Write), 0, "{:#?}", town.operations());
    assert_eq!(town.count(Kind::Send), 0, "{:#?}", town.operations());
});

story!(a_test_request_shows_in_the_account, |town| {
    town.operator().sets_everything_up(&[RUST]);
    assert_eq!(town.operator().account()["lever"]["webhook"]["last_event_at"], json!(null));
    let id = town.operator().account()["lever"]["webhook"]["id"].as_str().expect("an id").to_owned();
    town.vendors(|vendors| vendors.lever().send_test_request(&id)).expect("Lever lets them");
    assert_eq!(town.deliver_well(), 1);
    assert!(town.operator().account()["lever"]["webhook"]["last_event_at"].is_string());
});

story!(hearing_of_our_own_invitation_costs_little, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let (_, request) = town.due().remove(0);
    town.request(request).expect("an answer").fine();
    let echoes = town.due();
    assert!(!echoes.is_empty(), "Qualified tells of the invitation");
    for (_, request) in echoes {
        town.watch();
        town.request(request).expect("an answer").fine();
        assert!(town.count(Kind::Write) <= 2, "{:#?}", town.operations());
        assert_eq!(town.vendor_writes(), [""; 0]);
    }
});

story!(one_durable_write_comes_before_the_answer, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let warm = town.recruiter().adds_tagged("Bruno Castellanos", RUST);
    town.recruiter().moves(&warm, "Coding test");
    town.deliver_well();
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let (_, request) = town.due().remove(0);
    town.watch();
    town.request(request).expect("an answer").fine();
    assert!(town.count(Kind::Write) <= 4, "one before the answer, three more per invitation: {:#?}", town.operations());
});

/// The machine dies in the moment of the answer, and Lever's list tells nothing: what was acknowledged is all there is.
#[test]
fn the_answer_comes_after_one_durable_write_which_suffices() {
    let town = Town::native();
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let (_, request) = town.due().remove(0);
    town.watch();
    let mut invocation = town.stepwise(request);
    while invocation.answer.borrow().is_none() {
        assert!(!invocation.step(), "it ended without an answer");
    }
    assert_eq!(invocation.answer.borrow().as_ref().map(|answer| answer.status().as_u16()), Some(200));
    assert_eq!(town.count(Kind::Write), 1, "{:#?}", town.operations());
    assert_eq!(town.count(Kind::Send), 0, "{:#?}", town.operations());
    drop(invocation);

    let list = Rule::at(Vendor::Lever, Effect::ServerError).ending("/v1/opportunities").always();
    town.vendors(|vendors| vendors.faults().add(list));
    town.advance(15);
    town.sync();
    assert_eq!(town.mails(), [ada.email()]);
    assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")]);
    town.audit();
}

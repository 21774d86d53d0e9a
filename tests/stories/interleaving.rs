//! Two invocations at one time, switched at every place where either may wait.

use crate::RUST;
use sandbox::lever::Rotation;

use crate::support::{Town, lever_app, story};

/// Far more operations than an invocation has.
const MOST: usize = 400;

/// A candidate moved, and the one delivery that tells of it.
fn moved() -> (Town, crate::support::Candidate, http::Request<bytes::Bytes>) {
    let town = Town::native();
    town.operator().sets_everything_up(&[RUST]);
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let mut due = town.due();
    let (id, request) = due.remove(0);
    town.vendors(|vendors| vendors.answered(id, Some(http::StatusCode::OK)));
    (town, ada, request)
}

#[test]
fn one_delivery_twice_at_once_invites_once() {
    for switch in 0..MOST {
        let (town, ada, request) = moved();
        let (mut one, mut other) = (town.stepwise(request.clone()), town.stepwise(request));
        let ended = (0..switch).any(|_| one.step());
        while !other.step() {}
        if !ended {
            while !one.step() {}
        }
        for invocation in [&one, &other] {
            let answer = invocation.answer.borrow();
            let status = answer.as_ref().expect("an answer").status();
            assert!(status.is_success(), "switched after {switch} operations: {status}");
        }
        town.sync_until_quiet();
        assert_eq!(town.mails(), [ada.email()], "switched after {switch} operations");
        assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")], "switched after {switch} operations");
        town.audit();
        if ended {
            return;
        }
    }
    panic!("the invocation never ends");
}

#[test]
fn two_deliveries_in_turns_invite_once() {
    for lead in 0..8 {
        let (town, ada, request) = moved();
        let mut runs = [town.stepwise(request.clone()), town.stepwise(request)];
        let mut ended = [(0..lead).any(|_| runs[0].step()), false];
        while ended != [true, true] {
            for (run, ended) in runs.iter_mut().zip(&mut ended) {
                *ended = *ended || run.step();
            }
        }
        town.sync_until_quiet();
        assert_eq!(town.mails(), [ada.email()], "with a lead of {lead} operations");
        assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")], "with a lead of {lead} operations");
        town.audit();
    }
}

#[test]
fn a_token_that_expired_for_two_at_once_is_refreshed_once() {
    for switch in 0..MOST {
        let town = Town::native();
        town.vendors(|vendors| vendors.register_lever_app(lever_app(Rotation::ReuseKillsFamily)));
        town.operator().sets_everything_up(&[RUST]);
        let people = ["Ada Okafor", "Bruno Castellanos"].map(|name| town.recruiter().adds_tagged(name, RUST));
        town.advance(3 * 60);
        for who in &people {
            town.recruiter().moves(who, "Coding test");
        }
        let mut runs: Vec<_> = town.due().into_iter().map(|(_, request)| town.stepwise(request)).collect();
        let ended = (0..switch).any(|_| runs[0].step());
        while !runs[1].step() {}
        if !ended {
            while !runs[0].step() {}
        }
        town.sync_until_quiet();
        let mut mails = town.mails();
        mails.sort();
        assert_eq!(mails, people.map(|who| who.email()), "switched after {switch} operations: {:#?}", town.health());
        town.audit();
        if ended {
            return;
        }
    }
    panic!("the invocation never ends");
}

#[test]
fn a_delivery_and_a_sync_at_once_invite_once() {
    for switch in 0..MOST {
        let (town, ada, request) = moved();
        let mut delivery = town.stepwise(request);
        let ended = (0..switch).any(|_| delivery.step());
        town.advance(15);
        town.sync();
        if !ended {
            while !delivery.step() {}
        }
        town.sync_until_quiet();
        assert_eq!(town.mails(), [ada.email()], "synced after {switch} operations");
        assert_eq!(town.tags(&ada), [format!("{RUST} - Invited")], "synced after {switch} operations");
        town.audit();
        if ended {
            return;
        }
    }
    panic!("the invocation never ends");
}

#[test]
fn a_log_in_during_a_refresh_keeps_its_own_tokens() {
    for switch in 0..MOST {
        let town = Town::native();
        town.operator().sets_everything_up(&[RUST]);
        let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
        town.advance(3 * 60);
        town.recruiter().moves(&ada, "Coding test");
        // The grant is gone, which the refresh is about to hear; meanwhile the admin grants another.
        town.vendors(|vendors| vendors.lever().revoke_app());
        let mut delivery = town.stepwise(town.due().remove(0).1);
        let ended = (0..switch).any(|_| delivery.step());
        town.operator().log_in_to_lever();
        while !ended && !delivery.step() {}
        let complaints: Vec<_> = town.health().into_iter().filter(|(_, ok, _)| *ok == Some(false)).collect();
        assert!(complaints.is_empty(), "switched after {switch} operations: {complaints:#?}");
        town.sync_until_quiet();
        assert_eq!(town.mails(), [ada.email()], "switched after {switch} operations");
        if ended {
            return;
        }
    }
    panic!("the invocation never ends");
}

story!(two_candidates_at_once_are_both_invited, |town| {
    town.operator().sets_everything_up(&[RUST]);
    let people = ["Ada Okafor", "Bruno Castellanos"].map(|name| town.recruiter().adds_tagged(name, RUST));
    for who in &people {
        town.recruiter().moves(who, "Coding test");
    }
    assert_eq!(town.deliver_well(), 2);
    assert_eq!(town.mails(), people.map(|who| who.email()));
});

//! The sweep: the journey is played once for every operation at the boundary and everything that can go wrong there.
//!
//! Whatever it was, redelivery and sync must bring the same end: one invitation mail, one note, the last tag, readable
//! records, no secret in any log.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::RUST;
use crate::support::{Candidate, Fault, Kind, Town};

/// From the move to the note, by webhooks. What a fault stops, a sync brings on.
fn journey(town: &Town) -> Candidate {
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    town.deliver();
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    town.deliver();
    town.candidate(&ada).submits(86.0);
    town.deliver();
    ada
}

/// The same when no webhook arrives: by syncs alone.
fn silence(town: &Town) -> Candidate {
    town.vendors(|vendors| {
        vendors.lever_webhooks().drop = true;
        vendors.qualified_webhooks().drop = true;
    });
    let ada = town.recruiter().adds_tagged("Ada Okafor", RUST);
    town.recruiter().moves(&ada, "Coding test");
    let sync = || {
        town.advance(15);
        town.try_call("POST", "/sync", None);
    };
    sync();
    if town.candidate(&ada).invitations() == 0 {
        town.sync_until_quiet();
    }
    town.candidate(&ada).starts();
    town.candidate(&ada).submits(86.0);
    sync();
    ada
}

/// Lever's refresh tokens are good for one time. When the successor is lost on its way into the store, only a person
/// can mend that, and the health says so.
fn reconnect(town: &Town) {
    town.advance(15);
    town.sync();
    if town.health().iter().any(|(_, ok, detail)| *ok == Some(false) && detail.contains("econnect")) {
        town.operator().log_in_to_lever();
    }
}

/// The end that every road must lead to.
fn arrived(town: &Town, ada: &Candidate) {
    town.sync_until_quiet();
    assert_eq!(town.mails(), [ada.email()], "one mail");
    let notes = town.notes(ada);
    assert_eq!(notes.len(), 1, "one note: {notes:#?}");
    assert!(notes[0].starts_with(RUST), "{notes:#?}");
    assert_eq!(town.tags(ada), [format!("{RUST} - Submitted")]);
    town.audit();
}

/// Plays a journey for every `stride`th combination of operation and fault, and reports all that went wrong.
fn sweep(town: fn() -> Town, journey: fn(&Town) -> Candidate, stride: usize) {
    let ready = || {
        let town = town();
        town.operator().sets_everything_up(&[RUST]);
        town.watch();
        town
    };
    let calm = ready();
    let ada = journey(&calm);
    let operations = calm.operations();
    arrived(&calm, &ada);

    let cuts = operations
        .iter()
        .enumerate()
        .flat_map(|(number, (kind, what))| Fault::of(*kind).iter().map(move |fault| (number, *fault, what.as_str())));
    let mut wrong = Vec::new();
    let mut played = 0;
    for (number, fault, what) in cuts.step_by(stride) {
        played += 1;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let town = ready();
            town.cut(number, fault);
            let ada = journey(&town);
            town.mend();
            if what.contains("/oauth/token") || what.contains(" tokens/") {
                reconnect(&town);
            }
            arrived(&town, &ada);
        }));
        if let Err(panic) = outcome {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default();
            let text: String = text.chars().take(700).collect();
            wrong.push(format!("{fault:?} at operation {number}, {what}: {text}"));
        }
    }
    let shown = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n\n");
    assert!(wrong.is_empty(), "{} of {played} roads lead elsewhere:\n\n{shown}", wrong.len());
    assert!(operations.iter().any(|(kind, _)| *kind == Kind::Send), "the journey calls the vendors");
}

#[test]
fn every_cut_of_the_journey_heals_native() {
    sweep(Town::native, journey, 1);
}

#[test]
fn every_seventh_cut_of_the_journey_heals_component() {
    sweep(Town::component, journey, 7);
}

#[test]
fn every_cut_of_a_sync_heals_native() {
    sweep(Town::native, silence, 1);
}

//! The sweep: a journey is played once for every operation at the boundary and everything that can go wrong there.
//!
//! Whatever it was, redelivery and sync must bring the same end: one invitation mail, one note or comment, the last tag
//! or status, readable records, no secret in any log.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::Value;

use crate::bamboohr::office::Office;
use crate::support::{ACCOUNT, Candidate, Fault, Kind, Town};

mod bamboohr;
mod lever;

/// One sync at the next quarter of an hour, which the product may not survive.
fn looks(town: &Town) {
    town.advance(15);
    town.try_call("POST", "/sync", None);
}

/// Calls the API again and again, as people do with a button that failed.
fn insist(town: &Town, method: &str, path: &str, body: Option<Value>) -> Value {
    let path = format!("/api/accounts/{ACCOUNT}{path}");
    for _ in 0..4 {
        match town.try_call(method, &path, body.clone()) {
            Some(answer) if answer.status < 400 => return serde_json::from_str(&answer.text).unwrap_or_default(),
            _ => town.advance(1),
        }
    }
    panic!("{method} {path} never works");
}

/// A journey with its preparations and its end.
struct Road<S> {
    prepare: fn(&Town) -> S,
    go: fn(&Town, &S) -> Candidate,
    arrived: fn(&Town, &S, &Candidate),
}

impl<S> Road<S> {
    /// Plays the journey, with one operation cut, and checks its end. The operations it took.
    fn play(&self, town: &Town, cut: Option<(usize, Fault, &str)>) -> Vec<(Kind, String)> {
        let scene = (self.prepare)(town);
        town.watch();
        if let Some((number, fault, _)) = cut {
            town.cut(number, fault);
        }
        let ada = (self.go)(town, &scene);
        town.mend();
        let operations = town.operations();
        if cut.is_some_and(|(_, _, what)| what.contains("/oauth/token") || what.contains(" tokens/")) {
            lever::reconnect(town);
        }
        (self.arrived)(town, &scene, &ada);
        town.audit();
        operations
    }

    /// Plays it for every combination of operation and fault, and reports all that went wrong.
    #[expect(clippy::print_stdout, reason = "with --nocapture, the figures of docs/guarantees.md")]
    fn sweep(&self, town: fn() -> Town) {
        let operations = self.play(&town(), None);
        assert!(operations.iter().any(|(kind, _)| *kind == Kind::Send), "the journey calls the vendors");
        let cuts = operations.iter().enumerate().flat_map(|(number, (kind, what))| {
            Fault::of(*kind).iter().map(move |fault| (number, *fault, what.as_str()))
        });
        let mut wrong = Vec::new();
        let mut played = 0;
        for cut in cuts {
            played += 1;
            let outcome = catch_unwind(AssertUnwindSafe(|| self.play(&town(), Some(cut))));
            if let Err(panic) = outcome {
                let text = panic.downcast_ref::<String>().cloned();
                let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
                let text: String = text.unwrap_or_default().chars().take(700).collect();
                let (number, fault, what) = cut;
                wrong.push(format!("{fault:?} at operation {number}, {what}: {text}"));
            }
        }
        println!("{} operations, {played} plays", operations.len());
        let shown = wrong.iter().take(12).cloned().collect::<Vec<_>>().join("\n\n");
        assert!(wrong.is_empty(), "{} of {played} roads lead elsewhere:\n\n{shown}", wrong.len());
    }
}

const IN_LEVER: Road<()> = Road { prepare: lever::set_up, go: lever::heard, arrived: lever::arrived };
const IN_LEVER_BY_SYNC: Road<()> = Road { go: lever::unheard, ..IN_LEVER };
const LEVER_FROM_NOTHING: Road<()> =
    Road { prepare: lever::published, go: lever::from_nothing, arrived: lever::connected_once };
const IN_BAMBOOHR: Road<Office> = Road { prepare: Office::works, go: bamboohr::heard, arrived: bamboohr::arrived };
const IN_BAMBOOHR_BY_SYNC: Road<Office> = Road { go: bamboohr::unheard, ..IN_BAMBOOHR };
const BAMBOOHR_FROM_NOTHING: Road<Office> =
    Road { prepare: Office::furnish, go: bamboohr::from_nothing, ..IN_BAMBOOHR };
const BAMBOOHR_FROM_A_LOG_IN: Road<Office> = Road { go: bamboohr::from_a_log_in, ..BAMBOOHR_FROM_NOTHING };

#[test]
fn every_cut_of_the_journey_heals_native() {
    IN_LEVER.sweep(Town::native);
}

#[test]
fn every_cut_of_the_journey_heals_component() {
    IN_LEVER.sweep(Town::component);
}

#[test]
fn every_cut_of_a_journey_by_sync_heals_native() {
    IN_LEVER_BY_SYNC.sweep(Town::native);
}

#[test]
fn every_cut_of_a_journey_by_sync_heals_component() {
    IN_LEVER_BY_SYNC.sweep(Town::component);
}

#[test]
fn every_cut_of_a_journey_in_bamboohr_heals_native() {
    IN_BAMBOOHR.sweep(Town::native);
}

#[test]
fn every_cut_of_a_journey_in_bamboohr_heals_component() {
    IN_BAMBOOHR.sweep(Town::component);
}

#[test]
fn every_cut_of_a_journey_in_bamboohr_by_sync_heals_native() {
    IN_BAMBOOHR_BY_SYNC.sweep(Town::native);
}

#[test]
fn every_cut_of_a_journey_in_bamboohr_by_sync_heals_component() {
    IN_BAMBOOHR_BY_SYNC.sweep(Town::component);
}

#[test]
fn every_cut_of_the_set_up_can_be_mended_by_asking_again_native() {
    LEVER_FROM_NOTHING.sweep(Town::native);
}

#[test]
fn every_cut_of_the_set_up_can_be_mended_by_asking_again_component() {
    LEVER_FROM_NOTHING.sweep(Town::component);
}

#[test]
fn every_cut_of_the_set_up_in_bamboohr_can_be_mended_by_asking_again_native() {
    BAMBOOHR_FROM_NOTHING.sweep(Town::native);
}

#[test]
fn every_cut_of_the_set_up_in_bamboohr_can_be_mended_by_asking_again_component() {
    BAMBOOHR_FROM_NOTHING.sweep(Town::component);
}

#[test]
fn every_cut_of_a_log_in_to_bamboohr_can_be_mended_by_asking_again_native() {
    BAMBOOHR_FROM_A_LOG_IN.sweep(Town::native);
}

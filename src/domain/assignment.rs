//! One assessment for one candidacy, from the decision to invite to the last word on it.
//!
//! Two things are kept apart: what is true at Qualified (`progress`, `submission`) and what the ATS has
//! been told (`shown`, `reported`). [`Assignment::advance`] moves the first, [`Assignment::settle`] the
//! second, and the difference is what is still [`owed`](Assignment::owed). So a crash at any point leaves
//! a debt, never a contradiction, and work on an assignment can be repeated until nothing is owed.

use std::fmt;

use super::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{ResultId, TeamCandidateId};

/// How far a candidate is with an assessment, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Progress {
    /// We have decided to invite; Qualified has not confirmed yet. Never shown in the ATS.
    Inviting,
    /// Qualified has the invitation.
    Invited,
    /// The candidate has begun.
    Started,
    /// The candidate has handed in.
    Submitted,
    /// The reviewers want the candidate.
    Approved,
    /// The reviewers don't.
    Rejected,
}

impl Progress {
    /// Whether this is the reviewers' word, which no event of the candidate's overrules.
    #[must_use]
    pub fn is_decision(self) -> bool {
        matches!(self, Self::Approved | Self::Rejected)
    }
}

impl fmt::Display for Progress {
    /// The word in tags and sentences: `Invited`, `Started` and so on.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inviting => "Inviting",
            Self::Invited => "Invited",
            Self::Started => "Started",
            Self::Submitted => "Submitted",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
        })
    }
}

/// The state of an assessment result, as Qualified names it (docs.qualified.io, "Assessment Results").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultState {
    /// The invitation is out.
    Invited,
    /// The link was clicked.
    Opened,
    /// The candidate has begun.
    Started,
    /// Handed in, scoring still runs: there is no score yet.
    Submitting,
    /// Handed in and scored.
    Submitted,
    /// Closed without a score: cancelled, or the assessment was archived.
    Terminated,
    /// A state newer than this program.
    Other,
}

/// A result as it stands at Qualified now, as far as it moves an assignment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which result.
    pub result: ResultId,
    /// The person it is about.
    pub team_candidate: Option<TeamCandidateId>,
    /// Which take of the assessment: 0, then one more for every retake (`retakeNumber`).
    pub take: u32,
    /// Its state.
    pub state: ResultState,
    /// When it was handed in; empty again while a reopened result is being worked on.
    pub submitted_at: Option<Timestamp>,
    /// When it was first handed in (`originalSubmittedAt`): with an empty `submitted_at`, a sure sign
    /// that it was reopened.
    pub first_submitted_at: Option<Timestamp>,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Qualified confirmed the invitation.
    Invited {
        /// The result made with it.
        result: ResultId,
        /// The person it went to.
        team_candidate: TeamCandidateId,
    },
    /// The result was read.
    Observed(Observation),
    /// The reviewers decided: [`Progress::Approved`] or [`Progress::Rejected`].
    Decided {
        /// Whether they want the candidate.
        approved: bool,
        /// When, by Qualified's clock.
        at: Timestamp,
    },
}

/// Why an event changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It tells nothing new, or is overtaken by a later event.
    #[error("nothing new")]
    Stale,
    /// It is about an earlier take.
    #[error("it is about an earlier take of the assessment")]
    EarlierTake,
    /// Results of this state leave no mark in the ATS.
    #[error("a result in this state leaves no mark in the ATS")]
    NoMark,
}

/// What the ATS or Qualified has yet to be told. Each is done at most once per assignment and step:
/// the identity is the assignment's, with the value here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Ask Qualified to invite.
    Invite,
    /// Show this progress in the ATS: a tag, or a status.
    Annotate(Progress),
    /// Put the result of the submission made at this time into the ATS: a note, or a comment.
    AttachReport(Timestamp),
}

/// One assessment for one candidacy, with what is true of it and what the ATS was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// The assessment's title when the candidate was invited, trimmed. Tags keep it when it is renamed.
    pub title: String,
    /// When we decided to invite.
    pub decided_at: Timestamp,
    /// How far the candidate is.
    pub progress: Progress,
    /// Qualified's result, once known.
    pub result: Option<ResultId>,
    /// The results of earlier takes, so that they can be forgotten with the rest.
    #[serde(default)]
    pub earlier_results: Vec<ResultId>,
    /// Qualified's person, once known.
    pub team_candidate: Option<TeamCandidateId>,
    /// The take that `progress` is about.
    pub take: u32,
    /// When the candidate handed in, by Qualified's clock.
    pub submission: Option<Timestamp>,
    /// When the reviewers decided, by Qualified's clock.
    pub decision: Option<Timestamp>,
    /// What the ATS shows.
    pub shown: Option<Progress>,
    /// The submission whose result the ATS has.
    pub reported: Option<Timestamp>,
}

impl Assignment {
    /// A decision to invite.
    #[must_use]
    pub fn decided(title: impl Into<String>, at: Timestamp) -> Self {
        Self {
            title: title.into(),
            decided_at: at,
            progress: Progress::Inviting,
            result: None,
            earlier_results: Vec::new(),
            team_candidate: None,
            take: 0,
            submission: None,
            decision: None,
            shown: None,
            reported: None,
        }
    }

    /// Takes in what happened.
    ///
    /// # Errors
    /// The event changes nothing; the [`Refusal`] says why, for the activity.
    pub fn advance(&self, event: &Event) -> Result<Self, Refusal> {
        let mut next = self.clone();
        match event {
            Event::Invited { result, team_candidate } => {
                next.result = Some(result.clone());
                next.team_candidate = Some(team_candidate.clone());
                next.progress = next.progress.max(Progress::Invited);
            }
            Event::Observed(seen) => next.observe(seen)?,
            Event::Decided { approved, at } => {
                if next.decision.is_some_and(|earlier| earlier >= *at) {
                    return Err(Refusal::Stale);
                }
                next.decision = Some(*at);
                next.progress = if *approved { Progress::Approved } else { Progress::Rejected };
            }
        }
        if next == *self { Err(Refusal::Stale) } else { Ok(next) }
    }

    fn observe(&mut self, seen: &Observation) -> Result<(), Refusal> {
        if seen.take < self.take {
            return Err(Refusal::EarlierTake);
        }
        if seen.take > self.take {
            // A retake starts over. `shown` stays what the ATS shows, so that the difference is owed.
            self.take = seen.take;
            self.progress = Progress::Invited;
            self.submission = None;
            self.decision = None;
        }
        if let Some(earlier) = self.result.replace(seen.result.clone()).filter(|earlier| *earlier != seen.result) {
            self.earlier_results.push(earlier);
        }
        if seen.team_candidate.is_some() {
            self.team_candidate.clone_from(&seen.team_candidate);
        }
        match seen.state {
            ResultState::Invited | ResultState::Opened => self.progress = self.progress.max(Progress::Invited),
            ResultState::Started | ResultState::Submitting => {
                let reopened = seen.submitted_at.is_none() && seen.first_submitted_at.is_some();
                if reopened && self.submission.is_some() {
                    self.progress = Progress::Started;
                    self.submission = None;
                    self.decision = None;
                } else {
                    self.progress = self.progress.max(Progress::Started);
                }
            }
            ResultState::Submitted => {
                self.progress = self.progress.max(Progress::Submitted);
                self.submission = seen.submitted_at.or(self.submission);
            }
            ResultState::Terminated | ResultState::Other => return Err(Refusal::NoMark),
        }
        Ok(())
    }

    /// What is still to be done, in the order in which to do it.
    #[must_use]
    pub fn owed(&self) -> Vec<Effect> {
        if self.progress == Progress::Inviting {
            return vec![Effect::Invite];
        }
        let mut owed = Vec::new();
        if self.shown != Some(self.progress) {
            owed.push(Effect::Annotate(self.progress));
        }
        if let Some(at) = self.submission.filter(|at| self.reported != Some(*at)) {
            owed.push(Effect::AttachReport(at));
        }
        owed
    }

    /// Notes that an effect is done. An invitation is settled by [`Event::Invited`] instead, because it
    /// brings Qualified's identifiers.
    pub fn settle(&mut self, effect: Effect) {
        match effect {
            Effect::Invite => {}
            Effect::Annotate(progress) => self.shown = Some(progress),
            Effect::AttachReport(at) => self.reported = Some(at),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn result(take: u32) -> ResultId {
        ResultId::new(format!("r{take}")).expect("valid")
    }

    fn seen(take: u32, state: ResultState, submitted_at: Option<i64>, first_submitted_at: Option<i64>) -> Event {
        Event::Observed(Observation {
            result: result(take),
            team_candidate: None,
            take,
            state,
            submitted_at: submitted_at.map(at),
            first_submitted_at: first_submitted_at.map(at),
        })
    }

    fn invited() -> Assignment {
        let event = Event::Invited { result: result(0), team_candidate: TeamCandidateId::new("c1").expect("valid") };
        Assignment::decided("Rust Basics", at(0)).advance(&event).expect("is news")
    }

    /// Works off what is owed, as the application does.
    fn settled(mut assignment: Assignment) -> Assignment {
        for effect in assignment.owed() {
            assignment.settle(effect);
        }
        assignment
    }

    #[test]
    fn a_decision_owes_an_invitation_and_nothing_else() {
        assert_eq!(Assignment::decided("T", at(0)).owed(), [Effect::Invite]);
    }

    #[test]
    fn the_journey_owes_each_thing_once() {
        let mut assignment = invited();
        for (event, owed) in [
            (None, vec![Effect::Annotate(Progress::Invited)]),
            (Some(seen(0, ResultState::Started, None, None)), vec![Effect::Annotate(Progress::Started)]),
            (
                Some(seen(0, ResultState::Submitted, Some(9), Some(9))),
                vec![Effect::Annotate(Progress::Submitted), Effect::AttachReport(at(9))],
            ),
            (Some(Event::Decided { approved: true, at: at(10) }), vec![Effect::Annotate(Progress::Approved)]),
            (Some(Event::Decided { approved: false, at: at(11) }), vec![Effect::Annotate(Progress::Rejected)]),
        ] {
            if let Some(event) = event {
                assignment = assignment.advance(&event).expect("is news");
                assert_eq!(settled(assignment.clone()).advance(&event), Err(Refusal::Stale));
            }
            assert_eq!(assignment.owed(), owed);
            assignment = settled(assignment);
        }
    }

    #[test]
    fn a_late_event_does_not_go_back() {
        let submitted = invited().advance(&seen(0, ResultState::Submitted, Some(9), Some(9))).expect("is news");
        assert_eq!(submitted.advance(&seen(0, ResultState::Invited, None, None)), Err(Refusal::Stale));
        let late = submitted.advance(&seen(0, ResultState::Started, None, None));
        assert_eq!(late, Err(Refusal::Stale));
        let rejected = submitted.advance(&Event::Decided { approved: false, at: at(20) }).expect("is news");
        assert_eq!(rejected.advance(&Event::Decided { approved: true, at: at(19) }), Err(Refusal::Stale));
    }

    #[test]
    fn a_decision_before_the_submission_still_owes_the_report() {
        let approved = invited().advance(&Event::Decided { approved: true, at: at(5) }).expect("is news");
        let both = approved.advance(&seen(0, ResultState::Submitted, Some(4), Some(4))).expect("is news");
        assert_eq!(both.progress, Progress::Approved);
        assert!(both.owed().contains(&Effect::AttachReport(at(4))));
    }

    #[test]
    fn a_reopened_result_starts_again_and_is_reported_again() {
        let submitted =
            settled(invited().advance(&seen(0, ResultState::Submitted, Some(9), Some(9))).expect("is news"));
        let reopened = submitted.advance(&seen(0, ResultState::Started, None, Some(9))).expect("is news");
        assert_eq!(reopened.owed(), [Effect::Annotate(Progress::Started)]);
        let again = settled(reopened).advance(&seen(0, ResultState::Submitted, Some(30), Some(9))).expect("is news");
        assert_eq!(again.owed(), [Effect::Annotate(Progress::Submitted), Effect::AttachReport(at(30))]);
    }

    #[test]
    fn a_retake_replaces_the_earlier_take_and_is_not_replaced_by_it() {
        let submitted =
            settled(invited().advance(&seen(0, ResultState::Submitted, Some(9), Some(9))).expect("is news"));
        let retake = submitted.advance(&seen(1, ResultState::Invited, None, None)).expect("is news");
        assert_eq!((retake.progress, retake.result.clone()), (Progress::Invited, Some(result(1))));
        assert_eq!(retake.advance(&seen(0, ResultState::Submitted, Some(9), Some(9))), Err(Refusal::EarlierTake));
    }

    #[test]
    fn a_terminated_result_leaves_no_mark() {
        assert_eq!(invited().advance(&seen(0, ResultState::Terminated, None, None)), Err(Refusal::NoMark));
    }

    fn any_event() -> impl Strategy<Value = Event> {
        let state = prop_oneof![
            Just(ResultState::Invited),
            Just(ResultState::Opened),
            Just(ResultState::Started),
            Just(ResultState::Submitting),
            Just(ResultState::Submitted),
            Just(ResultState::Terminated),
            Just(ResultState::Other),
        ];
        let time = prop::option::of(0..50i64);
        prop_oneof![
            (0..3u32, state, time.clone(), time).prop_map(|(take, state, one, two)| seen(take, state, one, two)),
            (any::<bool>(), 0..50i64).prop_map(|(approved, time)| Event::Decided { approved, at: at(time) }),
        ]
    }

    proptest! {
        #[test]
        fn no_order_of_events_invites_again_or_owes_for_ever(events in prop::collection::vec(any_event(), 0..30)) {
            let mut assignment = settled(invited());
            for event in events {
                if let Ok(next) = assignment.advance(&event) {
                    prop_assert!(next.take >= assignment.take);
                    assignment = next;
                }
                prop_assert!(!assignment.owed().contains(&Effect::Invite));
                let worked_off = settled(assignment.clone());
                prop_assert_eq!(worked_off.owed(), vec![]);
                assignment = worked_off;
            }
        }

        #[test]
        fn the_same_event_twice_is_the_event_once(events in prop::collection::vec(any_event(), 1..20)) {
            let mut assignment = invited();
            for event in events {
                if let Ok(next) = assignment.advance(&event) {
                    prop_assert!(next.advance(&event).is_err(), "{event:?} changes {next:?} again");
                    assignment = next;
                }
            }
        }
    }
}

//! How results and candidates move on, whoever moves them: times, states, webhooks, and what happens later by itself.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::candidate::CandidateState;
use super::invitation;
use super::outgoing::emit;
use super::payload;
use super::person;
use super::result::{AssessmentResult, ResultState, Times};
use super::score::Score;
use super::team::{MailKind, Team};
use crate::world::{Context, Refused};

/// Something that happens by itself when its time comes.
#[derive(Debug, Clone)]
pub(crate) enum Timer {
    /// An invitation's reminder.
    Remind(String),
    /// A result's scoring is done.
    Scored(String),
}

/// What waits for its time, of all teams: (due, number) to the team's name and the thing itself.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    last: u64,
    waiting: BTreeMap<(Timestamp, u64), (String, Timer)>,
}

impl Timers {
    /// Takes the earliest that is due.
    pub(crate) fn next(&mut self, now: Timestamp) -> Option<(Timestamp, String, Timer)> {
        let entry = self.waiting.first_entry().filter(|entry| entry.key().0 <= now)?;
        let due = entry.key().0;
        let (team, timer) = entry.remove();
        Some((due, team, timer))
    }
}

pub(crate) fn later(team: &Team, context: &mut Context, at: Timestamp, timer: Timer) {
    context.timers.last += 1;
    context.timers.waiting.insert((at, context.timers.last), (team.name.clone(), timer));
}

/// Its time has come.
pub(crate) fn due(team: &mut Team, context: &mut Context, timer: &Timer) {
    match timer {
        Timer::Scored(result) => scored(team, context, result),
        Timer::Remind(id) => {
            let invitation = team.invitations.get(id).filter(|own| own.active && !own.reminded);
            let result = invitation.and_then(|own| team.results.get(&own.result));
            let waits = |result: &AssessmentResult| matches!(result.state, ResultState::Invited | ResultState::Opened);
            if result.is_some_and(waits) {
                invitation::send(team, context, id, MailKind::Reminder);
            }
        }
    }
}

pub(crate) fn add_result(
    team: &mut Team,
    context: &mut Context,
    candidate_id: &str,
    assessment: &str,
    locked: bool,
) -> String {
    let id = context.seed.hex(24);
    let takes = team.results.all().iter();
    let takes = takes.filter(|own| own.candidate == candidate_id && own.assessment == assessment).count();
    team.results.add(AssessmentResult {
        id: id.clone(),
        assessment: assessment.into(),
        candidate: candidate_id.into(),
        state: ResultState::Invited,
        score: None,
        retake_number: takes as u32,
        current_take: true,
        dry_run: false,
        closed_reason: None,
        reopened: false,
        access_locked: locked,
        times: Times { created: context.now, updated: context.now, state: context.now, ..Times::default() },
    });
    tell(team, context, &id, None);
    person::set_state(team, context, candidate_id, CandidateState::Invited);
    id
}

fn advance(team: &mut Team, context: &Context, id: &str, state: ResultState) {
    let Some(result) = team.results.get_mut(id) else {
        return;
    };
    let (now, times) = (context.now, &mut result.times);
    result.state = state;
    times.updated = now;
    times.state = now;
    match state {
        ResultState::Invited => {}
        ResultState::Opened => times.opened = Some(now),
        ResultState::Started => times.started = Some(now),
        ResultState::Submitting => times.submitting = Some(now),
        ResultState::Submitted => times.submitted = Some(now),
        ResultState::Terminated => times.terminated = Some(now),
    }
}

/// Tells of a result's state, under its general name and the one given.
fn tell(team: &mut Team, context: &mut Context, id: &str, name: Option<&str>) {
    emit(team, context, "assessment_result_state_changed", |team| payload::result(team, id, None));
    if let Some(name) = name {
        emit(team, context, name, |team| payload::result(team, id, None));
    }
}

/// The candidate follows the link.
pub(crate) fn open(team: &mut Team, context: &mut Context, id: &str) -> Result<(), Refused> {
    let result = team.results.get(id).ok_or_else(|| Refused::because("no such result"))?;
    if result.access_locked {
        return Err(Refused::because("access is locked"));
    }
    let invitation = team.invitations.all().iter().rev().find(|own| own.result == id);
    let invitation =
        invitation.filter(|own| own.active).ok_or_else(|| Refused::because("the invitation was cancelled"))?;
    match result.state {
        ResultState::Invited if invitation.expires_at.is_some_and(|at| at <= context.now) => {
            Err(Refused::because("the invitation has expired"))
        }
        ResultState::Invited => {
            advance(team, context, id, ResultState::Opened);
            tell(team, context, id, None);
            Ok(())
        }
        ResultState::Submitted if !result.reopened => Err(Refused::because("it is submitted already")),
        ResultState::Terminated => Err(Refused::because("it was closed")),
        _ => Ok(()),
    }
}

/// The candidate begins, or goes on with what was reopened.
pub(crate) fn start(team: &mut Team, context: &mut Context, id: &str) -> Result<(), Refused> {
    open(team, context, id)?;
    let Some(result) = team.results.get_mut(id).filter(|result| result.state != ResultState::Started) else {
        return Err(Refused::because("it is started already"));
    };
    if std::mem::take(&mut result.reopened) {
        let times = &mut result.times;
        times.original_opened = times.original_opened.or(times.opened);
        times.original_started = times.original_started.or(times.started);
        times.original_submitted = times.original_submitted.or(times.submitted);
        times.submitted = None;
        result.closed_reason = None;
    }
    let person = result.candidate.clone();
    advance(team, context, id, ResultState::Started);
    tell(team, context, id, Some("assessment_result_started"));
    person::set_state(team, context, &person, CandidateState::Started);
    Ok(())
}

/// The candidate hands in; the score shows once the scoring is done.
pub(crate) fn submit(team: &mut Team, context: &mut Context, id: &str, score: Score) -> Result<(), Refused> {
    let result = team.results.get_mut(id).filter(|result| result.state == ResultState::Started);
    let result = result.ok_or_else(|| Refused::because("only what is started can be submitted"))?;
    result.score = Some(score);
    result.closed_reason = Some("candidate_submitted");
    advance(team, context, id, ResultState::Submitting);
    tell(team, context, id, None);
    if team.settings.score_race {
        emit(team, context, "assessment_result_submitted", |team| payload::result(team, id, Some(0.0)));
    }
    if team.settings.scoring.is_zero() {
        scored(team, context, id);
    } else {
        let at = context.now + team.settings.scoring;
        later(team, context, at, Timer::Scored(id.into()));
    }
    Ok(())
}

fn scored(team: &mut Team, context: &mut Context, id: &str) {
    let Some(result) = team.results.get(id).filter(|result| result.state == ResultState::Submitting) else {
        return;
    };
    let person = result.candidate.clone();
    let risky = result.score.as_ref().is_some_and(Score::is_risky);
    advance(team, context, id, ResultState::Submitted);
    let name = (!team.settings.score_race).then_some("assessment_result_submitted");
    tell(team, context, id, name);
    person::set_state(team, context, &person, CandidateState::Submitted);
    if risky {
        person::set_state(team, context, &person, CandidateState::RiskDetected);
    }
}

/// Ends a take without a score. The docs contradict each other on the webhook.
pub(crate) fn terminate(team: &mut Team, context: &mut Context, id: &str, reason: &'static str) {
    if let Some(result) = team.results.get_mut(id) {
        result.closed_reason = Some(reason);
    }
    advance(team, context, id, ResultState::Terminated);
    if team.settings.terminate_tells {
        tell(team, context, id, None);
    }
}

/// Whoever submitted may go on: nothing changes until they do.
pub(crate) fn allow_reopening(team: &mut Team, context: &Context, id: &str) {
    if let Some(result) = team.results.get_mut(id) {
        result.reopened = true;
        result.times.updated = context.now;
    }
}

/// An archived assessment takes its invitations with it.
pub(crate) fn close_assessment(team: &mut Team, context: &mut Context, assessment: &str) {
    for invitation in team.invitations.iter_mut().filter(|own| own.assessment == assessment) {
        invitation.active = false;
    }
    let started = team.results.all().iter();
    let started: Vec<String> = started
        .filter(|own| own.assessment == assessment && own.state == ResultState::Started)
        .map(|own| own.id.clone())
        .collect();
    for id in started {
        terminate(team, context, &id, "assessment_archived");
    }
}

//! How results and candidates move on, whoever moves them: times, states, webhooks, and what happens later by itself.

use jiff::Timestamp;

use super::candidate::{CandidateState, TeamCandidate};
use super::invitation;
use super::payload;
use super::result::{AssessmentResult, ResultState, Times};
use super::score::Score;
use super::subscription::emit;
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

pub(crate) fn later(team: &mut Team, at: Timestamp, timer: Timer) {
    team.last_timer += 1;
    team.timers.insert((at, team.last_timer), timer);
}

/// Lets happen what is due until `now`, each at its own time.
pub(crate) fn until(team: &mut Team, context: &mut Context, now: Timestamp) {
    while let Some(entry) = team
        .timers
        .first_entry()
        .filter(|entry| entry.key().0 <= now)
    {
        context.now = entry.key().0.max(context.now);
        match entry.remove() {
            Timer::Scored(result) => scored(team, context, &result),
            Timer::Remind(id) => {
                let due = team
                    .invitations
                    .get(&id)
                    .filter(|invitation| invitation.active && !invitation.reminded);
                let result = due.and_then(|invitation| team.results.get(&invitation.result));
                if result.is_some_and(|result| {
                    matches!(result.state, ResultState::Invited | ResultState::Opened)
                }) {
                    invitation::send(team, context, &id, MailKind::Reminder);
                }
            }
        }
    }
}

const BIRDS: [&str; 6] = [
    "Blue Heron",
    "Grey Wagtail",
    "Red Kite",
    "Green Woodpecker",
    "Barn Owl",
    "Black Tern",
];

pub(crate) fn add_candidate(team: &mut Team, context: &mut Context, email: &str) -> String {
    let id = context.seed.hex(24);
    team.candidates.add(TeamCandidate {
        id: id.clone(),
        email: Some(email.into()),
        first_name: None,
        last_name: None,
        alternate_id: None,
        labels: None,
        state: CandidateState::Idle,
        prev_state: None,
        test_team_member: false,
        candidate_id: context.seed.hex(24),
        anonymous_name: BIRDS[team.candidates.all().len() % BIRDS.len()].into(),
        decided_at: None,
        state_updated_at: context.now,
        created_at: context.now,
        updated_at: context.now,
    });
    id
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
    let takes = takes
        .filter(|own| own.candidate == candidate_id && own.assessment == assessment)
        .count();
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
        times: Times {
            created: context.now,
            updated: context.now,
            state: context.now,
            ..Times::default()
        },
    });
    tell(team, context, &id, None);
    candidate(team, context, candidate_id, CandidateState::Invited);
    id
}

/// Moves a person on; the state is the person's, whatever the assessment.
pub(crate) fn candidate(team: &mut Team, context: &mut Context, id: &str, state: CandidateState) {
    let Some(candidate) = team.candidates.get_mut(id) else {
        return;
    };
    if candidate.state == state {
        return;
    }
    candidate.prev_state = Some(candidate.state);
    candidate.state = state;
    candidate.state_updated_at = context.now;
    candidate.updated_at = context.now;
    if matches!(state, CandidateState::Approved | CandidateState::Rejected) {
        candidate.decided_at = Some(context.now);
    }
    emit(team, context, "team_candidate_state_changed", |team| {
        payload::candidate(team, id)
    });
}

/// Back out of the archive.
pub(crate) fn restore(team: &mut Team, context: &mut Context, id: &str) {
    let before = team
        .candidates
        .get(id)
        .and_then(|candidate| candidate.prev_state);
    candidate(team, context, id, before.unwrap_or(CandidateState::Idle));
}

/// The right to be forgotten: the person's data are nulled.
pub(crate) fn forget(team: &mut Team, context: &mut Context, id: &str) {
    if let Some(candidate) = team.candidates.get_mut(id) {
        candidate.email = None;
        candidate.first_name = None;
        candidate.last_name = None;
    }
    candidate(team, context, id, CandidateState::Archived);
}

pub(crate) fn add_label(team: &mut Team, context: &mut Context, id: &str, label: &str) {
    let mut labels = team
        .candidates
        .get(id)
        .and_then(|candidate| candidate.labels.clone())
        .unwrap_or_default();
    if !labels.iter().any(|own| own == label) {
        labels.push(label.into());
        set_labels(team, context, id, labels);
    }
}

/// One event per label that came or went.
pub(crate) fn set_labels(team: &mut Team, context: &mut Context, id: &str, labels: Vec<String>) {
    let Some(candidate) = team.candidates.get_mut(id) else {
        return;
    };
    let before = candidate.labels.replace(labels.clone()).unwrap_or_default();
    candidate.updated_at = context.now;
    for label in labels.iter().filter(|label| !before.contains(label)) {
        emit(team, context, "team_candidate_label_added", |team| {
            payload::labelled(team, id, "added_label", label)
        });
    }
    for label in before.iter().filter(|label| !labels.contains(label)) {
        emit(team, context, "team_candidate_label_removed", |team| {
            payload::labelled(team, id, "removed_label", label)
        });
    }
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
    emit(team, context, "assessment_result_state_changed", |team| {
        payload::result(team, id, None)
    });
    if let Some(name) = name {
        emit(team, context, name, |team| payload::result(team, id, None));
    }
}

/// The candidate follows the link.
pub(crate) fn open(team: &mut Team, context: &mut Context, id: &str) -> Result<(), Refused> {
    let result = team
        .results
        .get(id)
        .ok_or_else(|| Refused::because("no such result"))?;
    if result.access_locked {
        return Err(Refused::because("access is locked"));
    }
    let invitation = team
        .invitations
        .all()
        .iter()
        .rev()
        .find(|own| own.result == id);
    let invitation = invitation
        .filter(|own| own.active)
        .ok_or_else(|| Refused::because("the invitation was cancelled"))?;
    match result.state {
        ResultState::Invited if invitation.expires_at.is_some_and(|at| at <= context.now) => {
            Err(Refused::because("the invitation has expired"))
        }
        ResultState::Invited => {
            advance(team, context, id, ResultState::Opened);
            tell(team, context, id, None);
            Ok(())
        }
        ResultState::Submitted if !result.reopened => {
            Err(Refused::because("it is submitted already"))
        }
        ResultState::Terminated => Err(Refused::because("it was closed")),
        _ => Ok(()),
    }
}

/// The candidate begins, or goes on with what was reopened.
pub(crate) fn start(team: &mut Team, context: &mut Context, id: &str) -> Result<(), Refused> {
    open(team, context, id)?;
    let Some(result) = team
        .results
        .get_mut(id)
        .filter(|result| result.state != ResultState::Started)
    else {
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
    candidate(team, context, &person, CandidateState::Started);
    Ok(())
}

/// The candidate hands in; the score shows once the scoring is done.
pub(crate) fn submit(
    team: &mut Team,
    context: &mut Context,
    id: &str,
    score: Score,
) -> Result<(), Refused> {
    let result = team
        .results
        .get_mut(id)
        .filter(|result| result.state == ResultState::Started);
    let result = result.ok_or_else(|| Refused::because("only what is started can be submitted"))?;
    result.score = Some(score);
    result.closed_reason = Some("candidate_submitted");
    advance(team, context, id, ResultState::Submitting);
    tell(team, context, id, None);
    if team.settings.score_race {
        emit(team, context, "assessment_result_submitted", |team| {
            payload::result(team, id, Some(0.0))
        });
    }
    if team.settings.scoring.is_zero() {
        scored(team, context, id);
    } else {
        let at = context.now + team.settings.scoring;
        later(team, at, Timer::Scored(id.into()));
    }
    Ok(())
}

fn scored(team: &mut Team, context: &mut Context, id: &str) {
    let Some(result) = team
        .results
        .get(id)
        .filter(|result| result.state == ResultState::Submitting)
    else {
        return;
    };
    let person = result.candidate.clone();
    let risky = result.score.as_ref().is_some_and(Score::is_risky);
    advance(team, context, id, ResultState::Submitted);
    let name = (!team.settings.score_race).then_some("assessment_result_submitted");
    tell(team, context, id, name);
    candidate(team, context, &person, CandidateState::Submitted);
    if risky {
        candidate(team, context, &person, CandidateState::RiskDetected);
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
    for invitation in team
        .invitations
        .iter_mut()
        .filter(|own| own.assessment == assessment)
    {
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

//! The person behind the results: made on the first invitation, labelled, decided about, forgotten.

use super::candidate::{CandidateState, TeamCandidate};
use super::outgoing::emit;
use super::payload;
use super::team::Team;
use crate::world::Context;

const BIRDS: [&str; 6] = ["Blue Heron", "Grey Wagtail", "Red Kite", "Green Woodpecker", "Barn Owl", "Black Tern"];

/// A person not seen before.
pub(crate) fn add(team: &mut Team, context: &mut Context, email: &str) -> String {
    let id = context.seed.hex(24);
    team.addresses.insert(email.to_lowercase(), id.clone());
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

/// Moves a person on; the state is the person's, whatever the assessment.
pub(crate) fn set_state(team: &mut Team, context: &mut Context, id: &str, state: CandidateState) {
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
    emit(team, context, "team_candidate_state_changed", |team| payload::candidate(team, id));
}

/// Back out of the archive.
pub(crate) fn restore(team: &mut Team, context: &mut Context, id: &str) {
    let before = team.candidates.get(id).and_then(|candidate| candidate.prev_state);
    set_state(team, context, id, before.unwrap_or(CandidateState::Idle));
}

/// The right to be forgotten: the person's data are nulled.
pub(crate) fn forget(team: &mut Team, context: &mut Context, id: &str) {
    if let Some(candidate) = team.candidates.get_mut(id) {
        candidate.email = None;
        candidate.first_name = None;
        candidate.last_name = None;
    }
    set_state(team, context, id, CandidateState::Archived);
}

pub(crate) fn add_label(team: &mut Team, context: &mut Context, id: &str, label: &str) {
    let mut labels = team.candidates.get(id).and_then(|candidate| candidate.labels.clone()).unwrap_or_default();
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
        emit(team, context, "team_candidate_label_added", |team| payload::labelled(team, id, "added_label", label));
    }
    for label in before.iter().filter(|label| !labels.contains(label)) {
        emit(team, context, "team_candidate_label_removed", |team| payload::labelled(team, id, "removed_label", label));
    }
}

//! Assessment results: one take of one assessment by one candidate, and its path from `invited` to `submitted`.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::body;
use super::listing::{Filtered, Listing, includes, single, time, times};
use super::progress;
use super::refusal::Refusal;
use super::score::Score;
use super::team::Team;
use crate::call::Call;
use crate::reply::{self, Reply};
use crate::shelf::Labelled;
use crate::world::Context;

/// How far a take has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Qualified's and say it all")]
pub enum ResultState {
    Invited,
    Opened,
    Started,
    /// Scoring is in progress.
    Submitting,
    Submitted,
    Terminated,
}

impl ResultState {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Opened => "opened",
            Self::Started => "started",
            Self::Submitting => "submitting",
            Self::Submitted => "submitted",
            Self::Terminated => "terminated",
        }
    }
}

/// One take of an assessment.
#[derive(Debug, Clone)]
pub struct AssessmentResult {
    /// Its id.
    pub id: String,
    /// The assessment's id.
    pub assessment: String,
    /// The team candidate's id.
    pub candidate: String,
    /// How far it has come.
    pub state: ResultState,
    /// What came of it, once scored.
    pub score: Option<Score>,
    /// 0 for the first take.
    pub retake_number: u32,
    /// False once the candidate takes the assessment again.
    pub current_take: bool,
    /// A try-out that counts for nothing.
    pub dry_run: bool,
    /// Why it was closed.
    pub closed_reason: Option<&'static str>,
    /// Reopened by the team: goes back to `started` when the candidate lands.
    pub(crate) reopened: bool,
    pub(crate) access_locked: bool,
    pub(crate) times: Times,
}

/// When it passed which state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Times {
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) state: Timestamp,
    pub(crate) opened: Option<Timestamp>,
    pub(crate) started: Option<Timestamp>,
    pub(crate) submitting: Option<Timestamp>,
    pub(crate) submitted: Option<Timestamp>,
    pub(crate) terminated: Option<Timestamp>,
    pub(crate) original_opened: Option<Timestamp>,
    pub(crate) original_started: Option<Timestamp>,
    pub(crate) original_submitted: Option<Timestamp>,
}

impl Labelled for AssessmentResult {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Filtered for AssessmentResult {
    const FIELDS: &'static [&'static str] =
        &["id", "state", "score", "current_take", "team_candidate_id", "labels", "created_at", "updated_at"];

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => json!(self.id),
            "state" => json!(self.state.name()),
            "score" => json!(self.points()),
            "current_take" => json!(self.current_take),
            "team_candidate_id" => json!(self.candidate),
            "labels" => Value::Null,
            "created_at" => json!(time(self.times.created)),
            "updated_at" => json!(time(self.times.updated)),
            _ => return None,
        })
    }
}

impl AssessmentResult {
    /// No score is shown before scoring is done.
    pub(crate) fn points(&self) -> Option<f64> {
        self.score.as_ref().filter(|_| self.state == ResultState::Submitted).map(|score| score.points)
    }

    pub(crate) fn seconds(&self) -> u32 {
        self.score.as_ref().map_or(0, |score| score.seconds)
    }

    pub(crate) fn view(&self, team: &Team) -> Value {
        let times_ = &self.times;
        json!({
            "id": self.id, "assessmentId": self.assessment, "teamCandidateId": self.candidate, "teamId": team.id,
            "candidateId": team.candidates.get(&self.candidate).map(|candidate| &candidate.candidate_id),
            "state": self.state.name(), "stateUpdatedAt": time(times_.state), "createdAt": time(times_.created),
            "updatedAt": time(times_.updated), "invitedAt": time(times_.created), "openedAt": times(times_.opened),
            "startedAt": times(times_.started), "submittingAt": times(times_.submitting),
            "submittedAt": times(times_.submitted), "terminatedAt": times(times_.terminated),
            "originalOpenedAt": times(times_.original_opened), "originalStartedAt": times(times_.original_started),
            "originalSubmittedAt": times(times_.original_submitted), "score": self.points(),
            "closedReason": self.closed_reason, "accumulatedSeconds": self.seconds(),
            "totalSubmissionSeconds": self.seconds(), "totalOriginalSubmissionSeconds": self.seconds(),
            "wallTimeSinceStart": null, "enforcedTimeLimit": null, "timerExpiresIn": null, "candidateRemarks": null,
            "dryRun": self.dry_run, "nextAssessmentId": null, "redirectUrl": null, "submissionMessage": null,
            "reopenedById": self.reopened.then_some(&team.api_member), "accessLocked": self.access_locked,
            "accessStartsAt": null, "accessEndsAt": null, "retakeNumber": self.retake_number,
            "currentTake": self.current_take, "editMode": "normal", "wasEmbedded": false, "retrySchedule": null,
            "challengeItems": [], "proctoringDisabled": null,
        })
    }

    fn with(&self, team: &Team, includes: &[&str]) -> Value {
        let mut view = self.view(team);
        let invitations = || team.invitations.all().iter().filter(|invitation| invitation.result == self.id);
        for include in includes {
            match *include {
                "team_candidate" => {
                    view["teamCandidate"] =
                        team.candidates.get(&self.candidate).map_or(Value::Null, |own| own.view(team));
                }
                "assessment" => {
                    view["assessment"] =
                        team.assessments.get(&self.assessment).map_or(Value::Null, |own| own.view(team));
                }
                "solutions" => view["solutions"] = self.score.iter().flat_map(Score::rows).collect(),
                "invitations" => view["invitations"] = invitations().map(|own| own.view(team)).collect(),
                "most_recent_invitation" => {
                    view["mostRecentInvitation"] = invitations().next_back().map_or(Value::Null, |own| own.view(team));
                }
                _ => {}
            }
        }
        view
    }
}

pub(crate) fn list(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    let includes = includes(call);
    let is = |name: &str, value: &str| {
        let nested = format!("data[{name}]");
        call.query(name).or_else(|| call.query(&nested)).is_none_or(|wanted| wanted == value)
    };
    let rows = team.results.all().iter();
    let rows = rows.filter(|row| is("assessment_id", &row.assessment) && is("team_candidate_id", &row.candidate));
    let listing = Listing {
        kind: "AssessmentResult",
        now: context.now,
        page_size: team.settings.page_size,
        includes: includes.clone(),
    };
    listing.reply(call, rows.collect(), |result| result.with(team, &includes))
}

pub(crate) fn get(team: &Team, context: &Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let includes = includes(call);
    Ok(single("AssessmentResult", &find(team, id)?.with(team, &includes), context.now, &includes))
}

pub(crate) fn terminate(team: &mut Team, context: &mut Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let data = body::data(call)?;
    let reason = match body::text(&data, "closed_reason") {
        Some("team_forced") | None => "team_forced",
        Some("team_decided") => "team_decided",
        Some(_) => {
            return Err(Refusal::invalid("AssessmentResult", "closed_reason", "is not included in the list", &data));
        }
    };
    find(team, id)?;
    progress::terminate(team, context, id, reason);
    get(team, context, call, id)
}

pub(crate) fn unlock(team: &mut Team, context: &Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    find(team, id)?;
    if let Some(result) = team.results.get_mut(id) {
        result.access_locked = false;
        result.times.updated = context.now;
    }
    get(team, context, call, id)
}

/// Only before it was started.
pub(crate) fn delete(team: &mut Team, id: &str) -> Result<Reply, Refusal> {
    if !matches!(find(team, id)?.state, ResultState::Invited | ResultState::Opened) {
        return Err(Refusal::bad("the result was started already"));
    }
    team.results.remove(id);
    Ok(reply::empty(204))
}

pub(crate) fn find<'a>(team: &'a Team, id: &str) -> Result<&'a AssessmentResult, Refusal> {
    team.results.get(id).ok_or_else(|| Refusal::not_found(team.settings.not_found))
}

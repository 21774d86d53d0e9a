//! `exhibit` and `share`: the condensed view of a result for integrations, and report links that need no login.

use serde_json::{Value, json};

use super::listing::{time, times};
use super::refusal::Refusal;
use super::result::{self, AssessmentResult, ResultState};
use super::score::Score;
use super::team::Team;
use crate::call::Call;
use crate::reply::{self, Reply};
use crate::world::Context;

/// `{"id", "data"}` without `type` and `meta`.
pub(crate) fn exhibit(team: &Team, id: &str) -> Result<Reply, Refusal> {
    let result = result::find(team, id)?;
    let done = result.state == ResultState::Submitted;
    let passing = passes(team, result);
    let solved = |score: &Score| score.solutions.iter().all(|solution| solution.points >= 100.0);
    let candidate = team.candidates.get(&result.candidate);
    let solutions: Vec<Value> = result.score.iter().filter(|_| done).flat_map(Score::rows).collect();
    let data = json!({
        "assessmentId": result.assessment, "teamCandidateId": result.candidate, "state": result.state.name(),
        "score": result.points(), "passingScore": passing,
        "passedAll": done.then(|| passing == Some(true) && result.score.as_ref().is_some_and(solved)),
        "closedReason": result.closed_reason, "invitedAt": time(result.times.created),
        "openedAt": times(result.times.opened), "startedAt": times(result.times.started),
        "submittedAt": times(result.times.submitted), "accumulatedSeconds": result.seconds(),
        "totalSubmissionSeconds": result.seconds(), "candidateRemarks": null, "retakeNumber": result.retake_number,
        "teamCandidate": candidate.map(|candidate| json!({
            "id": candidate.id, "email": candidate.email, "firstName": candidate.first_name,
            "lastName": candidate.last_name, "name": candidate.name(),
        })),
        "assessment": team.assessments.get(&result.assessment).map(|assessment| json!({
            "id": assessment.id, "title": assessment.title, "labels": assessment.labels, "passRate": null,
            "submissionRate": null, "counts": {"total": 1, "abandoned": 0}, "keyStats": {},
        })),
        "solutions": solutions,
    });
    Ok(reply::json(200, &json!({"id": result.id, "data": data})))
}

/// Whether a scored result passes; nothing before.
pub(crate) fn passes(team: &Team, result: &AssessmentResult) -> Option<bool> {
    let score = result.score.as_ref().filter(|_| result.state == ResultState::Submitted)?;
    let cut = team.assessments.get(&result.assessment).map_or(0.0, |assessment| assessment.passing_score);
    Some(score.passed.unwrap_or(score.points >= cut))
}

/// Only if the plan has it.
pub(crate) fn share(team: &Team, context: &mut Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let result = result::find(team, id)?;
    if !team.settings.share {
        return Err(Refusal::forbidden("share", "AssessmentResult"));
    }
    let origin = &context.origins.qualified;
    let token = format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", context.seed.letters(40), context.seed.letters(43));
    let hide = call.query("hide").map_or(String::new(), |hide| format!("?hide={hide}"));
    Ok(reply::json(
        200,
        &json!({
            "id": result.id,
            "url": format!("{origin}/reports/{token}/assessment_result{hide}"),
            "pdf": format!("{origin}/pdf/reports/{token}/assessment_result{hide}"),
            "resultWidgetUrl": format!("{origin}/widgets/{token}/assessment_result"),
            "solutions": [],
        }),
    ))
}

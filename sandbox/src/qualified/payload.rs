//! The bodies of webhooks: `{"event", "data"}`, snake case throughout, unlike the API. No payload carries
//! `alternate_id`, an invitation's id or a report link.

use serde_json::{Value, json};

use super::exhibit;
use super::listing::{time, times};
use super::result::ResultState;
use super::team::Team;

/// A result. `score` overrides the real one, for the race that once sent zeros.
pub(crate) fn result(team: &Team, id: &str, score: Option<f64>) -> Value {
    let Some(result) = team.results.get(id) else {
        return Value::Null;
    };
    let candidate = team.candidates.get(&result.candidate);
    let assessment = team.assessments.get(&result.assessment);
    // Started results have been seen with 0.0.
    let points = score.or(result.points()).or((result.state == ResultState::Started).then_some(0.0));
    let scored = result.score.iter().filter(|_| result.state == ResultState::Submitted);
    let solutions: Vec<Value> = scored
        .flat_map(|score| &score.solutions)
        .enumerate()
        .map(|(number, solution)| {
            json!({
                "id": format!("{:024x}", number + 1), "_type": "CodeSolution", "score": solution.points,
                "passing_score": solution.points >= 100.0, "language": solution.language, "attempts": 3,
                "passed_test_cases": (solution.points / 12.5) as u32, "total_test_cases": 8, "wall_time": 40,
                "completed_at": times(result.times.submitted), "failed_test_names": [],
                "challenge": {
                    "id": format!("{:024x}", number + 257), "_type": "CodeChallenge", "title": solution.challenge,
                    "estimated_time": 20, "topics": [], "summary": null, "purpose": null,
                },
            })
        })
        .collect();
    json!({
        "id": result.id, "state": if score.is_some() { "submitted" } else { result.state.name() }, "score": points,
        "passing_score": exhibit::passes(team, result), "abandoned": false, "accumulated_seconds": result.seconds(),
        "invited_at": time(result.times.created), "started_at": times(result.times.started),
        "submitted_at": times(result.times.submitted), "candidate_remarks": null, "dry_run": result.dry_run,
        "review_ratings": {}, "redirect_url": null, "browser_user_agent": null, "workflow_name": null,
        "workflow_path_id": null, "workflow_trigger": null,
        "candidate": candidate.map(|candidate| json!({
            "email": candidate.email, "first_name": candidate.first_name, "last_name": candidate.last_name,
        })),
        "team_candidate": candidate.map(|candidate| json!({
            "id": candidate.id, "state": candidate.state.name(),
            "prev_state": candidate.prev_state.map(super::CandidateState::name),
            "anonymous_name": candidate.anonymous_name,
        })),
        "assessment": assessment.map(|assessment| json!({
            "id": assessment.id, "title": assessment.title, "labels": assessment.labels,
        })),
        "solutions": solutions,
    })
}

/// A person. Apart from the number of results nothing tells the assessment.
pub(crate) fn candidate(team: &Team, id: &str) -> Value {
    let Some(candidate) = team.candidates.get(id) else {
        return Value::Null;
    };
    json!({
        "id": candidate.id, "email": candidate.email, "name": candidate.name(), "first_name": candidate.first_name,
        "last_name": candidate.last_name, "anonymous_name": candidate.anonymous_name, "state": candidate.state.name(),
        "prev_state": candidate.prev_state.map(super::CandidateState::name), "labels": candidate.labels,
        "test_team_member": candidate.test_team_member,
        "assessment_results_count": team.results.all().iter().filter(|result| result.candidate == id).count(),
    })
}

/// A person with the label that came or went.
pub(crate) fn labelled(team: &Team, id: &str, change: &str, label: &str) -> Value {
    let mut data = candidate(team, id);
    data[change] = json!(label);
    data
}

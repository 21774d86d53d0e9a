//! Team candidates: one per e-mail and team, with one state per person rather than per assessment.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::body;
use super::listing::{Filtered, Listing, includes, single, time, times};
use super::person;
use super::refusal::Refusal;
use super::team::Team;
use crate::call::Call;
use crate::reply::Reply;
use crate::shelf::Labelled;
use crate::world::Context;

/// Where a person stands in the eyes of the team.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Qualified's and say it all")]
pub enum CandidateState {
    Idle,
    Invited,
    Started,
    Submitted,
    RiskDetected,
    Scheduled,
    Interviewed,
    Reviewed,
    Approved,
    Rejected,
    Archived,
}

impl CandidateState {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Invited => "invited",
            Self::Started => "started",
            Self::Submitted => "submitted",
            Self::RiskDetected => "risk_detected",
            Self::Scheduled => "scheduled",
            Self::Interviewed => "interviewed",
            Self::Reviewed => "reviewed",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Archived => "archived",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Idle => "Idle",
            Self::Invited => "Invited",
            Self::Started => "Assessment Started",
            Self::Submitted => "Assessment Submitted",
            Self::RiskDetected => "Plagiarism Risk Detected",
            Self::Scheduled => "Scheduled",
            Self::Interviewed => "Interviewed",
            Self::Reviewed => "Reviewed",
            Self::Approved => "Approved",
            Self::Rejected => "Rejected",
            Self::Archived => "Archived",
        }
    }
}

/// A person the team has invited.
#[derive(Debug, Clone)]
pub struct TeamCandidate {
    /// The id.
    pub id: String,
    /// With the case it was given; `None` once forgotten.
    pub email: Option<String>,
    /// First name, when someone told it.
    pub first_name: Option<String>,
    /// Last name, when someone told it.
    pub last_name: Option<String>,
    /// The caller's own id for the person.
    pub alternate_id: Option<String>,
    /// `None` until first set.
    pub labels: Option<Vec<String>>,
    /// Where the person stands.
    pub state: CandidateState,
    /// The state before.
    pub prev_state: Option<CandidateState>,
    /// A team member on a test run.
    pub test_team_member: bool,
    pub(crate) candidate_id: String,
    pub(crate) anonymous_name: String,
    pub(crate) decided_at: Option<Timestamp>,
    pub(crate) state_updated_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

impl Labelled for TeamCandidate {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Filtered for TeamCandidate {
    const FIELDS: &'static [&'static str] = &[
        "id",
        "state",
        "archived",
        "name",
        "first_name",
        "last_name",
        "email",
        "alternate_id",
        "labels",
        "test_team_member",
        "demo_data",
        "created_at",
        "updated_at",
        "state_updated_at",
    ];

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => json!(self.id),
            "state" => json!(self.state.name()),
            "archived" => json!(self.state == CandidateState::Archived),
            "name" => json!(self.name()),
            "first_name" => json!(self.first_name),
            "last_name" => json!(self.last_name),
            "email" => json!(self.email),
            "alternate_id" => json!(self.alternate_id),
            "labels" => json!(self.labels),
            "test_team_member" => json!(self.test_team_member),
            "demo_data" => json!(false),
            "created_at" => json!(time(self.created_at)),
            "updated_at" => json!(time(self.updated_at)),
            "state_updated_at" => json!(time(self.state_updated_at)),
            _ => return None,
        })
    }
}

impl TeamCandidate {
    /// First and last name; nothing when neither is known.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        let name: Vec<&str> = self.first_name.iter().chain(&self.last_name).map(String::as_str).collect();
        (!name.is_empty()).then(|| name.join(" "))
    }

    pub(crate) fn view(&self, team: &Team) -> Value {
        let results: Vec<_> = team.results.all().iter().filter(|result| result.candidate == self.id).collect();
        json!({
            "id": self.id, "candidateId": self.email.as_ref().map(|_| &self.candidate_id), "teamId": team.id,
            "state": self.state.name(), "prevState": self.prev_state.map(CandidateState::name),
            "stateLabel": self.state.label(), "stateUpdatedAt": time(self.state_updated_at),
            "decidedAt": times(self.decided_at), "invitedAt": time(self.created_at),
            "createdAt": time(self.created_at), "updatedAt": time(self.updated_at), "email": self.email,
            "firstName": self.first_name, "lastName": self.last_name, "name": self.name(),
            "anonymousName": self.anonymous_name, "isBlinded": false, "blinding": "none",
            "alternateId": self.alternate_id, "labels": self.labels,
            "archived": self.state == CandidateState::Archived, "forgotten": self.email.is_none(),
            "testTeamMember": self.test_team_member, "demoData": false,
            "assessmentIds": results.iter().map(|result| &result.assessment).collect::<Vec<_>>(),
            "assessmentResultIds": results.iter().map(|result| &result.id).collect::<Vec<_>>(),
            "assignedTeamMemberIds": [], "cohortIds": [], "interactSessions": 0, "risks": null, "resumeUrl": null,
        })
    }

    /// The view with the relations asked for.
    fn with(&self, team: &Team, includes: &[&str]) -> Value {
        let mut view = self.view(team);
        if includes.contains(&"assessment_results") {
            let own = team.results.all().iter().filter(|result| result.candidate == self.id);
            view["assessmentResults"] = own.map(|result| result.view(team)).collect();
        }
        if includes.contains(&"assessments") {
            let own = team.results.all().iter().filter(|result| result.candidate == self.id);
            let own = own.filter_map(|result| team.assessments.get(&result.assessment));
            view["assessments"] = own.map(|assessment| assessment.view(team)).collect();
        }
        view
    }
}

pub(crate) fn list(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    let includes = includes(call);
    let listing = Listing {
        kind: "TeamCandidate",
        now: context.now,
        page_size: team.settings.page_size,
        includes: includes.clone(),
    };
    listing.reply(call, team.candidates.all().iter().collect(), |candidate| candidate.with(team, &includes))
}

pub(crate) fn get(team: &Team, context: &Context, call: &Call, id: &str) -> Result<Reply, Refusal> {
    let includes = includes(call);
    Ok(single("TeamCandidate", &find(team, id)?.with(team, &includes), context.now, &includes))
}

/// `PUT /team_candidates/:id` and its verbs.
pub(crate) fn put(team: &mut Team, context: &mut Context, call: &Call, id: &str, verb: &str) -> Result<Reply, Refusal> {
    find(team, id)?;
    match verb {
        "" => update(team, context, call, id)?,
        "approve" => person::set_state(team, context, id, CandidateState::Approved),
        "reject" => person::set_state(team, context, id, CandidateState::Rejected),
        "archive" => person::set_state(team, context, id, CandidateState::Archived),
        "unarchive" | "restore" => person::restore(team, context, id),
        "forget" => person::forget(team, context, id),
        _ => return Err(Refusal::not_found(team.settings.not_found)),
    }
    get(team, context, call, id)
}

fn update(team: &mut Team, context: &mut Context, call: &Call, id: &str) -> Result<(), Refusal> {
    let data = body::data(call)?;
    let Some(candidate) = team.candidates.get_mut(id) else {
        return Ok(());
    };
    let set = |place: &mut Option<String>, name| {
        if let Some(text) = body::text(&data, name) {
            *place = Some(text.to_owned());
        }
    };
    set(&mut candidate.email, "email");
    set(&mut candidate.first_name, "first_name");
    set(&mut candidate.last_name, "last_name");
    set(&mut candidate.alternate_id, "alternate_id");
    candidate.updated_at = context.now;
    if let Some(email) = &candidate.email {
        team.addresses.insert(email.to_lowercase(), candidate.id.clone());
    }
    if data.contains_key("labels") {
        person::set_labels(team, context, id, body::texts(&data, "labels"));
    }
    Ok(())
}

fn find<'a>(team: &'a Team, id: &str) -> Result<&'a TeamCandidate, Refusal> {
    team.candidates.get(id).ok_or_else(|| Refusal::not_found(team.settings.not_found))
}

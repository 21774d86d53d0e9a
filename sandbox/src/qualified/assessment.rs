//! Assessments: what can be taken, by its title.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::body;
use super::listing::{Filtered, Listing, includes, single, time, times};
use super::progress;
use super::refusal::Refusal;
use super::team::Team;
use crate::call::Call;
use crate::reply::Reply;
use crate::shelf::Labelled;
use crate::world::Context;

/// Only published ones can be invited to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Qualified's and say it all")]
pub enum AssessmentState {
    Draft,
    Published,
    Archived,
}

impl AssessmentState {
    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

/// A test a team gives.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// Its id.
    pub id: String,
    /// Neither unique nor fixed, and with any punctuation.
    pub title: String,
    /// Whether it can be invited to.
    pub state: AssessmentState,
    /// The score that passes, of 100.
    pub passing_score: f64,
    pub(crate) labels: Option<Vec<String>>,
    pub(crate) created_at: Timestamp,
    pub(crate) published_at: Option<Timestamp>,
    pub(crate) archived_at: Option<Timestamp>,
}

impl Labelled for Assessment {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Filtered for Assessment {
    const FIELDS: &'static [&'static str] = &["id", "title", "state", "created_at"];

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => json!(self.id),
            "title" => json!(self.title),
            "state" => json!(self.state.name()),
            "created_at" => json!(time(self.created_at)),
            _ => return None,
        })
    }
}

impl Assessment {
    pub(crate) fn draft(context: &mut Context, title: &str) -> Self {
        Self {
            id: context.seed.hex(24),
            title: title.into(),
            state: AssessmentState::Draft,
            passing_score: 70.0,
            labels: None,
            created_at: context.now,
            published_at: None,
            archived_at: None,
        }
    }

    pub(crate) fn view(&self, team: &Team) -> Value {
        let started = team.results.all().iter().filter(|result| result.assessment == self.id).count();
        let mut view = self.reduced();
        let full = json!({
            "teamId": team.id, "inviteOnly": true, "manualEstimatedTime": null, "suggestedEstimatedTime": 45,
            "purpose": null, "unavailable": false, "isTemplate": false, "isPractice": false, "isDemo": false,
            "publishedAt": times(self.published_at), "archivedAt": times(self.archived_at),
            "createdAt": time(self.created_at), "labels": self.labels, "passingScore": self.passing_score,
            "defaultExpirationDays": null, "defaultReminderDays": null, "defaultInviteMessage": null,
            "defaultAssignedTeamMemberIds": [], "defaultTeamCandidateLabels": null, "defaultAccessLocked": null,
            "assessmentResultsSummary": {"_id": self.id, "all": started}, "redirectUrl": null, "webhookUrl": null,
            "workflowPaths": [], "enableProctoring": null, "addedWithoutNotice": {"by": "the sandbox"},
        });
        if let (Some(view), Value::Object(full)) = (view.as_object_mut(), full) {
            view.extend(full);
        }
        view
    }

    /// What anyone may see of a published assessment.
    fn reduced(&self) -> Value {
        json!({
            "id": self.id, "title": self.title, "state": self.state.name(), "enforcedTimeLimit": null, "summary": null,
            "challengeItems": [],
        })
    }
}

pub(crate) fn list(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    let listing =
        Listing { kind: "Assessment", now: context.now, page_size: team.settings.page_size, includes: includes(call) };
    listing.reply(call, team.assessments.all().iter().collect(), |assessment| assessment.view(team))
}

pub(crate) fn get(team: &Team, context: &Context, id: &str) -> Result<Reply, Refusal> {
    let assessment = find(team, id)?;
    Ok(single("Assessment", &assessment.view(team), context.now, &[]))
}

/// Without a key: a published assessment in few words, anything else unauthorized.
pub(crate) fn public<'a>(teams: impl Iterator<Item = &'a Team>, context: &Context, id: &str) -> Option<Reply> {
    let assessment = teams.filter_map(|team| team.assessments.get(id)).next()?;
    let published = assessment.state == AssessmentState::Published;
    published.then(|| single("Assessment", &assessment.reduced(), context.now, &[]))
}

pub(crate) fn create(team: &mut Team, context: &mut Context, call: &Call) -> Result<Reply, Refusal> {
    let data = body::data(call)?;
    let title = body::text(&data, "title").map(str::trim).filter(|title| !title.is_empty());
    let title = title.ok_or_else(|| Refusal::invalid("Assessment", "title", "can't be blank", &data))?;
    let mut assessment = Assessment::draft(context, title);
    assessment.labels = data.contains_key("labels").then(|| body::texts(&data, "labels"));
    let view = assessment.view(team);
    team.assessments.add(assessment);
    Ok(single("Assessment", &view, context.now, &[]))
}

/// `PUT /assessments/:id` and its verbs.
pub(crate) fn put(team: &mut Team, context: &mut Context, call: &Call, id: &str, verb: &str) -> Result<Reply, Refusal> {
    find(team, id)?;
    match verb {
        "" => {
            let data = body::data(call)?;
            if let (Some(title), Some(assessment)) = (body::text(&data, "title"), team.assessments.get_mut(id)) {
                title.trim().clone_into(&mut assessment.title);
            }
        }
        "publish" => set_state(team, context, id, AssessmentState::Published),
        "unpublish" | "unarchive" => set_state(team, context, id, AssessmentState::Draft),
        "archive" => set_state(team, context, id, AssessmentState::Archived),
        _ => return Err(Refusal::not_found(team.settings.not_found)),
    }
    get(team, context, id)
}

/// Unpublishing lets invitations live; archiving cancels them and closes what was started.
pub(crate) fn set_state(team: &mut Team, context: &mut Context, id: &str, state: AssessmentState) {
    let Some(assessment) = team.assessments.get_mut(id) else {
        return;
    };
    assessment.state = state;
    match state {
        AssessmentState::Published => assessment.published_at = Some(context.now),
        AssessmentState::Archived => {
            assessment.archived_at = Some(context.now);
            progress::close_assessment(team, context, id);
        }
        AssessmentState::Draft => assessment.archived_at = None,
    }
}

fn find<'a>(team: &'a Team, id: &str) -> Result<&'a Assessment, Refusal> {
    team.assessments.get(id).ok_or_else(|| Refusal::not_found(team.settings.not_found))
}

//! Invitations: the records, their list, their mails, their end.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::listing::{Filtered, Listing, includes, time, times};
use super::person;
use super::progress;
use super::refusal::Refusal;
use super::result::ResultState;
use super::team::{Mail, MailKind, Team};
use crate::call::Call;
use crate::reply::{self, Reply};
use crate::shelf::Labelled;
use crate::world::Context;

#[derive(Debug, Clone)]
pub(crate) struct Invitation {
    pub(crate) id: String,
    pub(crate) assessment: String,
    pub(crate) candidate: String,
    pub(crate) result: String,
    pub(crate) active: bool,
    pub(crate) action: &'static str,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) reminder_at: Option<Timestamp>,
    pub(crate) reminded: bool,
    pub(super) send_email: bool,
    pub(super) custom_message: Option<String>,
    pub(super) send_attempts: u32,
    pub(super) last_sent: Option<Timestamp>,
    pub(super) created_at: Timestamp,
    pub(super) secret: String,
}

impl Labelled for Invitation {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Filtered for Invitation {
    const FIELDS: &'static [&'static str] = &["id", "created_at"];

    fn field(&self, name: &str) -> Option<Value> {
        Some(match name {
            "id" => json!(self.id),
            "created_at" => json!(time(self.created_at)),
            _ => return None,
        })
    }
}

impl Invitation {
    pub(crate) fn view(&self, team: &Team) -> Value {
        let candidate = team.candidates.get(&self.candidate);
        let path = format!("/assess/{}?invite={}", self.assessment, self.secret);
        json!({
            "id": self.id, "state": "active", "action": self.action, "assessmentId": self.assessment,
            "assessmentTitle": team.assessments.get(&self.assessment).map(|assessment| &assessment.title),
            "assessmentResultId": self.result, "teamCandidateId": self.candidate, "teamId": team.id,
            "teamMemberId": team.api_member, "candidateName": candidate.and_then(|candidate| candidate.name()),
            "candidateEmail": candidate.and_then(|candidate| candidate.email.as_ref()), "testTeamMember": false,
            "inviterRole": "api", "invitePath": path, "invitePracticePath": format!("{path}&practice=true"),
            "sendEmailToCandidate": self.send_email, "sendEmailToInviter": false, "sendAttempts": self.send_attempts,
            "lastSent": times(self.last_sent), "openCount": null, "expiresAt": times(self.expires_at),
            "reminderAt": times(self.reminder_at), "reminded": self.reminded, "customMessage": self.custom_message,
            "invitedByAssessmentTitle": null, "invitedByWorkflowLabel": null, "skippedRegistration": null,
            "backfilled": null, "createdAt": time(self.created_at),
        })
    }
}

pub(crate) fn send(team: &mut Team, context: &Context, invitation: &str, kind: MailKind) {
    let Some(invitation) = team.invitations.get_mut(invitation) else {
        return;
    };
    invitation.send_attempts += 1;
    invitation.last_sent = Some(context.now);
    invitation.reminded |= kind == MailKind::Reminder;
    let to = team.candidates.get(&invitation.candidate).and_then(|candidate| candidate.email.clone());
    let Some(to) = to else { return };
    team.mails.push(Mail {
        to,
        assessment_id: invitation.assessment.clone(),
        at: context.now,
        kind,
        custom_message: invitation.custom_message.clone(),
    });
}

/// Active ones only; there is no reading one by id.
pub(crate) fn list(team: &Team, context: &Context, call: &Call) -> Result<Reply, Refusal> {
    let of = call.query("team_candidate_id").or_else(|| call.query("data[team_candidate_id]"));
    let rows = team.invitations.all().iter().filter(|own| own.active && of.is_none_or(|of| own.candidate == of));
    let listing = Listing {
        kind: "AssessmentInvitation",
        now: context.now,
        page_size: team.settings.page_size,
        includes: includes(call),
    };
    listing.reply(call, rows.collect(), |invitation| invitation.view(team))
}

/// Cancels: the candidate is labelled, a started result ends.
pub(crate) fn cancel(team: &mut Team, context: &mut Context, id: &str) -> Result<Reply, Refusal> {
    let found = team.invitations.get_mut(id).filter(|invitation| invitation.active);
    let Some(invitation) = found else {
        return Err(Refusal::not_found(team.settings.not_found));
    };
    invitation.active = false;
    let (candidate, result) = (invitation.candidate.clone(), invitation.result.clone());
    person::add_label(team, context, &candidate, "Invitation Cancelled");
    if team.results.get(&result).is_some_and(|result| result.state == ResultState::Started) {
        progress::terminate(team, context, &result, "invitation_canceled");
    }
    Ok(reply::empty(204))
}

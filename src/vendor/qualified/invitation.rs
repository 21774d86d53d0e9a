//! Invitations: the way to make a candidate, a result and a mail at once.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Map, Value, json};

use super::{Grant, answer, target};
use crate::{
    domain::{
        ids::{AssessmentId, ResultId, TeamCandidateId},
        time::Timestamp,
    },
    vendor::{Call, CallError, Personal, reading::Node, writing::iso},
};

/// `POST /assessment_invitations/invite_candidates`, for one person, because names go with one address only.
///
/// Always with the mail, and never with a second one: Qualified makes no second candidate for an address,
/// and `skip_email_resend` keeps it from mailing again to one already invited. A candidate who has handed in
/// is left alone, as no `retry_action` is sent. That makes it repeatable.
#[derive(Debug, Clone)]
pub struct Invite {
    /// To what. It must be published.
    pub assessment: AssessmentId,
    /// Whom.
    pub email: Personal,
    /// The person's first name.
    pub first_name: Option<Personal>,
    /// The person's last name.
    pub last_name: Option<Personal>,
    /// Our name for the candidacy. Kept with the person, not with the invitation: a hint only.
    pub alternate_id: Option<String>,
    /// From when the invitation can't be accepted any more.
    pub expires_at: Option<Timestamp>,
    /// When to remind a candidate who hasn't begun.
    pub reminder_at: Option<Timestamp>,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The result that the candidate will fill.
    pub result: ResultId,
    /// The person.
    pub team_candidate: TeamCandidateId,
    /// Whether Qualified had mailed this invitation before it was asked. The mail of a new one goes out in the
    /// background: the answer shows no attempt yet.
    pub mailed_before: bool,
}

impl Call for Invite {
    type Grant = Grant;
    type Reply = Invitation;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let mut data = Map::new();
        let mut set = |name: &str, value: Value| data.insert(name.to_owned(), value);
        set("candidates", json!([self.email.as_str()]));
        set("assessment_id", json!(self.assessment.as_str()));
        set("send_email_to_candidate", json!(true));
        set("skip_email_resend", json!(true));
        if let Some(name) = &self.first_name {
            set("first_name", json!(name.as_str()));
        }
        if let Some(name) = &self.last_name {
            set("last_name", json!(name.as_str()));
        }
        if let Some(id) = &self.alternate_id {
            set("alternate_id", json!(id));
        }
        if let Some(time) = self.expires_at {
            set("expires_at", json!(iso(time)));
        }
        if let Some(time) = self.reminder_at {
            set("reminder_at", json!(iso(time)));
        }
        let path = ["assessment_invitations", "invite_candidates"];
        target(grant, &path).post(&json!({ "data": data })).raw_key(&grant.key)
    }

    /// How one bad address is answered is not documented; no row at all is taken as a refusal.
    fn read(&self, response: &Response<Bytes>) -> Result<Invitation, CallError> {
        let body = answer(response)?;
        let data = Node::root(&body).at("data");
        if data.list(|_| Ok(()))?.is_empty() {
            return Err(CallError::Refused("Qualified made no invitation for this address".to_owned()));
        }
        let row = data.first();
        Ok(Invitation {
            result: row.at("assessmentResultId").id()?,
            team_candidate: row.at("teamCandidateId").id()?,
            mailed_before: row.at("sendAttempts").maybe(Node::count)?.is_some_and(|attempts| attempts > 0)
                || !row.at("lastSent").is_null(),
        })
    }
}

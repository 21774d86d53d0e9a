//! Team candidates: one per address and team. Their state is the person's, not an assessment's.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, Page, object, page, target};
use crate::{
    domain::{ids::TeamCandidateId, time::Timestamp},
    vendor::{Call, CallError, Personal, Unreadable, reading::Node, writing::iso},
};

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamCandidate {
    /// Qualified's id of it, opaque.
    pub id: TeamCandidateId,
    /// Absent once the person is forgotten.
    pub email: Option<Personal>,
    /// What the team thinks of the person.
    pub state: CandidateState,
    /// When `state` changed.
    pub state_updated_at: Option<Timestamp>,
    /// When the person was approved or rejected.
    pub decided_at: Option<Timestamp>,
    /// When anything last changed: the watermark of [`ListTeamCandidates`].
    pub updated_at: Option<Timestamp>,
    /// A colleague trying things out, or Qualified's demo: nobody's candidate.
    pub test: bool,
}

/// The state of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateState {
    /// Invited to something.
    Invited,
    /// Working on something.
    Started,
    /// Has handed something in, and nobody has decided. `risk_detected` and `reviewed` are of this kind.
    Submitted,
    /// Wanted.
    Approved,
    /// Not wanted.
    Rejected,
    /// Put away.
    Archived,
    /// `idle`, or a state that says nothing here: `scheduled`, `interviewed`, one newer than this program.
    Other,
}

/// `GET /team_candidates/:id`
#[derive(Debug, Clone)]
pub struct GetTeamCandidate {
    /// Qualified's id of it, opaque.
    pub id: TeamCandidateId,
}

impl Call for GetTeamCandidate {
    type Grant = Grant;
    type Reply = TeamCandidate;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["team_candidates", self.id.as_str()]).get().raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<TeamCandidate, CallError> {
        object(response, team_candidate)
    }
}

/// `GET /team_candidates`: who changed since a time, oldest change first. See `ListResults` on paging.
#[derive(Debug, Clone, Copy)]
pub struct ListTeamCandidates {
    /// Inclusive.
    pub updated_since: Timestamp,
    /// From 1.
    pub page: u32,
}

impl Call for ListTeamCandidates {
    type Grant = Grant;
    type Reply = Page<TeamCandidate>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["team_candidates"])
            .query("where", &json!({ "updated_at": { ">=": iso(self.updated_since) } }).to_string())
            .query("order_by", "updated_at ASC")
            .query("page", &self.page.to_string())
            .get()
            .raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<TeamCandidate>, CallError> {
        page(response, team_candidate)
    }
}

/// `GET /team_candidates` for one address. Qualified keeps the case given in some places and lowers it in
/// others, so both spellings are asked for.
#[derive(Debug, Clone)]
pub struct FindTeamCandidate {
    /// The person's address; either spelling of its case finds them.
    pub email: Personal,
}

impl Call for FindTeamCandidate {
    type Grant = Grant;
    type Reply = Option<TeamCandidate>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let (given, lower) = (self.email.as_str(), self.email.as_str().to_lowercase());
        let filter =
            if given == lower { json!({ "email": given }) } else { json!({ "email": { "in": [given, lower] } }) };
        target(grant, &["team_candidates"]).query("where", &filter.to_string()).get().raw_key(&grant.key)
    }

    /// A filter that Qualified ignored would bring others, hence the comparison.
    fn read(&self, response: &Response<Bytes>) -> Result<Option<TeamCandidate>, CallError> {
        let wanted = self.email.as_str().to_lowercase();
        let found = page(response, team_candidate)?;
        let is_wanted =
            |row: &TeamCandidate| row.email.as_ref().is_some_and(|own| own.as_str().to_lowercase() == wanted);
        Ok(found.rows.into_iter().find(is_wanted))
    }
}

pub(super) fn team_candidate(node: &Node<'_>) -> Result<TeamCandidate, Unreadable> {
    Ok(TeamCandidate {
        id: node.at("id").id()?,
        email: node.at("email").personal()?,
        state: state(node.at("state").maybe(Node::str)?.unwrap_or_default()),
        state_updated_at: node.at("stateUpdatedAt").maybe(Node::time)?,
        decided_at: node.at("decidedAt").maybe(Node::time)?,
        updated_at: node.at("updatedAt").maybe(Node::time)?,
        test: node.at("testTeamMember").is_set()? || node.at("demoData").is_set()?,
    })
}

pub(super) fn state(name: &str) -> CandidateState {
    match name {
        "invited" => CandidateState::Invited,
        "started" => CandidateState::Started,
        "submitted" | "risk_detected" | "reviewed" => CandidateState::Submitted,
        "approved" => CandidateState::Approved,
        "rejected" => CandidateState::Rejected,
        "archived" => CandidateState::Archived,
        _ => CandidateState::Other,
    }
}

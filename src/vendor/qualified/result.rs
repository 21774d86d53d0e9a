//! Results: one candidate's take of one assessment.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, Page, TeamCandidate, candidate, object, page, target};
use crate::{
    domain::{
        assignment::ResultState,
        ids::{AssessmentId, ResultId, TeamCandidateId},
        time::Timestamp,
    },
    vendor::{Call, CallError, Unreadable, reading::Node, writing::iso},
};

/// A result. The score is in the exhibit, which is what to read before telling anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenResult {
    /// Qualified's id of it, opaque.
    pub id: ResultId,
    /// Of what.
    pub assessment: AssessmentId,
    /// The person it is about.
    pub team_candidate: TeamCandidateId,
    /// The person, where Qualified embeds it.
    pub candidate: Option<TeamCandidate>,
    /// How far.
    pub state: ResultState,
    /// When it was handed in; empty again while it is reopened.
    pub submitted_at: Option<Timestamp>,
    /// When it was handed in the first time.
    pub original_submitted_at: Option<Timestamp>,
    /// When anything of it last changed: the watermark of [`ListResults`].
    pub updated_at: Option<Timestamp>,
    /// 0, then one more for each retake.
    pub retake_number: u32,
    /// Made for trying out: nobody's result.
    pub dry_run: bool,
}

/// `GET /assessment_results/:id`, with the person.
#[derive(Debug, Clone)]
pub struct GetResult {
    /// Qualified's id of it, opaque.
    pub id: ResultId,
}

impl Call for GetResult {
    type Grant = Grant;
    type Reply = TakenResult;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["assessment_results", self.id.as_str()];
        target(grant, &path).query("includes[]", "team_candidate").get().raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<TakenResult, CallError> {
        object(response, result)
    }
}

/// `GET /assessment_results`: what changed since a time, oldest change first, with the person.
///
/// A row that changes while pages are read moves to the end, and rows behind it move up. So start again from
/// the last row's `updated_at` rather than trust many pages, and let the times overlap.
#[derive(Debug, Clone, Copy)]
pub struct ListResults {
    /// Inclusive.
    pub updated_since: Timestamp,
    /// From 1.
    pub page: u32,
}

impl Call for ListResults {
    type Grant = Grant;
    type Reply = Page<TakenResult>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["assessment_results"])
            .query("where", &json!({ "updated_at": { ">=": iso(self.updated_since) } }).to_string())
            .query("order_by", "updated_at ASC")
            .query("includes[]", "team_candidate")
            .query("page", &self.page.to_string())
            .get()
            .raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<TakenResult>, CallError> {
        page(response, result)
    }
}

/// `GET /assessment_results?team_candidate_id=`: everything of one person.
#[derive(Debug, Clone)]
pub struct ListResultsOfCandidate {
    /// The person it is about.
    pub team_candidate: TeamCandidateId,
    /// From 1.
    pub page: u32,
}

impl Call for ListResultsOfCandidate {
    type Grant = Grant;
    type Reply = Page<TakenResult>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["assessment_results"])
            .query("team_candidate_id", self.team_candidate.as_str())
            .query("page", &self.page.to_string())
            .get()
            .raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<TakenResult>, CallError> {
        page(response, result)
    }
}

fn result(node: &Node<'_>) -> Result<TakenResult, Unreadable> {
    Ok(TakenResult {
        id: node.at("id").id()?,
        assessment: node.at("assessmentId").id()?,
        team_candidate: node.at("teamCandidateId").id()?,
        candidate: node.at("teamCandidate").maybe(candidate::team_candidate)?,
        state: state(node.at("state").str()?),
        submitted_at: node.at("submittedAt").maybe(Node::time)?,
        original_submitted_at: node.at("originalSubmittedAt").maybe(Node::time)?,
        updated_at: node.at("updatedAt").maybe(Node::time)?,
        retake_number: node.at("retakeNumber").maybe(Node::count)?.unwrap_or(0),
        dry_run: node.at("dryRun").is_set()?,
    })
}

/// A new state is no error: Qualified has added some before.
pub(super) fn state(name: &str) -> ResultState {
    match name {
        "invited" => ResultState::Invited,
        "opened" => ResultState::Opened,
        "started" => ResultState::Started,
        "submitting" => ResultState::Submitting,
        "submitted" => ResultState::Submitted,
        "terminated" => ResultState::Terminated,
        _ => ResultState::Other,
    }
}

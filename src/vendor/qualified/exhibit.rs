//! Exhibits: a result condensed for integrations. The one source of a published score.

use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;

use super::{Grant, object, result, target};
use crate::{
    domain::{assignment::ResultState, ids::ResultId, time::Timestamp},
    vendor::{Call, CallError, Personal, Unreadable, reading::Node},
};

/// A result with its score. Scores were seen too early before: trust them when `state` is `Submitted`.
#[derive(Debug, Clone, PartialEq)]
pub struct Exhibit {
    /// How far.
    pub state: ResultState,
    /// 0 to 100, the average of the challenges.
    pub score: Option<f64>,
    /// Whether the assessment's passing score is reached.
    pub passed: Option<bool>,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// How long the candidate worked on it.
    pub time_taken: Option<SignedDuration>,
    /// What the candidate wrote to the team.
    pub remarks: Option<Personal>,
    /// 0, then one more for each retake.
    pub retake_number: u32,
    /// Challenge by challenge.
    pub solutions: Vec<Solution>,
}

/// What was handed in for one challenge.
#[derive(Debug, Clone, PartialEq)]
pub struct Solution {
    /// The challenge's title.
    pub title: Option<String>,
    /// The programming language, if it is one for code.
    pub language: Option<String>,
    /// 0 to 100.
    pub score: Option<f64>,
    /// Test cases or questions answered rightly.
    pub correct: Option<u32>,
    /// Test cases or questions in all.
    pub total: Option<u32>,
    /// How much it resembles others' solutions.
    pub risk: Option<Risk>,
}

/// The similarity risk, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Risk {
    /// `low`
    Low,
    /// `medium`
    Medium,
    /// `high`
    High,
}

/// `GET /assessment_results/:id/exhibit`
#[derive(Debug, Clone)]
pub struct GetExhibit {
    /// The result's id.
    pub result: ResultId,
}

impl Call for GetExhibit {
    type Grant = Grant;
    type Reply = Exhibit;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["assessment_results", self.result.as_str(), "exhibit"]).get().raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Exhibit, CallError> {
        object(response, |data| {
            Ok(Exhibit {
                state: result::state(data.at("state").str()?),
                score: data.at("score").maybe(Node::number)?,
                passed: data.at("passingScore").maybe(Node::flag)?,
                submitted_at: data.at("submittedAt").maybe(Node::time)?,
                time_taken: data.at("accumulatedSeconds").maybe(Node::seconds)?,
                remarks: data.at("candidateRemarks").personal()?,
                retake_number: data.at("retakeNumber").maybe(Node::count)?.unwrap_or(0),
                solutions: data.at("solutions").any(solution)?,
            })
        })
    }
}

fn solution(node: &Node<'_>) -> Result<Solution, Unreadable> {
    Ok(Solution {
        title: node.at("challenge").at("title").maybe(Node::text)?,
        language: node.at("language").maybe(Node::text)?,
        score: node.at("score").maybe(Node::number)?,
        correct: node.at("itemsCorrectCount").maybe(Node::count)?,
        total: node.at("itemsTotalCount").maybe(Node::count)?,
        risk: match node.at("similarityRiskLevel").maybe(Node::str)? {
            Some("low") => Some(Risk::Low),
            Some("medium") => Some(Risk::Medium),
            Some("high") => Some(Risk::High),
            _ => None,
        },
    })
}

//! Webhook deliveries: `{"event": "...", "data": {...}}`.
//!
//! Samples are snake_case, one page of the documentation prints camelCase: both are read.

use super::{CandidateState, candidate, result};
use crate::{
    domain::{
        assignment::ResultState,
        ids::{AssessmentId, ResultId, TeamCandidateId},
        signature::Verified,
    },
    vendor::{
        Personal, Unreadable,
        reading::{self, Node},
    },
};

/// What happened. It is not signed and may be late: read the object before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A result changed its state.
    Result(ResultEvent),
    /// A person changed state.
    Candidate(CandidateEvent),
    /// An event that means nothing here, by Qualified's name.
    Other(String),
}

/// A result changed its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResultEvent {
    /// The result's id.
    pub result: ResultId,
    /// Its state when this was sent.
    pub state: ResultState,
    /// The person it is about.
    pub team_candidate: Option<TeamCandidateId>,
    /// Of what.
    pub assessment: Option<AssessmentId>,
    /// The person's address.
    pub email: Option<Personal>,
    /// Made for trying out: nobody's result.
    pub dry_run: bool,
}

/// A person changed state. Which assessment it was about is not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateEvent {
    /// The person it is about.
    pub team_candidate: TeamCandidateId,
    /// The state when this was sent.
    pub state: CandidateState,
    /// The person's address.
    pub email: Option<Personal>,
    /// A colleague trying things out: nobody's candidate.
    pub test: bool,
}

impl Event {
    /// Reads a verified body. Besides the two events we subscribe to, the narrower ones they replace are
    /// understood, for a subscription made by hand.
    ///
    /// # Errors
    /// A field is missing or of another type than documented.
    pub fn parse(verified: Verified<'_>) -> Result<Self, Unreadable> {
        let body = reading::parse(verified.body())?;
        let node = Node::root(&body);
        let (name, data) = (node.at("event").str()?, node.at("data"));
        match name {
            "assessment_result_state_changed" => result_event(&data, None),
            "assessment_result_started" => result_event(&data, Some(ResultState::Started)),
            "assessment_result_submitted" => result_event(&data, Some(ResultState::Submitted)),
            "team_candidate_state_changed" => candidate_event(&data),
            _ => Ok(Self::Other(reading::summarise(name))),
        }
    }
}

/// `implied` is the state that the event's name tells, should the data not.
fn result_event(data: &Node<'_>, implied: Option<ResultState>) -> Result<Event, Unreadable> {
    let told = data.at("state");
    let state = match implied {
        Some(state) if told.is_null() => state,
        _ => result::state(told.str()?),
    };
    Ok(Event::Result(ResultEvent {
        result: data.at("id").id()?,
        state,
        team_candidate: data.at_any_case("team_candidate").at("id").maybe(Node::id)?,
        assessment: data.at("assessment").at("id").maybe(Node::id)?,
        email: data.at("candidate").at("email").personal()?,
        dry_run: data.at_any_case("dry_run").is_set()?,
    }))
}

fn candidate_event(data: &Node<'_>) -> Result<Event, Unreadable> {
    Ok(Event::Candidate(CandidateEvent {
        team_candidate: data.at("id").id()?,
        state: candidate::state(data.at("state").str()?),
        email: data.at("email").personal()?,
        test: data.at_any_case("test_team_member").is_set()?,
    }))
}

//! Webhook deliveries.

use crate::{
    domain::{
        ids::{OpportunityId, StageId},
        signature::Verified,
        time::Timestamp,
    },
    vendor::{
        Unreadable,
        reading::{self, Node},
    },
};

/// A delivery whose signature is right. The signature covers `token` and `triggered_at`, not the event:
/// whoever saw one delivery can send its envelope again with other data. So the event is a hint where to
/// look, and the opportunity is read before anything is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// When it happened.
    pub triggered_at: Timestamp,
    /// What happened, by the unsigned part.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Somebody pressed "Verify connection" in Lever: real envelope, no data.
    Test,
    /// A candidate moved.
    StageChange {
        /// Which candidacy.
        opportunity: OpportunityId,
        /// Where to.
        to_stage: StageId,
    },
    /// An event we didn't subscribe to, by Lever's name.
    Other(String),
}

impl Delivery {
    /// Reads a verified body.
    ///
    /// # Errors
    /// A field is missing or of another type than documented.
    pub fn parse(verified: Verified<'_>) -> Result<Self, Unreadable> {
        let body = reading::parse(verified.body())?;
        let node = Node::root(&body);
        Ok(Self { triggered_at: node.at("triggeredAt").millis()?, event: event(&node)? })
    }
}

fn event(node: &Node<'_>) -> Result<Event, Unreadable> {
    let (name, data) = (node.at("event").str()?, node.at("data"));
    if data.is_empty() {
        return Ok(Event::Test);
    }
    if name != "candidateStageChange" {
        return Ok(Event::Other(reading::summarise(name)));
    }
    Ok(Event::StageChange { opportunity: data.at("opportunityId").id()?, to_stage: data.at("toStageId").id()? })
}

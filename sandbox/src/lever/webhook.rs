//! Webhook subscriptions and the events that reach them: per event a switch of the whole account, off at first, and any
//! number of subscriptions, each with a signature token of its own.

use serde_json::{Value, json};

use super::account::Account;
use super::message::Message;
use super::opportunity::Opportunity;
use crate::delivery;
use crate::world::Context;

/// What Lever can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the names are Lever's and say it all")]
pub enum Event {
    ApplicationCreated,
    CandidateHired,
    CandidateStageChange,
    CandidateArchiveChange,
    CandidateDeleted,
    InterviewCreated,
    InterviewUpdated,
    InterviewDeleted,
    ContactCreated,
    ContactUpdated,
}

impl Event {
    /// All of them, in the order of Lever's settings page.
    pub const ALL: [Self; 10] = [
        Self::ApplicationCreated,
        Self::CandidateHired,
        Self::CandidateStageChange,
        Self::CandidateArchiveChange,
        Self::CandidateDeleted,
        Self::InterviewCreated,
        Self::InterviewUpdated,
        Self::InterviewDeleted,
        Self::ContactCreated,
        Self::ContactUpdated,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ApplicationCreated => "applicationCreated",
            Self::CandidateHired => "candidateHired",
            Self::CandidateStageChange => "candidateStageChange",
            Self::CandidateArchiveChange => "candidateArchiveChange",
            Self::CandidateDeleted => "candidateDeleted",
            Self::InterviewCreated => "interviewCreated",
            Self::InterviewUpdated => "interviewUpdated",
            Self::InterviewDeleted => "interviewDeleted",
            Self::ContactCreated => "contactCreated",
            Self::ContactUpdated => "contactUpdated",
        }
    }

    /// The event of a wire name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }

    /// Only these take conditions on the candidate's origin.
    pub(crate) fn takes_origins(self) -> bool {
        matches!(
            self,
            Self::ApplicationCreated | Self::CandidateHired | Self::CandidateStageChange | Self::CandidateArchiveChange
        )
    }
}

/// In the order the live service answers them.
pub(crate) const ORIGINS: [&str; 6] = ["applied", "sourced", "referred", "university", "internal", "agency"];

/// A subscription.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Its id.
    pub id: String,
    /// What it is told of.
    pub event: Event,
    /// Where it is told.
    pub url: String,
    /// Made by an app; the API may change only those, people only the others.
    pub by_api: bool,
    /// The key of the signatures. The API tells it once, on creation.
    pub signature_token: String,
    pub(crate) origins: Vec<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Webhook {
    pub(crate) fn view(&self, with_token: bool) -> Value {
        let mut configuration = json!({});
        if self.event.takes_origins() {
            configuration["conditions"] = json!({"origins": self.origins});
        }
        if with_token {
            configuration["signatureToken"] = json!(self.signature_token);
        }
        json!({
            "id": self.id, "event": self.event.name(), "url": self.url, "configuration": configuration,
            "createdAt": self.created_at, "updatedAt": self.updated_at,
        })
    }
}

/// The ids that most events carry. `candidateId` is a relic; it equals the opportunity's id.
pub(crate) fn subject(opportunity: &Opportunity) -> Value {
    json!({"opportunityId": opportunity.id, "contactId": opportunity.contact, "candidateId": opportunity.id})
}

/// Tells every subscription of the event, if the account has it switched on.
pub(crate) fn emit(account: &Account, context: &mut Context, event: Event, opportunity: &str, data: Value) {
    if !account.toggles.contains(&event) {
        return;
    }
    let origin = account.opportunities.get(opportunity).map_or("", |opportunity| opportunity.origin.as_str());
    for webhook in account.webhooks.iter().filter(|webhook| webhook.event == event) {
        if event.takes_origins() && !webhook.origins.iter().any(|wanted| wanted == origin) {
            continue;
        }
        let data = delivery::tampered(data.clone(), &context.outbox.lever);
        let message = Message::new(context, webhook, data);
        context.outbox.post(context.now, delivery::Message::Lever(message));
    }
}

//! Taking deliveries in: verify, decide cheaply, store, and only then say yes.

use super::{
    App, Class, Failure,
    activity::{Line, Outcome, Source},
    inbox::{Arrival, Claim, Deliverer, Lane, Receipt, Signal},
    session::Trouble,
};
use crate::{
    domain::{
        assignment::ResultState,
        ids::{AccountId, Candidacy},
        signature::{Rejected, Unverified},
    },
    ports::World,
    vendor::{
        lever,
        qualified::{self, CandidateState},
    },
};

/// What became of a delivery. All of these are acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// Stored; to be worked on after the answer.
    Work(Claim),
    /// Stored, or nothing to do.
    Fine,
}

impl<W: World> App<'_, W> {
    /// Takes a delivery of Lever's in.
    ///
    /// # Errors
    /// No such account, a missing or wrong signature, or the store failed. Nothing is stored then.
    pub async fn take_lever_delivery(&self, id: &AccountId, body: &[u8]) -> Result<Taken, Failure> {
        let unknown = || Failure::not_found("There is no such hook.");
        let account = self.find_account(id).await?.ok_or_else(unknown)?;
        let Some(connection) = &account.lever else { return Err(unknown()) };
        let tokens = self.signature_tokens(id, &account).map_err(|trouble| trouble.failure("the signature"))?;
        let verified = Unverified { body }.by_lever(&tokens).map_err(|rejected| match rejected {
            Rejected::NoDelivery => Failure::new(Class::Unauthenticated, "This is no signed delivery of Lever's."),
            Rejected::Unsigned | Rejected::Wrong => {
                Failure::new(Class::Unauthenticated, "The signature is missing or wrong.")
            }
        })?;
        let Ok(delivery) = lever::Delivery::parse(verified) else {
            // Signed by Lever, and not what Lever documents: sending it again would not help.
            let summary = "A signed delivery of Lever's is not what Lever documents, and was passed over.";
            self.note_ignored(id, "Lever", summary.to_owned()).await?;
            return Ok(Taken::Fine);
        };
        let (opportunity, stage) = match delivery.event {
            lever::Event::StageChange { opportunity, to_stage } => (opportunity, to_stage),
            lever::Event::Test => {
                self.note_lever_test(id).await?;
                return Ok(Taken::Fine);
            }
            lever::Event::Other(event) => {
                let summary =
                    format!("Lever delivers \"{event}\" here, which nothing is done about. It needs no webhook.");
                self.note_ignored(id, "Lever", summary).await?;
                return Ok(Taken::Fine);
            }
        };
        let is_trigger = connection.trigger_stages.iter().any(|trigger| trigger.id == stage);
        if !is_trigger {
            self.note_first_lever_event(id, connection.first_event_at.is_none()).await?;
            return Ok(Taken::Fine);
        }
        // The same change comes twice through our webhook and one made by hand, under different tokens.
        let identity = format!("{opportunity} {stage} {}", delivery.triggered_at.as_millisecond());
        let arrival = Arrival {
            candidacy: Candidacy::Lever(opportunity),
            signal: Signal::EnteredStage(stage),
            source: Source::Webhook,
            identity: Some(identity),
            delivered_by: Some(Deliverer::Lever),
        };
        self.store(id, &arrival).await
    }

    async fn store(&self, id: &AccountId, arrival: &Arrival) -> Result<Taken, Failure> {
        Ok(match self.receive(id, arrival).await? {
            Receipt::Mine(claim) => Taken::Work(claim),
            Receipt::Queued | Receipt::Known => Taken::Fine,
        })
    }

    /// Health wants to know that deliveries arrive at all. Only the first one costs a write.
    async fn note_first_lever_event(&self, id: &AccountId, first: bool) -> Result<(), Failure> {
        if first {
            let now = self.world.now();
            self.change_account(id, |account| {
                if let Some(lever) = &mut account.lever {
                    lever.first_event_at.get_or_insert(now);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// "Verify connection" was pressed in Lever: whoever did so looks at the health next.
    async fn note_lever_test(&self, id: &AccountId) -> Result<(), Failure> {
        let now = self.world.now();
        self.change_inbox(&Lane::of_settings(id), |inbox| {
            inbox.last_lever_event_at = Some(now);
            Some(())
        })
        .await?;
        Ok(())
    }

    /// Takes a delivery of Qualified's in.
    ///
    /// # Errors
    /// No such account or a wrong secret (which look the same from outside), or the store failed.
    pub async fn take_qualified_delivery(&self, id: &AccountId, secret: &str, body: &[u8]) -> Result<Taken, Failure> {
        let unknown = || Failure::not_found("There is no such hook.");
        let account = self.find_account(id).await?.ok_or_else(unknown)?;
        let known = self.hook_secret(id, &account).map_err(|trouble| match trouble {
            Trouble::NotConnected(_) => unknown(),
            other => other.failure("the hook"),
        })?;
        let verified = Unverified { body }.by_path(&known, secret).map_err(|_| unknown())?;
        let Ok(event) = qualified::Event::parse(verified) else { return Ok(Taken::Fine) };
        let (matched, signal, what) = match event {
            // Our own invitations come back as events; a retake's is found by the sync.
            qualified::Event::Result(event)
                if event.dry_run || matches!(event.state, ResultState::Invited | ResultState::Opened) =>
            {
                return Ok(Taken::Fine);
            }
            qualified::Event::Result(event) => {
                let email = event.email.as_ref().map(crate::vendor::Personal::as_str);
                let matched =
                    self.find_matches(id, &account, Some(&event.result), event.team_candidate.as_ref(), email).await?;
                let assessment = event.assessment;
                let fits = matched.into_iter().find(|row| assessment.as_ref().is_none_or(|id| row.assessment == *id));
                (fits, Signal::Result(event.result), "result")
            }
            qualified::Event::Candidate(event)
                if !event.test && matches!(event.state, CandidateState::Approved | CandidateState::Rejected) =>
            {
                let email = event.email.as_ref().map(crate::vendor::Personal::as_str);
                let matched = self.find_matches(id, &account, None, Some(&event.team_candidate), email).await?;
                (matched.into_iter().next(), Signal::Decision(event.team_candidate), "decision")
            }
            qualified::Event::Candidate(_) => return Ok(Taken::Fine),
            qualified::Event::Other(event) => {
                let summary = format!("Qualified delivers \"{event}\" here, which nothing is done about.");
                self.note_ignored(id, "Qualified", summary).await?;
                return Ok(Taken::Fine);
            }
        };
        let Some(matched) = matched else {
            let line = Line {
                source: Source::Webhook,
                candidacy: None,
                subject: "Qualified".to_owned(),
                outcome: Outcome::Ignored,
                summary: format!("A {what} in Qualified is of nobody who was invited from an ATS here."),
                steps: Vec::new(),
            };
            self.note(id, line).await?;
            return Ok(Taken::Fine);
        };
        let arrival = Arrival {
            candidacy: matched.candidacy,
            signal,
            source: Source::Webhook,
            // A reopened result starts again: the same event twice may be news. The result is read anyway.
            identity: None,
            delivered_by: Some(Deliverer::Qualified),
        };
        self.store(id, &arrival).await
    }
}

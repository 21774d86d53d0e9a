//! Running a piece of work again, on today's facts.

use jiff::SignedDuration;

use super::{
    App, Failure,
    activity::{ItemId, Source},
    catalogue::Catalogue,
    inbox::{Arrival, Claim, Inbox, Lane, Receipt, Signal},
    lever::Postings,
    record::{Batch, RecordError},
};
use crate::{
    domain::{
        ids::{AccountId, Candidacy},
        time::Timestamp,
    },
    ports::World,
};

/// How long replaying everything may work before it leaves the rest to the sync.
const BUDGET: SignedDuration = SignedDuration::from_secs(12);

impl<W: World> App<'_, W> {
    /// Has the decision of an activity line made again. What was done stays done.
    ///
    /// # Errors
    /// The line isn't there or is about no candidacy, or the store failed.
    pub async fn replay(&self, account: &AccountId, item: ItemId) -> Result<Option<Claim>, Failure> {
        let item = self.activity_item(account, item).await?;
        let candidacy = item
            .candidacy
            .ok_or_else(|| Failure::conflict("This activity is about a setting; there is nothing to run again."))?;
        self.distrust_memory(account).await?;
        let arrival =
            Arrival { candidacy, signal: Signal::Replay, source: Source::Replay, identity: None, delivered_by: None };
        Ok(match self.receive(account, &arrival).await? {
            Receipt::Mine(claim) => Some(claim),
            Receipt::Queued | Receipt::Known => None,
        })
    }

    /// Has everything that was given up looked at again, for as long as one request may take; the next sync goes on
    /// with the rest. Answers how many pieces of work there were.
    ///
    /// # Errors
    /// The store failed.
    pub async fn replay_failed(&self, account: &AccountId) -> Result<usize, Failure> {
        let lanes: Vec<Lane> = Lane::all(account).collect();
        let inboxes = self.load_many::<Inbox>(&lanes).await?;
        let works = inboxes.into_iter().flatten().flat_map(|inbox| inbox.record.work);
        let parked: Vec<Candidacy> = works.filter(|work| work.parked.is_some()).map(|work| work.candidacy).collect();
        self.distrust_memory(account).await?;
        let ends_at = self.world.now().plus(BUDGET);
        for candidacy in &parked {
            let arrival = Arrival {
                candidacy: candidacy.clone(),
                signal: Signal::Replay,
                source: Source::Replay,
                identity: None,
                delivered_by: None,
            };
            let Receipt::Mine(claim) = self.receive(account, &arrival).await? else { continue };
            if self.world.now() < ends_at {
                self.work(&claim).await;
            } else {
                self.give_back(&claim.lane.clone(), &[claim]).await?;
            }
        }
        Ok(parked.len())
    }

    /// Whoever asks for a replay has just mended something: an assessment published, a job tagged. What is remembered
    /// of the vendors is read again, however new it is.
    async fn distrust_memory(&self, account: &AccountId) -> Result<(), Failure> {
        let mut batch = Batch::new().put(account, &Postings::default());
        if let Some(known) = self.remembered_catalogue(account).await? {
            batch = batch.put(account, &Catalogue { fetched_at: Timestamp::UNIX_EPOCH, ..known });
        }
        Ok(self.write(batch).await.map_err(RecordError::from)?)
    }
}

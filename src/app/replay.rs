//! Running a piece of work again, on today's facts.

use jiff::SignedDuration;

use super::{
    App, Failure,
    activity::{Item, ItemId, Source},
    catalogue::Catalogue,
    inbox::{Arrival, Claim, Inbox, Lane, Receipt, Signal, Standing},
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

/// What came of replaying everything that was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replayed {
    /// How many pieces of work were looked at again.
    pub tried: usize,
    /// How many there were. The next sync goes on with the rest.
    pub of: usize,
}

fn arrival(candidacy: Candidacy) -> Arrival {
    Arrival { candidacy, signal: Signal::Replay, source: Source::Replay, identity: None, delivered_by: None }
}

fn candidacy_of(item: Item) -> Result<Candidacy, Failure> {
    let about_a_setting = "This activity is about a setting; there is nothing to run again.";
    item.candidacy.ok_or_else(|| Failure::conflict(about_a_setting))
}

impl<W: World> App<'_, W> {
    /// Has the decision of an activity line made again. What was done stays done.
    ///
    /// # Errors
    /// The line isn't there or is about no candidacy, or the store failed.
    pub async fn replay(&self, account: &AccountId, item: ItemId) -> Result<Option<Claim>, Failure> {
        let candidacy = candidacy_of(self.activity_item(account, item).await?)?;
        self.distrust_memory(account).await?;
        Ok(match self.receive(account, &arrival(candidacy)).await? {
            Receipt::Mine(claim) => Some(claim),
            Receipt::Queued | Receipt::Known => None,
        })
    }

    /// How things stand with the candidacy of an activity line that was replayed.
    ///
    /// # Errors
    /// The line isn't there (any more) or is about no candidacy, or the store failed.
    pub async fn standing_of(&self, account: &AccountId, item: ItemId) -> Result<Standing, Failure> {
        let candidacy = candidacy_of(self.activity_item(account, item).await?)?;
        let inbox = self.load::<Inbox>(&Lane::of(account, &candidacy)).await?;
        let inbox = inbox.map(|stored| stored.record).unwrap_or_default();
        Ok(inbox.standing(&candidacy, self.world.now()))
    }

    /// Has everything that was given up looked at again, for as long as one request may take; the next sync goes on
    /// with the rest.
    ///
    /// # Errors
    /// The store failed.
    pub async fn replay_failed(&self, account: &AccountId) -> Result<Replayed, Failure> {
        let lanes: Vec<Lane> = Lane::all(account).collect();
        let inboxes = self.load_many::<Inbox>(&lanes).await?;
        let works = inboxes.into_iter().flatten().flat_map(|inbox| inbox.record.work);
        let parked: Vec<Arrival> =
            works.filter(|work| work.parked.is_some()).map(|work| arrival(work.candidacy)).collect();
        self.distrust_memory(account).await?;
        let ends_at = self.world.now().plus(BUDGET);
        let mut tried = 0;
        for (place, arrival) in parked.iter().enumerate() {
            if self.world.now() >= ends_at || !self.may_begin() {
                self.receive_all(account, &parked[place..]).await?;
                break;
            }
            if let Receipt::Mine(claim) = self.receive(account, arrival).await? {
                self.work(&claim).await;
                tried += 1;
            }
        }
        Ok(Replayed { tried, of: parked.len() })
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

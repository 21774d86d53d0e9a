//! Running a piece of work again, on today's facts.

use super::{
    App, Failure,
    activity::{ItemId, Source},
    inbox::{Arrival, Claim, Receipt, Signal},
};
use crate::{domain::ids::AccountId, ports::World};

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
        let arrival =
            Arrival { candidacy, signal: Signal::Replay, source: Source::Replay, identity: None, delivered_by: None };
        Ok(match self.receive(account, &arrival).await? {
            Receipt::Mine(claim) => Some(claim),
            Receipt::Queued | Receipt::Known => None,
        })
    }
}

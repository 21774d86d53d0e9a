//! The lanes in the store: each change is one swap, and finds everything pending without a list of keys.

use super::{Arrival, Claim, End, Inbox, Lane, Receipt, Work};
use crate::{
    app::{
        App, Failure,
        account::hex,
        activity::{Page, page_keys},
        candidacy::{CandidacyKey, CandidacyRecord, MatchKey, MatchRecord, Roster, RosterKey},
        record::{Batch, RecordError, key_of},
    },
    domain::ids::{AccountId, Candidacy},
    ports::World,
};

impl<W: World> App<'_, W> {
    /// Changes an inbox, first moving out what it no longer needs at hand.
    pub(in crate::app) async fn change_inbox<T>(
        &self,
        lane: &Lane,
        mut change: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        self.update_and_keep::<Inbox, T>(lane, |inbox| {
            let answer = change(inbox)?;
            let spilled = inbox.spill_lines(lane, Batch::new());
            Some((answer, inbox.spill_roster(lane, spilled)))
        })
        .await
    }

    /// Stores an arrival durably, in one write. When this returns, it can be acknowledged.
    ///
    /// # Errors
    /// The store failed, or the lane is full: the sender should try again later.
    pub async fn receive(&self, account: &AccountId, arrival: &Arrival) -> Result<Receipt, RecordError> {
        let lane = Lane::of(account, &arrival.candidacy);
        let (now, holder) = (self.world.now(), self.holder());
        let mut full = false;
        let receipt = self
            .change_inbox(&lane, |inbox| {
                let receipt = inbox.receive(&lane, arrival, now, &holder);
                full = receipt.is_none();
                // A known delivery changes nothing, hence costs no write.
                receipt.filter(|receipt| *receipt != Receipt::Known)
            })
            .await?;
        if full {
            return Err(RecordError::Full);
        }
        Ok(receipt.unwrap_or(Receipt::Known))
    }

    /// Stores several arrivals of one account, one write per lane, leaving the work to whoever drains.
    ///
    /// Answers how many were new.
    ///
    /// # Errors
    /// The store failed, or a lane is full; what fitted is stored then.
    pub async fn receive_all(&self, account: &AccountId, arrivals: &[Arrival]) -> Result<usize, RecordError> {
        let (mut stored, mut full) = (0, false);
        for lane in Lane::all(account) {
            let mine: Vec<&Arrival> =
                arrivals.iter().filter(|arrival| Lane::of(account, &arrival.candidacy) == lane).collect();
            if mine.is_empty() {
                continue;
            }
            let now = self.world.now();
            let added = self
                .change_inbox(&lane, |inbox| {
                    let mut added = 0;
                    for arrival in &mine {
                        // What is pending already was not missed. Parked work is not pending: it goes on with this.
                        let pending = inbox.work.iter().any(|work| {
                            work.candidacy == arrival.candidacy
                                && work.parked.is_none()
                                && work.signals.iter().any(|heard| heard.signal == arrival.signal)
                        });
                        if pending {
                            continue;
                        }
                        match inbox.receive(&lane, arrival, now, "") {
                            Some(Receipt::Mine(claim)) => {
                                inbox.release(&claim);
                                added += 1;
                            }
                            Some(Receipt::Queued) => added += 1,
                            Some(Receipt::Known) => {}
                            None => full = true,
                        }
                    }
                    (added > 0).then_some(added)
                })
                .await?;
            stored += added.unwrap_or(0);
        }
        if full { Err(RecordError::Full) } else { Ok(stored) }
    }

    /// Leases everything that is due in a lane, at most `most` pieces, in one write.
    ///
    /// `at_once`: don't wait for our own back-off. `is_wanted`: whether a candidacy is to be worked on.
    ///
    /// # Errors
    /// The store failed.
    pub async fn take_due(
        &self,
        lane: &Lane,
        at_once: bool,
        most: usize,
        is_wanted: impl Fn(&Candidacy) -> bool,
    ) -> Result<Vec<Claim>, RecordError> {
        let (now, holder) = (self.world.now(), self.holder());
        let claims = self
            .change_inbox(lane, |inbox| {
                let is_next = |work: &&mut Work| work.is_due(now, at_once) && is_wanted(&work.candidacy);
                let due = inbox.work.iter_mut().filter(is_next).take(most);
                let claims: Vec<Claim> = due.map(|work| work.take(lane, now, &holder)).collect();
                (!claims.is_empty()).then_some(claims)
            })
            .await?;
        Ok(claims.unwrap_or_default())
    }

    /// Takes leave of a piece of work, in one write with its line of activity. `is_made`: the candidacy has
    /// a record since this work. `handled`: the identity of the arrival that was decided on. Answers the claim
    /// to what was heard meanwhile.
    ///
    /// # Errors
    /// The store failed; the lease then ends by itself.
    pub async fn leave(
        &self,
        claim: &Claim,
        end: &End,
        is_made: bool,
        handled: Option<&str>,
    ) -> Result<Option<Claim>, RecordError> {
        let now = self.world.now();
        let next = self.change_inbox(&claim.lane, |inbox| inbox.leave(claim, end, is_made, handled, now)).await?;
        Ok(next.flatten())
    }

    /// Gives back work that was leased and not begun.
    ///
    /// # Errors
    /// The store failed; the leases then end by themselves.
    pub async fn give_back(&self, lane: &Lane, claims: &[Claim]) -> Result<(), RecordError> {
        self.change_inbox(lane, |inbox| {
            claims.iter().for_each(|claim| inbox.release(claim));
            Some(())
        })
        .await?;
        Ok(())
    }

    fn holder(&self) -> String {
        hex(&self.world.nonce()[..8])
    }
}

/// The keys of everything the account's lanes lead to, for forgetting it.
pub(in crate::app) async fn everything_of<W: World>(
    app: &App<'_, W>,
    account: &AccountId,
) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::new();
    for lane in Lane::all(account) {
        let Some(inbox) = app.load::<Inbox>(&lane).await? else { continue };
        let inbox = inbox.record;
        let mut candidacies: Vec<Candidacy> =
            inbox.work.into_iter().map(|work| work.candidacy).chain(inbox.roster).collect();
        for page in 0..inbox.roster_pages {
            let key = RosterKey { lane: lane.clone(), page };
            keys.push(key_of::<Roster>(&key));
            candidacies.extend(app.load::<Roster>(&key).await?.map(|page| page.record.candidacies).unwrap_or_default());
        }
        for some in candidacies.chunks(100) {
            let some: Vec<CandidacyKey> = some.iter().map(|candidacy| CandidacyKey::new(account, candidacy)).collect();
            for (key, stored) in some.iter().zip(app.load_many::<CandidacyRecord>(&some).await?) {
                keys.push(key_of::<CandidacyRecord>(key));
                let matches = stored.iter().flat_map(|stored| stored.record.match_keys(account));
                keys.extend(matches.map(|key: MatchKey| key_of::<MatchRecord>(&key)));
            }
        }
        keys.extend(page_keys(&lane).map(|key| key_of::<Page>(&key)));
        keys.push(key_of::<Inbox>(&lane));
    }
    Ok(keys)
}

//! Which accounts there are, and when each is due for its sync.
//!
//! The store can list its keys only by reading all of them, so the accounts are kept in a fixed number of
//! buckets. A sync reads all buckets in one store read and changes one bucket per batch of accounts, so that
//! neither a record nor the number of writes grows with the number of accounts.

use std::fmt;

use jiff::SignedDuration;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    App,
    record::{Batch, Record, RecordError},
    sign_in::{Part, Refused},
};
use crate::{
    domain::{ids::AccountId, time::Timestamp},
    ports::World,
};

/// Buckets; `shard=i/n` splits them, so `n` is at most this.
pub const BUCKETS: u8 = 64;
/// How often an account is synced.
pub const EVERY: SignedDuration = SignedDuration::from_mins(15);
/// How far two turns of an account are apart at least.
const APART: SignedDuration = SignedDuration::from_mins(7);
/// The host's ticker and other schedulers are never exact: an account is due this much early.
const SLACK: SignedDuration = SignedDuration::from_secs(30);

/// A part of the accounts, by a digest of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// When each is due.
    #[serde(with = "crate::domain::sorted")]
    pub due: LiteMap<AccountId, Timestamp>,
}

/// Identifies a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketNumber(u8);

impl BucketNumber {
    fn of(account: &AccountId) -> Self {
        Self(Sha256::digest(account.as_str().as_bytes())[0] % BUCKETS)
    }
}

impl fmt::Display for BucketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl Record for Bucket {
    const PREFIX: &'static str = "directory";
    const VERSION: u32 = 1;
    type Key = BucketNumber;
}

/// One worker's part of the accounts: shard `index` of `of`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// From 0.
    pub index: u8,
    /// 1 to [`BUCKETS`].
    pub of: u8,
}

impl Shard {
    /// All accounts.
    pub const WHOLE: Self = Self { index: 0, of: 1 };

    /// Reads `i/n`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (index, of) = text.split_once('/')?;
        let shard = Self { index: index.parse().ok()?, of: of.parse().ok()? };
        (shard.of >= 1 && shard.of <= BUCKETS && shard.index < shard.of).then_some(shard)
    }
}

impl<W: World> App<'_, W> {
    /// Lists the account for syncing, from now on.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn enlist(&self, account: &AccountId) -> Result<(), RecordError> {
        let bucket = BucketNumber::of(account);
        if self.load::<Bucket>(&bucket).await?.is_none() {
            self.lay_foundations().await?;
        }
        let due = self.world.now().plus(EVERY);
        self.update::<Bucket, ()>(&bucket, |bucket| {
            let new = !bucket.due.contains_key(account);
            new.then(|| {
                bucket.due.insert(account.clone(), due);
            })
        })
        .await?;
        Ok(())
    }

    /// Makes the records that all accounts share, those that are not there yet, in one write: what is changed by
    /// compare-and-swap has to be there before, because a swap of an absent key is an unconditional write on Spin.
    /// It is the first request ever that needs this; two that come first at the same moment may still lose one of
    /// their changes.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn lay_foundations(&self) -> Result<(), RecordError> {
        let numbers: Vec<BucketNumber> = (0..BUCKETS).map(BucketNumber).collect();
        let parts: Vec<Part> = Part::all().collect();
        let mut batch = Batch::new();
        for (number, known) in numbers.iter().zip(self.load_many::<Bucket>(&numbers).await?) {
            if known.is_none() {
                batch = batch.put(number, &Bucket::default());
            }
        }
        for (part, known) in parts.iter().zip(self.load_many::<Refused>(&parts).await?) {
            if known.is_none() {
                batch = batch.put(part, &Refused::default());
            }
        }
        Ok(self.write(batch).await?)
    }

    /// Takes the account off the list.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn delist(&self, account: &AccountId) -> Result<(), RecordError> {
        self.update::<Bucket, _>(&BucketNumber::of(account), |bucket| bucket.due.remove(account)).await?;
        Ok(())
    }

    /// All accounts, in the order of their names, in one store read.
    ///
    /// # Errors
    /// The store failed.
    pub async fn all_accounts(&self) -> Result<Vec<AccountId>, RecordError> {
        let numbers: Vec<BucketNumber> = (0..BUCKETS).map(BucketNumber).collect();
        let buckets = self.load_many::<Bucket>(&numbers).await?.into_iter().flatten();
        let due = buckets.flat_map(|bucket| bucket.record.due);
        let mut accounts: Vec<AccountId> = due.map(|(account, _)| account).collect();
        accounts.sort();
        Ok(accounts)
    }

    /// The buckets that hold due accounts, the one with the longest due first, in one store read.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn due_buckets(&self, shard: Shard) -> Result<Vec<BucketNumber>, RecordError> {
        let now = self.world.now();
        let numbers: Vec<BucketNumber> =
            (0..BUCKETS).filter(|number| number % shard.of == shard.index).map(BucketNumber).collect();
        let buckets = self.load_many::<Bucket>(&numbers).await?;
        let earliest = |bucket: &Bucket| bucket.due.values().min().copied().filter(|due| is_due(*due, now));
        let mut due: Vec<(Timestamp, BucketNumber)> = numbers
            .into_iter()
            .zip(buckets)
            .filter_map(|(number, bucket)| Some((earliest(&bucket?.record)?, number)))
            .collect();
        due.sort();
        Ok(due.into_iter().map(|(_, number)| number).collect())
    }

    /// Takes up to `most` due accounts of a bucket, the longest due first, with the time since when they were.
    /// They are put off to their next turn in the same write, so that workers who overlap don't do the same.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn take_due_accounts(
        &self,
        number: BucketNumber,
        most: usize,
    ) -> Result<Vec<(AccountId, Timestamp)>, RecordError> {
        let now = self.world.now();
        let taken = self
            .update::<Bucket, _>(&number, |bucket| {
                let mut due: Vec<(Timestamp, AccountId)> = Vec::new();
                due.extend(bucket.due.iter().filter(|(_, due)| is_due(**due, now)).map(|(id, due)| (*due, id.clone())));
                due.sort();
                due.truncate(most);
                // The next turn is counted from this one's time, not from when it came about: else an account that
                // is late once is late at every second call. But no two turns in a row. And the turns are dealt out
                // backwards: should the call die with the first account, the others are before it the next time.
                let turns: Vec<Timestamp> =
                    due.iter().map(|(since, _)| since.plus(EVERY).max(now.plus(APART))).collect();
                for (place, ((_, id), turn)) in (0..).zip(due.iter().zip(turns.into_iter().rev())) {
                    bucket.due.insert(id.clone(), turn.minus(SignedDuration::from_millis(place)));
                }
                (!due.is_empty()).then_some(due)
            })
            .await?;
        Ok(taken.unwrap_or_default().into_iter().map(|(since, id)| (id, since)).collect())
    }

    /// Says when accounts are due, other than by the usual turn: for those that there was no time for.
    ///
    /// # Errors
    /// The store failed; they then wait for their next turn.
    pub(super) async fn put_due(
        &self,
        number: BucketNumber,
        accounts: &[(AccountId, Timestamp)],
    ) -> Result<(), RecordError> {
        if accounts.is_empty() {
            return Ok(());
        }
        self.update::<Bucket, ()>(&number, |bucket| {
            for (account, since) in accounts {
                // Who was deleted meanwhile stays so.
                if let Some(due) = bucket.due.get_mut(account) {
                    *due = *since;
                }
            }
            Some(())
        })
        .await?;
        Ok(())
    }
}

fn is_due(due: Timestamp, now: Timestamp) -> bool {
    due.minus(SLACK) <= now
}

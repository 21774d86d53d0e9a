//! Which accounts there are, and when each is due for its sync.
//!
//! The store can list its keys only by reading all of them, so the accounts are kept in a fixed number of
//! buckets. A sync reads all buckets in one store read and changes one bucket per batch of accounts.

use std::{collections::BTreeMap, fmt};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    App,
    record::{Batch, Record, RecordError},
};
use crate::{
    domain::{
        ids::AccountId,
        time::{earlier, later},
    },
    ports::World,
};

/// Buckets; `shard=i/n` splits them, so `n` is at most this.
pub const BUCKETS: u8 = 64;
/// How often an account is synced.
pub const EVERY: SignedDuration = SignedDuration::from_mins(15);
/// The host's ticker and other schedulers are never exact: an account is due this much early.
const SLACK: SignedDuration = SignedDuration::from_secs(30);

/// A part of the accounts, by a digest of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// When each is due.
    pub due: BTreeMap<AccountId, Timestamp>,
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
            self.write(Batch::new().put(&bucket, &Bucket::default())).await?;
        }
        let due = later(self.world.now(), EVERY);
        self.update::<Bucket, ()>(&bucket, |bucket| {
            let new = !bucket.due.contains_key(account);
            new.then(|| {
                bucket.due.insert(account.clone(), due);
            })
        })
        .await?;
        Ok(())
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
        let mut accounts: Vec<AccountId> = buckets.flat_map(|bucket| bucket.record.due.into_keys()).collect();
        accounts.sort();
        Ok(accounts)
    }

    /// Takes up to `most` due accounts, the longest due first, and whether more are due. They are put off to
    /// their next turn in the same write, so that workers who overlap don't do the same.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn take_due_accounts(
        &self,
        shard: Shard,
        most: usize,
    ) -> Result<(Vec<(AccountId, Timestamp)>, bool), RecordError> {
        let now = self.world.now();
        let numbers: Vec<BucketNumber> =
            (0..BUCKETS).filter(|number| number % shard.of == shard.index).map(BucketNumber).collect();
        let buckets = self.load_many::<Bucket>(&numbers).await?;
        let mut due: Vec<(Timestamp, AccountId, BucketNumber)> = Vec::new();
        for (number, bucket) in numbers.into_iter().zip(buckets) {
            let accounts = bucket.map(|bucket| bucket.record.due).unwrap_or_default();
            let accounts = accounts.into_iter().filter(|(_, due)| earlier(*due, SLACK) <= now);
            due.extend(accounts.map(|(account, due)| (due, account, number)));
        }
        due.sort();
        let more = due.len() > most;
        due.truncate(most);
        let mut per_bucket: BTreeMap<BucketNumber, Vec<AccountId>> = BTreeMap::new();
        for (_, account, number) in due {
            per_bucket.entry(number).or_default().push(account);
        }
        let mut taken = Vec::new();
        for (number, accounts) in per_bucket {
            let mine = self
                .update::<Bucket, _>(&number, |bucket| {
                    let mut mine = Vec::new();
                    for account in &accounts {
                        if let Some(due) = bucket.due.get_mut(account).filter(|due| earlier(**due, SLACK) <= now) {
                            mine.push((account.clone(), *due));
                            *due = later(now, EVERY);
                        }
                    }
                    (!mine.is_empty()).then_some(mine)
                })
                .await?;
            taken.extend(mine.unwrap_or_default());
        }
        Ok((taken, more))
    }

    /// Gives back accounts for which there was no time.
    ///
    /// # Errors
    /// The store failed; they then wait for their next turn.
    pub(super) async fn give_back_accounts(&self, accounts: &[(AccountId, Timestamp)]) -> Result<(), RecordError> {
        let mut per_bucket: BTreeMap<BucketNumber, Vec<&(AccountId, Timestamp)>> = BTreeMap::new();
        for account in accounts {
            per_bucket.entry(BucketNumber::of(&account.0)).or_default().push(account);
        }
        for (number, accounts) in per_bucket {
            self.update::<Bucket, ()>(&number, |bucket| {
                for (account, due) in &accounts {
                    bucket.due.insert(account.clone(), *due);
                }
                Some(())
            })
            .await?;
        }
        Ok(())
    }
}

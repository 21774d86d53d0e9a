//! Typed records in the key-value store.
//!
//! A record type fixes its key prefix, its key and its version in one place. What is stored is
//! `{"v":<version>,"rev":<revision>,"by":<writer>,"record":{...}}`. The revision grows with every write, so that a
//! store that swaps by value can't be fooled by a value that came back. A swap also names its writer, by chance, so
//! that two that make the same change at the same millisecond write different bytes: each can tell by what is stored
//! whether it was the one, where the store itself doesn't say so truly ([`Swap::judge`]).

use std::fmt::Display;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{App, Failure, account::hex};
use crate::{
    app::Class,
    domain::json,
    ports::{StoreError, Swap, World},
};

/// A kind of record.
pub trait Record: Serialize + DeserializeOwned {
    /// What stands before the first `/` of the key.
    const PREFIX: &'static str;
    /// The version of the stored shape. A record of another version is refused, not guessed at.
    const VERSION: u32;
    /// What identifies a record of this kind; displays as the rest of the key.
    type Key: Display;
}

/// The store key of a record.
pub fn key_of<R: Record>(key: &R::Key) -> String {
    format!("{}/{key}", R::PREFIX)
}

/// A record as it was read.
#[derive(Debug, Clone)]
pub struct Stored<R> {
    key: String,
    rev: u64,
    /// The record.
    pub record: R,
}

/// Why the store gave no usable record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored isn't what this program writes: a newer program's, or damaged.
    #[error("the record `{key}` can't be read: {why}")]
    Unreadable {
        /// Its key.
        key: String,
        /// What is wrong.
        why: String,
    },
    /// Others changed the record every time we tried.
    #[error("the record `{0}` is too contended")]
    Contended(String),
    /// A lane has no room for more work.
    #[error("too much is pending for the account")]
    Full,
    /// A record that is made with its account is not there.
    #[error("the record `{0}` is missing")]
    Missing(String),
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        match error {
            RecordError::Store(error) => error.into(),
            RecordError::Full => {
                Self::new(Class::Unavailable, "Too much is pending for this account. Try again later.")
            }
            RecordError::Contended(_) => {
                Self::new(Class::Unavailable, "Too much happened at once. Try again in a moment.")
                    .because(error.to_string())
            }
            RecordError::Unreadable { .. } | RecordError::Missing(_) => {
                Self::new(Class::Ours, "Stored data could not be read. The log of the server names the record.")
                    .because(error.to_string())
            }
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a, R> {
    v: u32,
    rev: u64,
    #[serde(skip_serializing_if = "str::is_empty")]
    by: &'a str,
    record: &'a R,
}

/// `by`: who swaps; empty for what is put, where nobody asks.
fn encode<R: Record>(rev: u64, by: &str, record: &R) -> Vec<u8> {
    serde_json::to_vec(&Envelope { v: R::VERSION, rev, by, record }).expect("records hold only what JSON can")
}

fn decode<R: Record>(key: &str, bytes: &[u8]) -> Result<Stored<R>, RecordError> {
    let (rev, record) = open(bytes, R::VERSION)
        .and_then(|(rev, record)| Ok((rev, json::read(&record).map_err(|misfit| misfit.to_string())?)))
        .map_err(|why| RecordError::Unreadable { key: key.to_owned(), why })?;
    Ok(Stored { key: key.to_owned(), rev, record })
}

/// The revision and the record. The version is read first, because another version's record may have any shape.
fn open(bytes: &[u8], version: u32) -> Result<(u64, Value), String> {
    let mut envelope = json::parse(bytes).map_err(|misfit| misfit.to_string())?;
    match envelope["v"].as_u64() {
        Some(v) if v == u64::from(version) => {}
        Some(v) => return Err(format!("it has version {v}, this program writes version {version}")),
        None => return Err("it has no version".to_owned()),
    }
    let rev = envelope["rev"].as_u64().ok_or("it has no revision")?;
    Ok((rev, envelope["record"].take()))
}

/// Records to be written together: one durable write.
#[derive(Debug, Default)]
pub struct Batch(Vec<(String, Vec<u8>)>);

impl Batch {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a record that is written whatever is stored: either it is new, or its lease is held.
    #[must_use]
    pub fn put<R: Record>(mut self, key: &R::Key, record: &R) -> Self {
        self.0.push((key_of::<R>(key), encode(0, "", record)));
        self
    }

    /// Adds a record read before, one revision on.
    #[must_use]
    pub fn renew<R: Record>(mut self, stored: &Stored<R>) -> Self {
        self.0.push((stored.key.clone(), encode(stored.rev + 1, "", &stored.record)));
        self
    }
}

/// A changed record as it will be stored, and what has to be stored before it.
struct Changed {
    bytes: Vec<u8>,
    moved: Batch,
}

/// What makes a changed record of a stored one, or leaves it as it is.
type Change<'a> = dyn FnMut(&[u8]) -> Result<Option<Changed>, RecordError> + 'a;

/// How often a change is tried again when others change the same record at the same time.
const TRIES: u32 = 24;

impl<W: World> App<'_, W> {
    /// Reads one record.
    ///
    /// # Errors
    /// The store failed, or what is stored can't be read.
    pub async fn load<R: Record>(&self, key: &R::Key) -> Result<Option<Stored<R>>, RecordError> {
        let key = key_of::<R>(key);
        self.world.get(&key).await?.map(|bytes| decode(&key, &bytes)).transpose()
    }

    /// Reads several records in one store read, in the order of the keys.
    ///
    /// # Errors
    /// The store failed, or one of them can't be read.
    pub async fn load_many<R: Record>(&self, keys: &[R::Key]) -> Result<Vec<Option<Stored<R>>>, RecordError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = keys.iter().map(key_of::<R>).collect();
        let values = self.world.get_many(&keys).await?;
        keys.iter().zip(values).map(|(key, value)| value.map(|bytes| decode(key, &bytes)).transpose()).collect()
    }

    /// Writes a batch durably, in one write.
    ///
    /// # Errors
    /// The store failed; some or all may be written.
    pub async fn write(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.0.is_empty() { Ok(()) } else { self.world.put_many(batch.0).await }
    }

    /// Reads a record and changes it, again and again until nobody interferes. `change` may run several
    /// times and answers `None` to leave the record as it is, which costs no write.
    ///
    /// # Errors
    /// The store failed, the record is missing or unreadable, or too contended.
    pub async fn update<R: Record, T>(
        &self,
        key: &R::Key,
        mut change: impl FnMut(&mut R) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        self.update_and_keep(key, |record| change(record).map(|answer| (answer, Batch::new()))).await
    }

    /// Like [`update`](Self::update), for a change that moves a part of the record elsewhere: the batch is
    /// written before the swap.
    ///
    /// # Errors
    /// As for `update`.
    pub async fn update_and_keep<R: Record, T>(
        &self,
        key: &R::Key,
        mut change: impl FnMut(&mut R) -> Option<(T, Batch)>,
    ) -> Result<Option<T>, RecordError> {
        let key = key_of::<R>(key);
        let by = hex(&self.world.nonce()[..8]);
        let mut answer = None;
        let changed = self
            .swap_until_done(&key, &mut |bytes| {
                let Stored { rev, mut record, .. } = decode::<R>(&key, bytes)?;
                let Some((this, moved)) = change(&mut record) else { return Ok(None) };
                answer = Some(this);
                Ok(Some(Changed { bytes: encode(rev + 1, &by, &record), moved }))
            })
            .await?;
        Ok(answer.filter(|_| changed))
    }

    /// The loop of every change. It is kept free of types, because each copy is carried in the component.
    async fn swap_until_done(&self, key: &str, change: &mut Change<'_>) -> Result<bool, RecordError> {
        let missing = || RecordError::Missing(key.to_owned());
        let mut bytes = self.world.get(key).await?.ok_or_else(missing)?;
        for _ in 0..TRIES {
            let Some(Changed { bytes: new, moved }) = change(&bytes)? else { return Ok(false) };
            self.write(moved).await?;
            match self.world.swap(key, &bytes, new).await? {
                Swap::Swapped => return Ok(true),
                Swap::Lost(present) => bytes = present.ok_or_else(missing)?,
            }
        }
        Err(RecordError::Contended(key.to_owned()))
    }

    /// Forgets records by their store keys.
    ///
    /// # Errors
    /// The store failed; some or all may be gone.
    pub async fn forget(&self, keys: &[String]) -> Result<(), StoreError> {
        if keys.is_empty() { Ok(()) } else { self.world.delete_many(keys).await }
    }
}

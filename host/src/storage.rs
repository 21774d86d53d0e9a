//! The seam between the guest's `wasi:keyvalue` calls and whatever keeps the values.
//!
//! The product must run on Spin's stores, whose weakest is the SQLite of Spin 4.0.2. So the seam promises no more than
//! that one does, its oddities included, and every implementation here behaves alike.

mod memory;
mod redis;
mod sqlite;

use std::sync::atomic::{AtomicU64, Ordering};

pub use memory::Memory;
pub use redis::Redis;
pub use sqlite::Sqlite;

/// A key-value store holding the component's `default` bucket.
///
/// Keys and values are opaque. Once a write is answered, it is durable as far as the store can make it so, and every later
/// read sees it.
#[async_trait::async_trait]
pub trait Storage: Send + Sync + 'static {
    /// The value of `key`.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError>;

    /// The values of those of `keys` that are present, in no particular order. Absent keys are left out, as Spin does.
    async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError>;

    /// Writes one key.
    async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StorageError>;

    /// Writes all pairs or none, in one durable write.
    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StorageError>;

    /// Removes `key`; an absent key is no error.
    async fn delete(&self, key: &str) -> Result<(), StorageError>;

    /// Removes all of `keys`, in one durable write.
    async fn delete_many(&self, keys: &[String]) -> Result<(), StorageError>;

    /// Whether `key` is present.
    async fn exists(&self, key: &str) -> Result<bool, StorageError>;

    /// Every key of the store.
    async fn keys(&self) -> Result<Vec<String>, StorageError>;

    /// Writes `new` if `key` still holds `seen`, compared by value.
    ///
    /// With `seen` absent the write is unconditional, even if the key came into being meanwhile: Spin 4.0.2's SQLite does
    /// an upsert here. A key that was seen and is gone now is [`Swap::Lost`].
    async fn swap(&self, key: &str, seen: Option<&[u8]>, new: Vec<u8>) -> Result<Swap, StorageError>;
}

/// How a compare-and-swap ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Swap {
    /// The new value is stored.
    Swapped,
    /// Another value was there; nothing is changed.
    Lost,
}

/// Why a store call did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageError {
    /// The store is out of order. The guest gets `error::other` with this text and goes on.
    Failed(String),
    /// The guest ends here, as when the machine dies at this very call: for tests, which cut every boundary operation.
    Trap(String),
}

impl StorageError {
    /// A [`StorageError::Failed`] with the text of `cause`.
    pub fn failed(cause: impl std::fmt::Display) -> Self {
        Self::Failed(cause.to_string())
    }
}

/// What a store has done since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that read.
    pub reads: u64,
    /// Calls that wrote, lost swaps included.
    pub writes: u64,
    /// Durable writes: transactions, each one wait for the disk. Group commit keeps them below `writes`.
    pub commits: u64,
}

/// The live counters behind [`Counts`].
#[derive(Debug, Default)]
struct Tally {
    reads: AtomicU64,
    writes: AtomicU64,
    commits: AtomicU64,
}

impl Tally {
    fn read(&self) {
        self.reads.fetch_add(1, Ordering::Relaxed);
    }

    fn write(&self) {
        self.writes.fetch_add(1, Ordering::Relaxed);
    }

    fn commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    fn counts(&self) -> Counts {
        Counts {
            reads: self.reads.load(Ordering::Relaxed),
            writes: self.writes.load(Ordering::Relaxed),
            commits: self.commits.load(Ordering::Relaxed),
        }
    }
}

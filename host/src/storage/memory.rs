//! A store in memory, for tests and for trying things out: gone with the process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Counts, Storage, StorageError, Swap, Tally};

/// A [`Storage`] that forgets.
#[derive(Default)]
pub struct Memory {
    values: Mutex<BTreeMap<String, Vec<u8>>>,
    tally: Tally,
}

impl Memory {
    /// What was read and written so far. Every write counts as one commit.
    pub fn counts(&self) -> Counts {
        self.tally.counts()
    }

    fn reading(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.tally.read();
        self.lock()
    }

    fn writing(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        self.tally.write();
        self.tally.commit();
        self.lock()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Vec<u8>>> {
        // No method panics half way through a change, so the map is sound whatever happened.
        self.values.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
impl Storage for Memory {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self.reading().get(key).cloned())
    }

    async fn get_many(&self, keys: &[String]) -> Result<Vec<(String, Vec<u8>)>, StorageError> {
        let values = self.reading();
        let present = keys.iter().filter_map(|key| Some((key.clone(), values.get(key)?.clone())));
        Ok(present.collect())
    }

    async fn set(&self, key: &str, value: Vec<u8>) -> Result<(), StorageError> {
        self.writing().insert(key.to_owned(), value);
        Ok(())
    }

    async fn set_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StorageError> {
        self.writing().extend(pairs);
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), StorageError> {
        self.writing().remove(key);
        Ok(())
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StorageError> {
        let mut values = self.writing();
        for key in keys {
            values.remove(key);
        }
        Ok(())
    }

    async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        Ok(self.reading().contains_key(key))
    }

    async fn keys(&self) -> Result<Vec<String>, StorageError> {
        Ok(self.reading().keys().cloned().collect())
    }

    async fn swap(&self, key: &str, seen: Option<&[u8]>, new: Vec<u8>) -> Result<Swap, StorageError> {
        let mut values = self.writing();
        if seen.is_some() && values.get(key).map(Vec::as_slice) != seen {
            return Ok(Swap::Lost);
        }
        values.insert(key.to_owned(), new);
        Ok(Swap::Swapped)
    }
}

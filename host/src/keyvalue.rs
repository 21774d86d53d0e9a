//! `wasi:keyvalue` for the guest, over [`Storage`], as Spin 4.0.2 answers it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use wasmtime::component::Resource;

use crate::guest::Guest;
use crate::guest::bindings::wasi::keyvalue::atomics::{self, CasError};
use crate::guest::bindings::wasi::keyvalue::batch;
use crate::guest::bindings::wasi::keyvalue::store::{self, Error, KeyResponse};
use crate::storage::{Storage, StorageError, Swap};

/// The store every host here provides.
const DEFAULT: &str = "default";

/// The guest's handle on the one bucket.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Bucket;

/// The guest's handle on a compare-and-swap under way.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Cas {
    key: String,
    /// What `current` showed last. Before that it is `None`, and the swap is unconditional: as on Spin.
    seen: Option<Vec<u8>>,
}

/// What an instance needs to answer these calls.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Buckets {
    pub(crate) storage: Arc<dyn Storage>,
    /// The stores named in the manifest.
    pub(crate) allowed: Arc<[String]>,
    /// Set once `increment` met a value that is no counter. Spin 4.0.2 panics there while it holds the store's lock, so
    /// that every later call of every instance fails. So does this host, lest anyone come to rely on more.
    pub(crate) poisoned: Arc<AtomicBool>,
    /// Handles of compare-and-swaps that this instance has had.
    pub(crate) handles: usize,
}

/// Handles of compare-and-swaps that an instance may have. Spin deletes none before the instance ends, and its table has
/// room for so many (crates/factor-key-value/src/host.rs, as of commit 0bfcaef3).
const MOST_HANDLES: usize = 256;

/// The inner result is the guest's, the outer one its end.
type Answer<T, E = Error> = wasmtime::Result<Result<T, E>>;

impl Buckets {
    /// Whether there is room for another handle.
    fn has_room(&mut self) -> bool {
        self.handles += 1;
        self.handles <= MOST_HANDLES
    }

    fn storage(&self) -> wasmtime::Result<&dyn Storage> {
        if self.poisoned.load(Ordering::Relaxed) {
            wasmtime::bail!("an `increment` of no counter has poisoned the store");
        }
        Ok(&*self.storage)
    }
}

/// Sorts a store's answer into the two results.
fn answer<T>(result: Result<T, StorageError>) -> Answer<T> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(StorageError::Failed(text)) => {
            tracing::error!("the store failed: {text}");
            Ok(Err(Error::Other(text)))
        }
        Err(StorageError::Trap(text)) => Err(wasmtime::Error::msg(text)),
    }
}

impl store::Host for Guest {
    async fn open(&mut self, identifier: String) -> Answer<Resource<Bucket>> {
        if !self.buckets.allowed.contains(&identifier) {
            return Ok(Err(Error::AccessDenied));
        }
        if identifier != DEFAULT {
            return Ok(Err(Error::NoSuchStore));
        }
        Ok(Ok(self.table.push(Bucket)?))
    }
}

impl store::HostBucket for Guest {
    async fn get(&mut self, _: Resource<Bucket>, key: String) -> Answer<Option<Vec<u8>>> {
        answer(self.buckets.storage()?.get(&key).await)
    }

    async fn set(&mut self, _: Resource<Bucket>, key: String, value: Vec<u8>) -> Answer<()> {
        answer(self.buckets.storage()?.set(&key, value).await)
    }

    async fn delete(&mut self, _: Resource<Bucket>, key: String) -> Answer<()> {
        answer(self.buckets.storage()?.delete(&key).await)
    }

    async fn exists(&mut self, _: Resource<Bucket>, key: String) -> Answer<bool> {
        answer(self.buckets.storage()?.exists(&key).await)
    }

    async fn list_keys(&mut self, _: Resource<Bucket>, cursor: Option<String>) -> Answer<KeyResponse> {
        if cursor.is_some() {
            return Ok(Err(Error::Other("list_keys: cursor not supported".to_owned())));
        }
        let keys = answer(self.buckets.storage()?.keys().await)?;
        Ok(keys.map(|keys| KeyResponse { keys, cursor: None }))
    }

    async fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}

impl batch::Host for Guest {
    async fn get_many(&mut self, _: Resource<Bucket>, keys: Vec<String>) -> Answer<Vec<(String, Option<Vec<u8>>)>> {
        let storage = self.buckets.storage()?;
        if keys.is_empty() {
            return Ok(Ok(Vec::new()));
        }
        let present = answer(storage.get_many(&keys).await)?;
        Ok(present.map(|pairs| pairs.into_iter().map(|(key, value)| (key, Some(value))).collect()))
    }

    async fn set_many(&mut self, _: Resource<Bucket>, pairs: Vec<(String, Vec<u8>)>) -> Answer<()> {
        let storage = self.buckets.storage()?;
        if pairs.is_empty() {
            return Ok(Ok(()));
        }
        answer(storage.set_many(pairs).await)
    }

    async fn delete_many(&mut self, _: Resource<Bucket>, keys: Vec<String>) -> Answer<()> {
        let storage = self.buckets.storage()?;
        if keys.is_empty() {
            return Ok(Ok(()));
        }
        answer(storage.delete_many(&keys).await)
    }
}

impl atomics::HostCas for Guest {
    async fn new(&mut self, _: Resource<Bucket>, key: String) -> Answer<Resource<Cas>> {
        if !self.buckets.has_room() {
            return Ok(Err(Error::Other("too many compare-and-swaps in one instance".to_owned())));
        }
        Ok(Ok(self.table.push(Cas { key, seen: None })?))
    }

    async fn current(&mut self, cas: Resource<Cas>) -> Answer<Option<Vec<u8>>> {
        let cas = self.table.get_mut(&cas)?;
        let current = answer(self.buckets.storage()?.get(&cas.key).await)?;
        if let Ok(value) = &current {
            cas.seen.clone_from(value);
        }
        Ok(current)
    }

    async fn drop(&mut self, cas: Resource<Cas>) -> wasmtime::Result<()> {
        self.table.delete(cas)?;
        Ok(())
    }
}

impl atomics::Host for Guest {
    async fn increment(&mut self, _: Resource<Bucket>, key: String, delta: i64) -> Answer<i64> {
        loop {
            let storage = self.buckets.storage()?;
            let seen = match answer(storage.get(&key).await)? {
                Ok(seen) => seen,
                Err(error) => return Ok(Err(error)),
            };
            let count = match seen.as_deref().map(<[u8; 8]>::try_from) {
                None => 0,
                Some(Ok(bytes)) => i64::from_le_bytes(bytes),
                Some(Err(_)) => {
                    self.buckets.poisoned.store(true, Ordering::Relaxed);
                    wasmtime::bail!("`increment` of a key that is no counter");
                }
            };
            let new = count.wrapping_add(delta);
            let swap = storage.swap(&key, seen.as_deref(), new.to_le_bytes().to_vec()).await;
            match answer(swap)? {
                Ok(Swap::Swapped) => return Ok(Ok(new)),
                Ok(Swap::Lost) => {}
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    async fn swap(&mut self, cas: Resource<Cas>, value: Vec<u8>) -> Answer<(), CasError> {
        let Cas { key, seen } = self.table.delete(cas)?;
        let storage = self.buckets.storage()?;
        match answer(storage.swap(&key, seen.as_deref(), value).await)? {
            Ok(Swap::Swapped) => Ok(Ok(())),
            Err(error) => Ok(Err(CasError::StoreError(error))),
            // The interface wants the new handle to know the present value.
            Ok(Swap::Lost) => match answer(storage.get(&key).await)? {
                Ok(seen) => {
                    self.buckets.handles += 1;
                    Ok(Err(CasError::CasFailed(self.table.push(Cas { key, seen })?)))
                }
                Err(error) => Ok(Err(CasError::StoreError(error))),
            },
        }
    }
}

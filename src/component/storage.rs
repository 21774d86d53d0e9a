//! The store, over our own bindings of `wasi:keyvalue` (`wit/world.wit`).

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;

use self::bindings::wasi::keyvalue::{batch, store};
use super::{Host, log};
use crate::ports::{Store, StoreError, Swap};

mod bindings {
    #[cfg(feature = "atomics")]
    wit_bindgen::generate!({ world: "storage", path: "wit", generate_all });
    #[cfg(not(feature = "atomics"))]
    wit_bindgen::generate!({ world: "plain-storage", path: "wit", generate_all });
}

/// The component's store.
#[derive(Default)]
pub(super) struct Bucket {
    opened: OnceCell<store::Bucket>,
    /// Reading several keys at once has failed, so they are read one by one.
    one_by_one: Cell<bool>,
    /// Handles of swaps that this invocation has had.
    #[cfg(feature = "atomics")]
    swaps: Cell<usize>,
}

/// Handles of swaps that Spin has room for in an invocation: its table of them has the usual capacity, and it deletes none
/// before the end (crates/factor-key-value/src/host.rs, as of commit 0bfcaef3).
#[cfg(feature = "atomics")]
const MOST_SWAPS: usize = 256;

impl Bucket {
    /// Opens the store at its first use: some routes need none.
    fn open(&self) -> Result<&store::Bucket, StoreError> {
        if let Some(bucket) = self.opened.get() {
            return Ok(bucket);
        }
        let bucket = store::open("default")?;
        Ok(self.opened.get_or_init(|| bucket))
    }
}

impl From<store::Error> for StoreError {
    fn from(error: store::Error) -> Self {
        log(&format!("the store failed: {error:?}"));
        Self(format!("{error:?}"))
    }
}

impl Store for Host {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.bucket.open()?.get(key)?)
    }

    /// Not on Spin's Redis, which asks `KEYS key key…` (`get_many` in its crates/key-value-redis/src/store.rs, as of
    /// commit 0bfcaef3): Redis refuses several keys, and of a single one it tells the name and no value.
    async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let bucket = self.bucket.open()?;
        if keys.len() > 1 && !self.bucket.one_by_one.get() {
            match batch::get_many(bucket, keys) {
                Ok(pairs) => {
                    // Spin leaves absent keys out, and promises no order.
                    let mut present: HashMap<_, _> = pairs.into_iter().collect();
                    return Ok(keys.iter().map(|key| present.remove(key).flatten()).collect());
                }
                Err(error) => {
                    log(&format!("the store can't read several keys at once, so one by one: {error:?}"));
                    self.bucket.one_by_one.set(true);
                }
            }
        }
        keys.iter().map(|key| Ok(bucket.get(key)?)).collect()
    }

    async fn put_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        Ok(batch::set_many(self.bucket.open()?, &pairs)?)
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StoreError> {
        Ok(batch::delete_many(self.bucket.open()?, keys)?)
    }

    #[cfg(feature = "atomics")]
    fn swaps_left(&self) -> usize {
        MOST_SWAPS.saturating_sub(self.bucket.swaps.get())
    }

    #[cfg(not(feature = "atomics"))]
    fn swaps_left(&self) -> usize {
        usize::MAX
    }

    #[cfg(feature = "atomics")]
    async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        use bindings::wasi::keyvalue::atomics::{self, Cas, CasError};

        let count = || self.bucket.swaps.set(self.bucket.swaps.get() + 1);
        count();
        let cas = Cas::new(self.bucket.open()?, key)?;
        let present = cas.current()?;
        if present.as_deref() != Some(seen) {
            return Ok(Swap::Lost(present));
        }
        match atomics::swap(cas, &new) {
            Ok(()) => Ok(Swap::Swapped),
            // Spin's Redis ends every swap with `UNWATCH key` (`Cas::swap` in the same file). Redis knows no key there and
            // refuses it, so Spin calls every swap lost, also one that was applied.
            Err(CasError::CasFailed(cas)) => {
                count();
                Ok(Swap::judge(cas.current()?, &new))
            }
            Err(CasError::StoreError(error)) => Err(error.into()),
        }
    }

    /// Somebody may write between the steps. Reading back finds it where they wrote after us; where they wrote just
    /// before, theirs is gone: docs/guarantees.md says what that can do.
    #[cfg(not(feature = "atomics"))]
    async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        let bucket = self.bucket.open()?;
        let present = bucket.get(key)?;
        if present.as_deref() != Some(seen) {
            return Ok(Swap::Lost(present));
        }
        bucket.set(key, &new)?;
        Ok(Swap::judge(bucket.get(key)?, &new))
    }
}

//! The store, over our own bindings of `wasi:keyvalue` (`wit/world.wit`).

use std::cell::OnceCell;
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
pub(super) struct Bucket(OnceCell<store::Bucket>);

impl Bucket {
    /// Opens the store at its first use: some routes need none.
    fn open(&self) -> Result<&store::Bucket, StoreError> {
        if let Some(bucket) = self.0.get() {
            return Ok(bucket);
        }
        let bucket = store::open("default")?;
        Ok(self.0.get_or_init(|| bucket))
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

    async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        // Spin leaves absent keys out, and promises no order.
        let mut present: HashMap<_, _> = batch::get_many(self.bucket.open()?, keys)?.into_iter().collect();
        Ok(keys.iter().map(|key| present.remove(key).flatten()).collect())
    }

    async fn put_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        Ok(batch::set_many(self.bucket.open()?, &pairs)?)
    }

    async fn delete_many(&self, keys: &[String]) -> Result<(), StoreError> {
        Ok(batch::delete_many(self.bucket.open()?, keys)?)
    }

    #[cfg(feature = "atomics")]
    async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        use bindings::wasi::keyvalue::atomics::{self, Cas, CasError};

        let cas = Cas::new(self.bucket.open()?, key)?;
        let present = cas.current()?;
        if present.as_deref() != Some(seen) {
            return Ok(Swap::Lost(present));
        }
        match atomics::swap(cas, &new) {
            Ok(()) => Ok(Swap::Swapped),
            Err(CasError::CasFailed(cas)) => Ok(Swap::Lost(cas.current()?)),
            Err(CasError::StoreError(error)) => Err(error.into()),
        }
    }

    /// Somebody may write between the two steps: docs/guarantees.md says what that can do.
    #[cfg(not(feature = "atomics"))]
    async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        let present = self.bucket.open()?.get(key)?;
        if present.as_deref() != Some(seen) {
            return Ok(Swap::Lost(present));
        }
        self.bucket.open()?.set(key, &new)?;
        Ok(Swap::Swapped)
    }
}

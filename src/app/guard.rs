//! The world as the use cases see it. Whoever only looks locks it first, and then nothing can be changed: that a look
//! leaves no trace is not left to care.

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::SignedDuration;

use crate::{
    domain::time::Timestamp,
    ports::{StoreError, Swap, WireError, World},
};

/// See the module. A flag and not a type of its own: every use case would be compiled for that once more.
#[derive(Debug)]
pub struct Guard<'w, W> {
    world: &'w W,
    is_locked: bool,
}

impl<W> Clone for Guard<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for Guard<'_, W> {}

/// What a refused write fails with.
const REFUSED: &str = "nothing is written while looking";

/// Whether a write was refused because the world is locked.
pub(super) fn is_refusal(error: &StoreError) -> bool {
    error.0 == REFUSED
}

impl<'w, W> Guard<'w, W> {
    /// Everything is allowed.
    pub(super) fn new(world: &'w W) -> Self {
        Self { world, is_locked: false }
    }

    /// The same world, for looking: every write to the store is refused, and every request to a vendor that is not a
    /// `GET`.
    pub(super) fn locked(self) -> Self {
        Self { is_locked: true, ..self }
    }

    fn may_write(&self) -> Result<(), StoreError> {
        if self.is_locked { Err(StoreError(REFUSED.to_owned())) } else { Ok(()) }
    }
}

/// The ports, passed on.
impl<W: World> Guard<'_, W> {
    pub(super) async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.world.get(key).await
    }

    pub(super) async fn get_many(&self, keys: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.world.get_many(keys).await
    }

    pub(super) async fn put_many(&self, pairs: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        self.may_write()?;
        self.world.put_many(pairs).await
    }

    pub(super) async fn delete_many(&self, keys: &[String]) -> Result<(), StoreError> {
        self.may_write()?;
        self.world.delete_many(keys).await
    }

    pub(super) async fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> Result<Swap, StoreError> {
        self.may_write()?;
        self.world.swap(key, seen, new).await
    }

    pub(super) fn swaps_left(&self) -> usize {
        self.world.swaps_left()
    }

    pub(super) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        if self.is_locked && request.method() != Method::GET {
            return Err(WireError::NotSent);
        }
        self.world.send(request).await
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.now()
    }

    pub(super) fn nonce(&self) -> [u8; 32] {
        self.world.nonce()
    }

    pub(super) async fn pause(&self, duration: SignedDuration) {
        self.world.pause(duration).await;
    }

    pub(super) fn log(&self, line: &str) {
        self.world.log(line);
    }
}

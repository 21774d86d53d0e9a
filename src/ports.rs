//! What the application needs from the world: a store, a wire, a clock, a log.
//!
//! The component implements them by the host's imports, the tests by memory, a sandbox and an
//! argument. Nothing else crosses the boundary.

use std::future::Future;

use crate::domain::time::Timestamp;
use bytes::Bytes;
use http::{Request, Response};
use jiff::SignedDuration;

/// The store failed; nothing is known of the operation's effect. The text is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the store failed: {0}")]
pub struct StoreError(pub String);

/// How a compare-and-swap ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Swap {
    /// The new value is stored.
    Swapped,
    /// Somebody else was first; this is the present value, if any.
    Lost(Option<Vec<u8>>),
}

impl Swap {
    /// How a swap to `new` ended of which the store says, or fears, that it was lost, while `present` is there. No two
    /// writers ever write the same bytes (`app::record`), so where `new` is there, it was this swap that put it there.
    #[must_use]
    pub fn judge(present: Option<Vec<u8>>, new: &[u8]) -> Self {
        if present.as_deref() == Some(new) { Self::Swapped } else { Self::Lost(present) }
    }
}

/// The key-value store.
///
/// The rules of the weakest backend hold (Spin's SQLite, docs/architecture.md): a write costs a disk
/// flush, `put_many` costs one however many keys it has, and a swap works on a present key only.
pub trait Store {
    /// The value of a key.
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>>;

    /// The values of several keys, in the order of the keys.
    fn get_many(&self, keys: &[String]) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, StoreError>>;

    /// Sets several keys in one durable write.
    fn put_many(&self, pairs: Vec<(String, Vec<u8>)>) -> impl Future<Output = Result<(), StoreError>>;

    /// Forgets several keys.
    fn delete_many(&self, keys: &[String]) -> impl Future<Output = Result<(), StoreError>>;

    /// How many more swaps the host lets this invocation begin. Spin keeps the handle of each until the invocation ends,
    /// and has room for 256 (crates/factor-key-value).
    fn swaps_left(&self) -> usize;

    /// Sets a key that holds `seen` to `new`. The key must exist: on an absent one, Spin's swap is an
    /// unconditional write. That is why `seen` is not optional.
    fn swap(&self, key: &str, seen: &[u8], new: Vec<u8>) -> impl Future<Output = Result<Swap, StoreError>>;
}

/// A request that got no response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It never left: repeating is safe.
    #[error("the request was not sent")]
    NotSent,
    /// It may have arrived, and had its effect.
    #[error("no response came")]
    OutcomeUnknown,
}

/// The way to the vendors.
pub trait Wire {
    /// Sends a request to its absolute URL and reads the whole response (bounded). Never follows redirects.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, WireError>>;
}

/// Time and chance.
pub trait Clock {
    /// The time, to the millisecond.
    fn now(&self) -> Timestamp;

    /// 32 bytes nobody can guess.
    fn nonce(&self) -> [u8; 32];

    /// Lets time pass, for pacing calls to a vendor.
    fn pause(&self, duration: SignedDuration) -> impl Future<Output = ()>;
}

/// The operator's log.
pub trait Log {
    /// One line: what went wrong, with accounts and vendors' identifiers. Never a secret, a name or an address.
    fn log(&self, line: &str);
}

/// The four together: what one invocation works with.
pub trait World: Store + Wire + Clock + Log {}

impl<T: Store + Wire + Clock + Log> World for T {}

//! Runs the qualified-ats component without Spin, and as Spin 4 would.
//!
//! Tests and operators get the same thing: a [`Host`] that takes a request and gives a response, in this process. What
//! lies outside the component is a seam with a real and a replaceable side: [`Storage`], [`Outbound`], [`Clock`], the
//! randomness, the log. Behind the seams the weak points of Spin are kept on purpose, so that what works here works there.
//!
//! ```text
//! Manifest (spin.toml) ─┐
//! Compiled (the .wasm) ─┴─ Host::builder ─ build ─ Host ─ handle(request) ─ response, and the guest's remaining work
//!                             │ variables, storage, outbound, clock, seed, log, limits
//! ```

mod allowed;
mod builder;
mod cache;
mod clock;
mod compiled;
mod guest;
mod host;
mod inbound;
mod keyvalue;
mod log;
mod manifest;
mod outbound;
mod serve;
mod storage;
mod ticker;
pub mod toolchain;
mod variables;
mod wire;

pub use allowed::AllowedHosts;
pub use async_trait::async_trait;
pub use builder::{HostBuilder, Limits};
pub use cache::default_cache;
pub use clock::{Clock, SystemClock};
pub use compiled::Compiled;
pub use host::{Handled, Host, Outcome, Rest, Started};
pub use inbound::ClientAddress;
pub use log::{Line, Stream};
pub use manifest::{Manifest, Variable};
pub use outbound::{Network, Outbound, OutboundError};
pub use serve::serve;
pub use storage::{Counts, Memory, Redis, Sqlite, Storage, StorageError, Swap};
pub use ticker::Ticker;
pub use variables::{Variables, gather};
/// The errors of the wire, as `wasi:http` names them.
pub use wasmtime_wasi_http::Error as WireError;
/// The time limits that a guest may set for one call.
pub use wasmtime_wasi_http::RequestOptions;

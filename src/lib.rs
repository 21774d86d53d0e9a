//! Qualified's coding assessments inside the applicant tracking systems Lever and BambooHR, as one
//! WebAssembly component for Spin.
//!
//! ```text
//! Spin, or any host
//!   └─ component   the shell: implements the ports by the host's imports, exports the HTTP handler
//!        └─ web    routes, replies, pages: pure routing and pure rendering
//!             └─ app     the use cases; the only code that awaits
//!                  ├─ vendor   Lever, BambooHR, Qualified, OAuth as data: request out, response in
//!                  ├─ ports    Store, Wire, Clock, Log
//!                  └─ domain   assignment, trigger, title, tag, report, signature, retry
//! ```
//!
//! Each layer knows only those below it; `tests/tidy.rs` keeps it so. `docs/architecture.md` walks a
//! request through all of them.

pub mod app;
pub mod domain;
pub mod ports;
pub mod vendor;
pub mod web;

#[cfg(target_family = "wasm")]
mod component;

//! Lever, Qualified and BambooHR in miniature: faithful, strict, deterministic, with faults on demand.
//!
//! Three uses: deterministic tests (no I/O, no clock, no threads: time and randomness are arguments), a
//! server for people who try the product, a benchmark with thousands of accounts.
//!
//! ```
//! use bytes::Bytes;
//! use sandbox::lever::{Event, NewOpportunity};
//! use sandbox::{Origins, Sandbox};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut sandbox = Sandbox::new(Origins::default(), "2026-03-02T09:00:00Z".parse()?, 1);
//!
//! // People act at desks ...
//! let mut lever = sandbox.lever();
//! let stage = lever.stage("Coding test")?;
//! let key = lever.make_api_key();
//! lever.make_webhook_by_hand("https://hooks.example.com/lever")?;
//! lever.set_webhook_toggle(Event::CandidateStageChange, true);
//! let ada = lever.add_opportunity(NewOpportunity::named("Ada Lovelace").tag("Rust basics"))?;
//! lever.move_to_stage(&ada, &stage)?;
//!
//! // ... programs ask over HTTP; the origin picks the vendor ...
//! # use base64::Engine as _;
//! # let basic = base64::engine::general_purpose::STANDARD.encode(format!("{key}:"));
//! let request = http::Request::get(format!("https://api.lever.co/v1/opportunities/{ada}"))
//!     .header("authorization", format!("Basic {basic}"))
//!     .body(Bytes::new())?;
//! assert_eq!(sandbox.handle(request)?.status(), 200);
//!
//! // ... and whoever drives the sandbox carries its webhooks.
//! let delivery = sandbox.due().remove(0);
//! assert_eq!(delivery.request.uri(), "https://hooks.example.com/lever");
//! sandbox.answered(delivery.id, Some(http::StatusCode::SERVICE_UNAVAILABLE));
//! assert!(sandbox.next_due() > Some(sandbox.now()), "Lever tries again later");
//! # Ok(()) }
//! ```
//!
//! - [`Sandbox::handle`] answers a request, or [`NoAnswer`] when a [fault](Sandbox::faults) says so; what was asked is
//!   in [`Sandbox::requests`], credentials left out.
//! - [`Sandbox::lever`], [`Sandbox::qualified`], [`Sandbox::bamboohr`]: the desks of the first customers, `acme` and
//!   `Acme`; the forms with `_of` reach, and make, others. A customer's credentials open nothing of another's.
//! - [`Sandbox::advance`] moves the clock: tokens expire, reminders are mailed, scores come in.
//! - [`Sandbox::due`] and [`Sandbox::answered`]: webhooks and the vendors' own retry rules;
//!   [`Sandbox::lever_webhooks`] and [`Sandbox::qualified_webhooks`] lose, double, delay, reorder, replay and forge them.
//! - Where no source settles how a vendor behaves, there is a switch: [`lever::Unproven`], [`qualified::Settings`],
//!   [`bamboohr::Settings`].
//! - [`Sandbox::demo`] is a company that is hiring; [`server::Served`] puts a sandbox on three ports, with pages for
//!   people and the real clock.
//! - Lever's rate limit is off until [`lever::Desk::set_rate_limit`], since a test's clock stands still; in the demo it
//!   is on.

// One `json!` per vendor object: the widest has fifty members.
#![recursion_limit = "256"]

pub mod bamboohr;
mod call;
mod delivery;
pub mod demo;
mod fault;
pub mod lever;
mod origins;
mod pages;
pub mod qualified;
mod record;
mod reply;
mod seed;
pub mod server;
mod shelf;
mod world;

pub use delivery::{Delivery, Knobs, Signature};
pub use fault::{Effect, Faults, NoAnswer, Rule};
pub use origins::{Origins, Vendor};
pub use record::Recorded;
pub use world::{Refused, Sandbox};

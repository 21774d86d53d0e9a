//! What people do with the product, told once and played twice: with the library, and with the built component.
//!
//! A story speaks of recruiters, candidates and operators; the vendors are the sandbox. After each, the store must be
//! readable and free of plain secrets, and the log free of secrets and addresses.

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod bamboohr;
mod connection;
mod delivery;
mod faults;
mod fullness;
mod healing;
mod hostile;
mod interleaving;
mod inviting;
mod login;
mod loss;
mod manners;
mod mending;
mod misconfigured;
mod progress;
mod reasons;
mod rounds;
mod spins_redis;

/// The assessment of most stories. Its title has what titles have in life: a colon and commas.
const RUST: &str = "Rust: Ownership, Traits, and Lifetimes";

/// Another one.
const SQL: &str = "SQL: Joins and Window Functions";

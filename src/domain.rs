//! What the product is about, without any I/O: no async, no clock, no vendor, no store.

pub mod assignment;
pub mod ids;
pub mod json;
pub mod report;
pub mod retry;
pub mod secret;
pub mod signature;
pub mod sorted;
pub mod tag;
pub mod time;
pub mod title;
pub mod trigger;

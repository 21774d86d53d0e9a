//! What a browser may do and what it may not, without a browser: sessions, forms, other people's accounts, and that
//! looking is only looking. Chromium itself is driven in `browser-tests`.

#[path = "support/mod.rs"]
#[expect(dead_code, unused_imports, unused_macros, reason = "the stories need more of the town than these tests")]
mod support;

#[path = "browser/doors.rs"]
mod doors;
#[path = "browser/furnished.rs"]
mod furnished;
#[path = "browser/visitor.rs"]
mod visitor;

#[path = "browser/activity.rs"]
mod activity;
#[path = "browser/bounds.rs"]
mod bounds;
#[path = "browser/escaping.rs"]
mod escaping;
#[path = "browser/looking.rs"]
mod looking;
#[path = "browser/session.rs"]
mod session;
#[path = "browser/setup.rs"]
mod setup;

//! What the browser tests share: a town with the component and its vendors, and a headless Chromium to visit it.
//!
//! Debian: `apt-get install chromium chromium-driver`. Without them the tests fail and say so; they never pass by
//! being skipped.

mod browser;
mod town;

pub use browser::{Browser, Look};
pub use town::{ADMIN_TOKEN, Town};

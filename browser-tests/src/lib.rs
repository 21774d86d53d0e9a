//! What the browser tests share: a town with the component and its vendors, and a headless Chromium to visit it.
//!
//! Debian: `apt-get install chromium chromium-driver npm`, then `npm ci --prefix browser-tests`. Without them the tests
//! fail and say so; they never pass by being skipped.

mod audit;
mod browser;
mod devtools;
mod hands;
mod keyboard;
mod look;
mod picture;
mod town;

pub use browser::Browser;
pub use keyboard::Key;
pub use look::Look;
pub use town::{ADMIN_TOKEN, Town};

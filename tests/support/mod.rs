//! What the stories share: a town with a sandbox for its vendors, and two ways to run the product in it.
//!
//! ```text
//! story ── Town ─┬─ Native     the library's own functions, futures driven by hand
//!                └─ Component  the built component in the host, as an operator runs it
//!                     │
//!                  Boundary    store, vendors, clock: counts every operation and can cut any one of them
//! ```

mod answer;
mod audit;
mod boundary;
mod component;
mod fault;
mod native;
mod people;
mod seen;
mod town;

pub(crate) use answer::Answer;
pub(crate) use component::Ways;
pub(crate) use fault::{Fault, Kind};
pub(crate) use people::Candidate;
pub(crate) use town::{ACCOUNT, CLIENT_SECRET, OPERATOR, PUBLIC, Town, lever_app};

/// Tells one story twice: to the library in this process, and to the built component.
macro_rules! story {
    ($(#[$meta:meta])* $name:ident, |$town:ident| $body:block) => {
        $(#[$meta])*
        mod $name {
            use super::*;

            fn story($town: &mut Town) $body

            #[test]
            fn native() {
                Town::native().tell(story);
            }

            #[test]
            fn component() {
                Town::component().tell(story);
            }
        }
    };
}
pub(crate) use story;

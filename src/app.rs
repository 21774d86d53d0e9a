//! The use cases: connecting, taking deliveries in, working on candidacies, syncing, explaining.
//!
//! This is the only layer that awaits. It knows the vendors' calls and the ports, but no HTTP status of
//! ours and no HTML.

use crate::{domain::time::Timestamp, ports::World};

pub mod account;
pub mod activity;
pub mod applicant;
pub mod bamboohr;
pub mod candidacy;
pub mod catalogue;
pub mod complaint;
pub mod connect;
pub mod directory;
pub mod failure;
mod guard;
pub mod health;
pub mod inbox;
pub mod intake;
pub mod lever;
pub mod preview;
pub mod record;
pub mod replay;
mod rotation;
pub mod seal;
pub mod session;
pub mod settings;
pub mod sign_in;
pub mod sync;
pub mod work;

pub use failure::{Class, Failure};
pub use guard::Guard;
pub use settings::Settings;

/// Swaps kept back for taking leave: a dozen for each of the eight workers of a sync.
const RESERVED: usize = 96;

/// The application for the time of one invocation.
#[derive(Debug)]
pub struct App<'w, W> {
    /// Store, wire, clock and log.
    pub world: Guard<'w, W>,
    /// The operator's settings.
    pub settings: &'w Settings,
    /// Who asked for it by the page, for the activity; `None` = the operator, a vendor or nobody.
    by: Option<&'w str>,
    /// No call to a vendor is begun from then on; `None` = whenever there is something to ask.
    ends_at: Option<Timestamp>,
}

impl<W> Clone for App<'_, W> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<W> Copy for App<'_, W> {}

impl<'w, W: World> App<'w, W> {
    /// Joins the world and the settings.
    pub fn new(world: &'w W, settings: &'w Settings) -> Self {
        Self { world: Guard::new(world), settings, by: None, ends_at: None }
    }

    /// The same on behalf of somebody, by the name that the activity tells.
    #[must_use]
    pub fn asked_by(self, by: Option<&'w str>) -> Self {
        Self { by, ..self }
    }

    /// Logs what a failure's sentence doesn't say. `place`: where it failed.
    pub fn log(&self, place: &str, failure: &Failure) {
        if let Some(detail) = &failure.detail {
            self.world.log(&format!("{place}: {detail}"));
        }
    }

    /// The same with an end, for a pass that must not last.
    fn until(self, ends_at: Timestamp) -> Self {
        Self { ends_at: Some(ends_at), ..self }
    }

    /// Whether a call to a vendor, or a piece of work, may still be begun: there is time, and the host has swaps left
    /// for whoever is under way to take leave.
    fn may_begin(&self) -> bool {
        self.world.swaps_left() > RESERVED && self.ends_at.is_none_or(|ends_at| self.world.now() < ends_at)
    }

    /// The same for looking: whatever would change something fails.
    fn looking(self) -> Self {
        Self { world: self.world.locked(), ..self }
    }
}

//! The sandbox itself: three vendors, one clock, one outbox.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::bamboohr::{self, BambooHr};
use crate::call::Call;
use crate::delivery::{Delivery, Knobs, Message, Outbox};
use crate::fault::{Effect, Faults, NoAnswer};
use crate::lever::{self, Lever};
use crate::origins::{Door, Origins, Vendor};
use crate::pages;
use crate::qualified::{self, Qualified};
use crate::record::{Recorded, Records};
use crate::reply::{self, Reply};
use crate::seed::Seed;

/// What every vendor needs beside its own state.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) now: Timestamp,
    pub(crate) seed: Seed,
    pub(crate) outbox: Outbox,
    pub(crate) origins: Origins,
    pub(crate) timers: qualified::Timers,
}

impl Context {
    /// Milliseconds since the epoch, Lever's way of telling time.
    pub(crate) fn millis(&self) -> i64 {
        self.now.as_millisecond()
    }
}

/// A vendor's own page, or its rules, would not let a person do this. The text says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(pub(crate) String);

impl Refused {
    pub(crate) fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Refused {}

/// Lever, Qualified and BambooHR in miniature. See the [crate] for a walk.
#[derive(Debug)]
pub struct Sandbox {
    pub(crate) context: Context,
    pub(crate) lever: Lever,
    pub(crate) qualified: Qualified,
    pub(crate) bamboohr: BambooHr,
    faults: Faults,
    requests: Records,
}

impl Sandbox {
    /// A sandbox with one customer: the Lever account `acme`, the Qualified team `Acme`, the BambooHR company `acme`.
    #[must_use]
    pub fn new(origins: Origins, now: Timestamp, seed: u64) -> Self {
        let outbox = Outbox::default();
        let mut context = Context { now, seed: Seed::new(seed), outbox, origins, timers: qualified::Timers::default() };
        Self {
            lever: Lever::new(&mut context),
            qualified: Qualified::new(&mut context),
            bamboohr: BambooHr::new(),
            context,
            faults: Faults::default(),
            requests: Records::default(),
        }
    }

    /// Asks a vendor. The URI is absolute; its origin picks the vendor, a foreign one gets 421.
    ///
    /// # Errors
    /// [`NoAnswer`] when a [fault](Self::faults) says so.
    pub fn handle(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let Some(door) = self.context.origins.door(request.uri()) else {
            return Ok(reply::empty(421));
        };
        let call = Call::new(request);
        let answer = match self.faults.meet(door.vendor(), &call) {
            Some(effect) => {
                let answer = effect.spoil(&call, || self.answer(&door, &call));
                if let Effect::Slow { seconds } = effect {
                    self.advance(SignedDuration::from_secs(seconds.into()));
                }
                answer
            }
            None => Ok(self.answer(&door, &call)),
        };
        let status = answer.as_ref().ok().map(|reply| reply.status().as_u16());
        self.requests.add(self.context.now, door.vendor(), &call, status);
        answer
    }

    /// Answers as a vendor's whole site does: its pages for people, else its API.
    pub(crate) fn serve(&mut self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        match self.context.origins.door(request.uri()) {
            Some(door) if pages::is_page(request.uri().path()) => {
                Ok(pages::answer(self, door.vendor(), &Call::new(request)))
            }
            _ => self.handle(request),
        }
    }

    fn answer(&mut self, door: &Door, call: &Call) -> Reply {
        match door {
            Door::Lever { auth, api, europe } => {
                self.lever.answer(&mut self.context, call, lever::Reached { auth: *auth, api: *api, europe: *europe })
            }
            Door::Qualified => self.qualified.answer(&mut self.context, call),
            Door::BambooHr { company } => self.bamboohr.answer(&mut self.context, call, company.as_deref()),
        }
    }

    /// Everything that was asked so far, oldest first (the newest 50,000), credentials left out.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.requests.all()
    }

    /// Forgets [`requests`](Self::requests).
    pub fn forget_requests(&mut self) {
        self.requests.clear();
    }

    /// The rules that spoil answers.
    pub fn faults(&mut self) -> &mut Faults {
        &mut self.faults
    }

    /// The vendors' addresses.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        &self.context.origins
    }

    /// The vendors' clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.context.now
    }

    /// Moves the clock on; reminders are mailed and scores computed as their time comes.
    pub fn advance(&mut self, by: SignedDuration) {
        self.set_now(self.context.now + by);
    }

    /// Sets the clock. Going back is allowed, and undoes nothing.
    pub fn set_now(&mut self, now: Timestamp) {
        self.qualified.until(&mut self.context, now);
        self.context.now = now;
    }

    /// The webhook requests to be sent now, oldest first.
    pub fn due(&mut self) -> Vec<Delivery> {
        self.context.outbox.due(self.context.now)
    }

    /// When the next webhook will be due, if one waits.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        self.context.outbox.next_due()
    }

    /// Tells the sender what came back, `None` for a timeout or a failed connection; its retry rule takes it from there.
    pub fn answered(&mut self, delivery: u64, status: Option<StatusCode>) {
        let Some(pending) = self.context.outbox.take(delivery) else {
            return;
        };
        match pending.message {
            Message::Lever(message) => lever::answered(&mut self.context, message, pending.attempt, status),
            Message::Qualified(message) => {
                self.qualified.answered(&mut self.context, message, pending.attempt, status);
            }
        }
    }

    /// What happens to Lever's webhooks on their way.
    pub fn lever_webhooks(&mut self) -> &mut Knobs {
        &mut self.context.outbox.lever
    }

    /// What happens to Qualified's webhooks on their way.
    pub fn qualified_webhooks(&mut self) -> &mut Knobs {
        &mut self.context.outbox.qualified
    }

    /// Registers an app with Lever, or replaces the one of that client id.
    pub fn register_lever_app(&mut self, app: lever::App) {
        self.lever.register(app);
    }

    /// Registers an app with BambooHR, or replaces the one of that client id.
    pub fn register_bamboohr_app(&mut self, app: bamboohr::App) {
        self.bamboohr.register(app);
    }

    /// The people of the Lever account `acme`.
    pub fn lever(&mut self) -> lever::Desk<'_> {
        self.lever_of("acme")
    }

    /// The people of a Lever account, which is made when it does not exist.
    pub fn lever_of(&mut self, account: &str) -> lever::Desk<'_> {
        self.lever.desk(&mut self.context, account)
    }

    /// The people of the Qualified team `Acme`, and its candidates.
    pub fn qualified(&mut self) -> qualified::Desk<'_> {
        self.qualified_of("Acme")
    }

    /// The people of a Qualified team, and its candidates. The team is made when it does not exist.
    pub fn qualified_of(&mut self, team: &str) -> qualified::Desk<'_> {
        self.qualified.desk(&mut self.context, team)
    }

    /// The people of the BambooHR company `acme`.
    pub fn bamboohr(&mut self) -> bamboohr::Desk<'_> {
        self.bamboohr_of("acme")
    }

    /// The people of a BambooHR company by its domain, which is made when it does not exist.
    pub fn bamboohr_of(&mut self, domain: &str) -> bamboohr::Desk<'_> {
        self.bamboohr.desk(&mut self.context, domain)
    }

    /// The names of all customers by vendor.
    #[must_use]
    pub fn customers(&self) -> BTreeMap<Vendor, Vec<String>> {
        BTreeMap::from([
            (Vendor::Lever, self.lever.names()),
            (Vendor::Qualified, self.qualified.names()),
            (Vendor::BambooHr, self.bamboohr.names()),
        ])
    }
}

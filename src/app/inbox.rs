//! Pending work, where it survives.
//!
//! Each account has a fixed number of lanes, made with it. A candidacy always has the same lane, and at
//! most one piece of work there: signals about it are collected, and whoever holds its lease works on all
//! of them. So nothing is ever done for one candidacy by two workers at a time, taking a delivery in is a
//! single swap (deduplicate, enqueue, lease), and everything pending is found by reading the lanes.

use std::fmt;

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    account::hex,
    activity::{Item, Line, Source},
    record::Record,
};
use crate::domain::{
    ids::{AccountId, Candidacy, ResultId, StageId, StatusId, TeamCandidateId},
    time::Timestamp,
};

mod storing;

pub(super) use storing::everything_of;

/// Lanes per account.
pub const LANES: usize = 8;
/// How long a worker may hold a candidacy. No invocation lasts longer; the wire's and the host's time
/// limits see to that.
const LEASE: SignedDuration = SignedDuration::from_secs(60);
/// Delivery digests remembered per lane.
const SEEN: usize = 192;
/// Pending pieces of work per lane; beyond, deliveries are answered 503, for the vendor to repeat.
const MOST_WORK: usize = 1_500;
/// Signals per candidacy.
const MOST_SIGNALS: usize = 64;

/// One lane of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// The account that it is one of.
    pub account: AccountId,
    /// Which, below [`LANES`].
    pub number: u8,
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.number)
    }
}

impl Lane {
    /// A lane by its number.
    #[must_use]
    pub fn numbered(account: &AccountId, number: u8) -> Self {
        Self { account: account.clone(), number }
    }

    /// The lane of a candidacy: the same for ever.
    #[must_use]
    pub fn of(account: &AccountId, candidacy: &Candidacy) -> Self {
        let digest = Sha256::digest(candidacy.to_string().as_bytes());
        Self::numbered(account, digest[0] % LANES as u8)
    }

    /// Where lines about settings go.
    #[must_use]
    pub fn of_settings(account: &AccountId) -> Self {
        Self::numbered(account, 0)
    }

    /// All lanes of an account.
    pub fn all(account: &AccountId) -> impl Iterator<Item = Self> + use<> {
        let account = account.clone();
        (0..LANES as u8).map(move |number| Self::numbered(&account, number))
    }
}

/// What was heard about a candidacy. Signals are hints: the facts are read from the vendors when the
/// work is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// The opportunity entered a stage in Lever.
    EnteredStage(StageId),
    /// The application got a status in BambooHR.
    GotStatus(StatusId),
    /// Something happened to a result in Qualified.
    Result(ResultId),
    /// The reviewers decided about a person in Qualified.
    Decision(TeamCandidateId),
    /// A person wants it all looked at again.
    Replay,
}

/// A signal with the time it came: one that comes while the work is being done is not lost with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// What was heard.
    pub signal: Signal,
    /// When it came here, by our clock.
    pub at: Timestamp,
}

/// Who works on a candidacy, and until when nobody else may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    holder: String,
    until: Timestamp,
}

/// The pending work of one candidacy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// The candidacy to be worked on.
    pub candidacy: Candidacy,
    /// What was heard and is not yet worked off.
    pub signals: Vec<Heard>,
    /// What came first.
    pub source: Source,
    /// How often it was begun since something new was heard.
    pub attempts: u32,
    /// Our own back-off: a sync of a named account doesn't wait for it.
    pub due: Timestamp,
    /// A vendor's `Retry-After`: everybody waits for it.
    pub hold: Option<Timestamp>,
    /// Who is at it.
    pub lease: Option<Lease>,
    /// Why it waits for a person.
    pub parked: Option<String>,
    /// Whether a line already told that it is being retried.
    pub told: bool,
    /// Whether a line already told that it waits for settings to be mended.
    #[serde(default)]
    pub waits: bool,
}

/// One lane as it is stored: its pending work, what it remembers, and its newest activity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inbox {
    /// Pending work.
    pub work: Vec<Work>,
    /// Digests of the latest deliveries, oldest first.
    pub seen: Vec<String>,
    /// When a delivery of Lever's was last stored here.
    pub last_lever_event_at: Option<Timestamp>,
    /// When an event of Qualified's was last stored here.
    pub last_qualified_event_at: Option<Timestamp>,
    /// The newest lines of the activity, oldest first.
    pub recent: Vec<Item>,
    /// How many lines there ever were.
    pub lines: u64,
    /// Candidacies with records, not yet in a roster page.
    pub roster: Vec<Candidacy>,
    /// How many roster pages there are.
    pub roster_pages: u64,
}

impl Record for Inbox {
    const PREFIX: &'static str = "inbox";
    const VERSION: u32 = 1;
    type Key = Lane;
}

/// Something heard, on its way into an inbox.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// About whom.
    pub candidacy: Candidacy,
    /// What was heard.
    pub signal: Signal,
    /// Through what.
    pub source: Source,
    /// What is the same when the same delivery comes again; `None` = always new.
    pub identity: Option<String>,
    /// Which vendor's delivery it was, for health.
    pub delivered_by: Option<Deliverer>,
}

/// A vendor that delivers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deliverer {
    /// Lever.
    Lever,
    /// Qualified.
    Qualified,
}

/// What became of an arrival.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// It is stored, and leased to the one who brought it.
    Mine(Claim),
    /// It is stored; somebody else will work on it.
    Queued,
    /// It had come before.
    Known,
}

/// How things stand with what was to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is worked off: what the newest line about it says, if that is still at hand.
    Done(String),
    /// It was tried, and why it still doesn't work.
    Failing(String),
    /// Somebody is at it.
    Busy,
    /// A vendor asked for a pause until then.
    Held(Timestamp),
    /// It waits for its turn.
    Queued,
}

/// The right to work on a candidacy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where the work is.
    pub lane: Lane,
    /// The candidacy that its holder may work on.
    pub candidacy: Candidacy,
    /// What to work off.
    pub signals: Vec<Heard>,
    /// What set it going.
    pub source: Source,
    /// How often it was begun, this time included: 1 = nobody can have done a part of it before.
    pub attempt: u32,
    /// Until when nobody else may.
    pub until: Timestamp,
    holder: String,
    waits: bool,
}

/// How a worker leaves its work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Worked off.
    Done(Option<Line>),
    /// Not yet: again at a time. The line is written once per piece of work.
    Again {
        /// Our back-off.
        due: Timestamp,
        /// A vendor's wish.
        hold: Option<Timestamp>,
        /// Whether the attempt counts: waiting for a reconnect doesn't.
        counts: bool,
        /// What happened; `None` = nothing worth telling.
        line: Option<Line>,
    },
    /// It waits for settings to be mended, which it notices by itself.
    Wait {
        /// When to look again.
        due: Timestamp,
        /// What is to be mended. Written once.
        line: Line,
    },
    /// It waits for a person.
    Park {
        /// What a person has to know to mend it.
        why: String,
        /// What happened.
        line: Line,
    },
}

fn digest(identity: &str) -> String {
    hex(&Sha256::digest(identity.as_bytes())[..8])
}

/// What is remembered of an arrival once it is decided on; its digest alone is remembered when it is stored.
fn decided(identity: &str) -> String {
    digest(&format!("decided: {identity}"))
}

impl Work {
    fn is_free(&self, now: Timestamp) -> bool {
        self.lease.as_ref().is_none_or(|lease| lease.until <= now)
    }

    fn is_due(&self, now: Timestamp, at_once: bool) -> bool {
        self.parked.is_none()
            && self.is_free(now)
            && self.hold.is_none_or(|hold| hold <= now)
            && (at_once || self.due <= now)
    }

    fn take(&mut self, lane: &Lane, now: Timestamp, holder: &str) -> Claim {
        let until = now.plus(LEASE);
        self.attempts += 1;
        self.lease = Some(Lease { holder: holder.to_owned(), until });
        Claim {
            lane: lane.clone(),
            candidacy: self.candidacy.clone(),
            signals: self.signals.clone(),
            source: self.source,
            attempt: self.attempts,
            until,
            holder: holder.to_owned(),
            waits: self.waits,
        }
    }
}

impl Inbox {
    /// Takes an arrival in; `None` = the lane is full.
    fn receive(&mut self, lane: &Lane, arrival: &Arrival, now: Timestamp, holder: &str) -> Option<Receipt> {
        let identity = arrival.identity.as_deref().map(digest);
        if identity.as_ref().is_some_and(|identity| self.seen.contains(identity)) {
            return Some(Receipt::Known);
        }
        let known = self.work.iter().position(|work| work.candidacy == arrival.candidacy);
        let is_full = match known {
            Some(index) => self.work[index].signals.len() >= MOST_SIGNALS,
            None => self.work.len() >= MOST_WORK,
        };
        // Before anything is remembered: what has no room must be new when it comes again.
        if is_full {
            return None;
        }
        identity.into_iter().for_each(|identity| self.remember(identity));
        match arrival.delivered_by {
            Some(Deliverer::Lever) => self.last_lever_event_at = Some(now),
            Some(Deliverer::Qualified) => self.last_qualified_event_at = Some(now),
            None => {}
        }
        let heard = Heard { signal: arrival.signal.clone(), at: now };
        let index = known.unwrap_or_else(|| {
            self.work.push(Work {
                candidacy: arrival.candidacy.clone(),
                signals: Vec::new(),
                source: arrival.source,
                attempts: 0,
                due: now,
                hold: None,
                lease: None,
                parked: None,
                told: false,
                waits: false,
            });
            self.work.len() - 1
        });
        let work = &mut self.work[index];
        let free = work.is_free(now);
        if heard.signal == Signal::Replay {
            // Who asks for it wants to read what came of it, also when it is the same as before.
            work.told = false;
        }
        if !free || work.signals.iter().all(|known| known.signal != heard.signal) {
            work.signals.push(heard);
        }
        if work.parked.take().is_some() {
            // A fresh start, but not the first: something may have been done before it was parked.
            work.attempts = 1;
            (work.told, work.waits) = (false, false);
            work.source = arrival.source;
            work.due = now;
        }
        let held = work.hold.is_some_and(|hold| hold > now);
        Some(if free && !held { Receipt::Mine(work.take(lane, now, holder)) } else { Receipt::Queued })
    }

    fn remember(&mut self, identity: String) {
        if !self.seen.contains(&identity) {
            self.seen.push(identity);
        }
        if self.seen.len() > SEEN {
            self.seen.remove(0);
        }
    }

    /// Gives back a piece of work that was leased and not begun.
    fn release(&mut self, claim: &Claim) {
        let is_it = |work: &&mut Work| {
            work.candidacy == claim.candidacy && work.lease.as_ref().is_some_and(|lease| lease.holder == claim.holder)
        };
        if let Some(work) = self.work.iter_mut().find(is_it) {
            work.lease = None;
            work.attempts -= 1;
        }
    }

    /// Takes leave of a piece of work. Without the lease nothing changes: somebody else has taken over.
    fn leave(
        &mut self,
        claim: &Claim,
        end: &End,
        is_made: bool,
        handled: Option<&str>,
        now: Timestamp,
    ) -> Option<Option<Claim>> {
        let index = self.work.iter().position(|work| work.candidacy == claim.candidacy)?;
        let work = &mut self.work[index];
        if work.lease.as_ref().is_none_or(|lease| lease.holder != claim.holder) {
            return None;
        }
        work.lease = None;
        let mut next = None;
        let line = match end {
            End::Done(line) => {
                work.signals.retain(|heard| !claim.signals.contains(heard));
                if work.signals.is_empty() {
                    self.work.remove(index);
                } else {
                    work.attempts = 0;
                    (work.told, work.waits) = (false, false);
                    work.due = now;
                    work.hold = None;
                    // What came meanwhile goes to the same worker: nobody else would come for it soon.
                    next = Some(work.take(&claim.lane, now, &claim.holder));
                }
                line.clone()
            }
            End::Again { due, hold, counts, line } => {
                work.due = *due;
                work.hold = *hold;
                if !counts {
                    work.attempts = work.attempts.saturating_sub(1).max(1);
                }
                line.clone().filter(|_| !std::mem::replace(&mut work.told, true))
            }
            End::Wait { due, line } => {
                (work.due, work.hold) = (*due, None);
                work.attempts = work.attempts.saturating_sub(1).max(1);
                let first = !std::mem::replace(&mut work.waits, true);
                first.then(|| line.clone())
            }
            End::Park { why, line } => {
                work.parked = Some(why.clone());
                Some(line.clone())
            }
        };
        if let Some(line) = line {
            self.note(claim.lane.number, now, line);
        }
        if is_made && !self.roster.contains(&claim.candidacy) {
            self.roster.push(claim.candidacy.clone());
        }
        if let Some(identity) = handled {
            self.remember(digest(identity));
            self.remember(decided(identity));
        }
        Some(next)
    }

    /// How things stand with a candidacy, of which somebody wanted everything looked at again.
    #[must_use]
    pub fn standing(&self, candidacy: &Candidacy, now: Timestamp) -> Standing {
        let told = || {
            let line = self.recent.iter().rev().find(|item| item.candidacy.as_ref() == Some(candidacy));
            line.map(|line| line.summary.clone()).unwrap_or_default()
        };
        let Some(work) = self.work.iter().find(|work| work.candidacy == *candidacy) else {
            return Standing::Done(told());
        };
        match (&work.parked, work.hold.filter(|hold| *hold > now)) {
            (Some(why), _) => Standing::Failing(why.clone()),
            _ if !work.is_free(now) => Standing::Busy,
            (None, Some(hold)) => Standing::Held(hold),
            (None, None) if work.told => Standing::Failing(told()),
            (None, None) => Standing::Queued,
        }
    }

    /// Whether an arrival was decided on, as far as the lane remembers.
    #[must_use]
    pub fn was_decided(&self, identity: &str) -> bool {
        self.seen.contains(&decided(identity))
    }

    /// How much is neither done nor parked, and how much is parked.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let parked = self.work.iter().filter(|work| work.parked.is_some()).count();
        (self.work.len() - parked, parked)
    }
}

impl Claim {
    /// Whether there is too little of the lease left to begin something that must not be done twice.
    #[must_use]
    pub fn is_running_out(&self, now: Timestamp) -> bool {
        self.until.minus(SignedDuration::from_secs(12)) <= now
    }

    /// Whether a line already told that this work waits for settings to be mended.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{app::activity::Outcome, domain::ids::OpportunityId};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn lane() -> Lane {
        Lane::numbered(&AccountId::new("acme").expect("an id"), 0)
    }

    fn arrival(who: &str, stage: &str, identity: Option<&str>) -> Arrival {
        Arrival {
            candidacy: Candidacy::Lever(OpportunityId::new(who).expect("an id")),
            signal: Signal::EnteredStage(StageId::new(stage).expect("an id")),
            source: Source::Webhook,
            identity: identity.map(str::to_owned),
            delivered_by: Some(Deliverer::Lever),
        }
    }

    fn claimed(receipt: Option<Receipt>) -> Claim {
        match receipt {
            Some(Receipt::Mine(claim)) => claim,
            other => panic!("no claim: {other:?}"),
        }
    }

    #[test]
    fn the_same_identity_is_known_and_changes_nothing() {
        let mut inbox = Inbox::default();
        claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("1")), at(0), "one"));
        let before = inbox.clone();
        assert_eq!(inbox.receive(&lane(), &arrival("ada", "test", Some("1")), at(9), "two"), Some(Receipt::Known));
        assert_eq!(inbox, before);
    }

    #[test]
    fn what_comes_during_the_work_goes_to_the_same_worker() {
        let mut inbox = Inbox::default();
        let claim = claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("1")), at(0), "one"));
        let queued = inbox.receive(&lane(), &arrival("ada", "test", Some("2")), at(1), "two");
        assert_eq!(queued, Some(Receipt::Queued));
        let next = inbox.leave(&claim, &End::Done(None), false, None, at(2)).flatten().expect("there is more");
        assert_eq!((next.attempt, next.signals.len()), (1, 1));
        assert_eq!(inbox.leave(&next, &End::Done(None), false, None, at(3)), Some(None));
        assert!(inbox.work.is_empty());
    }

    #[test]
    fn who_lost_the_lease_leaves_nothing() {
        let mut inbox = Inbox::default();
        let slow = claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("1")), at(0), "slow"));
        assert!(!inbox.work[0].is_due(at(59), true));
        assert!(inbox.work[0].is_due(at(60), true), "a lease ends by itself");
        let quick = inbox.work[0].take(&lane(), at(60), "quick");
        assert_eq!(quick.attempt, 2);
        assert_eq!(inbox.leave(&slow, &End::Done(None), false, None, at(61)), None);
        assert_eq!(inbox.work.len(), 1);
    }

    #[test]
    fn what_is_given_back_was_no_attempt() {
        let mut inbox = Inbox::default();
        let claim = claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("1")), at(0), "one"));
        inbox.release(&Claim { holder: "another".to_owned(), ..claim.clone() });
        assert!(!inbox.work[0].is_due(at(1), true), "somebody else's claim gives nothing back");
        inbox.release(&claim);
        assert_eq!(inbox.work[0].take(&lane(), at(1), "two").attempt, 1);
    }

    #[test]
    fn a_full_lane_takes_nothing_and_remembers_nothing() {
        let mut inbox = Inbox::default();
        for number in 0..MOST_WORK {
            let new = arrival(&format!("p{number}"), "test", Some(&number.to_string()));
            assert!(inbox.receive(&lane(), &new, at(0), "one").is_some());
        }
        let late = arrival("late", "test", Some("late"));
        assert_eq!(inbox.receive(&lane(), &late, at(1), "one"), None);
        inbox.work.pop();
        claimed(inbox.receive(&lane(), &late, at(2), "one"));
    }

    #[test]
    fn parked_work_waits_until_something_new_is_heard() {
        let mut inbox = Inbox::default();
        let line = Line {
            source: Source::Webhook,
            candidacy: None,
            subject: String::new(),
            outcome: Outcome::Failed,
            summary: "given up".to_owned(),
            steps: Vec::new(),
        };
        let claim = claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("1")), at(0), "one"));
        inbox.leave(&claim, &End::Park { why: "given up".to_owned(), line }, false, None, at(1));
        assert_eq!(inbox.counts(), (0, 1));
        assert!(!inbox.work[0].is_due(at(9999), true));
        let again = claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("2")), at(2), "two"));
        assert_eq!(again.attempt, 2, "something may have been done before it was parked");
        assert_eq!(inbox.counts(), (1, 0));
    }

    #[test]
    fn what_was_decided_is_told_from_what_was_stored() {
        let mut inbox = Inbox::default();
        let claim = claimed(inbox.receive(&lane(), &arrival("ada", "test", Some("came at 7")), at(0), "one"));
        assert!(!inbox.was_decided("came at 7"));
        inbox.leave(&claim, &End::Done(None), false, Some("came at 7"), at(1));
        assert!(inbox.was_decided("came at 7"));
    }
}

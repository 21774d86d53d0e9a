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
    App, Failure,
    account::hex,
    activity::{Item, Line, Page, Source, page_keys},
    candidacy::{CandidacyKey, CandidacyRecord, MatchKey, MatchRecord, Roster, RosterKey},
    record::{Record, RecordError, key_of},
};
use crate::{
    domain::{
        ids::{AccountId, Candidacy, ResultId, StageId, StatusId, TeamCandidateId},
        time::Timestamp,
    },
    ports::World,
};

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
    /// Whose.
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
    /// What.
    pub signal: Signal,
    /// When.
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
    /// Whose.
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

/// See the module.
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
    /// What.
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
    /// Whose.
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
    told: bool,
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
        /// Why.
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
            told: self.told,
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

impl<W: World> App<'_, W> {
    /// Changes an inbox, first moving out what it no longer needs at hand.
    pub(super) async fn change_inbox<T>(
        &self,
        lane: &Lane,
        mut change: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<Option<T>, RecordError> {
        self.update_and_keep::<Inbox, T>(lane, |inbox| {
            let answer = change(inbox)?;
            let spilled = inbox.spill_lines(lane, super::record::Batch::new());
            Some((answer, inbox.spill_roster(lane, spilled)))
        })
        .await
    }

    /// Stores an arrival durably, in one write. When this returns, it can be acknowledged.
    ///
    /// # Errors
    /// The store failed, or the lane is full: the sender should try again later.
    pub async fn receive(&self, account: &AccountId, arrival: &Arrival) -> Result<Receipt, RecordError> {
        let lane = Lane::of(account, &arrival.candidacy);
        let (now, holder) = (self.world.now(), self.holder());
        let mut full = false;
        let receipt = self
            .change_inbox(&lane, |inbox| {
                let receipt = inbox.receive(&lane, arrival, now, &holder);
                full = receipt.is_none();
                // A known delivery changes nothing, hence costs no write.
                receipt.filter(|receipt| *receipt != Receipt::Known)
            })
            .await?;
        if full {
            return Err(RecordError::Full);
        }
        Ok(receipt.unwrap_or(Receipt::Known))
    }

    /// Stores several arrivals of one account, one write per lane, leaving the work to whoever drains.
    ///
    /// Answers how many were new.
    ///
    /// # Errors
    /// The store failed, or a lane is full; what fitted is stored then.
    pub async fn receive_all(&self, account: &AccountId, arrivals: &[Arrival]) -> Result<usize, RecordError> {
        let (mut stored, mut full) = (0, false);
        for lane in Lane::all(account) {
            let mine: Vec<&Arrival> =
                arrivals.iter().filter(|arrival| Lane::of(account, &arrival.candidacy) == lane).collect();
            if mine.is_empty() {
                continue;
            }
            let now = self.world.now();
            let added = self
                .change_inbox(&lane, |inbox| {
                    let mut added = 0;
                    for arrival in &mine {
                        // What is pending already was not missed. Parked work is not pending: it goes on with this.
                        let pending = inbox.work.iter().any(|work| {
                            work.candidacy == arrival.candidacy
                                && work.parked.is_none()
                                && work.signals.iter().any(|heard| heard.signal == arrival.signal)
                        });
                        if pending {
                            continue;
                        }
                        match inbox.receive(&lane, arrival, now, "") {
                            Some(Receipt::Mine(claim)) => {
                                inbox.release(&claim.candidacy);
                                added += 1;
                            }
                            Some(Receipt::Queued) => added += 1,
                            Some(Receipt::Known) => {}
                            None => full = true,
                        }
                    }
                    (added > 0).then_some(added)
                })
                .await?;
            stored += added.unwrap_or(0);
        }
        if full { Err(RecordError::Full) } else { Ok(stored) }
    }

    /// Leases everything that is due in a lane, at most `most` pieces, in one write.
    ///
    /// `at_once`: don't wait for our own back-off. `is_wanted`: whether a candidacy is to be worked on.
    ///
    /// # Errors
    /// The store failed.
    pub async fn take_due(
        &self,
        lane: &Lane,
        at_once: bool,
        most: usize,
        is_wanted: impl Fn(&Candidacy) -> bool,
    ) -> Result<Vec<Claim>, RecordError> {
        let (now, holder) = (self.world.now(), self.holder());
        let claims = self
            .change_inbox(lane, |inbox| {
                let is_next = |work: &&mut Work| work.is_due(now, at_once) && is_wanted(&work.candidacy);
                let due = inbox.work.iter_mut().filter(is_next).take(most);
                let claims: Vec<Claim> = due.map(|work| work.take(lane, now, &holder)).collect();
                (!claims.is_empty()).then_some(claims)
            })
            .await?;
        Ok(claims.unwrap_or_default())
    }

    /// Takes leave of a piece of work, in one write with its line of activity. `is_made`: the candidacy has
    /// a record since this work. `handled`: the identity of the arrival that was decided on. Answers the claim
    /// to what was heard meanwhile.
    ///
    /// # Errors
    /// The store failed; the lease then ends by itself.
    pub async fn leave(
        &self,
        claim: &Claim,
        end: &End,
        is_made: bool,
        handled: Option<&str>,
    ) -> Result<Option<Claim>, RecordError> {
        let now = self.world.now();
        let next = self.change_inbox(&claim.lane, |inbox| inbox.leave(claim, end, is_made, handled, now)).await?;
        Ok(next.flatten())
    }

    /// Gives back work that was leased and not begun.
    ///
    /// # Errors
    /// The store failed; the leases then end by themselves.
    pub async fn give_back(&self, lane: &Lane, claims: &[Claim]) -> Result<(), RecordError> {
        self.change_inbox(lane, |inbox| {
            for claim in claims {
                if let Some(work) = inbox.work.iter_mut().find(|work| {
                    work.candidacy == claim.candidacy
                        && work.lease.as_ref().is_some_and(|lease| lease.holder == claim.holder)
                }) {
                    work.lease = None;
                    work.attempts -= 1;
                }
            }
            Some(())
        })
        .await?;
        Ok(())
    }

    fn holder(&self) -> String {
        hex(&self.world.nonce()[..8])
    }
}

impl Inbox {
    fn release(&mut self, candidacy: &Candidacy) {
        if let Some(work) = self.work.iter_mut().find(|work| work.candidacy == *candidacy) {
            work.lease = None;
            work.attempts -= 1;
        }
    }
}

impl Claim {
    /// Whether there is too little of the lease left to begin something that must not be done twice.
    #[must_use]
    pub fn is_running_out(&self, now: Timestamp) -> bool {
        self.until.minus(SignedDuration::from_secs(12)) <= now
    }

    /// Whether a line already told of trouble with this work.
    #[must_use]
    pub fn was_told(&self) -> bool {
        self.told
    }

    /// Whether a line already told that this work waits for settings to be mended.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.waits
    }
}

/// The keys of everything the account's lanes lead to, for forgetting it.
pub(super) async fn everything_of<W: World>(app: &App<'_, W>, account: &AccountId) -> Result<Vec<String>, Failure> {
    let mut keys = Vec::new();
    for lane in Lane::all(account) {
        let Some(inbox) = app.load::<Inbox>(&lane).await? else { continue };
        let inbox = inbox.record;
        let mut candidacies: Vec<Candidacy> =
            inbox.work.into_iter().map(|work| work.candidacy).chain(inbox.roster).collect();
        for page in 0..inbox.roster_pages {
            let key = RosterKey { lane: lane.clone(), page };
            keys.push(key_of::<Roster>(&key));
            candidacies.extend(app.load::<Roster>(&key).await?.map(|page| page.record.candidacies).unwrap_or_default());
        }
        for some in candidacies.chunks(100) {
            let some: Vec<CandidacyKey> = some.iter().map(|candidacy| CandidacyKey::new(account, candidacy)).collect();
            for (key, stored) in some.iter().zip(app.load_many::<CandidacyRecord>(&some).await?) {
                keys.push(key_of::<CandidacyRecord>(key));
                let matches = stored.iter().flat_map(|stored| stored.record.match_keys(account));
                keys.extend(matches.map(|key: MatchKey| key_of::<MatchRecord>(&key)));
            }
        }
        keys.extend(page_keys(&lane).map(|key| key_of::<Page>(&key)));
        keys.push(key_of::<Inbox>(&lane));
    }
    Ok(keys)
}

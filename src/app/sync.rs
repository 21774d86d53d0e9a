//! The safety net, every 15 minutes: what was stored is finished, what was missed is found.
//!
//! The cost grows with what changed: the vendors are asked only for what is newer than a watermark, and a
//! watermark is written only when it moves. A call works for a bounded time, on several accounts at once,
//! because most of the time is spent waiting for vendors; so an account that is slow keeps one worker busy,
//! not the others.

use std::{cell::RefCell, future::poll_fn, pin::Pin, task::Poll};

use jiff::SignedDuration;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{
    App, Failure,
    account::Account,
    activity::Outcome,
    bamboohr::rows::Reach,
    complaint::{Complaint, Kind},
    directory::{BucketNumber, Shard},
    inbox::{Inbox, Lane},
    record::{Batch, Record, RecordError},
    session::{Stop, Trouble, Vendor},
};
use crate::{
    domain::{
        ids::{AccountId, Candidacy, StageId},
        time::Timestamp,
    },
    ports::World,
    vendor::CallError,
};

mod lever;
mod qualified;

pub use lever::Unread;
pub(super) use qualified::observation;

/// How long one call may begin anything: a call to a vendor ends after 10 s, and Akamai Functions ends a
/// request after 30 s.
const BUDGET: SignedDuration = SignedDuration::from_secs(20);
/// How long one call takes further accounts, so that those begun are usually finished.
const TAKING: SignedDuration = SignedDuration::from_secs(15);
/// Accounts worked on side by side.
const WORKERS: usize = 8;
/// Accounts taken at a time.
const BATCH: usize = 16;
/// Work taken from a lane at a time; its lease has to suffice.
const TAKE: usize = 6;
/// Vendors' lists may lag behind: what is this much older than the watermark is read again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(1);
/// So far past a row lies the watermark from which it is not read again.
const PAST: SignedDuration = SignedDuration::from_millis(60_001);
/// How long after a row's time lists are taken to have it.
const SETTLED: SignedDuration = SignedDuration::from_mins(2);
/// How often set-ups are checked when nobody asks.
const CHECK_EVERY: SignedDuration = SignedDuration::from_mins(55);

/// Up to when the vendors' lists are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watermarks {
    /// Lever: the latest arrival seen per trigger stage.
    #[serde(with = "crate::domain::sorted")]
    pub stages: LiteMap<StageId, Timestamp>,
    /// Lever: the lists that were too long for a pass.
    #[serde(with = "crate::domain::sorted")]
    pub unread: LiteMap<StageId, Unread>,
    /// Qualified: the latest change of a result seen.
    pub results: Option<Timestamp>,
    /// Qualified: the latest change of a team candidate seen.
    pub candidates: Option<Timestamp>,
    /// BambooHR: how far the list of applications is read.
    pub applications: Reach,
    /// Vendors that asked to be left alone, and until when (`Retry-After`).
    #[serde(with = "crate::domain::sorted")]
    pub holds: LiteMap<Vendor, Timestamp>,
    /// What kept the last look at a vendor from succeeding.
    #[serde(with = "crate::domain::sorted")]
    pub complaints: LiteMap<Vendor, Complaint>,
    /// When the set-up was last checked.
    pub checked_at: Option<Timestamp>,
}

impl Record for Watermarks {
    const PREFIX: &'static str = "watermarks";
    const VERSION: u32 = 1;
    type Key = AccountId;
}

/// What a pass did. The fields are the route's answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Accounts worked on.
    pub accounts: usize,
    /// Invitations that went out.
    pub invited: usize,
    /// Missed events found.
    pub healed: usize,
    /// Work that waits for a person.
    pub failed: usize,
    /// Work that is neither done nor parked.
    pub pending: usize,
    /// Whether there is more to do at once.
    pub more: bool,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.accounts += other.accounts;
        self.invited += other.invited;
        self.healed += other.healed;
        self.failed += other.failed;
        self.pending += other.pending;
        self.more |= other.more;
    }
}

/// One call: what its workers share.
struct Round {
    /// The buckets that nobody has taken, the most urgent last.
    buckets: RefCell<Vec<BucketNumber>>,
    report: RefCell<Report>,
    begun_at: Timestamp,
}

/// What a pass over one account did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// In figures.
    pub report: Report,
    /// The connected vendors that could not be asked about everything: they don't answer, want to be left alone, or
    /// nothing may be asked. The health says which it is.
    pub unasked: Vec<Vendor>,
}

/// A pass over one account.
pub(super) struct Pass<'a> {
    pub(super) id: &'a AccountId,
    pub(super) account: &'a Account,
    /// Whether the set-up is to be checked, too.
    pub(super) check: bool,
    pub(super) marks: Watermarks,
    /// Missed events stored.
    pub(super) healed: usize,
}

/// What came of looking for what was missed.
#[derive(Default)]
struct Found {
    healed: usize,
    /// Vendors to be left alone for the rest of this pass.
    stops: Vec<Vendor>,
    unasked: Vec<Vendor>,
}

/// What came of working off what is stored.
#[derive(Default)]
struct Drained {
    invited: usize,
    done: usize,
    /// Vendors that want no more of it.
    stops: Vec<Stop>,
    /// There was no time for the rest.
    cut: bool,
}

impl<W: World> App<'_, W> {
    /// One pass over everything due.
    ///
    /// # Errors
    /// The store failed. What vendors do is no error of a pass.
    pub async fn sync(&self, shard: Shard) -> Result<Report, Failure> {
        let mut buckets = self.due_buckets(shard).await?;
        buckets.reverse();
        let begun_at = self.world.now();
        let round = Round { buckets: RefCell::new(buckets), report: RefCell::default(), begun_at };
        let bounded = self.until(begun_at.plus(BUDGET));
        side_by_side((0..WORKERS).map(|_| Box::pin(bounded.work_through(&round))).collect()).await?;
        let mut report = round.report.into_inner();
        report.more |= !round.buckets.into_inner().is_empty();
        Ok(report)
    }

    /// One of the workers: bucket after bucket, account after account, as long as there is time.
    async fn work_through(&self, round: &Round) -> Result<(), RecordError> {
        let has_time = || self.may_begin() && self.world.now() < round.begun_at.plus(TAKING);
        while has_time() {
            let Some(bucket) = round.buckets.borrow_mut().pop() else { break };
            loop {
                let accounts = self.take_due_accounts(bucket, BATCH).await?;
                let (mut again, mut failed) = (Vec::new(), None);
                for (id, since) in &accounts {
                    if failed.is_some() || !has_time() {
                        again.push((id.clone(), *since));
                        continue;
                    }
                    match self.sync_account(id, false).await {
                        Ok(Looked { report, .. }) => {
                            if report.more {
                                again.push((id.clone(), self.world.now()));
                            }
                            round.report.borrow_mut().add(report);
                        }
                        Err(RecordError::Store(error)) => {
                            again.push((id.clone(), self.world.now()));
                            failed = Some(error);
                        }
                        // One account whose records can't be read must not stop the others.
                        Err(error) => self.world.log(&format!("{id}: sync: {error}")),
                    }
                }
                let put = self.put_due(bucket, &again).await;
                if let Some(error) = failed {
                    return Err(error.into());
                }
                put?;
                let whole = accounts.len() < BATCH;
                round.report.borrow_mut().more |= !again.is_empty() || (!whole && !has_time());
                if whole || !has_time() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// One pass over one account, at once.
    ///
    /// # Errors
    /// There is no such account, or the store failed.
    pub async fn sync_one(&self, id: &AccountId) -> Result<Looked, Failure> {
        self.account(id).await?;
        Ok(self.until(self.world.now().plus(BUDGET)).sync_account(id, true).await?)
    }

    /// `more` in the answer: there was no time for all of it, and it gets on.
    async fn sync_account(&self, id: &AccountId, at_once: bool) -> Result<Looked, RecordError> {
        let mut report = Report::default();
        let Some(account) = self.find_account(id).await? else {
            self.delist(id).await?;
            return Ok(Looked::default());
        };
        report.accounts = 1;
        let mut found = Found { unasked: account.vendors().collect(), ..Found::default() };
        if account.ats_enabled {
            found = self.find_missed(id, &account, at_once).await?;
            report.healed = found.healed;
            if report.healed > 0 {
                let plural = if report.healed == 1 { "" } else { "s" };
                let summary = format!("{} missed event{plural} healed.", report.healed);
                self.note_finding(id, "Sync", Outcome::Healed, summary).await?;
            }
        }
        let lanes: Vec<Lane> = Lane::all(id).collect();
        let mut inboxes = self.load_many::<Inbox>(&lanes).await?;
        let is_busy = |inbox: &Inbox| !inbox.work.is_empty();
        let busy: Vec<Lane> = lanes
            .iter()
            .zip(&inboxes)
            .filter(|(_, inbox)| inbox.as_ref().is_some_and(|inbox| is_busy(&inbox.record)))
            .map(|(lane, _)| lane.clone())
            .collect();
        let is_stopped = found.stops.contains(&Vendor::Qualified);
        if account.ats_enabled && !is_stopped && !busy.is_empty() {
            let drained = self.drain(&busy, at_once, &found.stops).await?;
            report.invited = drained.invited;
            report.more = drained.cut && drained.done > 0;
            self.keep_holds(id, &drained.stops).await?;
            inboxes = self.load_many::<Inbox>(&lanes).await?;
        }
        for inbox in inboxes.into_iter().flatten() {
            let (pending, parked) = inbox.record.counts();
            report.pending += pending;
            report.failed += parked;
        }
        Ok(Looked { report, unasked: found.unasked })
    }

    /// Works off what is stored, but for what needs a vendor of `stops`.
    async fn drain(&self, lanes: &[Lane], at_once: bool, stops: &[Vendor]) -> Result<Drained, RecordError> {
        let mut drained = Drained::default();
        let mut stopped = stops.to_vec();
        for lane in lanes {
            // Each piece is tried once in a pass: what fails at once is not tried again at once.
            let mut tried: Vec<Candidacy> = Vec::new();
            loop {
                if !self.may_begin() {
                    drained.cut = true;
                    return Ok(drained);
                }
                let is_wanted = |who: &Candidacy| !tried.contains(who) && !needs_any(who, &stopped);
                let mut claims = self.take_due(lane, at_once, TAKE, is_wanted).await?;
                if claims.is_empty() {
                    break;
                }
                claims.reverse();
                while let Some(claim) = claims.pop() {
                    if !self.may_begin() {
                        claims.push(claim);
                        self.give_back(lane, &claims).await?;
                        drained.cut = true;
                        return Ok(drained);
                    }
                    tried.push(claim.candidacy.clone());
                    let worked = self.work(&claim).await;
                    drained.invited += worked.invited;
                    drained.done += usize::from(worked.done);
                    // What a vendor said to this piece it would say to the next one, too.
                    let Some(stop) = worked.stop else { continue };
                    drained.stops.push(stop);
                    stopped.push(stop.vendor);
                    let (left, rest): (Vec<_>, Vec<_>) =
                        claims.into_iter().partition(|claim| needs_any(&claim.candidacy, &stopped));
                    if !left.is_empty() {
                        self.give_back(lane, &left).await?;
                    }
                    claims = rest;
                }
            }
        }
        Ok(drained)
    }

    /// Keeps until when vendors want to be left alone that said so to a piece of work.
    async fn keep_holds(&self, id: &AccountId, stops: &[Stop]) -> Result<(), RecordError> {
        let holds: Vec<(Vendor, Timestamp)> =
            stops.iter().filter_map(|stop| Some((stop.vendor, stop.until?))).collect();
        if holds.is_empty() {
            return Ok(());
        }
        self.update::<Watermarks, ()>(id, |marks| {
            marks.holds.extend(holds.iter().copied());
            Some(())
        })
        .await?;
        Ok(())
    }

    /// Looks for what no webhook told, checks the set-up when that is due, and moves the watermarks.
    async fn find_missed(&self, id: &AccountId, account: &Account, at_once: bool) -> Result<Found, RecordError> {
        let Some(stored) = self.load::<Watermarks>(id).await? else { return Ok(Found::default()) };
        let now = self.world.now();
        let due = stored.record.checked_at.is_none_or(|at| now.duration_since(at) >= CHECK_EVERY);
        let mut pass = Pass { id, account, check: at_once || due, marks: stored.record.clone(), healed: 0 };
        let mut found = Found::default();
        pass.marks.holds.retain(|_, until| *until > now);
        if pass.check {
            self.reseal(id, account).await?;
        }
        pass.marks.complaints.retain(|vendor, _| account.vendors().any(|connected| connected == *vendor));
        for vendor in account.vendors() {
            if pass.marks.holds.contains_key(&vendor) {
                found.stops.push(vendor);
                found.unasked.push(vendor);
                continue;
            }
            let attempt = match vendor {
                _ if !self.may_begin() => Err(Trouble::Vendor { vendor, error: CallError::Postponed }),
                Vendor::Lever => self.sync_lever(&mut pass).await.map(|()| true),
                Vendor::Qualified => self.sync_qualified(&mut pass).await.map(|()| true),
                Vendor::BambooHr => self.sync_bamboohr(&mut pass).await,
            };
            // A vendor that doesn't answer now is asked again in the next pass, from the same watermark.
            let trouble = match attempt {
                Ok(true) => {
                    self.note_answer(&mut pass, vendor).await?;
                    continue;
                }
                Ok(false) => continue,
                Err(Trouble::Record(error @ RecordError::Store(_))) => return Err(error),
                Err(trouble) => trouble,
            };
            found.unasked.push(vendor);
            if trouble.call_error() == Some(&CallError::Postponed) {
                continue;
            }
            self.world.log(&format!("{id}: sync: {}", trouble.logged()));
            if let Some(stop) = trouble.stop(self.world.now()) {
                found.stops.push(vendor);
                pass.marks.holds.extend(stop.until.map(|until| (vendor, until)));
            }
            self.note_trouble(&mut pass, vendor, &trouble).await?;
        }
        if due {
            pass.marks.checked_at = Some(now);
        }
        if pass.marks != stored.record {
            self.write(Batch::new().put(id, &pass.marks)).await?;
        }
        found.healed = pass.healed;
        Ok(found)
    }

    /// A look succeeded. If it was told that it didn't, it is told that it does again.
    async fn note_answer(&self, pass: &mut Pass<'_>, vendor: Vendor) -> Result<(), RecordError> {
        if pass.marks.complaints.remove(&vendor).is_some_and(|complaint| complaint.told) {
            let summary = format!("{} answers again.", vendor.name());
            self.note_finding(pass.id, vendor.name(), Outcome::Healed, summary).await?;
        }
        Ok(())
    }

    /// A look failed. It is told once, when it is clear that a person has to know. Whether credentials work is told
    /// by the health alone: work that waits for them has lines of its own.
    async fn note_trouble(&self, pass: &mut Pass<'_>, vendor: Vendor, trouble: &Trouble) -> Result<(), RecordError> {
        let Some(kind) = Kind::of(trouble) else { return Ok(()) };
        let now = self.world.now();
        let known = pass.marks.complaints.remove(&vendor);
        let (since, told) = known.map_or((now, false), |known| (known.since, known.told));
        let mut complaint = Complaint { since, kind, told };
        if !told && kind != Kind::Credentials && complaint.is_lasting(now) {
            complaint.told = true;
            let summary = complaint.sentence(vendor, now);
            self.note_finding(pass.id, vendor.name(), Outcome::Failed, summary).await?;
        }
        pass.marks.complaints.insert(vendor, complaint);
        Ok(())
    }
}

/// Whether work on a candidacy needs one of these vendors.
fn needs_any(who: &Candidacy, vendors: &[Vendor]) -> bool {
    let ats = match who {
        Candidacy::Lever(_) => Vendor::Lever,
        Candidacy::BambooHr(..) => Vendor::BambooHr,
    };
    vendors.iter().any(|vendor| *vendor == Vendor::Qualified || *vendor == ats)
}

/// Where the watermark goes when `newest` is the newest row that was read. The overlap is for lists that lag
/// behind; once a row is so old that they have settled, it needs no more reading, nor does any other of its time.
fn mark(since: Timestamp, newest: Timestamp, now: Timestamp) -> Timestamp {
    let settled = newest.plus(SETTLED) <= now;
    since.max(if settled { newest.plus(PAST) } else { newest })
}

/// Runs futures side by side to their ends; answers the first error.
async fn side_by_side<F: Future<Output = Result<(), RecordError>>>(
    mut futures: Vec<Pin<Box<F>>>,
) -> Result<(), RecordError> {
    let mut outcome = Ok(());
    poll_fn(|context| {
        futures.retain_mut(|future| match future.as_mut().poll(context) {
            Poll::Ready(Ok(())) => false,
            Poll::Ready(error) => {
                outcome = error;
                false
            }
            Poll::Pending => true,
        });
        if futures.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    outcome
}

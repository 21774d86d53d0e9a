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
    bamboohr::rows::Sweep,
    directory::{BucketNumber, Shard},
    inbox::{Inbox, Lane},
    record::{Batch, Record, RecordError},
    session::{Trouble, Vendor},
};
use crate::{
    domain::{
        ids::{AccountId, Candidacy, StageId},
        retry,
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
    /// BambooHR: how far the reading of a long list of applications stands.
    pub sweep: Option<Sweep>,
    /// Vendors that asked to be left alone, and until when (`Retry-After`).
    #[serde(with = "crate::domain::sorted")]
    pub holds: LiteMap<Vendor, Timestamp>,
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

/// A pass over one account.
pub(super) struct Pass<'a> {
    pub(super) id: &'a AccountId,
    pub(super) account: &'a Account,
    /// Whether the set-up is to be checked, too.
    pub(super) check: bool,
    /// Nothing that takes long is begun after this.
    pub(super) ends_at: Timestamp,
    pub(super) marks: Watermarks,
    /// Missed events stored.
    pub(super) healed: usize,
}

/// What came of working off what is stored.
#[derive(Default)]
struct Drained {
    invited: usize,
    done: usize,
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
        side_by_side((0..WORKERS).map(|_| Box::pin(self.work_through(&round))).collect()).await?;
        let mut report = round.report.into_inner();
        report.more |= !round.buckets.into_inner().is_empty();
        Ok(report)
    }

    /// One of the workers: bucket after bucket, account after account, as long as there is time.
    async fn work_through(&self, round: &Round) -> Result<(), RecordError> {
        let has_time = || self.world.now() < round.begun_at.plus(TAKING);
        while has_time() {
            let Some(bucket) = round.buckets.borrow_mut().pop() else { break };
            loop {
                let accounts = self.take_due_accounts(bucket, BATCH).await?;
                let mut again = Vec::new();
                for (id, since) in &accounts {
                    if !has_time() {
                        again.push((id.clone(), *since));
                        continue;
                    }
                    match self.sync_account(id, false, round.begun_at.plus(BUDGET)).await {
                        Ok(report) => {
                            if report.more {
                                again.push((id.clone(), self.world.now()));
                            }
                            round.report.borrow_mut().add(report);
                        }
                        Err(RecordError::Store(error)) => return Err(error.into()),
                        // One account whose records can't be read must not stop the others.
                        Err(error) => self.world.log(&format!("{id}: sync: {error}")),
                    }
                }
                self.put_due(bucket, &again).await?;
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
    pub async fn sync_one(&self, id: &AccountId) -> Result<Report, Failure> {
        self.account(id).await?;
        Ok(self.sync_account(id, true, self.world.now().plus(BUDGET)).await?)
    }

    /// `more` in the answer: there was no time for all of it, and it gets on.
    async fn sync_account(&self, id: &AccountId, at_once: bool, ends_at: Timestamp) -> Result<Report, RecordError> {
        let mut report = Report::default();
        let Some(account) = self.find_account(id).await? else {
            self.delist(id).await?;
            return Ok(report);
        };
        report.accounts = 1;
        let mut held = false;
        if account.ats_enabled {
            (report.healed, held) = self.find_missed(id, &account, at_once, ends_at).await?;
            if report.healed > 0 {
                let plural = if report.healed == 1 { "" } else { "s" };
                let summary = format!("{} missed event{plural} healed.", report.healed);
                self.note_setting(id, "Sync", Outcome::Healed, summary, Vec::new()).await?;
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
        if account.ats_enabled && !held && !busy.is_empty() {
            let drained = self.drain(&busy, at_once, ends_at).await?;
            report.invited = drained.invited;
            report.more = drained.cut && drained.done > 0;
            inboxes = self.load_many::<Inbox>(&lanes).await?;
        }
        for inbox in inboxes.into_iter().flatten() {
            let (pending, parked) = inbox.record.counts();
            report.pending += pending;
            report.failed += parked;
        }
        Ok(report)
    }

    /// Works off what is stored.
    async fn drain(&self, lanes: &[Lane], at_once: bool, ends_at: Timestamp) -> Result<Drained, RecordError> {
        let mut drained = Drained::default();
        for lane in lanes {
            // Each piece is tried once in a pass: what fails at once is not tried again at once.
            let mut tried: Vec<Candidacy> = Vec::new();
            loop {
                if self.world.now() >= ends_at {
                    drained.cut = true;
                    return Ok(drained);
                }
                let mut claims = self.take_due(lane, at_once, TAKE, &tried).await?;
                if claims.is_empty() {
                    break;
                }
                claims.reverse();
                while let Some(claim) = claims.pop() {
                    if self.world.now() >= ends_at {
                        claims.push(claim);
                        self.give_back(lane, &claims).await?;
                        drained.cut = true;
                        return Ok(drained);
                    }
                    tried.push(claim.candidacy.clone());
                    let worked = self.work(&claim).await;
                    drained.invited += worked.invited;
                    drained.done += usize::from(worked.done);
                }
            }
        }
        Ok(drained)
    }

    /// Looks for what no webhook told, checks the set-up when that is due, and moves the watermarks.
    /// Answers how many missed events were stored, and whether a vendor wants to be left alone.
    async fn find_missed(
        &self,
        id: &AccountId,
        account: &Account,
        at_once: bool,
        ends_at: Timestamp,
    ) -> Result<(usize, bool), RecordError> {
        let Some(stored) = self.load::<Watermarks>(id).await? else { return Ok((0, false)) };
        let now = self.world.now();
        let due = stored.record.checked_at.is_none_or(|at| now.duration_since(at) >= CHECK_EVERY);
        let mut pass = Pass { id, account, check: at_once || due, ends_at, marks: stored.record.clone(), healed: 0 };
        pass.marks.holds.retain(|_, until| *until > now);
        if pass.check {
            self.reseal(id).await?;
        }
        for vendor in [Vendor::Lever, Vendor::Qualified, Vendor::BambooHr] {
            if pass.marks.holds.contains_key(&vendor) || !self.is_in_time(&pass) {
                continue;
            }
            let attempt = match vendor {
                Vendor::Lever => self.sync_lever(&mut pass).await,
                Vendor::Qualified => self.sync_qualified(&mut pass).await,
                Vendor::BambooHr => self.sync_bamboohr(&mut pass).await,
            };
            // A vendor that doesn't answer now is asked again in the next pass, from the same watermark.
            // Whether its credentials work is noted where they are used.
            let Err(trouble) = attempt else { continue };
            if let Trouble::Record(error @ RecordError::Store(_)) = trouble {
                return Err(error);
            }
            self.world.log(&format!("{id}: sync: {}", trouble.logged()));
            if let Some(error @ CallError::Throttled { after: Some(_) }) = trouble.call_error()
                && let retry::Next::At(until) = retry::next(error, 1, self.world.now(), 0)
            {
                pass.marks.holds.insert(vendor, until);
            }
        }
        if due {
            pass.marks.checked_at = Some(now);
        }
        if pass.marks != stored.record {
            self.write(Batch::new().put(id, &pass.marks)).await?;
        }
        Ok((pass.healed, !pass.marks.holds.is_empty()))
    }

    /// Whether something that takes long may still be begun.
    pub(super) fn is_in_time(&self, pass: &Pass<'_>) -> bool {
        self.world.now() < pass.ends_at
    }
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

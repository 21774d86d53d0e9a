//! Working on one candidacy: from what was heard, through what is true, to what is owed.
//!
//! The caller holds the candidacy's lease, so nobody else works on it. Every step can be repeated: the
//! decision to invite is stored before the invitation, an assignment knows what it owes, and where a
//! repetition would show (a note), a second attempt looks before it acts.

use jiff::SignedDuration;

use super::{
    App,
    activity::Outcome,
    candidacy::{CandidacyKey, CandidacyRecord},
    inbox::{Claim, End},
    record::{Batch, RecordError},
    session::{QualifiedSession, Stop, Trouble, Vendor},
};
use crate::{
    domain::{
        assignment::ResultState,
        ids::{Candidacy, ResultId},
        report, retry,
    },
    ports::World,
    vendor::{
        CallError, Personal,
        qualified::{Exhibit, GetExhibit, Risk},
    },
};

mod bamboohr;
mod hearing;
mod inviting;
mod job;
mod lever;

use job::Job;

/// How long to wait for credentials that work before looking again.
const RECONNECT: SignedDuration = SignedDuration::from_mins(15);
/// The same where there is no connection at all. Connecting wakes what waits, so this is only a safeguard.
const DISCONNECTED: SignedDuration = SignedDuration::from_hours(24);
/// How long to wait at first for a score that is still being computed.
const SCORING: SignedDuration = SignedDuration::from_secs(20);
/// Attempts after which a result without a score is reported as it is.
const SCORE_ATTEMPTS: u32 = 3;

/// What came of a piece of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worked {
    /// Invitations that went out.
    pub invited: usize,
    /// Whether it is worked off.
    pub done: bool,
    /// A vendor that wants no more of it for now.
    pub stop: Option<Stop>,
}

impl<W: World> App<'_, W> {
    /// Works on a candidacy and takes leave of it. Fails only silently: what could not be stored is done
    /// again when the lease has ended.
    pub async fn work(&self, claim: &Claim) -> Worked {
        let (mut worked, mut next) = (Worked::default(), Some(claim.clone()));
        while let Some(claim) = next {
            match self.try_work(&claim).await {
                Ok((this, more)) => {
                    worked = Worked { invited: worked.invited + this.invited, ..this };
                    next = more;
                }
                Err(error) => {
                    self.world.log(&format!("{} {}: left for later: {error}", claim.lane.account, claim.candidacy));
                    return Worked { done: false, ..worked };
                }
            }
        }
        worked
    }

    async fn try_work(&self, claim: &Claim) -> Result<(Worked, Option<Claim>), RecordError> {
        let id = &claim.lane.account;
        let Some(account) = self.find_account(id).await? else { return Ok((Worked::default(), None)) };
        let key = CandidacyKey::new(id, &claim.candidacy);
        let stored = self.load::<CandidacyRecord>(&key).await?;
        let is_new = stored.is_none();
        let record = stored.map(|stored| stored.record).unwrap_or_default();
        let mut job = Job {
            id,
            account: &account,
            claim,
            saved: record.clone(),
            is_new,
            record,
            decided: Vec::new(),
            broken: Vec::new(),
            handled: None,
            steps: Vec::new(),
            reasons: Vec::new(),
            invited: Vec::new(),
            updates: Vec::new(),
            subject: String::new(),
        };
        let mut stop = None;
        let end = if account.ats_enabled {
            let outcome = match &claim.candidacy {
                Candidacy::Lever(opportunity) => self.work_in_lever(&mut job, opportunity).await,
                Candidacy::BambooHr(company, application) => {
                    self.work_in_bamboohr(&mut job, company, *application).await
                }
            };
            // Whatever was done is stored before the work is left, also when it is not finished.
            self.save(&mut job, Batch::new()).await?;
            stop = outcome.as_ref().err().and_then(|trouble| trouble.stop(self.world.now()));
            self.end_of(&mut job, outcome)
        } else {
            let why = "The ATS features are not part of this account's subscription: nothing was sent or written.";
            End::Done(Some(job.line(Outcome::Ignored, why.to_owned())))
        };
        // An earlier attempt may have stored the record and not lived to list it.
        let is_made = (job.is_new || job.may_be_half_done()) && job.saved != CandidacyRecord::default();
        let handled = job.handled.filter(|_| matches!(end, End::Done(_)));
        let next = self.leave(claim, &end, is_made, handled.as_deref()).await?;
        let worked = Worked { invited: job.invited.len(), done: matches!(end, End::Done(_)), stop };
        Ok((worked, next))
    }

    /// Stores the record with the matches that lead to it, in one write, if it changed.
    async fn save(&self, job: &mut Job<'_>, learned: Batch) -> Result<(), RecordError> {
        if self.world.now() >= job.claim.until {
            // The lease is over, so somebody else may have gone on from what is stored.
            return Err(RecordError::Contended(job.claim.lane.to_string()));
        }
        let mut batch = learned;
        if job.record != job.saved {
            batch = self.add_matches(job.id, &job.claim.candidacy, &job.record, batch).await?;
            let key = CandidacyKey::new(job.id, &job.claim.candidacy);
            batch = batch.put(&key, &job.record);
        }
        self.write(batch).await?;
        job.saved = job.record.clone();
        Ok(())
    }

    /// Reads what is reported. A score that is still being computed is waited for.
    async fn read_exhibit(
        &self,
        job: &Job<'_>,
        qualified: &mut QualifiedSession,
        result: &ResultId,
    ) -> Result<Exhibit, Trouble> {
        let exhibit = self.ask_qualified(qualified, &GetExhibit { result: result.clone() }).await?;
        let unscored =
            exhibit.state == ResultState::Submitting || (exhibit.score.is_none() && job.claim.attempt < SCORE_ATTEMPTS);
        if unscored {
            return Err(Trouble::Unscored);
        }
        Ok(exhibit)
    }

    /// How to leave the work.
    fn end_of(&self, job: &mut Job<'_>, outcome: Result<(), Trouble>) -> End {
        let trouble = match outcome {
            Ok(()) => return End::Done(Some(job.summary())),
            Err(trouble) => trouble,
        };
        let now = self.world.now();
        if trouble.call_error() == Some(&CallError::Postponed) {
            // Nothing went wrong, so there is nothing to tell.
            return End::Again { due: now, hold: None, counts: false, line: None };
        }
        self.world.log(&format!("{} {}: {}", job.id, job.claim.candidacy, trouble.logged()));
        job.step(now, "stopped", false, trouble.to_string());
        let error = match &trouble {
            Trouble::Vendor { error, .. } => error.clone(),
            // Nobody can be invited by an ATS that isn't there. What Qualified told is kept until it is.
            Trouble::NotConnected(vendor) if *vendor != Vendor::Qualified && job.owes_nothing() => {
                job.reasons.push(format!("{} is not connected", vendor.name()));
                return End::Done(Some(job.summary()));
            }
            Trouble::NotConnected(vendor) => {
                let line = job.line(Outcome::Retrying, format!("It waits until {} is connected.", vendor.name()));
                return End::Again { due: now.plus(DISCONNECTED), hold: None, counts: false, line: Some(line) };
            }
            Trouble::Unscored if job.claim.attempt <= SCORE_ATTEMPTS => {
                let due = now.plus(SCORING);
                let line = job.line(Outcome::Retrying, format!("It will be tried again by itself: {trouble}."));
                return End::Again { due, hold: Some(due), counts: true, line: Some(line) };
            }
            Trouble::Unscored => CallError::Unavailable(trouble.to_string()),
            Trouble::Broken(why) => {
                let line = job.line(Outcome::Retrying, format!("It waits until that is mended: {why}."));
                return End::Wait { due: now.plus(RECONNECT), line };
            }
            Trouble::Record(error) => CallError::Unavailable(error.to_string()),
        };
        let jitter = u64::from_le_bytes(self.world.nonce()[..8].try_into().expect("eight of 32 bytes"));
        match retry::next(&error, job.claim.attempt, now, jitter) {
            retry::Next::At(due) => {
                let hold = matches!(error, CallError::Throttled { after: Some(_) }).then_some(due);
                let line = job.line(Outcome::Retrying, format!("It will be tried again by itself: {trouble}."));
                End::Again { due, hold, counts: true, line: Some(line) }
            }
            retry::Next::Reconnect => {
                let line =
                    job.line(Outcome::Retrying, format!("It waits until the connection works again: {trouble}."));
                End::Again { due: now.plus(RECONNECT), hold: None, counts: false, line: Some(line) }
            }
            retry::Next::Park => {
                let why = format!(
                    "It was given up at attempt {}: {trouble}. Replay it when that is mended.",
                    job.claim.attempt
                );
                End::Park { why: why.clone(), line: job.line(Outcome::Failed, why) }
            }
        }
    }
}

/// What is told of a submission.
pub(super) fn submission<'a>(
    title: &'a str,
    exhibit: &'a Exhibit,
    link: Option<&'a str>,
    marker: &'a str,
) -> report::Submission<'a> {
    let similarity = |risk: Risk| match risk {
        Risk::Low => report::Similarity::Low,
        Risk::Medium => report::Similarity::Medium,
        Risk::High => report::Similarity::High,
    };
    let challenges = exhibit
        .solutions
        .iter()
        .map(|solution| report::Challenge {
            title: solution.title.as_deref().unwrap_or("Challenge"),
            language: solution.language.as_deref(),
            score: solution.score,
            tests: solution.correct.zip(solution.total),
            similarity: solution.risk.map(similarity),
        })
        .collect();
    report::Submission {
        title,
        score: exhibit.score,
        passed: exhibit.passed,
        time_taken: exhibit.time_taken,
        submitted_at: exhibit.submitted_at,
        take: exhibit.retake_number,
        challenges,
        remarks: exhibit.remarks.as_ref().map(Personal::as_str),
        report_link: link,
        marker,
    }
}

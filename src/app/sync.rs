//! The safety net, every 15 minutes: what was stored is finished, what was missed is found.
//!
//! The cost grows with what changed: Lever and Qualified are asked only for what is newer than a watermark,
//! and a watermark is written only when it moves.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{
    App, Failure,
    account::Account,
    activity::{Outcome, Source},
    candidacy::{CandidacyKey, CandidacyRecord, MatchKey, MatchRecord, Matched, Trait},
    catalogue::Freshness,
    directory::Shard,
    inbox::{Arrival, Inbox, Lane, Signal},
    lever::arrival_identity,
    record::{Batch, Record, RecordError},
    session::{QualifiedSession, Trouble},
};
use crate::{
    domain::{
        assignment::{Event, Observation},
        ids::{AccountId, Candidacy, StageId},
        time,
    },
    ports::World,
    vendor::{
        Personal,
        lever::ListOpportunities,
        qualified::{CandidateState, ListResults, ListTeamCandidates, TakenResult, TeamCandidate},
    },
};

/// How long one call may work. Akamai Functions ends a request after 30 s.
const BUDGET: SignedDuration = SignedDuration::from_secs(20);
/// Accounts taken at a time.
const BATCH: usize = 16;
/// Work taken from a lane at a time; its lease has to suffice.
const TAKE: usize = 6;
/// Vendors' lists may lag behind: what is this much older than the watermark is read again.
const OVERLAP: SignedDuration = SignedDuration::from_mins(1);
/// Pages read per list and pass.
const MOST_PAGES: usize = 40;
/// How often set-ups are checked when nobody asks.
const CHECK_EVERY: SignedDuration = SignedDuration::from_mins(55);

/// Up to when the vendors' lists are read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermarks {
    /// Lever: the latest arrival seen per trigger stage.
    pub stages: BTreeMap<StageId, Timestamp>,
    /// Qualified: the latest change of a result seen.
    pub results: Option<Timestamp>,
    /// Qualified: the latest change of a team candidate seen.
    pub candidates: Option<Timestamp>,
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

/// A pass over one account.
struct Pass<'a> {
    id: &'a AccountId,
    account: &'a Account,
    at_once: bool,
    ends_at: Timestamp,
}

impl<W: World> App<'_, W> {
    /// One pass over everything due.
    ///
    /// # Errors
    /// The store failed. What vendors do is no error of a pass.
    pub async fn sync(&self, shard: Shard) -> Result<Report, Failure> {
        let ends_at = time::later(self.world.now(), BUDGET);
        let mut report = Report::default();
        loop {
            let (accounts, more) = self.take_due_accounts(shard, BATCH).await?;
            let mut rest = accounts.as_slice();
            while let Some(((id, _), others)) = rest.split_first() {
                if self.world.now() >= ends_at {
                    break;
                }
                rest = others;
                // One account whose records can't be read must not stop the others.
                if let Err(error) = self.sync_account(id, false, ends_at, &mut report).await
                    && let RecordError::Store(error) = error
                {
                    return Err(error.into());
                }
            }
            self.give_back_accounts(rest).await?;
            report.more |= more || !rest.is_empty();
            if !more || !rest.is_empty() || self.world.now() >= ends_at {
                return Ok(report);
            }
            report.more = false;
        }
    }

    /// One pass over one account, at once.
    ///
    /// # Errors
    /// There is no such account, or the store failed.
    pub async fn sync_one(&self, id: &AccountId) -> Result<Report, Failure> {
        self.account(id).await?;
        let mut report = Report::default();
        self.sync_account(id, true, time::later(self.world.now(), BUDGET), &mut report).await?;
        Ok(report)
    }

    async fn sync_account(
        &self,
        id: &AccountId,
        at_once: bool,
        ends_at: Timestamp,
        report: &mut Report,
    ) -> Result<(), RecordError> {
        let Some(account) = self.find_account(id).await? else { return self.delist(id).await };
        report.accounts += 1;
        let pass = Pass { id, account: &account, at_once, ends_at };
        if account.ats_enabled {
            let healed = self.find_missed(&pass).await?;
            report.healed += healed;
            if healed > 0 {
                let plural = if healed == 1 { "" } else { "s" };
                let summary = format!("{healed} missed event{plural} healed.");
                self.note_setting(id, "Sync", Outcome::Healed, summary, Vec::new()).await?;
            }
            report.invited += self.drain(&pass).await?;
        }
        let lanes: Vec<Lane> = Lane::all(id).collect();
        let now = self.world.now();
        for inbox in self.load_many::<Inbox>(&lanes).await?.into_iter().flatten() {
            let (pending, parked) = inbox.record.counts();
            report.pending += pending;
            report.failed += parked;
            report.more |= account.ats_enabled && inbox.record.has_due(now);
        }
        Ok(())
    }

    /// Works off what is stored.
    async fn drain(&self, pass: &Pass<'_>) -> Result<usize, RecordError> {
        let mut invited = 0;
        let lanes: Vec<Lane> = Lane::all(pass.id).collect();
        let inboxes = self.load_many::<Inbox>(&lanes).await?;
        let busy = lanes
            .iter()
            .zip(inboxes)
            .filter(|(_, inbox)| inbox.as_ref().is_some_and(|inbox| !inbox.record.work.is_empty()));
        for (lane, _) in busy {
            // Each piece is tried once in a pass: what fails at once is not tried again at once.
            let mut tried: Vec<Candidacy> = Vec::new();
            loop {
                let mut claims = self.take_due(lane, pass.at_once, TAKE, &tried).await?;
                if claims.is_empty() {
                    break;
                }
                claims.reverse();
                while let Some(claim) = claims.pop() {
                    if self.world.now() >= pass.ends_at {
                        claims.push(claim);
                        self.give_back(lane, &claims).await?;
                        return Ok(invited);
                    }
                    tried.push(claim.candidacy.clone());
                    invited += self.work(&claim).await.invited;
                }
            }
        }
        Ok(invited)
    }

    /// Looks for what no webhook told, checks the set-up when that is due, and moves the watermarks.
    /// Answers how many missed events were stored.
    async fn find_missed(&self, pass: &Pass<'_>) -> Result<usize, RecordError> {
        let Some(stored) = self.load::<Watermarks>(pass.id).await? else { return Ok(0) };
        let mut marks = stored.record.clone();
        let now = self.world.now();
        let check = pass.at_once || marks.checked_at.is_none_or(|at| now.duration_since(at) >= CHECK_EVERY);
        let mut healed = 0;
        // A vendor that doesn't answer now is asked again in the next pass, from the same watermark. Whether
        // its credentials work is noted where they are used.
        for attempt in [
            self.sync_lever(pass, &mut marks, check).await,
            self.sync_qualified(pass, &mut marks, check).await,
            // Who was given a status there was not missed: looking is the only way to know.
            self.sync_bamboohr(pass.id, pass.account, check).await.map(|()| 0),
        ] {
            match attempt {
                Ok(found) => healed += found,
                Err(Trouble::Record(error @ RecordError::Store(_))) => return Err(error),
                Err(trouble) => self.world.log(&format!("{}: sync: {trouble}", pass.id)),
            }
        }
        if check && marks.checked_at.is_none_or(|at| now.duration_since(at) >= CHECK_EVERY) {
            marks.checked_at = Some(now);
        }
        if marks != stored.record {
            self.write(Batch::new().put(pass.id, &marks)).await?;
        }
        Ok(healed)
    }

    async fn sync_lever(&self, pass: &Pass<'_>, marks: &mut Watermarks, check: bool) -> Result<usize, Trouble> {
        let Some(lever) = &pass.account.lever else { return Ok(0) };
        let mut session = self.lever_session(pass.id).await?;
        if check {
            self.check_lever(pass.id, &mut session).await?;
        }
        marks.stages.retain(|stage, _| lever.trigger_stages.iter().any(|trigger| trigger.id == *stage));
        let mut healed = 0;
        for trigger in lever.trigger_stages.iter().filter(|trigger| !trigger.vanished) {
            let since = marks.stages.get(&trigger.id).copied().unwrap_or(trigger.enabled_at).max(trigger.enabled_at);
            let (mut latest, mut offset, mut arrivals) = (since, None, Vec::new());
            for _ in 0..MOST_PAGES {
                let page = self
                    .ask_lever(
                        &mut session,
                        &ListOpportunities {
                            stage: Some(trigger.id.clone()),
                            advanced_since: Some(time::earlier(since, OVERLAP).max(trigger.enabled_at)),
                            email: None,
                            offset,
                        },
                    )
                    .await?;
                for opportunity in &page.rows {
                    let Some(entered_at) = opportunity.in_stage_since().filter(|at| *at >= trigger.enabled_at) else {
                        continue;
                    };
                    latest = latest.max(entered_at);
                    arrivals.push(Arrival {
                        candidacy: Candidacy::Lever(opportunity.id.clone()),
                        signal: Signal::EnteredStage(trigger.id.clone()),
                        source: Source::Sync,
                        identity: arrival_identity(opportunity),
                        delivered_by: None,
                    });
                }
                offset = page.next;
                if offset.is_none() || self.world.now() >= pass.ends_at {
                    break;
                }
            }
            healed += self.receive_all(pass.id, &arrivals).await.map_err(stored)?;
            // The list is not sorted by arrival: only a whole one moves the watermark.
            if offset.is_some() {
                continue;
            }
            if latest > since || (!marks.stages.contains_key(&trigger.id) && !arrivals.is_empty()) {
                marks.stages.insert(trigger.id.clone(), latest);
            }
        }
        Ok(healed)
    }

    async fn sync_qualified(&self, pass: &Pass<'_>, marks: &mut Watermarks, check: bool) -> Result<usize, Trouble> {
        let Some(qualified) = &pass.account.qualified else { return Ok(0) };
        let mut session = self.qualified_session(pass.id, pass.account)?;
        if check {
            if self.reconcile_subscription(pass.id, pass.account, &mut session).await? {
                let summary = "Our webhook at Qualified was missing and was made again.";
                self.note_setting(pass.id, "Qualified", Outcome::Healed, summary, Vec::new()).await?;
            }
            self.catalogue(pass.id, &mut session, Freshness::Normal).await?;
        }
        let since = marks.results.unwrap_or(qualified.connected_at);
        let mut healed = self.missed_results(pass, &mut session, since, &mut marks.results).await?;
        let since = marks.candidates.unwrap_or(qualified.connected_at);
        healed += self.missed_decisions(pass, &mut session, since, &mut marks.candidates).await?;
        Ok(healed)
    }

    async fn missed_results(
        &self,
        pass: &Pass<'_>,
        session: &mut QualifiedSession,
        since: Timestamp,
        mark: &mut Option<Timestamp>,
    ) -> Result<usize, Trouble> {
        let (mut reading, mut healed) = (Reading::since(since), 0);
        for _ in 0..MOST_PAGES {
            let listed =
                self.ask_qualified(session, &ListResults { updated_since: reading.from, page: reading.page }).await?;
            let last = listed.rows.iter().filter_map(|row| row.updated_at).max();
            let rows: Vec<TakenResult> = listed.rows.into_iter().filter(|row| !row.dry_run).collect();
            let mut arrivals = Vec::new();
            let people = rows.iter().map(|row| {
                let email = row.candidate.as_ref().and_then(|person| person.email.as_ref());
                let traits = [
                    Some(Trait::Result(row.id.clone())),
                    Some(Trait::TeamCandidate(row.team_candidate.clone())),
                    email.map(|email| Trait::Email(pass.account.email_digest(email.as_str()))),
                ];
                traits.into_iter().flatten().collect()
            });
            let matched = self.match_all(pass.id, people.collect()).await?;
            for (row, matched) in rows.into_iter().zip(matched) {
                let signal = Signal::Result(row.id.clone());
                let assessment = row.assessment.clone();
                let event = Event::Observed(observation(row));
                for found in matched.into_iter().filter(|found| found.0.assessment == assessment) {
                    let (matched, record) = found;
                    let news = record.assignments.get(&assessment).is_some_and(|known| known.advance(&event).is_ok());
                    if news {
                        arrivals.push(missed(matched.candidacy, signal.clone()));
                    }
                }
            }
            healed += self.receive_all(pass.id, &arrivals).await.map_err(stored)?;
            if let Some(last) = last.filter(|last| *last > since) {
                *mark = Some(last);
            }
            if self.world.now() >= pass.ends_at || !reading.go_on(listed.next, last) {
                break;
            }
        }
        Ok(healed)
    }

    async fn missed_decisions(
        &self,
        pass: &Pass<'_>,
        session: &mut QualifiedSession,
        since: Timestamp,
        mark: &mut Option<Timestamp>,
    ) -> Result<usize, Trouble> {
        let (mut reading, mut healed) = (Reading::since(since), 0);
        for _ in 0..MOST_PAGES {
            let listed = self
                .ask_qualified(session, &ListTeamCandidates { updated_since: reading.from, page: reading.page })
                .await?;
            let last = listed.rows.iter().filter_map(|row| row.updated_at).max();
            let is_decided = |row: &TeamCandidate| {
                !row.test && matches!(row.state, CandidateState::Approved | CandidateState::Rejected)
            };
            let rows: Vec<TeamCandidate> = listed.rows.into_iter().filter(is_decided).collect();
            let people = rows.iter().map(|row| {
                let email = row.email.as_ref().map(Personal::as_str);
                let traits = [
                    Some(Trait::TeamCandidate(row.id.clone())),
                    email.map(|email| Trait::Email(pass.account.email_digest(email))),
                ];
                traits.into_iter().flatten().collect()
            });
            let matched = self.match_all(pass.id, people.collect()).await?;
            let mut arrivals = Vec::new();
            for (row, matched) in rows.into_iter().zip(matched) {
                let Some((matched, record)) = matched.into_iter().next() else { continue };
                let Some(at) = row.decided_at.or(row.state_updated_at) else { continue };
                let event = Event::Decided { approved: row.state == CandidateState::Approved, at };
                if record.latest_sent().is_some_and(|id| record.assignments[id].advance(&event).is_ok()) {
                    arrivals.push(missed(matched.candidacy, Signal::Decision(row.id)));
                }
            }
            healed += self.receive_all(pass.id, &arrivals).await.map_err(stored)?;
            if let Some(last) = last.filter(|last| *last > since) {
                *mark = Some(last);
            }
            if self.world.now() >= pass.ends_at || !reading.go_on(listed.next, last) {
                break;
            }
        }
        Ok(healed)
    }

    /// For each list of traits, the assignments of the first that is known, with their records. Two store
    /// reads, however many.
    async fn match_all(
        &self,
        id: &AccountId,
        traits: Vec<Vec<Trait>>,
    ) -> Result<Vec<Vec<(Matched, CandidacyRecord)>>, RecordError> {
        let keys: Vec<MatchKey> = traits.iter().flatten().map(|by| MatchKey::new(id, by.clone())).collect();
        let mut found = self.load_many::<MatchRecord>(&keys).await?.into_iter();
        let matched: Vec<Vec<Matched>> = traits
            .iter()
            .map(|traits| {
                let candidates: Vec<_> = found.by_ref().take(traits.len()).collect();
                let mut known = candidates.into_iter().flatten().map(|stored| stored.record.matched);
                known.find(|matched| !matched.is_empty()).unwrap_or_default()
            })
            .collect();
        let keys: Vec<CandidacyKey> =
            matched.iter().flatten().map(|matched| CandidacyKey::new(id, &matched.candidacy)).collect();
        let mut records = self.load_many::<CandidacyRecord>(&keys).await?.into_iter();
        let with_record = |matched: Matched, stored: Option<super::record::Stored<CandidacyRecord>>| {
            stored.map(|stored| (matched, stored.record))
        };
        Ok(matched
            .into_iter()
            .map(|row| {
                let stored: Vec<_> = records.by_ref().take(row.len()).collect();
                row.into_iter().zip(stored).filter_map(|(matched, stored)| with_record(matched, stored)).collect()
            })
            .collect())
    }
}

/// Where the reading of a list stands that is sorted by what it is filtered by.
struct Reading {
    from: Timestamp,
    page: u32,
}

impl Reading {
    /// Begins a little before the watermark.
    fn since(mark: Timestamp) -> Self {
        Self { from: time::earlier(mark, OVERLAP), page: 1 }
    }

    /// Goes on from the last row where it can: page numbers would shift when rows change meanwhile. Answers
    /// whether there is anything to go on to.
    fn go_on(&mut self, next: Option<u32>, last: Option<Timestamp>) -> bool {
        match (next, last) {
            (None, _) => return false,
            (Some(_), Some(last)) if last > self.from => *self = Self { from: last, page: 1 },
            (Some(next), _) => self.page = next,
        }
        true
    }
}

fn missed(candidacy: Candidacy, signal: Signal) -> Arrival {
    Arrival { candidacy, signal, source: Source::Sync, identity: None, delivered_by: None }
}

/// A result as an observation.
pub(super) fn observation(row: TakenResult) -> Observation {
    Observation {
        result: row.id,
        team_candidate: Some(row.team_candidate),
        take: row.retake_number,
        state: row.state,
        submitted_at: row.submitted_at,
        first_submitted_at: row.original_submitted_at,
    }
}

/// Why arrivals could not be stored: the store failed, or a lane is full, which is this account's matter only.
pub(super) fn stored(failure: Failure) -> Trouble {
    match failure.detail {
        Some(detail) => Trouble::Record(RecordError::Store(crate::ports::StoreError(detail))),
        None => Trouble::Record(RecordError::Contended(failure.public)),
    }
}

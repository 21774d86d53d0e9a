//! Qualified's part of a pass: what happened to results and people without our being told.

use super::{OVERLAP, Pass, mark};
use crate::{
    app::{
        App,
        activity::{Outcome, Source},
        candidacy::{CandidacyKey, CandidacyRecord, MatchKey, MatchRecord, Matched, Trait},
        catalogue::Freshness,
        inbox::{Arrival, Signal},
        record::{RecordError, Stored},
        session::{QualifiedSession, Trouble},
    },
    domain::{
        assignment::{Event, Observation},
        ids::{AccountId, Candidacy},
        time::Timestamp,
    },
    ports::World,
    vendor::{
        Personal,
        qualified::{CandidateState, ListResults, ListTeamCandidates, TakenResult, TeamCandidate},
    },
};

/// Pages read per list and pass.
const MOST_PAGES: usize = 40;

impl<W: World> App<'_, W> {
    pub(super) async fn sync_qualified(&self, pass: &mut Pass<'_>) -> Result<(), Trouble> {
        let Some(qualified) = &pass.account.qualified else { return Ok(()) };
        let mut session = self.qualified_session(pass.id, pass.account)?;
        if pass.check {
            if self.reconcile_subscription(pass.id, pass.account, &mut session).await? {
                let summary = "Our webhook at Qualified was missing and was made again.";
                self.note_finding(pass.id, "Qualified", Outcome::Healed, summary).await?;
            }
            self.catalogue(pass.id, &mut session, Freshness::Normal).await?;
        }
        self.missed_results(pass, &mut session, pass.marks.results.unwrap_or(qualified.connected_at)).await?;
        self.missed_decisions(pass, &mut session, pass.marks.candidates.unwrap_or(qualified.connected_at)).await
    }

    async fn missed_results(
        &self,
        pass: &mut Pass<'_>,
        session: &mut QualifiedSession,
        since: Timestamp,
    ) -> Result<(), Trouble> {
        let mut reading = Reading::since(since);
        for _ in 0..MOST_PAGES {
            if !self.may_begin() {
                break;
            }
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
            pass.healed += self.receive_all(pass.id, &arrivals).await?;
            if let Some(last) = last {
                pass.marks.results = Some(mark(since, last, self.world.now()));
            }
            if !reading.go_on(listed.next, last) {
                break;
            }
        }
        Ok(())
    }

    async fn missed_decisions(
        &self,
        pass: &mut Pass<'_>,
        session: &mut QualifiedSession,
        since: Timestamp,
    ) -> Result<(), Trouble> {
        let mut reading = Reading::since(since);
        for _ in 0..MOST_PAGES {
            if !self.may_begin() {
                break;
            }
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
                // The decision is about what was sent last; whichever candidacies share that are told.
                let latest = matched.first().and_then(|(_, record)| record.latest_sent().cloned());
                let Some((latest, at)) = latest.zip(row.decided_at.or(row.state_updated_at)) else { continue };
                let event = Event::Decided { approved: row.state == CandidateState::Approved, at };
                for (matched, record) in matched.into_iter().filter(|(row, _)| row.assessment == latest) {
                    let is_news =
                        record.latest_sent() == Some(&latest) && record.assignments[&latest].advance(&event).is_ok();
                    if is_news {
                        arrivals.push(missed(matched.candidacy, Signal::Decision(row.id.clone())));
                    }
                }
            }
            pass.healed += self.receive_all(pass.id, &arrivals).await?;
            if let Some(last) = last {
                pass.marks.candidates = Some(mark(since, last, self.world.now()));
            }
            if !reading.go_on(listed.next, last) {
                break;
            }
        }
        Ok(())
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
        let with_record =
            |matched: Matched, stored: Option<Stored<CandidacyRecord>>| stored.map(|stored| (matched, stored.record));
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
        Self { from: mark.minus(OVERLAP), page: 1 }
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
pub(in crate::app) fn observation(row: TakenResult) -> Observation {
    Observation {
        result: row.id,
        team_candidate: Some(row.team_candidate),
        take: row.retake_number,
        state: row.state,
        submitted_at: row.submitted_at,
        first_submitted_at: row.original_submitted_at,
    }
}

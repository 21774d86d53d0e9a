//! What is known of a candidacy, and how Qualified's events find it.

use std::fmt;

use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{
    App,
    account::Account,
    inbox::{Inbox, Lane},
    record::{Batch, Record, RecordError},
};
use crate::{
    domain::{
        assignment::{Assignment, Effect, Progress},
        ids::{AccountId, AssessmentId, Candidacy, ResultId, TeamCandidateId},
        time::Timestamp,
    },
    ports::World,
};

/// The assignments of one candidacy. It holds no name and no address: those are read from the ATS.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CandidacyRecord {
    /// By assessment: at most one each, for ever.
    #[serde(with = "crate::domain::sorted")]
    pub assignments: LiteMap<AssessmentId, Assignment>,
    /// The e-mail address it was invited under, as a digest.
    pub email_digest: Option<String>,
    /// When the candidate got the status that was worked off last (BambooHR), to tell a status that is set
    /// again on purpose from one that was there all along.
    pub status_since: Option<Timestamp>,
    /// Comments (BambooHR) that were about to be posted, until they are known to be there.
    pub begun: Vec<Begun>,
}

/// A comment that was about to be posted. Comments can't be read, only counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// About which assessment.
    pub assessment: AssessmentId,
    /// What for.
    pub effect: Effect,
    /// How many comments there were before, where BambooHR said so.
    pub comments: Option<u32>,
}

/// Identifies a [`CandidacyRecord`].
#[derive(Debug, Clone)]
pub struct CandidacyKey {
    account: AccountId,
    candidacy: Candidacy,
}

impl CandidacyKey {
    /// Joins the two.
    #[must_use]
    pub fn new(account: &AccountId, candidacy: &Candidacy) -> Self {
        Self { account: account.clone(), candidacy: candidacy.clone() }
    }
}

impl fmt::Display for CandidacyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.candidacy)
    }
}

impl Record for CandidacyRecord {
    const PREFIX: &'static str = "candidacy";
    const VERSION: u32 = 1;
    type Key = CandidacyKey;
}

/// What Qualified's events name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trait {
    /// A result.
    Result(ResultId),
    /// A person.
    TeamCandidate(TeamCandidateId),
    /// An e-mail address, as the account's digest of it.
    Email(String),
}

/// Identifies a [`MatchRecord`].
#[derive(Debug, Clone)]
pub struct MatchKey {
    account: AccountId,
    by: Trait,
}

impl MatchKey {
    /// Joins the two.
    #[must_use]
    pub fn new(account: &AccountId, by: Trait) -> Self {
        Self { account: account.clone(), by }
    }
}

impl fmt::Display for MatchKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.by {
            Trait::Result(id) => write!(f, "{}/result/{id}", self.account),
            Trait::TeamCandidate(id) => write!(f, "{}/candidate/{id}", self.account),
            Trait::Email(digest) => write!(f, "{}/email/{digest}", self.account),
        }
    }
}

/// One assignment that a result, person or address belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matched {
    /// The candidacy that is meant.
    pub candidacy: Candidacy,
    /// Of which assessment.
    pub assessment: AssessmentId,
}

/// The assignments that a result, person or address belongs to, newest first. Usually one; two
/// candidacies of one person share them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRecord {
    /// Newest first.
    pub matched: Vec<Matched>,
}

impl Record for MatchRecord {
    const PREFIX: &'static str = "match";
    const VERSION: u32 = 1;
    type Key = MatchKey;
}

/// Candidacies that have records, so that an account can be forgotten without listing the whole store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    /// In the order of being made.
    pub candidacies: Vec<Candidacy>,
}

/// Identifies a page of the roster.
#[derive(Debug, Clone)]
pub struct RosterKey {
    /// The lane of its candidacies.
    pub lane: Lane,
    /// Counted from 0.
    pub page: u64,
}

impl fmt::Display for RosterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.lane, self.page)
    }
}

impl Record for Roster {
    const PREFIX: &'static str = "roster";
    const VERSION: u32 = 1;
    type Key = RosterKey;
}

/// Candidacies per roster page.
const ROSTER_PAGE: usize = 128;

impl Inbox {
    /// Moves a full page of the roster out.
    pub(super) fn spill_roster(&mut self, lane: &Lane, batch: Batch) -> Batch {
        if self.roster.len() < ROSTER_PAGE {
            return batch;
        }
        let page = RosterKey { lane: lane.clone(), page: self.roster_pages };
        self.roster_pages += 1;
        batch.put(&page, &Roster { candidacies: std::mem::take(&mut self.roster) })
    }
}

impl CandidacyRecord {
    /// The assessment that was sent last. Qualified decides about persons, not assessments: a decision is
    /// taken to be about this one.
    #[must_use]
    pub fn latest_sent(&self) -> Option<&AssessmentId> {
        let sent = self.assignments.iter().filter(|(_, assignment)| assignment.progress > Progress::Inviting);
        sent.max_by_key(|(_, assignment)| (assignment.submission, assignment.decided_at)).map(|(id, _)| id)
    }

    /// The keys of the matches that lead here.
    pub fn match_keys(&self, account: &AccountId) -> Vec<MatchKey> {
        let results = self.assignments.values().flat_map(|own| own.result.iter().chain(&own.earlier_results));
        let results = results.cloned().map(Trait::Result);
        let people = self
            .assignments
            .values()
            .filter_map(|assignment| assignment.team_candidate.clone())
            .map(Trait::TeamCandidate);
        let email = self.email_digest.clone().map(Trait::Email);
        results.chain(people).chain(email).map(|by| MatchKey::new(account, by)).collect()
    }
}

impl<W: World> App<'_, W> {
    /// The assignments that an event is about: those of the result if it is known, else those of the
    /// person, else those of the address. One store read.
    ///
    /// # Errors
    /// The store failed.
    pub async fn find_matches(
        &self,
        id: &AccountId,
        account: &Account,
        result: Option<&ResultId>,
        team_candidate: Option<&TeamCandidateId>,
        email: Option<&str>,
    ) -> Result<Vec<Matched>, RecordError> {
        let traits = [
            result.cloned().map(Trait::Result),
            team_candidate.cloned().map(Trait::TeamCandidate),
            email.map(|email| Trait::Email(account.email_digest(email))),
        ];
        let keys: Vec<MatchKey> = traits.into_iter().flatten().map(|by| MatchKey::new(id, by)).collect();
        let found = self.load_many::<MatchRecord>(&keys).await?;
        Ok(found
            .into_iter()
            .flatten()
            .map(|stored| stored.record.matched)
            .find(|matched| !matched.is_empty())
            .unwrap_or_default())
    }

    /// Adds to `batch` the match records that must lead to these assignments and don't yet.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn add_matches(
        &self,
        id: &AccountId,
        candidacy: &Candidacy,
        record: &CandidacyRecord,
        mut batch: Batch,
    ) -> Result<Batch, RecordError> {
        let mut wanted: LiteMap<String, (MatchKey, Vec<AssessmentId>)> = LiteMap::new();
        for (assessment, assignment) in &record.assignments {
            let by = [
                assignment.result.clone().map(Trait::Result),
                assignment.team_candidate.clone().map(Trait::TeamCandidate),
                record.email_digest.clone().map(Trait::Email),
            ];
            for key in by.into_iter().flatten().map(|by| MatchKey::new(id, by)) {
                wanted.entry(key.to_string()).or_insert_with(|| (key, Vec::new())).1.push(assessment.clone());
            }
        }
        let (keys, assessments): (Vec<MatchKey>, Vec<Vec<AssessmentId>>) =
            wanted.into_tuple_vec().into_iter().map(|(_, wanted)| wanted).unzip();
        let stored = self.load_many::<MatchRecord>(&keys).await?;
        for ((key, assessments), stored) in keys.iter().zip(assessments).zip(stored) {
            let present = stored.as_ref().map(|stored| stored.record.matched.as_slice()).unwrap_or_default();
            let missing: Vec<Matched> = assessments
                .into_iter()
                .map(|assessment| Matched { candidacy: candidacy.clone(), assessment })
                .filter(|matched| !present.contains(matched))
                .collect();
            if missing.is_empty() {
                continue;
            }
            let matched = missing.into_iter().chain(present.iter().cloned()).collect();
            batch = match stored {
                Some(mut stored) => {
                    stored.record.matched = matched;
                    batch.renew(&stored)
                }
                None => batch.put(key, &MatchRecord { matched }),
            };
        }
        Ok(batch)
    }
}

//! Who has a mapping's status: when the mapping was put, and when the sync looked last.
//!
//! BambooHR lists who has a status, not since when. Remembering the last list makes the next one tell who is
//! new, without a further call for anybody else. One small record per mapping, written when it changes.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    app::{
        App,
        account::Account,
        record::{Record, key_of},
        session::{BambooHrSession, Trouble},
    },
    domain::ids::{AccountId, ApplicationId, AssessmentId, JobId, StatusId},
    ports::World,
    vendor::bamboohr::{ApplicationRow, ListApplications},
};

/// Pages read of one job's applications: 20,000 applicants at 50 per page, which keeps the records under
/// 256 KiB.
const MOST_PAGES: usize = 400;

/// Identifies the records of a mapping.
#[derive(Debug, Clone)]
pub struct MappingKey {
    account: AccountId,
    assessment: AssessmentId,
}

impl MappingKey {
    /// Joins the two.
    #[must_use]
    pub fn new(account: &AccountId, assessment: &AssessmentId) -> Self {
        Self { account: account.clone(), assessment: assessment.clone() }
    }
}

impl fmt::Display for MappingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.account, self.assessment)
    }
}

/// The applications that had the status when the mapping was put: never invited for that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Which.
    pub applications: BTreeSet<ApplicationId>,
}

impl Record for Baseline {
    const PREFIX: &'static str = "baseline";
    const VERSION: u32 = 1;
    type Key = MappingKey;
}

/// The applications that had the status at the last look, all of them handed over to be worked on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which.
    pub applications: BTreeSet<ApplicationId>,
}

impl Record for Seen {
    const PREFIX: &'static str = "seen";
    const VERSION: u32 = 1;
    type Key = MappingKey;
}

/// The store keys of everything remembered of the account's mappings.
pub(in crate::app) fn keys_of_all(id: &AccountId, account: &Account) -> Vec<String> {
    let mappings = account.bamboohr.iter().flat_map(|bamboohr| bamboohr.mappings.keys());
    mappings.flat_map(|assessment| keys_of(id, assessment)).collect()
}

/// The store keys of everything remembered of one mapping.
pub(super) fn keys_of(id: &AccountId, assessment: &AssessmentId) -> [String; 2] {
    let key = MappingKey::new(id, assessment);
    [key_of::<Baseline>(&key), key_of::<Seen>(&key)]
}

impl<W: World> App<'_, W> {
    /// The applications of a job that have one of these statuses; `None` = more than can be looked through.
    pub(super) async fn list_applications(
        &self,
        session: &mut BambooHrSession,
        job: JobId,
        statuses: &[StatusId],
    ) -> Result<Option<Vec<ApplicationRow>>, Trouble> {
        let mut rows = Vec::new();
        let mut page = 1;
        for _ in 0..MOST_PAGES {
            let call = ListApplications { job, statuses: statuses.to_vec(), page };
            let listed = self.ask_bamboohr(session, &call).await?;
            rows.extend(listed.rows);
            match listed.next {
                Some(next) => page = next,
                None => return Ok(Some(rows)),
            }
        }
        Ok(None)
    }
}

/// Those of the rows that have this status.
pub(super) fn in_status(rows: &[ApplicationRow], status: StatusId) -> BTreeSet<ApplicationId> {
    rows.iter().filter(|row| row.status == status).map(|row| row.id).collect()
}

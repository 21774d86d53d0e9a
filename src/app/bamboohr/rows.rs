//! Who has a mapping's status: when the mapping was put, and when the sync looked last.
//!
//! BambooHR lists who has a status, not since when. Remembering the last list makes the next one tell who is
//! new, without a further call for anybody else. One small record per mapping, written when it changes.
//!
//! A list of a few pages is read whole each time. Of a longer one, those changed last are read each time, as
//! far as there is anybody new among them, and once an hour all of it, piece by piece: it tells who has left
//! the status, and it doesn't depend on what BambooHR takes for a change.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    app::{
        App,
        account::Account,
        record::{Record, key_of},
        session::{BambooHrSession, Trouble},
        sync::Pass,
    },
    domain::{
        ids::{AccountId, ApplicationId, AssessmentId, JobId, StatusId},
        time::Timestamp,
    },
    ports::World,
    vendor::bamboohr::{ApplicationRow, ListApplications},
};

/// Applications remembered per mapping, which keeps the records under 256 KiB.
pub(super) const MOST: usize = 20_000;
/// From here on a list is long: at 50 per page, it has more pages than are read at a time.
const LONG: usize = 400;
/// Pages read at a time.
const PAGES: u32 = 8;

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

/// How far the reading of a long list stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {
    /// Where to go on: the last page read, because rows move up when others leave the list.
    page: u32,
    /// The last application of what was read.
    after: Option<ApplicationId>,
}

/// A part of a list, or all of it.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) rows: Vec<ApplicationRow>,
    /// Of the applications after the first and up to the second, all are among the rows; `None` = no limit.
    /// Ids grow with time, as the list does. Should they not, somebody is looked at once more than needed.
    whole: Option<(Option<ApplicationId>, Option<ApplicationId>)>,
}

impl Piece {
    /// Whether an application that isn't among the rows is not in the list any more.
    pub(super) fn covers(&self, id: ApplicationId) -> bool {
        let is_within = |(after, upto): (Option<ApplicationId>, Option<ApplicationId>)| {
            after.is_none_or(|after| id > after) && upto.is_none_or(|upto| id <= upto)
        };
        self.whole.is_some_and(is_within)
    }
}

impl<W: World> App<'_, W> {
    /// The applications of a job that have this status; `None` = more than can be looked through.
    pub(super) async fn list_applications(
        &self,
        session: &mut BambooHrSession,
        job: JobId,
        status: StatusId,
        ends_at: Timestamp,
    ) -> Result<Option<Vec<ApplicationRow>>, Trouble> {
        let mut rows = Vec::new();
        let mut call = ListApplications { job: Some(job), statuses: vec![status], latest_first: false, page: 1 };
        while rows.len() <= MOST && self.world.now() < ends_at {
            let listed = self.ask_bamboohr(session, &call).await?;
            rows.extend(listed.rows);
            match listed.next {
                Some(next) => call.page = next,
                None => return Ok(Some(rows)),
            }
        }
        Ok(None)
    }

    /// Reads of the applications in these statuses as much as has to be looked at now. `known`: how many were
    /// there; `is_new`: whether somebody was not.
    pub(super) async fn list_new_applications(
        &self,
        pass: &mut Pass<'_>,
        session: &mut BambooHrSession,
        statuses: Vec<StatusId>,
        known: usize,
        is_new: impl Fn(&ApplicationRow) -> bool,
    ) -> Result<Piece, Trouble> {
        let mut piece = Piece::default();
        let sweep = pass.marks.sweep;
        let is_long = sweep.is_some() || known > LONG;
        let mut call = ListApplications { job: None, statuses, latest_first: true, page: 1 };
        while is_long && call.page <= PAGES && self.is_in_time(pass) {
            let listed = self.ask_bamboohr(session, &call).await?;
            let news = listed.rows.iter().any(&is_new);
            piece.rows.extend(listed.rows);
            match listed.next {
                Some(next) if news => call.page = next,
                _ => break,
            }
        }
        if is_long && sweep.is_none() && !pass.check {
            return Ok(piece);
        }
        let after = sweep.and_then(|sweep| sweep.after);
        call = ListApplications { latest_first: false, page: sweep.map_or(1, |sweep| sweep.page), ..call };
        let mut upto = after;
        for _ in 0..PAGES {
            if !self.is_in_time(pass) {
                break;
            }
            let listed = self.ask_bamboohr(session, &call).await?;
            upto = listed.rows.iter().map(|row| Some(row.id)).fold(upto, Option::max);
            piece.rows.extend(listed.rows);
            let Some(next) = listed.next else {
                pass.marks.sweep = None;
                piece.whole = Some((after, None));
                return Ok(piece);
            };
            pass.marks.sweep = Some(Sweep { page: call.page, after: upto });
            call.page = next;
        }
        piece.whole = (upto > after).then_some((after, upto));
        Ok(piece)
    }
}

//! Who has a mapping's status: when the mapping was put, and when the sync looked last.
//!
//! BambooHR lists who has a status, not since when. Remembering the last list makes the next one tell who is
//! new, without a further call for anybody else. One small record per mapping, written when it changes.
//!
//! All mappings share one list. One of a few pages is read whole each time. Of a longer one, those changed last are
//! read each time, as far as there is anybody new among them, and once an hour all of it, piece by piece: it tells
//! who has left the status, and it doesn't depend on what BambooHR takes for a change. Which of the two a list is,
//! is known from reading it: nothing documents how many rows a page has.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    app::{
        App,
        account::Account,
        record::{Record, key_of},
        session::{BambooHrSession, Trouble},
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
/// Pages read at a time. A list of more is long.
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
    /// The ids of the applications meant.
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
    /// The ids of the applications meant.
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

/// How far the list of applications is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reach {
    /// Whether it had more pages than are read at a time when it was last read to its end.
    is_long: bool,
    /// How far the reading of all of it stands.
    sweep: Option<Sweep>,
    /// The last page of those changed last that was read, when there may be more news after it.
    news: Option<u32>,
}

/// A part of a list, or all of it.
#[derive(Debug, Default)]
pub(super) struct Piece {
    pub(super) rows: Vec<ApplicationRow>,
    /// Of the applications after the first and up to the second, all are among the rows; `None` = no limit.
    /// Ids grow with time, as the list does. Should they not, somebody is looked at once more than needed.
    whole: Option<(Option<ApplicationId>, Option<ApplicationId>)>,
    /// How far the list is read once the rows are taken in.
    pub(super) reach: Reach,
}

impl Reach {
    /// Begins the reading of all of the list anew.
    pub(super) fn begin_anew(&mut self) {
        self.sweep = None;
    }
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

    /// Reads of the applications in these statuses as much as has to be looked at now. `afresh`: all of it is to be
    /// looked at again, if not at once; `is_new`: whether somebody was not there.
    pub(super) async fn list_new_applications(
        &self,
        session: &mut BambooHrSession,
        statuses: Vec<StatusId>,
        mut reach: Reach,
        afresh: bool,
        is_new: impl Fn(&ApplicationRow) -> bool,
    ) -> Result<Piece, Trouble> {
        let mut piece = Piece::default();
        let mut call = ListApplications { job: None, statuses, latest_first: false, page: 1 };
        if !reach.is_long || reach.sweep.is_some() || afresh {
            self.read_on(&mut reach, session, &mut call, &mut piece).await?;
        }
        if piece.whole == Some((None, None)) {
            piece.reach = Reach { news: None, ..reach };
            return Ok(piece);
        }
        // Of a list that is not read from end to end now, whoever is new is among those changed last. Since the last
        // look rows moved down by as many as were changed, and up by those who left. So what was read then is read
        // once more, and as many pages beyond it as there is news in it.
        (call.latest_first, call.page) = (true, 1);
        let known = reach.news.unwrap_or_default();
        let mut above = 0;
        while self.may_begin() {
            let listed = self.ask_bamboohr(session, &call).await?;
            let is_news = listed.rows.iter().any(&is_new);
            above += u32::from(is_news && call.page <= known);
            piece.rows.extend(listed.rows);
            let goes_on = is_news || (known > 0 && call.page <= known + above);
            let Some(next) = listed.next.filter(|_| goes_on) else {
                reach.news = None;
                break;
            };
            reach.news = Some(call.page);
            if call.page >= known + PAGES {
                break;
            }
            call.page = next;
        }
        piece.reach = reach;
        Ok(piece)
    }

    /// Reads the next pages of the whole list, the oldest application first.
    async fn read_on(
        &self,
        reach: &mut Reach,
        session: &mut BambooHrSession,
        call: &mut ListApplications,
        piece: &mut Piece,
    ) -> Result<(), Trouble> {
        let after = reach.sweep.and_then(|sweep| sweep.after);
        call.page = reach.sweep.map_or(1, |sweep| sweep.page);
        let mut upto = after;
        for _ in 0..PAGES {
            if !self.may_begin() {
                break;
            }
            let listed = self.ask_bamboohr(session, call).await?;
            upto = listed.rows.iter().map(|row| Some(row.id)).fold(upto, Option::max);
            piece.rows.extend(listed.rows);
            let Some(next) = listed.next else {
                *reach = Reach { is_long: call.page > PAGES, sweep: None, ..*reach };
                piece.whole = Some((after, None));
                return Ok(());
            };
            reach.sweep = Some(Sweep { page: call.page, after: upto });
            call.page = next;
        }
        reach.is_long |= call.page > PAGES;
        piece.whole = (upto > after).then_some((after, upto));
        Ok(())
    }
}

//! What was done, for whom, and why not: one line per piece of work, with its steps.
//!
//! A line is written in the same swap that takes the work off its lane, so there is exactly one line per
//! finished piece of work and none for work that isn't. The newest lines of a lane are in its inbox
//! record; older ones are in pages that are written once and overwritten when the ring comes round.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{
    App, Failure,
    inbox::{Inbox, LANES, Lane},
    record::{Batch, Record, RecordError, Stored},
};
use crate::{
    domain::{
        ids::{AccountId, Candidacy},
        time::Timestamp,
    },
    ports::World,
};

/// Lines kept in the inbox record before they become a page.
pub const PAGE: usize = 32;
/// Pages per lane: with 8 lanes, at least 10,240 lines per account.
const PAGES: u64 = 40;
/// The longest sentence kept, in characters.
const LONGEST: usize = 400;
/// The most steps kept of one piece of work.
const MOST_STEPS: usize = 40;

/// Identifies a line: its lane and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ItemId {
    /// The lane.
    pub lane: u8,
    /// The number, growing by one.
    pub number: u64,
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.lane, self.number)
    }
}

impl FromStr for ItemId {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let parse = || {
            let (lane, number) = text.split_once('-')?;
            let lane: u8 = lane.parse().ok().filter(|lane| usize::from(*lane) < LANES)?;
            Some(Self { lane, number: number.parse().ok()? })
        };
        parse().ok_or_else(|| Failure::not_found("There is no such activity."))
    }
}

impl TryFrom<String> for ItemId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map_err(|failure: Failure| failure.public)
    }
}

impl From<ItemId> for String {
    fn from(id: ItemId) -> Self {
        id.to_string()
    }
}

/// Who or what set the work going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A vendor's delivery.
    Webhook,
    /// The 15-minute sync.
    Sync,
    /// A person asked to run it again.
    Replay,
    /// A person changed a setting.
    Admin,
}

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// At least one invitation went out.
    Invited,
    /// Nobody was invited; the summary says why.
    NotInvited,
    /// Progress was shown in the ATS, or a result attached.
    Updated,
    /// It was not for us, or told nothing new.
    Ignored,
    /// It didn't work and will be tried again by itself.
    Retrying,
    /// It didn't work and waits for a person; replay it.
    Failed,
    /// Something missed was found and mended.
    Healed,
    /// A connection or setting changed.
    Settings,
}

impl Outcome {
    /// Whether a later line about the same candidacy makes one that ended so a thing of the past. Work that failed is worked
    /// off with whatever is worked off later; a decision is replaced by a later decision alone.
    fn is_settled_by(self, later: Self) -> bool {
        match self {
            Self::Failed | Self::Retrying => true,
            Self::NotInvited => {
                matches!(later, Self::Invited | Self::NotInvited | Self::Failed | Self::Retrying)
            }
            Self::Invited | Self::Updated | Self::Ignored | Self::Healed | Self::Settings => false,
        }
    }

    /// All, for filters.
    pub const ALL: [Self; 8] = [
        Self::Invited,
        Self::NotInvited,
        Self::Updated,
        Self::Ignored,
        Self::Retrying,
        Self::Failed,
        Self::Healed,
        Self::Settings,
    ];

    /// The word in the API.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::NotInvited => "not_invited",
            Self::Updated => "updated",
            Self::Ignored => "ignored",
            Self::Retrying => "retrying",
            Self::Failed => "failed",
            Self::Healed => "healed",
            Self::Settings => "settings",
        }
    }
}

/// One thing done or found on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// When it was noted, by our clock.
    pub at: Timestamp,
    /// What, in a few words: "read the opportunity".
    pub what: String,
    /// Whether it went well.
    pub ok: bool,
    /// What came of it.
    pub detail: String,
}

/// A line of the activity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Where to find it again.
    pub id: ItemId,
    /// When the work ended.
    pub at: Timestamp,
    /// What set it going.
    pub source: Source,
    /// Whose candidacy, if it is about one.
    pub candidacy: Option<Candidacy>,
    /// The candidate's name, or the setting.
    pub subject: String,
    /// How it ended.
    pub outcome: Outcome,
    /// One sentence.
    pub summary: String,
    /// The way there.
    pub steps: Vec<Step>,
}

/// A line before it has a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// See [`Item::source`].
    pub source: Source,
    /// See [`Item::candidacy`].
    pub candidacy: Option<Candidacy>,
    /// See [`Item::subject`].
    pub subject: String,
    /// See [`Item::outcome`].
    pub outcome: Outcome,
    /// See [`Item::summary`].
    pub summary: String,
    /// See [`Item::steps`].
    pub steps: Vec<Step>,
}

/// Lines that left the inbox record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    items: Vec<Item>,
}

/// Which page of which lane.
#[derive(Debug, Clone)]
pub struct PageKey {
    lane: Lane,
    slot: u64,
}

impl fmt::Display for PageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.lane, self.slot)
    }
}

impl Record for Page {
    const PREFIX: &'static str = "activity";
    const VERSION: u32 = 1;
    type Key = PageKey;
}

fn shorten(text: &mut String) {
    if let Some((cut, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(cut);
        text.push('…');
    }
}

impl Inbox {
    /// Adds a line.
    pub fn note(&mut self, lane: u8, at: Timestamp, mut line: Line) -> ItemId {
        let id = ItemId { lane, number: self.lines };
        shorten(&mut line.summary);
        shorten(&mut line.subject);
        line.steps.truncate(MOST_STEPS);
        for step in &mut line.steps {
            shorten(&mut step.detail);
        }
        self.recent.push(Item {
            id,
            at,
            source: line.source,
            candidacy: line.candidacy,
            subject: line.subject,
            outcome: line.outcome,
            summary: line.summary,
            steps: line.steps,
        });
        self.lines += 1;
        id
    }

    /// Takes the oldest lines out when there are enough for a page. Writing a page twice is harmless,
    /// because its place and content follow from the record.
    pub(super) fn spill_lines(&mut self, lane: &Lane, batch: Batch) -> Batch {
        if self.recent.len() < 2 * PAGE {
            return batch;
        }
        let items: Vec<Item> = self.recent.drain(..PAGE).collect();
        let slot = items[0].id.number / PAGE as u64 % PAGES;
        batch.put(&PageKey { lane: lane.clone(), slot }, &Page { items })
    }
}

/// Which lines to list.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// At most this many, 1 to 100.
    pub limit: usize,
    /// Only lines after this one in the list, i.e. older.
    pub before: Option<ItemId>,
    /// A candidacy's id at the vendor, or a part of a name, title or reason, in any case.
    pub subject: Option<String>,
    /// Only lines that ended so.
    pub outcome: Option<Outcome>,
}

/// A part of the activity, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// The lines.
    pub items: Vec<Item>,
    /// The value of `before` for what follows, if anything may follow.
    pub next: Option<ItemId>,
    /// Those of the lines that a later one, listed or not, has made a thing of the past.
    pub settled: Vec<ItemId>,
    /// The candidacies whose work was given up and waits for a person.
    pub parked: Vec<Candidacy>,
}

impl Query {
    fn admits(&self, item: &Item) -> bool {
        self.outcome.is_none_or(|outcome| item.outcome == outcome)
            && self.subject.as_deref().is_none_or(|sought| item.is_about(sought))
    }
}

impl Item {
    fn is_about(&self, sought: &str) -> bool {
        /// Fewer characters of an id may as well be of a name.
        const TELLING: usize = 8;
        let sought = sought.trim().to_lowercase();
        let is_candidacy = self.candidacy.as_ref().is_some_and(|candidacy| {
            let shown = candidacy.to_string().to_lowercase();
            let own = shown.rsplit('/').next().unwrap_or_default();
            let label = candidacy.label().to_lowercase();
            let begins = |text: &str| sought.len() >= TELLING && text.starts_with(&sought);
            shown == sought || label == sought || own == sought || begins(own)
        });
        is_candidacy || self.subject.to_lowercase().contains(&sought) || self.summary.to_lowercase().contains(&sought)
    }
}

impl<W: World> App<'_, W> {
    /// Notes something that is about no candidacy.
    ///
    /// # Errors
    /// The store failed.
    pub async fn note(&self, account: &AccountId, line: Line) -> Result<(), RecordError> {
        let lane = Lane::of_settings(account);
        let now = self.world.now();
        self.change_inbox(&lane, |inbox| Some(inbox.note(lane.number, now, line.clone()))).await?;
        Ok(())
    }

    /// Notes that something is passed over, unless a line among the newest says so already: whoever delivers what is not
    /// acted on here may do so all day.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn note_ignored(
        &self,
        account: &AccountId,
        subject: &str,
        summary: String,
    ) -> Result<(), RecordError> {
        let lane = Lane::of_settings(account);
        let now = self.world.now();
        self.change_inbox(&lane, |inbox| {
            let is_told = inbox.recent.iter().any(|item| item.summary == summary);
            let line = Line {
                source: Source::Webhook,
                candidacy: None,
                subject: subject.to_owned(),
                outcome: Outcome::Ignored,
                summary: summary.clone(),
                steps: Vec::new(),
            };
            (!is_told).then(|| inbox.note(lane.number, now, line))
        })
        .await?;
        Ok(())
    }

    /// Lists the activity, newest first, in at most one read per lane and page.
    ///
    /// # Errors
    /// The store failed, or `before` names a line that was never there.
    pub async fn activity(&self, account: &AccountId, query: &Query) -> Result<Listing, Failure> {
        let limit = query.limit.clamp(1, 100);
        let lanes: Vec<Lane> = Lane::all(account).collect();
        let inboxes = self.load_many::<Inbox>(&lanes).await?;
        let mut tails: Vec<Tail> = Vec::with_capacity(lanes.len());
        let mut parked = Vec::new();
        for (lane, inbox) in lanes.iter().zip(inboxes) {
            let inbox = inbox.ok_or_else(|| Failure::not_found(format!("There is no account `{account}`.")))?.record;
            let waiting = inbox.work.iter().filter(|work| work.parked.is_some());
            parked.extend(waiting.map(|work| work.candidacy.clone()));
            tails.push(Tail::new(lane.clone(), inbox));
        }
        let after = match query.before {
            None => None,
            Some(id) => Some(
                self.find_in(&tails[usize::from(id.lane)], id)
                    .await?
                    .map_or((Timestamp::MAX, id), |item| (item.at, id)),
            ),
        };
        let mut items = Vec::new();
        let mut next = None;
        let mut settled = Vec::new();
        let mut later: Vec<(Candidacy, Outcome)> = Vec::new();
        while let Some(index) = self.newest(&mut tails).await? {
            let item = tails[index].items.pop().expect("`newest` names a tail with a line");
            let is_listed = after.is_none_or(|after| (item.at, item.id) < after) && query.admits(&item);
            if is_listed && items.len() == limit {
                next = items.last().map(|item: &Item| item.id);
                break;
            }
            let own = item.candidacy.clone();
            if is_listed {
                let settles = |(known, outcome): &(Candidacy, Outcome)| {
                    own.as_ref() == Some(known) && item.outcome.is_settled_by(*outcome)
                };
                settled.extend(later.iter().any(settles).then_some(item.id));
            }
            later.extend(own.map(|own| (own, item.outcome)));
            if is_listed {
                items.push(item);
            }
        }
        Ok(Listing { items, next, settled, parked })
    }

    /// One line.
    ///
    /// # Errors
    /// It isn't there (any more), or the store failed.
    pub async fn activity_item(&self, account: &AccountId, id: ItemId) -> Result<Item, Failure> {
        let gone = || Failure::not_found("There is no such activity; it may have been too old to keep.");
        let lane = Lane::numbered(account, id.lane);
        let inbox = self.load::<Inbox>(&lane).await?.ok_or_else(gone)?.record;
        self.find_in(&Tail::new(lane, inbox), id).await?.ok_or_else(gone)
    }

    async fn find_in(&self, tail: &Tail, id: ItemId) -> Result<Option<Item>, RecordError> {
        if let Some(item) = tail.items.iter().find(|item| item.id == id) {
            return Ok(Some(item.clone()));
        }
        let page = self.load::<Page>(&tail.page_of(id.number)).await?;
        Ok(page.and_then(|page: Stored<Page>| page.record.items.into_iter().find(|item| item.id == id)))
    }

    /// The tail whose last line is the newest of all. When one has run dry, the next page of all that are about to is
    /// fetched with its own, in one read.
    async fn newest(&self, tails: &mut [Tail]) -> Result<Option<usize>, RecordError> {
        let dry: Vec<(usize, PageKey)> =
            tails.iter().enumerate().filter_map(|(index, tail)| tail.missing_page().map(|key| (index, key))).collect();
        if tails.iter().any(Tail::is_dry) {
            let keys: Vec<PageKey> = dry.iter().map(|(_, key)| key.clone()).collect();
            for ((index, _), page) in dry.iter().zip(self.load_many::<Page>(&keys).await?) {
                tails[*index].turn(page.map(|page| page.record));
            }
        }
        let newest = tails
            .iter()
            .enumerate()
            .filter_map(|(index, tail)| tail.items.last().map(|item| ((item.at, item.id), index)));
        Ok(newest.max().map(|(_, index)| index))
    }
}

/// The lines of one lane while they are listed from the newest back.
struct Tail {
    lane: Lane,
    /// Oldest first; the last one is next.
    items: Vec<Item>,
    /// The number of the oldest line fetched so far; older ones are in pages.
    oldest: u64,
    /// Nothing older is kept.
    ended: bool,
    lines: u64,
}

impl Tail {
    fn new(lane: Lane, inbox: Inbox) -> Self {
        let oldest = inbox.recent.first().map_or(inbox.lines, |item| item.id.number);
        Self { lane, oldest, ended: oldest == 0, items: inbox.recent, lines: inbox.lines }
    }

    fn page_of(&self, number: u64) -> PageKey {
        PageKey { lane: self.lane.clone(), slot: number / PAGE as u64 % PAGES }
    }

    fn is_dry(&self) -> bool {
        self.items.is_empty() && !self.ended
    }

    fn missing_page(&self) -> Option<PageKey> {
        (self.items.len() < PAGE && !self.ended).then(|| self.page_of(self.oldest - 1))
    }

    fn turn(&mut self, page: Option<Page>) {
        // A slot that holds another round's lines has been overwritten: the ring ends here.
        let expected = self.oldest - 1;
        match page.filter(|page| page.items.last().is_some_and(|item| item.id.number == expected)) {
            Some(page) => {
                self.oldest = page.items[0].id.number;
                self.ended = self.oldest == 0 || self.lines - self.oldest >= PAGES * PAGE as u64;
                self.items.splice(0..0, page.items);
            }
            None => self.ended = true,
        }
    }
}

/// The keys of all pages of a lane, whether written yet or not.
pub(super) fn page_keys(lane: &Lane) -> impl Iterator<Item = PageKey> {
    let lane = lane.clone();
    (0..PAGES).map(move |slot| PageKey { lane: lane.clone(), slot })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{ApplicationId, Company, OpportunityId};

    fn item(candidacy: Candidacy) -> Item {
        Item {
            id: ItemId { lane: 0, number: 0 },
            at: Timestamp::UNIX_EPOCH,
            source: Source::Sync,
            candidacy: Some(candidacy),
            subject: "Ada Okafor".to_owned(),
            outcome: Outcome::Failed,
            summary: "It was given up".to_owned(),
            steps: Vec::new(),
        }
    }

    #[test]
    fn a_candidacy_is_found_by_its_name_its_id_and_what_it_is_called() {
        let id = "ada0d8f0-738a-4bba-a671-8a3d73477145";
        let lever = item(Candidacy::Lever(OpportunityId::new(id).expect("valid")));
        for sought in [id, " ADA0D8F0 ", "ada0d8f0-738a", "opportunity ada0d8f0-738a-4bba-a671-8a3d73477145", "okafor"]
        {
            assert!(lever.is_about(sought), "{sought}");
        }
        // As few letters may be of anybody's name.
        for sought in ["ada0d8f", "738a-4bba", "opportunity", "application 903"] {
            assert!(!lever.is_about(sought), "{sought}");
        }
        let bamboohr = item(Candidacy::BambooHr(Company::new("acme").expect("valid"), ApplicationId(903)));
        assert!(bamboohr.is_about("903") && bamboohr.is_about("Application 903") && !bamboohr.is_about("90"));
    }

    #[test]
    fn work_is_settled_by_whatever_comes_later_and_a_decision_by_a_decision() {
        for later in Outcome::ALL {
            assert!(Outcome::Failed.is_settled_by(later) && Outcome::Retrying.is_settled_by(later));
            assert!(!Outcome::Invited.is_settled_by(later) && !Outcome::Settings.is_settled_by(later));
        }
        assert!(Outcome::NotInvited.is_settled_by(Outcome::Invited));
        assert!(!Outcome::NotInvited.is_settled_by(Outcome::Updated));
    }
}

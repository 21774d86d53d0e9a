//! Lever as the place where a candidacy lives: who it is, what the tags ask for, what we show there.

use jiff::SignedDuration;
use litemap::LiteMap;
use serde::{Deserialize, Serialize};

use super::{
    App,
    account::Account,
    applicant::{Applicant, Choice, Shown},
    candidacy::CandidacyRecord,
    catalogue::{Catalogue, Freshness},
    record::{Batch, Record},
    session::{LeverSession, QualifiedSession, Trouble},
};
use crate::{
    domain::{
        ids::{AccountId, OpportunityId, PostingId},
        tag,
        time::Timestamp,
        title,
        trigger::{Email, Standing},
    },
    ports::World,
    vendor::lever::{AddNote, AddTags, GetOpportunity, GetPosting, ListNotes, Opportunity, RemoveTags},
};

/// How long a posting's tags are good for when the candidate's tags match something.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How old they may be when nothing matches.
const FRESH_ON_MISS: SignedDuration = SignedDuration::from_secs(20);
/// Postings remembered.
const MOST_POSTINGS: usize = 100;
/// Pages of notes searched for our marker, of 100 notes each.
const MOST_NOTE_PAGES: usize = 10;

/// The tags of postings, remembered so that an invitation needs no further call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postings {
    #[serde(with = "crate::domain::sorted")]
    tags: LiteMap<PostingId, (Timestamp, Vec<String>)>,
}

impl Record for Postings {
    const PREFIX: &'static str = "postings";
    const VERSION: u32 = 1;
    type Key = AccountId;
}

/// What a candidate's tags ask for.
#[derive(Debug)]
pub(super) struct Asked {
    /// To be invited to.
    pub(super) choices: Vec<Choice>,
    /// Tags that look like a title and invite to nothing: sentences.
    pub(super) puzzles: Vec<String>,
    /// What was learned of postings, to be written with the rest.
    pub(super) learned: Batch,
}

impl<W: World> App<'_, W> {
    /// Reads the opportunity.
    pub(super) async fn read_opportunity(
        &self,
        session: &mut LeverSession,
        id: &OpportunityId,
    ) -> Result<Opportunity, Trouble> {
        self.ask_lever(session, &GetOpportunity { id: id.clone() }).await
    }

    /// What the opportunity's and its posting's tags ask for. Lists assessments and posting again when
    /// nothing matches what is remembered, or a tag almost does.
    pub(super) async fn asked_by_tags(
        &self,
        id: &AccountId,
        lever: &mut LeverSession,
        qualified: &mut QualifiedSession,
        opportunity: &Opportunity,
        record: &CandidacyRecord,
    ) -> Result<Asked, Trouble> {
        let stored = self.load::<Postings>(id).await?.map(|stored| stored.record).unwrap_or_default();
        let mut postings = stored.clone();
        let mut freshness = Freshness::Normal;
        let (choices, puzzles) = loop {
            let catalogue = self.catalogue(id, qualified, freshness).await?;
            let posting = self.posting_tags(lever, opportunity, &mut postings, freshness).await?;
            let (choices, puzzles) = choose(opportunity, &posting, &catalogue, record);
            // A puzzle may be one of what is remembered alone: the draft was published meanwhile.
            let settled = !choices.is_empty() && puzzles.is_empty();
            if settled || freshness == Freshness::OnMiss {
                break (choices, puzzles);
            }
            freshness = Freshness::OnMiss;
        };
        let learned = if postings == stored { Batch::new() } else { Batch::new().put(id, &postings) };
        Ok(Asked { choices, puzzles, learned })
    }

    async fn posting_tags(
        &self,
        lever: &mut LeverSession,
        opportunity: &Opportunity,
        postings: &mut Postings,
        freshness: Freshness,
    ) -> Result<Vec<String>, Trouble> {
        let Some(id) = &opportunity.posting else { return Ok(Vec::new()) };
        let now = self.world.now();
        let good_for = if freshness == Freshness::Normal { FRESH } else { FRESH_ON_MISS };
        if let Some((fetched_at, tags)) = postings.tags.get(id)
            && now.duration_since(*fetched_at) <= good_for
        {
            return Ok(tags.clone());
        }
        let tags = self.ask_lever(lever, &GetPosting { id: id.clone() }).await?.tags;
        if postings.tags.len() >= MOST_POSTINGS && !postings.tags.contains_key(id) {
            let oldest = postings.tags.iter().min_by_key(|(_, (fetched_at, _))| *fetched_at).map(|(id, _)| id.clone());
            oldest.map(|oldest| postings.tags.remove(&oldest));
        }
        postings.tags.insert(id.clone(), (now, tags.clone()));
        Ok(tags)
    }

    /// Shows progress as tags: adds the new ones, then removes the ones they replace. Both calls are
    /// harmless to repeat, and a crash between them leaves a tag too many rather than none.
    ///
    /// Whether Lever lets a tag go that comes from the job is not documented. If it refuses, the answer is why, and
    /// the progress counts as shown.
    pub(super) async fn show_tags(
        &self,
        session: &mut LeverSession,
        opportunity: &Opportunity,
        shown: &[Shown],
        known_titles: &[&str],
    ) -> Result<Option<String>, Trouble> {
        let new: Vec<String> = shown.iter().map(|shown| tag::showing(&shown.title, shown.progress)).collect();
        let absent: Vec<String> = new.iter().filter(|tag| !opportunity.tags.contains(tag)).cloned().collect();
        if !absent.is_empty() {
            self.ask_lever(session, &AddTags { opportunity: opportunity.id.clone(), tags: absent }).await?;
        }
        let mut stale: Vec<String> = Vec::new();
        for shown in shown {
            for tag in tag::stale(&opportunity.tags, &shown.title, shown.progress, known_titles) {
                if !new.contains(&tag) && !stale.contains(&tag) {
                    stale.push(tag);
                }
            }
        }
        if stale.is_empty() {
            return Ok(None);
        }
        match self.ask_lever(session, &RemoveTags { opportunity: opportunity.id.clone(), tags: stale }).await {
            Ok(()) => Ok(None),
            Err(Trouble::Vendor { error, .. }) if error.is_about_the_request() => Ok(Some(error.to_string())),
            Err(trouble) => Err(trouble),
        }
    }

    /// Adds a note. When an earlier attempt may have added it, looks for its marker first.
    pub(super) async fn add_note(
        &self,
        session: &mut LeverSession,
        opportunity: &OpportunityId,
        text: String,
        marker: &str,
        look_first: bool,
    ) -> Result<bool, Trouble> {
        if look_first && self.has_note(session, opportunity, marker).await? {
            return Ok(false);
        }
        self.ask_lever(session, &AddNote { opportunity: opportunity.clone(), text }).await?;
        Ok(true)
    }

    async fn has_note(
        &self,
        session: &mut LeverSession,
        opportunity: &OpportunityId,
        marker: &str,
    ) -> Result<bool, Trouble> {
        let mut offset = None;
        for _ in 0..MOST_NOTE_PAGES {
            let page = self.ask_lever(session, &ListNotes { opportunity: opportunity.clone(), offset }).await?;
            if page.rows.iter().any(|note| note.contains(marker)) {
                return Ok(true);
            }
            offset = page.next;
            if offset.is_none() {
                break;
            }
        }
        Ok(false)
    }
}

/// The applicant behind an opportunity.
pub(super) fn applicant(opportunity: &Opportunity) -> Applicant {
    let name = opportunity.name.as_ref().map(|name| name.as_str().trim().to_owned()).unwrap_or_default();
    let (first, last) = match name.split_once(' ') {
        Some((first, last)) => (Some(first.to_owned()), Some(last.trim().to_owned())),
        None => (Some(name.clone()).filter(|name| !name.is_empty()), None),
    };
    let email = opportunity.emails.iter().map(|email| email.as_str().trim()).find(|email| !email.is_empty());
    Applicant { name, first_name: first, last_name: last, email: email.map(str::to_owned) }
}

/// Where the opportunity stands towards the account's trigger stages.
pub(super) fn standing(account: &Account, opportunity: &Opportunity) -> Standing {
    let trigger = opportunity.stage.as_ref().and_then(|stage| account.trigger_stage(stage));
    Standing {
        archived: opportunity.archived,
        anonymized: opportunity.anonymized,
        confidential: opportunity.confidential,
        email: Email::judge(applicant(opportunity).email.as_deref()),
        enabled_at: trigger.map(|stage| stage.enabled_at),
        entered_at: opportunity.in_stage_since(),
    }
}

/// What identifies the candidate's coming into the present stage, however we hear of it.
pub(super) fn arrival_identity(opportunity: &Opportunity) -> Option<String> {
    let (stage, since) = (opportunity.stage.as_ref()?, opportunity.in_stage_since()?);
    Some(format!("{} came to {stage} at {}", opportunity.id, since.as_millisecond()))
}

/// Pure: which assessments the tags ask for, and which tags are puzzles.
pub(super) fn choose(
    opportunity: &Opportunity,
    posting_tags: &[String],
    catalogue: &Catalogue,
    record: &CandidacyRecord,
) -> (Vec<Choice>, Vec<String>) {
    let assigned: Vec<&str> = record.assignments.values().map(|assignment| assignment.title.as_str()).collect();
    // A tag that shows the progress of an assignment is our own doing and asks for nothing, even where
    // another assessment has that very title.
    let asking = |tag: &&String| !tag::is_progress_of(tag, &assigned);
    let tags: Vec<String> = opportunity.tags.iter().filter(asking).chain(posting_tags).cloned().collect();
    let offers = catalogue.offers();
    let selection = title::select(&tags, &offers);
    let choices = selection
        .chosen
        .into_iter()
        .map(|offer| Choice { assessment: offer.id.clone(), title: offer.title.trim().to_owned() })
        .collect();
    (choices, selection.puzzles.iter().map(ToString::to_string).collect())
}

/// The titles whose tags must not be mistaken for another's: all of the team's, and those of assignments
/// whose assessment was renamed since.
pub(super) fn known_titles<'a>(catalogue: Option<&'a Catalogue>, record: &'a CandidacyRecord) -> Vec<&'a str> {
    let assigned = record.assignments.values().map(|assignment| assignment.title.as_str());
    catalogue.map(Catalogue::titles).unwrap_or_default().into_iter().chain(assigned).collect()
}

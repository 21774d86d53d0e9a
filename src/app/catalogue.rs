//! The team's assessments, remembered so that an invitation needs no listing.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use super::{
    App,
    record::{Batch, Record, RecordError},
    session::{QualifiedSession, Trouble},
};
use crate::{
    domain::{
        ids::{AccountId, AssessmentId},
        time::Timestamp,
        title::{Availability, Offer},
    },
    ports::World,
    vendor::qualified::{AssessmentState, ListAssessments},
};

/// How long the list is good for when tags match it.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How old it may be when a tag matches nothing: the assessment may have been published just now.
const FRESH_ON_MISS: SignedDuration = SignedDuration::from_secs(20);
/// Pages fetched at most.
const MOST_PAGES: u32 = 200;

/// An assessment as it is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Qualified's id.
    pub id: AssessmentId,
    /// The title, trimmed.
    pub title: String,
    /// Whether candidates can be invited.
    pub state: State,
}

/// Whether candidates can be invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Candidates can be invited.
    Published,
    /// Not published yet.
    Draft,
    /// Not any more.
    Archived,
}

impl State {
    /// Why nobody can be invited to the assessment of this title; `None` = everybody can.
    #[must_use]
    pub fn refusal(self, title: &str) -> Option<String> {
        match self {
            Self::Published => None,
            Self::Draft => Some(format!("\"{title}\" is still a draft: publish it in Qualified")),
            Self::Archived => Some(format!("\"{title}\" is archived in Qualified")),
        }
    }
}

/// All assessments of the team, drafts and archived ones too: a tag with a draft's title is explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Catalogue {
    /// When it was listed.
    pub fetched_at: Timestamp,
    /// In title order.
    pub assessments: Vec<Listed>,
}

impl Record for Catalogue {
    const PREFIX: &'static str = "catalogue";
    const VERSION: u32 = 1;
    type Key = AccountId;
}

/// How fresh the catalogue has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// For a decision in which tags match.
    Normal,
    /// For a decision in which nothing matched, or a tag almost did.
    OnMiss,
    /// Listed now.
    Live,
}

impl Catalogue {
    /// The form in which tags are compared.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer<'_>> {
        let availability = |state| match state {
            State::Published => Availability::Published,
            State::Draft => Availability::Draft,
            State::Archived => Availability::Archived,
        };
        self.assessments
            .iter()
            .map(|Listed { id, title, state }| Offer { id, title, availability: availability(*state) })
            .collect()
    }

    /// All titles.
    #[must_use]
    pub fn titles(&self) -> Vec<&str> {
        self.assessments.iter().map(|listed| listed.title.as_str()).collect()
    }

    /// Those that can be had.
    pub fn published(&self) -> impl Iterator<Item = &Listed> {
        self.assessments.iter().filter(|listed| listed.state == State::Published)
    }
}

impl<W: World> App<'_, W> {
    /// The catalogue as remembered, of whatever age.
    ///
    /// # Errors
    /// The store failed.
    pub async fn remembered_catalogue(&self, id: &AccountId) -> Result<Option<Catalogue>, RecordError> {
        Ok(self.load::<Catalogue>(id).await?.map(|stored| stored.record))
    }

    /// The catalogue, listed again if it is too old.
    ///
    /// # Errors
    /// Qualified or the store failed.
    pub async fn catalogue(
        &self,
        id: &AccountId,
        qualified: &mut QualifiedSession,
        freshness: Freshness,
    ) -> Result<Catalogue, Trouble> {
        let now = self.world.now();
        let oldest = match freshness {
            Freshness::Normal => Some(FRESH),
            Freshness::OnMiss => Some(FRESH_ON_MISS),
            Freshness::Live => None,
        };
        if let (Some(oldest), Some(known)) = (oldest, self.remembered_catalogue(id).await?)
            && now.duration_since(known.fetched_at) <= oldest
        {
            return Ok(known);
        }
        let listed = self.list_assessments(qualified).await?;
        let catalogue = Catalogue { fetched_at: now, assessments: listed };
        self.write(Batch::new().put(id, &catalogue)).await.map_err(RecordError::from)?;
        Ok(catalogue)
    }

    /// Lists the assessments, writing nothing.
    ///
    /// # Errors
    /// Qualified failed.
    pub async fn list_assessments(&self, qualified: &mut QualifiedSession) -> Result<Vec<Listed>, Trouble> {
        let mut assessments = Vec::new();
        let mut page = 1;
        loop {
            let listed = self.ask_qualified(qualified, &ListAssessments { page }).await?;
            assessments.extend(listed.rows.into_iter().filter_map(|assessment| {
                let state = match assessment.state {
                    AssessmentState::Published => State::Published,
                    AssessmentState::Draft => State::Draft,
                    AssessmentState::Archived => State::Archived,
                    AssessmentState::Other => return None,
                };
                Some(Listed { id: assessment.id, title: assessment.title.trim().to_owned(), state })
            }));
            match listed.next {
                Some(next) if next <= MOST_PAGES => page = next,
                _ => break,
            }
        }
        assessments.sort_by(|one, other| one.title.cmp(&other.title));
        Ok(assessments)
    }
}

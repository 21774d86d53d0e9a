//! "What would happen?": the decision about a candidate, made on today's facts, with nothing done about it.
//!
//! Every look locks the world first (`guard`).

use std::collections::BTreeMap;

use url::Url;

use super::{
    App, Class, Failure,
    account::Account,
    candidacy::{CandidacyKey, CandidacyRecord},
    catalogue::Catalogue,
    guard, lever,
    record::RecordError,
    session::{LeverSession, Trouble},
};
use crate::{
    domain::{
        assignment::Progress,
        ids::{AccountId, Candidacy, OpportunityId, PostingId, StageId},
        time::Timestamp,
        trigger,
    },
    ports::World,
    vendor::{
        CallError, Personal,
        lever::{GetPosting, ListOpportunities, Opportunity, Stage},
    },
};

/// Candidacies looked at when a person is named by an address.
const MOST_CANDIDACIES: usize = 5;
/// Jobs whose own tags are read for one look at a stage. Lever shows a job's tags on its candidates too, so that one
/// more or less seldom matters.
const MOST_JOBS: usize = 20;

/// What would happen to one candidacy. Holds a name, hence no `Debug`.
pub struct Foreseen {
    /// The candidacy that it is about.
    pub opportunity: OpportunityId,
    /// The candidate's name; may be empty.
    pub name: String,
    /// The candidacy's page in Lever.
    pub lever_page: Option<Url>,
    /// The name of the trigger stage it is in.
    pub trigger_stage: Option<String>,
    /// Why nothing is sent at present; `None` = it is sent.
    pub obstacle: Option<String>,
    /// Titles to be sent, at present or when the candidate enters a trigger stage.
    pub invited: Vec<String>,
    /// Titles sent before, with how far the candidate is.
    pub sent_before: Vec<(String, Progress)>,
    /// Tags that look like a title and invite to nothing: sentences.
    pub puzzles: Vec<String>,
}

/// Those who are in a stage, as far as they were looked at: the first page that Lever gives.
pub struct Look {
    /// What would happen to each.
    pub people: Vec<Foreseen>,
    /// There are more.
    pub is_cut: bool,
}

/// What a trigger stage does.
pub struct StageLook {
    /// The trigger stage's name.
    pub text: String,
    /// Those who are in it now.
    pub present: Look,
    /// The stage from which others may come.
    pub from: Option<StageId>,
    /// Those who are there now, as if they had just entered the trigger stage.
    pub coming: Option<Look>,
    /// All stages, in the order of the pipeline.
    pub stages: Vec<Stage>,
}

/// What a person pastes to name a candidate.
enum Named {
    Opportunity(OpportunityId),
    Email(Personal),
}

/// Reads a link into Lever, an opportunity's id or an e-mail address.
fn named(text: &str) -> Option<Named> {
    let text = text.trim();
    if let Ok(url) = Url::parse(text)
        && url.has_host()
    {
        // https://hire.lever.co/candidates/{opportunity}, maybe with more behind it.
        let mut segments =
            url.path_segments()?.skip_while(|segment| *segment != "candidates" && *segment != "opportunities");
        segments.next()?;
        return segments.next().and_then(|id| OpportunityId::new(id).ok()).map(Named::Opportunity);
    }
    if trigger::Email::judge(Some(text)) == trigger::Email::Usable {
        return Some(Named::Email(Personal::new(text)));
    }
    OpportunityId::new(text).ok().map(Named::Opportunity)
}

impl<W: World> App<'_, W> {
    /// What would happen to the candidate named by a link into Lever, an opportunity's id or an e-mail address.
    /// Reads only, here and at the vendors.
    ///
    /// # Errors
    /// The text names nobody, something isn't connected, or a vendor or the store failed.
    pub async fn foresee(&self, id: &AccountId, candidate: &str) -> Result<Vec<Foreseen>, Failure> {
        let named = named(candidate).ok_or_else(|| {
            Failure::invalid("Paste the address of the candidate's page in Lever, or the candidate's e-mail address.")
        })?;
        self.looking().look_at(id, named).await
    }

    /// What a trigger stage does: who is in it now, and who would be invited on entering it from the stage `from`;
    /// from the one before it in the pipeline if none is named. Reads only, here and at the vendors.
    ///
    /// # Errors
    /// It is no trigger stage, something isn't connected, or a vendor or the store failed.
    pub async fn foresee_stage(
        &self,
        id: &AccountId,
        stage: &StageId,
        from: Option<StageId>,
    ) -> Result<StageLook, Failure> {
        self.looking().look_at_stage(id, stage, from).await
    }
}

/// What a look needs.
struct Eyes {
    account: Account,
    lever: LeverSession,
    catalogue: Catalogue,
    /// The tags of the jobs read so far.
    jobs: BTreeMap<PostingId, Vec<String>>,
}

impl<W: World> App<'_, W> {
    async fn look_at(&self, id: &AccountId, named: Named) -> Result<Vec<Foreseen>, Failure> {
        let mut eyes = self.open_eyes(id).await?;
        let found = self.find(&mut eyes.lever, named).await.map_err(|trouble| failure(trouble, "the candidate"))?;
        if found.is_empty() {
            return Err(Failure::not_found("Lever has no active candidate with this address."));
        }
        self.judge_all(id, &mut eyes, &found, None).await
    }

    async fn look_at_stage(
        &self,
        id: &AccountId,
        stage: &StageId,
        from: Option<StageId>,
    ) -> Result<StageLook, Failure> {
        let mut eyes = self.open_eyes(id).await?;
        let trigger = eyes.account.trigger_stage(stage);
        let text = trigger.map(|trigger| trigger.text.clone());
        let text = text.ok_or_else(|| Failure::not_found("This is not a trigger stage. It may have been removed."))?;
        let stages = self.list_stages(&mut eyes.lever).await;
        let stages = stages.map_err(|trouble| failure(trouble, "the list of stages"))?;
        let place = stages.iter().position(|known| known.id == *stage).unwrap_or_default();
        let before = stages.get(place.wrapping_sub(1)).map(|before| before.id.clone());
        let from = from.or(before).filter(|from| from != stage);
        let present = self.look_into(id, &mut eyes, stage, None).await?;
        let coming = match &from {
            Some(from) => Some(self.look_into(id, &mut eyes, from, Some(self.world.now())).await?),
            None => None,
        };
        Ok(StageLook { text, present, from, coming, stages })
    }

    /// Those who are in a stage; `entering`: as if they had entered a trigger stage then.
    async fn look_into(
        &self,
        id: &AccountId,
        eyes: &mut Eyes,
        stage: &StageId,
        entering: Option<Timestamp>,
    ) -> Result<Look, Failure> {
        let list = ListOpportunities { stage: Some(stage.clone()), ..ListOpportunities::default() };
        let listed = self.ask_lever(&mut eyes.lever, &list).await;
        let listed = listed.map_err(|trouble| failure(trouble, "the stage's candidates"))?;
        let people = self.judge_all(id, eyes, &listed.rows, entering).await?;
        Ok(Look { people, is_cut: listed.next.is_some() })
    }

    async fn open_eyes(&self, id: &AccountId) -> Result<Eyes, Failure> {
        const LIST: &str = "the list of assessments";
        let account = self.account(id).await?;
        let lever = self.lever_session(id).await.map_err(|trouble| failure(trouble, "the candidate"))?;
        let mut qualified = self.qualified_session(id, &account).map_err(|trouble| failure(trouble, LIST))?;
        let listed = self.list_assessments(&mut qualified).await;
        let assessments = listed.map_err(|trouble| failure(trouble, LIST))?;
        let catalogue = Catalogue { fetched_at: self.world.now(), assessments };
        Ok(Eyes { account, lever, catalogue, jobs: BTreeMap::new() })
    }

    async fn judge_all(
        &self,
        id: &AccountId,
        eyes: &mut Eyes,
        opportunities: &[Opportunity],
        entering: Option<Timestamp>,
    ) -> Result<Vec<Foreseen>, Failure> {
        for posting in opportunities.iter().filter_map(|opportunity| opportunity.posting.as_ref()) {
            if eyes.jobs.len() < MOST_JOBS && !eyes.jobs.contains_key(posting) {
                let job = self.ask_lever(&mut eyes.lever, &GetPosting { id: posting.clone() }).await;
                eyes.jobs.insert(posting.clone(), job.map_err(|trouble| failure(trouble, "the job"))?.tags);
            }
        }
        let key = |it: &Opportunity| CandidacyKey::new(id, &Candidacy::Lever(it.id.clone()));
        let records = self.load_many::<CandidacyRecord>(&opportunities.iter().map(key).collect::<Vec<_>>()).await?;
        let judged = opportunities.iter().zip(records).map(|(opportunity, record)| {
            judge(eyes, opportunity, &record.map(|stored| stored.record).unwrap_or_default(), entering)
        });
        Ok(judged.collect())
    }

    async fn find(&self, session: &mut LeverSession, named: Named) -> Result<Vec<Opportunity>, Trouble> {
        match named {
            Named::Opportunity(id) => Ok(vec![self.read_opportunity(session, &id).await?]),
            Named::Email(email) => {
                let list = ListOpportunities { email: Some(email), ..ListOpportunities::default() };
                let mut rows = self.ask_lever(session, &list).await?.rows;
                rows.truncate(MOST_CANDIDACIES);
                Ok(rows)
            }
        }
    }
}

/// Where the present token or key is not good any more, it would have to be renewed first, which is a write.
fn failure(trouble: Trouble, what: &str) -> Failure {
    match trouble {
        Trouble::Record(RecordError::Store(error)) if guard::is_refusal(&error) => Failure::new(
            Class::Conflict,
            "A connection has to be renewed first. Press \"Check now\" on the set-up, then look again.",
        ),
        Trouble::Vendor { error: CallError::NotFound(_), .. } => {
            Failure::not_found(format!("Lever does not know {what}. Was the whole address pasted?"))
        }
        other => other.failure(what),
    }
}

/// Pure: the decision; `entering`: as if a trigger stage had been entered then.
fn judge(eyes: &Eyes, opportunity: &Opportunity, record: &CandidacyRecord, entering: Option<Timestamp>) -> Foreseen {
    let account = &eyes.account;
    let job = opportunity.posting.as_ref().and_then(|posting| eyes.jobs.get(posting));
    let job = job.map(Vec::as_slice).unwrap_or_default();
    let (choices, puzzles) = lever::choose(opportunity, job, &eyes.catalogue, record);
    let sent = |assessment| record.assignments.get(assessment).is_some_and(|known| known.progress > Progress::Inviting);
    let invited: Vec<String> =
        choices.iter().filter(|choice| !sent(&choice.assessment)).map(|choice| choice.title.clone()).collect();
    let mut standing = lever::standing(account, opportunity);
    if entering.is_some() {
        (standing.enabled_at, standing.entered_at) = (entering, entering);
    }
    let obstacle = if account.ats_enabled {
        trigger::skip(&standing).map(|skip| skip.to_string())
    } else {
        Some("the subscription does not include the ATS features".to_owned())
    };
    Foreseen {
        opportunity: opportunity.id.clone(),
        name: lever::applicant(opportunity).name,
        lever_page: opportunity.show_url.clone(),
        trigger_stage: opportunity
            .stage
            .as_ref()
            .and_then(|stage| account.trigger_stage(stage))
            .map(|stage| stage.text.clone()),
        obstacle,
        invited,
        sent_before: record
            .assignments
            .values()
            .filter(|known| known.progress > Progress::Inviting)
            .map(|known| (known.title.clone(), known.progress))
            .collect(),
        puzzles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        named(text).map(|named| match named {
            Named::Opportunity(id) => id.to_string(),
            Named::Email(email) => email.into_string(),
        })
    }

    #[test]
    fn a_link_an_id_or_an_address_names_a_candidate() {
        let id = "250d8f03-738a-4bba-a671-8a3d73477145";
        for text in [
            format!("https://hire.lever.co/candidates/{id}"),
            format!(" https://hire.sandbox.lever.co/candidates/{id}/resumes?x=1#y "),
            format!("http://127.0.0.1:4001/opportunities/{id}"),
            id.to_owned(),
        ] {
            assert_eq!(shown(&text).as_deref(), Some(id), "{text}");
        }
        assert_eq!(shown("ada@example.com").as_deref(), Some("ada@example.com"));
    }

    #[test]
    fn other_texts_name_nobody() {
        for text in ["", "Ada Lovelace", "https://hire.lever.co/", "https://hire.lever.co/candidates/../x", "a/b"] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}

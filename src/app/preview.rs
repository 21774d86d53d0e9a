//! "What would happen?": the decision about a candidate, made on today's facts, with nothing done about it.
//!
//! That nothing is done is not left to care. The decision runs in a `ReadOnly` world, which refuses every write to
//! the store and every request to a vendor that is not a `GET`.

use std::future::Future;

use bytes::Bytes;
use http::{Method, Request, Response};
use jiff::{SignedDuration, Timestamp};
use url::Url;

use super::{
    App, Class, Failure,
    account::Account,
    candidacy::{CandidacyKey, CandidacyRecord},
    catalogue::Catalogue,
    lever,
    record::RecordError,
    session::{LeverSession, Trouble},
};
use crate::{
    domain::{
        assignment::Progress,
        ids::{AccountId, Candidacy, OpportunityId},
        trigger,
    },
    ports::{Clock, Log, Store, StoreError, Swap, Wire, WireError, World},
    vendor::{
        CallError, Personal,
        lever::{GetPosting, ListOpportunities, Opportunity},
    },
};

/// Candidacies looked at when a person is named by an address.
const MOST_CANDIDACIES: usize = 5;

/// A world in which nothing can be changed.
struct ReadOnly<'w, W>(&'w W);

const REFUSED: &str = "nothing is written while looking";

impl<W: World> Store for ReadOnly<'_, W> {
    fn get(&self, key: &str) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> {
        self.0.get(key)
    }

    fn get_many(&self, keys: &[String]) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, StoreError>> {
        self.0.get_many(keys)
    }

    async fn put_many(&self, _: Vec<(String, Vec<u8>)>) -> Result<(), StoreError> {
        Err(StoreError(REFUSED.to_owned()))
    }

    async fn delete_many(&self, _: &[String]) -> Result<(), StoreError> {
        Err(StoreError(REFUSED.to_owned()))
    }

    async fn swap(&self, _: &str, _: &[u8], _: Vec<u8>) -> Result<Swap, StoreError> {
        Err(StoreError(REFUSED.to_owned()))
    }
}

impl<W: World> Wire for ReadOnly<'_, W> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WireError> {
        if request.method() == Method::GET { self.0.send(request).await } else { Err(WireError::NotSent) }
    }
}

impl<W: World> Clock for ReadOnly<'_, W> {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn nonce(&self) -> [u8; 32] {
        self.0.nonce()
    }

    fn pause(&self, duration: SignedDuration) -> impl Future<Output = ()> {
        self.0.pause(duration)
    }
}

impl<W: World> Log for ReadOnly<'_, W> {
    fn log(&self, line: &str) {
        self.0.log(line);
    }
}

/// What would happen to one candidacy. Holds a name, hence no `Debug`.
pub struct Foreseen {
    /// Which.
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
        let world = ReadOnly(self.world);
        let app = App { world: &world, settings: self.settings };
        app.look_at(id, named).await
    }
}

impl<W: World> App<'_, ReadOnly<'_, W>> {
    async fn look_at(&self, id: &AccountId, named: Named) -> Result<Vec<Foreseen>, Failure> {
        let account = self.account(id).await?;
        let mut session = self.lever_session(id).await.map_err(|trouble| failure(trouble, "the candidate"))?;
        let mut qualified =
            self.qualified_session(id, &account).map_err(|trouble| failure(trouble, "the list of assessments"))?;
        let opportunities =
            self.find(&mut session, named).await.map_err(|trouble| failure(trouble, "the candidate"))?;
        if opportunities.is_empty() {
            return Err(Failure::not_found("Lever has no active candidate with this address."));
        }
        let assessments = self
            .list_assessments(&mut qualified)
            .await
            .map_err(|trouble| failure(trouble, "the list of assessments"))?;
        let catalogue = Catalogue { fetched_at: self.world.now(), assessments };
        let mut foreseen = Vec::new();
        for opportunity in opportunities {
            let tags = match &opportunity.posting {
                Some(posting) => {
                    let posting = self.ask_lever(&mut session, &GetPosting { id: posting.clone() }).await;
                    posting.map_err(|trouble| failure(trouble, "the job"))?.tags
                }
                None => Vec::new(),
            };
            let key = CandidacyKey::new(id, &Candidacy::Lever(opportunity.id.clone()));
            let record = self.load::<CandidacyRecord>(&key).await?.map(|stored| stored.record).unwrap_or_default();
            foreseen.push(judge(&account, &opportunity, &tags, &catalogue, &record));
        }
        Ok(foreseen)
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
        Trouble::Record(RecordError::Store(StoreError(why))) if why == REFUSED => {
            Failure::new(Class::Conflict, "A connection has to be renewed first. Press \"Check now\", then ask again.")
        }
        Trouble::Vendor { error: CallError::NotFound(_), .. } => {
            Failure::not_found(format!("Lever does not know {what}. Was the whole address pasted?"))
        }
        other => other.failure(what),
    }
}

/// Pure: the decision.
fn judge(
    account: &Account,
    opportunity: &Opportunity,
    posting_tags: &[String],
    catalogue: &Catalogue,
    record: &CandidacyRecord,
) -> Foreseen {
    let (choices, puzzles) = lever::choose(opportunity, posting_tags, catalogue, record);
    let sent = |assessment| record.assignments.get(assessment).is_some_and(|known| known.progress > Progress::Inviting);
    let invited: Vec<String> =
        choices.iter().filter(|choice| !sent(&choice.assessment)).map(|choice| choice.title.clone()).collect();
    let obstacle = if account.ats_enabled {
        trigger::skip(&lever::standing(account, opportunity)).map(|skip| skip.to_string())
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

//! Opportunities: a person's candidacies. Deliveries name them, everything else is read here.

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use super::{Grant, Page, object, page, target};
use crate::{
    domain::{
        ids::{OpportunityId, PostingId, StageId},
        time::Timestamp,
    },
    vendor::{Call, CallError, Personal, Unreadable, reading::Node},
};

/// A candidacy, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opportunity {
    /// Lever's id of it, opaque.
    pub id: OpportunityId,
    /// The person's full name.
    pub name: Option<Personal>,
    /// The person's addresses, the preferred one first. Often empty.
    pub emails: Vec<Personal>,
    /// Where in the pipeline.
    pub stage: Option<StageId>,
    /// Every move so far.
    pub stage_changes: Vec<StageChange>,
    /// Set by hand, by us, and inherited from the job: its title, department, team, location, tags.
    pub tags: Vec<String>,
    /// The job, if there is one.
    pub posting: Option<PostingId>,
    /// Taken out of the pipeline.
    pub archived: bool,
    /// The person's data were erased.
    pub anonymized: bool,
    /// Visible to few.
    pub confidential: bool,
    /// When it came into its present stage, as Lever keeps it.
    pub last_advanced_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// Its page in Lever.
    pub show_url: Option<Url>,
}

/// A move to a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageChange {
    /// Where to.
    pub to_stage: StageId,
    /// When, by Lever's clock.
    pub at: Timestamp,
}

impl Opportunity {
    /// When it came into its present stage: by the list of moves; where that says nothing, by
    /// `lastAdvancedAt`; for one that never moved, by its creation.
    #[must_use]
    pub fn in_stage_since(&self) -> Option<Timestamp> {
        let stage = self.stage.as_ref()?;
        let moves = self.stage_changes.iter().filter(|change| change.to_stage == *stage);
        moves.map(|change| change.at).max().or(self.last_advanced_at).or(self.created_at)
    }
}

/// `GET /opportunities/:id`. A deleted one is not found, a confidential one may be refused.
#[derive(Debug, Clone)]
pub struct GetOpportunity {
    /// Lever's id of it, opaque.
    pub id: OpportunityId,
}

impl Call for GetOpportunity {
    type Grant = Grant;
    type Reply = Opportunity;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["opportunities", self.id.as_str()];
        target(grant, &path).query("expand", "applications").get().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Opportunity, CallError> {
        object(response, opportunity)
    }
}

/// `GET /opportunities`: those that are neither archived nor confidential. For finding missed deliveries by
/// stage and time, and a candidate by e-mail.
#[derive(Debug, Clone, Default)]
pub struct ListOpportunities {
    /// Only those in this stage now.
    pub stage: Option<StageId>,
    /// Only those that came into their stage at that time or later.
    pub advanced_since: Option<Timestamp>,
    /// Only those of the person with this address.
    pub email: Option<Personal>,
    /// [`Page::next`] of the page before, under the same filters.
    pub offset: Option<String>,
}

impl Call for ListOpportunities {
    type Grant = Grant;
    type Reply = Page<Opportunity>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let since = self.advanced_since.map(|time| time.as_millisecond().to_string());
        target(grant, &["opportunities"])
            .query("expand", "applications")
            .query("archived", "false")
            .maybe("stage_id", self.stage.as_ref().map(StageId::as_str))
            .maybe("advanced_at_start", since.as_deref())
            .maybe("email", self.email.as_ref().map(Personal::as_str))
            // Half of the most there may be: an opportunity with a long history is several kB.
            .query("limit", "50")
            .maybe("offset", self.offset.as_deref())
            .get()
            .bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<Opportunity>, CallError> {
        page(response, opportunity)
    }
}

fn opportunity(node: &Node<'_>) -> Result<Opportunity, Unreadable> {
    let stage_change =
        |row: &Node<'_>| Ok(StageChange { to_stage: row.at("toStageId").id()?, at: row.at("updatedAt").millis()? });
    Ok(Opportunity {
        id: node.at("id").id()?,
        name: node.at("name").personal()?,
        emails: node.at("emails").any(Node::personal)?.into_iter().flatten().collect(),
        stage: node.at("stage").maybe(Node::id)?,
        stage_changes: node.at("stageChanges").any(stage_change)?,
        tags: node.at("tags").any(Node::text)?,
        posting: posting(&node.at("applications").first())?,
        archived: !node.at("archived").is_null(),
        anonymized: node.at("isAnonymized").is_set()?,
        confidential: node.at("confidentiality").maybe(Node::str)?.is_some_and(|kind| kind == "confidential"),
        last_advanced_at: node.at("lastAdvancedAt").maybe(Node::millis)?,
        created_at: node.at("createdAt").maybe(Node::millis)?,
        show_url: node.at("urls").at("show").maybe(Node::url)?,
    })
}

/// There is at most one application. Not expanded, it is a bare id, which says nothing of the job.
fn posting(application: &Node<'_>) -> Result<Option<PostingId>, Unreadable> {
    let posting = application.at("posting");
    let id = if posting.is_object() { posting.at("id") } else { posting };
    id.maybe(Node::id)
}

//! Jobs. An opportunity inherits a posting's title, categories and tags as tags of its own, and follows their changes.

use serde_json::{Value, json};

use super::access::Access;
use super::account::Account;
use super::paging::{self, Shape};
use super::refusal::Refusal;
use crate::call::Call;
use crate::reply::{self, Reply};

/// A job to be added, with the categories Lever turns into tags.
#[derive(Debug, Clone)]
pub struct NewPosting {
    pub(crate) text: String,
    pub(crate) tags: Vec<String>,
    pub(crate) categories: Categories,
    pub(crate) state: String,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Categories {
    pub(crate) commitment: Option<String>,
    pub(crate) department: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) team: Option<String>,
}

impl NewPosting {
    /// A published job without categories.
    #[must_use]
    pub fn titled(text: &str) -> Self {
        Self { text: text.into(), tags: Vec::new(), categories: Categories::default(), state: "published".into() }
    }

    /// Department, team, location, commitment.
    #[must_use]
    pub fn categories(mut self, department: &str, team: &str, location: &str, commitment: &str) -> Self {
        let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        self.categories = Categories {
            department: text(department),
            team: text(team),
            location: text(location),
            commitment: text(commitment),
        };
        self
    }

    /// A tag typed on the job.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// `published`, `internal`, `closed`, `draft`, `pending` or `rejected`.
    #[must_use]
    pub fn state(mut self, state: &str) -> Self {
        state.clone_into(&mut self.state);
        self
    }
}

/// A job of the account.
#[derive(Debug, Clone)]
pub struct Posting {
    /// Its id.
    pub id: String,
    /// Its title.
    pub text: String,
    /// The tags typed on it; its categories are not among them.
    pub tags: Vec<String>,
    pub(crate) categories: Categories,
    pub(crate) state: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Posting {
    /// What its opportunities inherit, in the order seen in life: title, department, team, location, commitment, tags.
    pub(crate) fn inheritance(&self) -> Vec<String> {
        let Categories { commitment, department, location, team } = &self.categories;
        std::iter::once(&self.text)
            .chain(department)
            .chain(team)
            .chain(location)
            .chain(commitment)
            .chain(&self.tags)
            .cloned()
            .collect()
    }

    pub(crate) fn view(&self, owner: &str) -> Value {
        let Categories { commitment, department, location, team } = &self.categories;
        let urls = (self.state != "draft").then(|| {
            let page = format!("https://jobs.lever.co/sandbox/{}", self.id);
            json!({"list": "https://jobs.lever.co/sandbox", "show": page, "apply": format!("{page}/apply")})
        });
        json!({
            "id": self.id, "text": self.text, "state": self.state, "distributionChannels": ["public"],
            "user": owner, "owner": owner, "hiringManager": null,
            "categories": {
                "commitment": commitment, "department": department, "level": null, "location": location,
                "team": team, "allLocations": location.iter().collect::<Vec<_>>(),
            },
            "tags": self.tags,
            "content": {"description": "", "descriptionHtml": "", "lists": [], "closing": "", "closingHtml": ""},
            "country": null, "followers": [], "reqCode": null, "requisitionCodes": [], "urls": urls,
            "confidentiality": "non-confidential", "createdAt": self.created_at, "updatedAt": self.updated_at,
            "workplaceType": "unspecified", "addedWithoutNotice": {"by": "the sandbox"},
        })
    }
}

pub(crate) fn get(account: &Account, access: &Access, call: &Call, id: &str) -> Result<Reply, Refusal> {
    access.read("postings")?;
    let posting = account.posting(id).ok_or_else(|| Refusal::not_found("postings", id))?;
    Ok(reply::json(200, &json!({"data": Shape::of(call).cut(posting.view(&account.admin().id))})))
}

pub(crate) fn list(account: &Account, access: &Access, call: &Call) -> Result<Reply, Refusal> {
    access.read("postings")?;
    let updated = paging::span(call, "updated_at")?;
    let rows = account
        .postings
        .iter()
        .rev()
        .filter(|posting| {
            let Categories { commitment, department, location, team } = &posting.categories;
            let is = |name, value: &Option<String>| paging::any(call, name, |wanted| value.as_deref() == Some(wanted));
            paging::any(call, "state", |state| posting.state == state)
                && paging::any(call, "tag", |tag| posting.tags.iter().any(|own| own == tag))
                && is("team", team)
                && is("department", department)
                && is("location", location)
                && is("commitment", commitment)
                && updated.contains(Some(posting.updated_at))
        })
        .map(|posting| (posting.created_at, posting.id.as_str(), posting));
    let owner = &account.admin().id;
    paging::page(call, rows.collect(), |posting| Shape::of(call).cut(posting.view(owner)))
}

//! A candidacy, the person behind it, and how Lever shows both.

use serde_json::{Value, json};

use super::account::Account;
use super::note::Note;
use super::paging::Shape;
use crate::shelf::Labelled;

/// A candidacy to be added: builder of what a recruiter types or an applicant sends.
#[derive(Debug, Clone)]
pub struct NewOpportunity {
    pub(crate) name: String,
    pub(crate) emails: Vec<String>,
    pub(crate) stage: String,
    pub(crate) posting: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) origin: String,
    pub(crate) contact: Option<String>,
    pub(crate) confidential: bool,
}

impl NewOpportunity {
    /// A person in `applicant-new` with the origin `applied`, an e-mail made from the name, and no job.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let mailbox = name.to_lowercase().replace(' ', ".");
        Self {
            name: name.into(),
            emails: vec![format!("{mailbox}@example.com")],
            stage: "applicant-new".into(),
            posting: None,
            tags: Vec::new(),
            origin: "applied".into(),
            contact: None,
            confidential: false,
        }
    }

    /// This e-mail instead of the one made from the name.
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.emails = vec![email.into()];
        self
    }

    /// These e-mails, or none.
    #[must_use]
    pub fn emails(mut self, emails: &[&str]) -> Self {
        self.emails = emails.iter().map(|&email| email.into()).collect();
        self
    }

    /// The stage's id.
    #[must_use]
    pub fn stage(mut self, stage: &str) -> Self {
        stage.clone_into(&mut self.stage);
        self
    }

    /// The job's id.
    #[must_use]
    pub fn posting(mut self, posting: &str) -> Self {
        self.posting = Some(posting.into());
        self
    }

    /// A tag set by hand.
    #[must_use]
    pub fn tag(mut self, tag: &str) -> Self {
        self.tags.push(tag.into());
        self
    }

    /// `agency`, `applied`, `internal`, `referred`, `sourced` or `university`.
    #[must_use]
    pub fn origin(mut self, origin: &str) -> Self {
        origin.clone_into(&mut self.origin);
        self
    }

    /// Another candidacy of a known person: the contact's id. Name and e-mails are then the contact's.
    #[must_use]
    pub fn of_contact(mut self, contact: &str) -> Self {
        self.contact = Some(contact.into());
        self
    }

    /// Hidden from whoever has no confidential access.
    #[must_use]
    pub fn confidential(mut self) -> Self {
        self.confidential = true;
        self
    }
}

/// The person; several opportunities may share one.
#[derive(Debug, Clone)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) emails: Vec<String>,
    pub(crate) links: Vec<String>,
    pub(crate) anonymized: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Tag {
    pub(crate) text: String,
    pub(crate) own: bool,
    pub(crate) inherited: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct StageChange {
    pub(crate) to: String,
    pub(crate) index: usize,
    pub(crate) at: i64,
    pub(crate) user: Option<String>,
}

/// A candidacy: one person, at most one job, one place in the pipeline.
#[derive(Debug, Clone)]
pub struct Opportunity {
    /// Its id; integrations key their state by it.
    pub id: String,
    /// The id of the person.
    pub contact: String,
    /// The id of the stage.
    pub stage: String,
    /// The id of the job, if one is chosen.
    pub posting: Option<String>,
    /// One of Lever's six origins.
    pub origin: String,
    /// Whether it is archived, and with which reason (its id).
    pub archived: Option<String>,
    pub(crate) archived_at: i64,
    pub(crate) application: Option<String>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) notes: Vec<Note>,
    pub(crate) stage_changes: Vec<StageChange>,
    pub(crate) confidential: bool,
    pub(crate) created_at: i64,
    /// Null until something changes, as in 96% of recorded opportunities.
    pub(crate) updated_at: Option<i64>,
    pub(crate) last_advanced_at: i64,
    pub(crate) deleted_at: Option<i64>,
}

impl Labelled for Opportunity {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Opportunity {
    /// All its tags in order: set by hand and inherited.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.tags.iter().map(|tag| tag.text.as_str())
    }

    /// All its tags in order, each with whether it was set by hand.
    pub(crate) fn tags_with_origin(&self) -> impl Iterator<Item = (&str, bool)> {
        self.tags.iter().map(|tag| (tag.text.as_str(), tag.own))
    }

    /// Appends a tag; one that is there already stays where it is. Case counts.
    pub(crate) fn add_tag(&mut self, text: &str) {
        match self.tags.iter_mut().find(|tag| tag.text == text) {
            Some(tag) => tag.own = true,
            None => self.tags.push(Tag { text: text.into(), own: true, inherited: false }),
        }
    }

    /// Takes a tag off; an inherited one only if `inherited_too`. A tag that is not there is no error.
    pub(crate) fn remove_tag(&mut self, text: &str, inherited_too: bool) {
        if let Some(tag) = self.tags.iter_mut().find(|tag| tag.text == text) {
            tag.own = false;
            tag.inherited &= !inherited_too;
        }
        self.tags.retain(|tag| tag.own || tag.inherited);
    }

    /// Brings the inherited tags up to date. `outlive` keeps what the posting no longer has.
    pub(crate) fn inherit(&mut self, wanted: &[String], outlive: bool) {
        for tag in &mut self.tags {
            let goes = tag.inherited && !wanted.contains(&tag.text);
            tag.own |= goes && outlive;
            tag.inherited &= !goes;
        }
        self.tags.retain(|tag| tag.own || tag.inherited);
        for text in wanted {
            match self.tags.iter_mut().find(|tag| tag.text == *text) {
                Some(tag) => tag.inherited = true,
                None => self.tags.push(Tag { text: text.clone(), own: false, inherited: true }),
            }
        }
    }
}

/// How much of the person an answer shows. The answers to tag, stage and archive writes were recorded with blank
/// contact fields and without `opportunityLocation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Contacts {
    Shown,
    Blank,
}

pub(crate) fn view(account: &Account, opportunity: &Opportunity, shape: &Shape, contacts: Contacts) -> Value {
    let contact = &account.contacts[&opportunity.contact];
    let shown = contacts == Contacts::Shown;
    let list = |values: &[String]| if shown { json!(values) } else { json!([]) };
    let owner = account.admin();
    let stage = match account.stage(&opportunity.stage) {
        Some((_, stage)) if shape.expands("stage") => json!({"id": stage.id, "text": stage.text}),
        _ => json!(opportunity.stage),
    };
    let user = |field| {
        if shape.expands(field) { super::directory::user_view(owner) } else { json!(owner.id) }
    };
    let page = format!("https://hire.lever.co/candidates/{}", opportunity.id);
    let mut view = json!({
        "id": opportunity.id, "name": if shown { contact.name.as_str() } else { "" }, "headline": "",
        "contact": if shape.expands("contact") { super::directory::contact_view(contact) } else { json!(contact.id) },
        "stage": stage,
        "confidentiality": if opportunity.confidential { "confidential" } else { "non-confidential" },
        "location": "", "phones": [], "emails": list(&contact.emails), "links": list(&contact.links),
        "archived": opportunity.archived.as_ref().map(|reason| json!({"reason": reason, "archivedAt": opportunity.archived_at})),
        "tags": opportunity.tags().collect::<Vec<_>>(),
        "sources": ["Job site"],
        "stageChanges": opportunity.stage_changes.iter().map(StageChange::view).collect::<Vec<_>>(),
        "origin": opportunity.origin, "sourcedBy": null, "owner": user("owner"), "followers": [user("followers")],
        "applications": applications(account, opportunity, shape),
        "createdAt": opportunity.created_at, "updatedAt": opportunity.updated_at,
        "lastInteractionAt": opportunity.updated_at.unwrap_or(opportunity.created_at),
        "lastAdvancedAt": opportunity.last_advanced_at, "snoozedUntil": null,
        "urls": {"list": "https://hire.lever.co/candidates", "show": page},
        "isAnonymized": contact.anonymized, "dataProtection": null, "addedWithoutNotice": {"by": "the sandbox"},
    });
    let location = opportunity.posting.as_ref().and_then(|id| account.posting(id)?.categories.location.clone());
    if let (true, Some(location)) = (shown, location) {
        view["opportunityLocation"] = json!(location);
    }
    shape.cut(view)
}

impl StageChange {
    fn view(&self) -> Value {
        let mut view = json!({"toStageId": self.to, "toStageIndex": self.index, "updatedAt": self.at});
        if let Some(user) = &self.user {
            view["userId"] = json!(user);
        }
        view
    }
}

/// None or one, never more.
pub(crate) fn applications(account: &Account, opportunity: &Opportunity, shape: &Shape) -> Value {
    let (Some(id), Some(posting)) = (&opportunity.application, &opportunity.posting) else {
        return json!([]);
    };
    if !shape.expands("applications") {
        return json!([id]);
    }
    let owner = &account.admin().id;
    let posting = match account.posting(posting) {
        Some(found) if shape.expands("posting") => found.view(owner),
        _ => json!(posting),
    };
    json!([{
        "id": id, "type": "posting", "opportunityId": opportunity.id, "candidateId": opportunity.id,
        "posting": posting, "postingOwner": owner, "postingHiringManager": null, "name": null, "email": null,
        "phone": null, "company": null, "links": null, "comments": null, "user": null, "customQuestions": [],
        "createdAt": opportunity.created_at, "archived": null, "requisitionForHire": null, "ipAddress": null,
    }])
}

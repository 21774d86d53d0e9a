//! What recruiters do with candidacies: add, move, tag, archive, anonymize, delete, and look.

use super::desk::{Desk, unknown};
use super::moves;
use super::note::Note;
use super::opportunity::{Contact, NewOpportunity, Opportunity, StageChange};
use super::webhook::{self, Event, ORIGINS};
use crate::world::Refused;

type Done = Result<(), Refused>;

impl Desk<'_> {
    /// Adds a candidacy and answers its id.
    ///
    /// # Errors
    /// When stage, job, contact or origin do not exist.
    pub fn add_opportunity(&mut self, new: NewOpportunity) -> Result<String, Refused> {
        let (index, _) = self.account.stage(&new.stage).ok_or_else(|| unknown("stage", &new.stage))?;
        if !ORIGINS.contains(&new.origin.as_str()) {
            return Err(unknown("origin", &new.origin));
        }
        let inherited = match &new.posting {
            Some(id) => self.account.posting(id).ok_or_else(|| unknown("posting", id))?.inheritance(),
            None => Vec::new(),
        };
        let contact = match new.contact {
            Some(id) if self.account.contacts.contains_key(&id) => id,
            Some(id) => return Err(unknown("contact", &id)),
            None => self.add_contact(new.name, new.emails),
        };
        let (id, now) = (self.context.seed.uuid(), self.context.millis());
        let application = new.posting.is_some().then(|| self.context.seed.uuid());
        let mut opportunity = Opportunity {
            id: id.clone(),
            contact,
            stage: new.stage.clone(),
            posting: new.posting,
            origin: new.origin,
            archived: None,
            archived_at: 0,
            application,
            tags: Vec::new(),
            notes: Vec::new(),
            stage_changes: vec![StageChange { to: new.stage, index, at: now, user: None }],
            confidential: new.confidential,
            created_at: now,
            updated_at: None,
            last_advanced_at: now,
            deleted_at: None,
        };
        for tag in &new.tags {
            opportunity.add_tag(tag);
        }
        opportunity.inherit(&inherited, false);
        let mut data = webhook::subject(&opportunity);
        data["applicationId"] = serde_json::json!(opportunity.application);
        let applied = opportunity.application.is_some();
        self.account.opportunities.add(opportunity);
        if applied {
            webhook::emit(self.account, self.context, Event::ApplicationCreated, &id, data);
        }
        Ok(id)
    }

    fn add_contact(&mut self, name: String, emails: Vec<String>) -> String {
        let id = self.context.seed.uuid();
        let contact = Contact { id: id.clone(), name, emails, links: Vec::new(), anonymized: false };
        self.account.contacts.insert(id.clone(), contact);
        id
    }

    /// Moves a candidacy to a stage, as dragging its card does.
    ///
    /// # Errors
    /// When candidacy or stage do not exist.
    pub fn move_to_stage(&mut self, opportunity: &str, stage: &str) -> Done {
        self.account.opportunity(opportunity).ok_or_else(|| unknown("opportunity", opportunity))?;
        self.account.stage(stage).ok_or_else(|| unknown("stage", stage))?;
        let user = Some(self.account.admin().id.clone());
        moves::move_to(self.account, self.context, opportunity, stage, user);
        Ok(())
    }

    /// Puts a tag on a candidacy.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn add_tag(&mut self, opportunity: &str, tag: &str) -> Done {
        self.edit(opportunity, |opportunity| opportunity.add_tag(tag))
    }

    /// Takes a tag off a candidacy; an inherited one stays unless [`Unproven`](super::Unproven) says otherwise.
    ///
    /// # Errors
    /// When the candidacy does not exist.
    pub fn remove_tag(&mut self, opportunity: &str, tag: &str) -> Done {
        let inherited_too = self.account.unproven.inherited_tags_removable;
        self.edit(opportunity, |opportunity| opportunity.remove_tag(tag, inherited_too))
    }

    fn edit(&mut self, id: &str, edit: impl FnOnce(&mut Opportunity)) -> Done {
        if moves::change(self.account, id, self.context, edit) { Ok(()) } else { Err(unknown("opportunity", id)) }
    }

    /// Archives a candidacy with a reason that does not mean "hired".
    ///
    /// # Errors
    /// When it does not exist.
    pub fn archive(&mut self, opportunity: &str) -> Done {
        self.archive_for(opportunity, "Underqualified")
    }

    /// Archives a candidacy as hired.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn hire(&mut self, opportunity: &str) -> Done {
        self.archive_for(opportunity, "Hired")
    }

    fn archive_for(&mut self, opportunity: &str, reason: &str) -> Done {
        self.account.opportunity(opportunity).ok_or_else(|| unknown("opportunity", opportunity))?;
        let reason =
            self.account.archive_reasons.iter().find(|known| known.text == reason).map(|known| known.id.clone());
        moves::archive(self.account, self.context, opportunity, reason);
        Ok(())
    }

    /// Takes a candidacy back out of the archive.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn unarchive(&mut self, opportunity: &str) -> Done {
        self.account.opportunity(opportunity).ok_or_else(|| unknown("opportunity", opportunity))?;
        moves::archive(self.account, self.context, opportunity, None);
        Ok(())
    }

    /// Anonymizes the person: name, e-mails and links are gone from all their candidacies.
    ///
    /// # Errors
    /// When the candidacy does not exist.
    pub fn anonymize(&mut self, opportunity: &str) -> Done {
        let contact = self.account.opportunity(opportunity).map(|opportunity| opportunity.contact.clone());
        let contact = contact.and_then(|contact| self.account.contacts.get_mut(&contact));
        let contact = contact.ok_or_else(|| unknown("opportunity", opportunity))?;
        contact.name = "Anonymized candidate".into();
        contact.emails.clear();
        contact.links.clear();
        contact.anonymized = true;
        self.edit(opportunity, |_| {})
    }

    /// Changes the person's e-mails.
    ///
    /// # Errors
    /// When the candidacy does not exist.
    pub fn set_emails(&mut self, opportunity: &str, emails: &[&str]) -> Done {
        let contact = self.account.opportunity(opportunity).map(|opportunity| opportunity.contact.clone());
        let contact = contact.and_then(|contact| self.account.contacts.get_mut(&contact));
        let contact = contact.ok_or_else(|| unknown("opportunity", opportunity))?;
        contact.emails = emails.iter().map(|&email| email.into()).collect();
        self.edit(opportunity, |_| {})
    }

    /// Deletes a candidacy for good.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn delete_opportunity(&mut self, id: &str) -> Done {
        let (now, user) = (self.context.millis(), self.account.admin().id.clone());
        let opportunity = self.account.opportunity_mut(id).ok_or_else(|| unknown("opportunity", id))?;
        let mut data = webhook::subject(opportunity);
        data["deletedBy"] = serde_json::json!(user);
        opportunity.deleted_at = Some(now);
        webhook::emit(self.account, self.context, Event::CandidateDeleted, id, data);
        Ok(())
    }

    /// A candidacy, unless it was deleted.
    #[must_use]
    pub fn opportunity(&self, id: &str) -> Option<&Opportunity> {
        self.account.opportunity(id)
    }

    /// All candidacies that were not deleted, oldest first.
    pub fn opportunities(&self) -> impl Iterator<Item = &Opportunity> {
        self.account.opportunities.all().iter().filter(|opportunity| opportunity.deleted_at.is_none())
    }

    /// Name and e-mails of the person behind a candidacy.
    #[must_use]
    pub fn person(&self, opportunity: &str) -> Option<(&str, &[String])> {
        let contact = self.account.contacts.get(&self.account.opportunity(opportunity)?.contact)?;
        Some((&contact.name, &contact.emails))
    }

    /// The tags of a candidacy, in order; none for an unknown one.
    #[must_use]
    pub fn tags(&self, opportunity: &str) -> Vec<String> {
        let opportunity = self.account.opportunity(opportunity);
        opportunity.map_or_else(Vec::new, |opportunity| opportunity.tags().map(str::to_owned).collect())
    }

    /// The notes of a candidacy, oldest first; none for an unknown one.
    #[must_use]
    pub fn notes(&self, opportunity: &str) -> &[Note] {
        self.account.opportunity(opportunity).map_or(&[], |opportunity| &opportunity.notes)
    }
}

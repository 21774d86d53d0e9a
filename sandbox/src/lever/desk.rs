//! What people do in Lever: recruiters, hiring managers, the Super Admin in the settings.

use super::account::{Account, Stage};
use super::candidacies;
use super::note::Note;
use super::oauth::Authority;
use super::opportunity::{Contact, NewOpportunity, Opportunity, StageChange};
use super::posting::{NewPosting, Posting};
use super::webhook::{self, Event, ORIGINS};
use crate::world::{Context, Refused};

/// Someone with all rights, sitting at the web pages of one Lever account.
#[derive(Debug)]
pub struct Desk<'a> {
    pub(super) name: String,
    pub(super) account: &'a mut Account,
    pub(super) authority: &'a mut Authority,
    pub(super) context: &'a mut Context,
}

type Done = Result<(), Refused>;

fn unknown(what: &str, id: &str) -> Refused {
    Refused::because(format!("Lever has no {what} {id}"))
}

impl Desk<'_> {
    /// The account's name, also the name given to [`crate::Sandbox::lever_of`].
    #[must_use]
    pub fn account(&self) -> &str {
        &self.name
    }

    /// The pipeline, in order.
    #[must_use]
    pub fn stages(&self) -> &[Stage] {
        &self.account.stages
    }

    /// The id of the first stage of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn stage(&self, text: &str) -> Result<String, Refused> {
        let stage = self.account.stages.iter().find(|stage| stage.text == text);
        stage
            .map(|stage| stage.id.clone())
            .ok_or_else(|| unknown("stage", text))
    }

    /// Adds a stage before the offer and answers its id.
    pub fn add_stage(&mut self, text: &str) -> String {
        let id = self.context.seed.uuid();
        let place = self.account.stages.len().saturating_sub(1);
        self.account.stages.insert(
            place,
            Stage {
                id: id.clone(),
                text: text.into(),
            },
        );
        id
    }

    /// Renames a stage; its id stays.
    ///
    /// # Errors
    /// When there is no such stage.
    pub fn rename_stage(&mut self, id: &str, text: &str) -> Done {
        let stage = self.account.stages.iter_mut().find(|stage| stage.id == id);
        text.clone_into(&mut stage.ok_or_else(|| unknown("stage", id))?.text);
        Ok(())
    }

    /// Deletes a stage. Lever moves nobody: candidacies keep the id.
    ///
    /// # Errors
    /// When there is no such stage.
    pub fn delete_stage(&mut self, id: &str) -> Done {
        let (place, _) = self.account.stage(id).ok_or_else(|| unknown("stage", id))?;
        self.account.stages.remove(place);
        Ok(())
    }

    /// Adds a job and answers its id.
    pub fn add_posting(&mut self, posting: NewPosting) -> String {
        let (id, now) = (self.context.seed.uuid(), self.context.millis());
        self.account.postings.push(Posting {
            id: id.clone(),
            text: posting.text,
            tags: posting.tags,
            categories: posting.categories,
            state: posting.state,
            created_at: now,
            updated_at: now,
        });
        id
    }

    /// All jobs, oldest first.
    #[must_use]
    pub fn postings(&self) -> &[Posting] {
        &self.account.postings
    }

    /// Puts a tag on a job; its opportunities inherit it at once.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn tag_posting(&mut self, posting: &str, tag: &str) -> Done {
        self.edit_posting(posting, |posting| {
            if !posting.tags.iter().any(|own| own == tag) {
                posting.tags.push(tag.into());
            }
        })
    }

    /// Takes a tag off a job, and off its opportunities unless [`Unproven`](super::Unproven) says otherwise.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn untag_posting(&mut self, posting: &str, tag: &str) -> Done {
        self.edit_posting(posting, |posting| posting.tags.retain(|own| own != tag))
    }

    /// Renames a job; the title is replaced among its opportunities' tags.
    ///
    /// # Errors
    /// When there is no such job.
    pub fn rename_posting(&mut self, posting: &str, text: &str) -> Done {
        self.edit_posting(posting, |posting| text.clone_into(&mut posting.text))
    }

    fn edit_posting(&mut self, id: &str, edit: impl FnOnce(&mut Posting)) -> Done {
        let posting = self
            .account
            .postings
            .iter_mut()
            .find(|posting| posting.id == id);
        let posting = posting.ok_or_else(|| unknown("posting", id))?;
        edit(posting);
        posting.updated_at = self.context.millis();
        let wanted = posting.inheritance();
        let outlive = self.account.unproven.inherited_tags_outlive_posting;
        for opportunity in self.account.opportunities.iter_mut() {
            if opportunity.posting.as_deref() == Some(id) {
                opportunity.inherit(&wanted, outlive);
            }
        }
        Ok(())
    }

    /// Adds a candidacy and answers its id.
    ///
    /// # Errors
    /// When stage, job, contact or origin do not exist.
    pub fn add_opportunity(&mut self, new: NewOpportunity) -> Result<String, Refused> {
        let (index, _) = self
            .account
            .stage(&new.stage)
            .ok_or_else(|| unknown("stage", &new.stage))?;
        if !ORIGINS.contains(&new.origin.as_str()) {
            return Err(unknown("origin", &new.origin));
        }
        let inherited = match &new.posting {
            Some(id) => self
                .account
                .posting(id)
                .ok_or_else(|| unknown("posting", id))?
                .inheritance(),
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
            stage_changes: vec![StageChange {
                to: new.stage,
                index,
                at: now,
                user: None,
            }],
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
            webhook::emit(
                self.account,
                self.context,
                Event::ApplicationCreated,
                &id,
                data,
            );
        }
        Ok(id)
    }

    fn add_contact(&mut self, name: String, emails: Vec<String>) -> String {
        let id = self.context.seed.uuid();
        let contact = Contact {
            id: id.clone(),
            name,
            emails,
            links: Vec::new(),
            anonymized: false,
        };
        self.account.contacts.insert(id.clone(), contact);
        id
    }

    /// Moves a candidacy to a stage, as dragging its card does.
    ///
    /// # Errors
    /// When candidacy or stage do not exist.
    pub fn move_to_stage(&mut self, opportunity: &str, stage: &str) -> Done {
        self.account
            .opportunity(opportunity)
            .ok_or_else(|| unknown("opportunity", opportunity))?;
        self.account
            .stage(stage)
            .ok_or_else(|| unknown("stage", stage))?;
        let user = Some(self.account.admin().id.clone());
        candidacies::move_to(self.account, self.context, opportunity, stage, user);
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
        self.edit(opportunity, |opportunity| {
            opportunity.remove_tag(tag, inherited_too)
        })
    }

    fn edit(&mut self, id: &str, edit: impl FnOnce(&mut Opportunity)) -> Done {
        if candidacies::change(self.account, id, self.context, edit) {
            Ok(())
        } else {
            Err(unknown("opportunity", id))
        }
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
        self.account
            .opportunity(opportunity)
            .ok_or_else(|| unknown("opportunity", opportunity))?;
        let reason = self
            .account
            .archive_reasons
            .iter()
            .find(|known| known.text == reason)
            .map(|known| known.id.clone());
        candidacies::archive(self.account, self.context, opportunity, reason);
        Ok(())
    }

    /// Takes a candidacy back out of the archive.
    ///
    /// # Errors
    /// When it does not exist.
    pub fn unarchive(&mut self, opportunity: &str) -> Done {
        self.account
            .opportunity(opportunity)
            .ok_or_else(|| unknown("opportunity", opportunity))?;
        candidacies::archive(self.account, self.context, opportunity, None);
        Ok(())
    }

    /// Anonymizes the person: name, e-mails and links are gone from all their candidacies.
    ///
    /// # Errors
    /// When the candidacy does not exist.
    pub fn anonymize(&mut self, opportunity: &str) -> Done {
        let contact = self
            .account
            .opportunity(opportunity)
            .map(|opportunity| opportunity.contact.clone());
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
        let contact = self
            .account
            .opportunity(opportunity)
            .map(|opportunity| opportunity.contact.clone());
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
        let opportunity = self
            .account
            .opportunity_mut(id)
            .ok_or_else(|| unknown("opportunity", id))?;
        let mut data = webhook::subject(opportunity);
        data["deletedBy"] = serde_json::json!(user);
        opportunity.deleted_at = Some(now);
        webhook::emit(
            self.account,
            self.context,
            Event::CandidateDeleted,
            id,
            data,
        );
        Ok(())
    }

    /// A candidacy, unless it was deleted.
    #[must_use]
    pub fn opportunity(&self, id: &str) -> Option<&Opportunity> {
        self.account.opportunity(id)
    }

    /// All candidacies that were not deleted, oldest first.
    pub fn opportunities(&self) -> impl Iterator<Item = &Opportunity> {
        self.account
            .opportunities
            .all()
            .iter()
            .filter(|opportunity| opportunity.deleted_at.is_none())
    }

    /// Name and e-mails of the person behind a candidacy.
    #[must_use]
    pub fn person(&self, opportunity: &str) -> Option<(&str, &[String])> {
        let contact = self
            .account
            .contacts
            .get(&self.account.opportunity(opportunity)?.contact)?;
        Some((&contact.name, &contact.emails))
    }

    /// The tags of a candidacy, in order; none for an unknown one.
    #[must_use]
    pub fn tags(&self, opportunity: &str) -> Vec<String> {
        let opportunity = self.account.opportunity(opportunity);
        opportunity.map_or_else(Vec::new, |opportunity| {
            opportunity.tags().map(str::to_owned).collect()
        })
    }

    /// The notes of a candidacy, oldest first; none for an unknown one.
    #[must_use]
    pub fn notes(&self, opportunity: &str) -> &[Note] {
        self.account
            .opportunity(opportunity)
            .map_or(&[], |opportunity| &opportunity.notes)
    }
}

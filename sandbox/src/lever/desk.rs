//! Someone at Lever's web pages: here the pipeline and the jobs, in `recruiting` the candidacies, in `settings` the
//! settings.

use super::account::{Account, Stage};
use super::oauth::Authority;
use super::posting::{NewPosting, Posting};
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

pub(super) fn unknown(what: &str, id: &str) -> Refused {
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
        stage.map(|stage| stage.id.clone()).ok_or_else(|| unknown("stage", text))
    }

    /// Adds a stage before the offer and answers its id.
    pub fn add_stage(&mut self, text: &str) -> String {
        let id = self.context.seed.uuid();
        let place = self.account.stages.len().saturating_sub(1);
        self.account.stages.insert(place, Stage { id: id.clone(), text: text.into() });
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
        let posting = self.account.postings.iter_mut().find(|posting| posting.id == id);
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
}

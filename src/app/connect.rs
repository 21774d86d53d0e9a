//! Connecting and disconnecting the vendors.

pub mod bamboohr;
pub mod lever;
pub mod login;
pub mod qualified;

use super::{
    App,
    activity::{Line, Outcome, Source, Step},
    inbox::Lane,
    record::RecordError,
    session::Vendor,
    sync::Watermarks,
};
use crate::{domain::ids::AccountId, ports::World};

impl<W: World> App<'_, W> {
    /// Notes what an admin changed.
    pub(super) async fn note_setting(
        &self,
        account: &AccountId,
        subject: &str,
        outcome: Outcome,
        summary: impl Into<String>,
        steps: Vec<Step>,
    ) -> Result<(), RecordError> {
        let source = if outcome == Outcome::Healed { Source::Sync } else { Source::Admin };
        let mut summary = summary.into();
        if let Some(by) = self.by.filter(|_| outcome == Outcome::Settings) {
            summary = format!("{summary} By {by}.");
        }
        let line = Line { source, candidacy: None, subject: subject.to_owned(), outcome, summary, steps };
        self.note(account, line).await
    }

    /// Lets everything that waited for a connection go on at once, and forgets what was wrong with the one before.
    pub(super) async fn wake(&self, account: &AccountId, vendor: Vendor) -> Result<(), RecordError> {
        let now = self.world.now();
        self.update::<Watermarks, _>(account, |marks| marks.complaints.remove(&vendor)).await?;
        for lane in Lane::all(account) {
            self.change_inbox(&lane, |inbox| {
                let mut waiting =
                    inbox.work.iter_mut().filter(|work| work.parked.is_none() && work.due > now).peekable();
                waiting.peek()?;
                waiting.for_each(|work| work.due = now);
                Some(())
            })
            .await?;
        }
        Ok(())
    }
}

//! Connecting and disconnecting the vendors.

pub mod bamboohr;
pub mod lever;
pub mod login;
pub mod qualified;

use super::{
    App,
    activity::{Line, Outcome, Source},
    inbox::Lane,
    record::RecordError,
    session::Vendor,
    sync::Watermarks,
};
use crate::{domain::ids::AccountId, ports::World};

impl<W: World> App<'_, W> {
    /// Notes what a person changed, with their name where it is known.
    pub(super) async fn note_setting(
        &self,
        account: &AccountId,
        subject: &str,
        summary: impl Into<String>,
    ) -> Result<(), RecordError> {
        let mut summary = summary.into();
        if let Some(by) = self.by {
            summary = format!("{summary} By {by}.");
        }
        let line = Line {
            source: Source::Admin,
            candidacy: None,
            subject: subject.to_owned(),
            outcome: Outcome::Settings,
            summary,
            steps: Vec::new(),
        };
        self.note(account, line).await
    }

    /// Notes what a sync found out about the account rather than about a candidacy.
    pub(super) async fn note_finding(
        &self,
        account: &AccountId,
        subject: &str,
        outcome: Outcome,
        summary: impl Into<String>,
    ) -> Result<(), RecordError> {
        let line = Line {
            source: Source::Sync,
            candidacy: None,
            subject: subject.to_owned(),
            outcome,
            summary: summary.into(),
            steps: Vec::new(),
        };
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

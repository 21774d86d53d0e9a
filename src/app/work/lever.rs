//! Working on a candidacy in Lever: tags ask and show, a note holds the result.

use super::{App, Job, submission};
use crate::{
    app::{
        account::Account,
        applicant::Shown,
        lever,
        session::{LeverSession, QualifiedSession, Trouble, Vendor},
    },
    domain::{
        assignment::Effect,
        ids::{AssessmentId, OpportunityId},
        report, trigger,
    },
    ports::World,
    vendor::{CallError, lever::Opportunity, qualified::Share},
};

impl<W: World> App<'_, W> {
    pub(super) async fn work_in_lever(&self, job: &mut Job<'_>, id: &OpportunityId) -> Result<(), Trouble> {
        let mut lever = self.lever_session(job.id).await?;
        let opportunity = match self.read_opportunity(&mut lever, id).await {
            Ok(opportunity) => opportunity,
            Err(Trouble::Vendor { error: CallError::NotFound(_), .. }) => {
                job.reasons.push("the candidate no longer exists in Lever".to_owned());
                job.step(self.world.now(), "read the opportunity", false, "Lever does not know it (any more)");
                return Ok(());
            }
            // Confidential, most likely: a reason not to invite. Where something is owed, it waits for a person instead.
            Err(Trouble::Vendor { error, .. }) if error.is_forbidden() && job.owes_nothing() => {
                job.reasons.push(format!("Lever does not let us see the candidate: {error}"));
                job.step(self.world.now(), "read the opportunity", false, error.to_string());
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        let applicant = lever::applicant(&opportunity);
        job.subject.clone_from(&applicant.name);
        job.step(self.world.now(), "read the opportunity", true, stage_sentence(job.account, &opportunity));
        let mut qualified = self.qualified_session(job.id, job.account)?;
        self.hear(job, &mut qualified).await?;
        let skip = trigger::skip(&lever::standing(job.account, &opportunity));
        if job.wants_decision() {
            let arrival = lever::arrival_identity(&opportunity);
            match skip {
                Some(skip) => job.reasons.push(skip.to_string()),
                None if self.was_decided(job, arrival.as_deref()).await? => {
                    job.reasons.push("it was decided on when the candidate came into the stage".to_owned());
                }
                None => {
                    let asked =
                        self.asked_by_tags(job.id, &mut lever, &mut qualified, &opportunity, &job.record).await?;
                    self.intend(job, asked.choices, asked.puzzles, &applicant);
                    // The intention is stored before the first invitation goes out. From here on, the
                    // candidate's events find this candidacy, and no change of tags undoes the decision.
                    self.save(job, asked.learned).await?;
                }
            }
            job.handled = arrival;
        }
        if let Some(skip) = skip {
            self.withdraw(job, &mut qualified, &applicant, &|_| Some(skip.to_string())).await?;
        }
        self.invite(job, &mut qualified, &applicant, stage_deadlines(job.account, &opportunity)).await?;
        self.show_in_lever(job, &mut lever, &opportunity).await?;
        self.report_in_lever(job, &mut lever, &mut qualified, id).await
    }

    /// Shows what the tags don't show yet, for all assignments in two calls.
    async fn show_in_lever(
        &self,
        job: &mut Job<'_>,
        lever: &mut LeverSession,
        opportunity: &Opportunity,
    ) -> Result<(), Trouble> {
        let owed = job.progress_owed();
        if owed.is_empty() {
            return Ok(());
        }
        let catalogue = self.remembered_catalogue(job.id).await?;
        let shown = |(id, progress): &(AssessmentId, _)| Shown {
            title: job.record.assignments[id].title.clone(),
            progress: *progress,
        };
        let shown: Vec<Shown> = owed.iter().map(shown).collect();
        let known = lever::known_titles(catalogue.as_ref(), &job.record);
        match self.show_tags(lever, opportunity, &shown, &known).await {
            Ok(None) => {}
            Ok(Some(why)) => job.step(self.world.now(), "remove the old tags", false, why),
            Err(Trouble::Vendor { error: CallError::NotFound(_), .. }) => {
                job.step(self.world.now(), "change the tags", false, "the candidate no longer exists in Lever");
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        }
        for ((id, progress), shown) in owed.into_iter().zip(shown) {
            job.settle(&id, Effect::Annotate(progress));
            let tag = crate::domain::tag::showing(&shown.title, shown.progress);
            job.step(self.world.now(), "change the tags", true, format!("now \"{tag}\""));
            job.updates.push(format!("\"{}\" shows {}", shown.title, shown.progress));
        }
        Ok(())
    }

    /// Attaches the results that Lever doesn't have yet, each as one note.
    async fn report_in_lever(
        &self,
        job: &mut Job<'_>,
        lever: &mut LeverSession,
        qualified: &mut QualifiedSession,
        opportunity: &OpportunityId,
    ) -> Result<(), Trouble> {
        for (assessment, submitted_at) in job.reports_owed() {
            let assignment = &job.record.assignments[&assessment];
            let (Some(result), title) = (assignment.result.clone(), assignment.title.clone()) else { continue };
            let exhibit = self.read_exhibit(job, qualified, &result).await?;
            let link = self.ask_qualified(qualified, &Share { result: result.clone() }).await.ok();
            let marker = report::marker(&result, Some(submitted_at));
            let text = report::note(&submission(&title, &exhibit, link.as_ref().map(|link| link.expose()), &marker));
            job.lease_lasts(Vendor::Lever, self.world.now())?;
            let added = match self.add_note(lever, opportunity, text, &marker, job.may_be_half_done()).await {
                Ok(added) => added,
                Err(Trouble::Vendor { error: CallError::NotFound(_), .. }) => {
                    job.step(self.world.now(), "add the note", false, "the candidate no longer exists in Lever");
                    return Ok(());
                }
                Err(trouble) => return Err(trouble),
            };
            job.settle(&assessment, Effect::AttachReport(submitted_at));
            let detail = if added { "the result is a note now" } else { "an earlier attempt had added it" };
            job.step(self.world.now(), "add the note", true, detail);
            job.updates.push(format!("the result of \"{title}\" was added as a note"));
        }
        Ok(())
    }
}

fn stage_sentence(account: &Account, opportunity: &Opportunity) -> String {
    let trigger = opportunity.stage.as_ref().and_then(|stage| account.trigger_stage(stage));
    match (trigger, &opportunity.stage) {
        (Some(stage), _) => format!("in the trigger stage \"{}\"", stage.text),
        (None, Some(_)) => "in a stage that is no trigger stage".to_owned(),
        (None, None) => "in no stage".to_owned(),
    }
}

fn stage_deadlines(account: &Account, opportunity: &Opportunity) -> (Option<u16>, Option<u16>) {
    let stage = opportunity.stage.as_ref().and_then(|stage| account.trigger_stage(stage));
    stage.map(|stage| (stage.deadline_days, stage.reminder_days)).unwrap_or_default()
}

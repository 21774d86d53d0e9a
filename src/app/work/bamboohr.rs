//! Working on a candidacy in BambooHR: a status asks, statuses show, a comment holds the result.
//!
//! Neither a status nor a comment can be written twice without a trace, so both are looked at before they
//! are written: the application is read at the beginning of every attempt, with its status and with the
//! number of its comments. Which comment is about to be posted is stored before it is.

use super::{App, Job, submission};
use crate::{
    app::{
        bamboohr::{
            self, rank,
            rows::{Baseline, MappingKey},
        },
        candidacy::Begun,
        catalogue::{Catalogue, Freshness},
        inbox::Signal,
        record::Batch,
        session::{BambooHrSession, QualifiedSession, Trouble, Vendor},
    },
    domain::{
        assignment::{Effect, Progress},
        ids::{ApplicationId, AssessmentId, Company, StatusId},
        report,
    },
    ports::World,
    vendor::{
        CallError,
        bamboohr::{AddComment, Application, GetApplication, SetStatus},
        qualified::Share,
    },
};

/// What became of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Posted {
    Now,
    /// By an attempt whose answer was lost.
    Before,
    /// The application is gone.
    Nowhere,
}

impl<W: World> App<'_, W> {
    pub(super) async fn work_in_bamboohr(
        &self,
        job: &mut Job<'_>,
        company: &Company,
        id: ApplicationId,
    ) -> Result<(), Trouble> {
        if let Some(other) = job.account.bamboohr.as_ref().map(|it| &it.company).filter(|other| *other != company) {
            job.reasons.push(format!("the applicant is of \"{company}\" and this account is connected to \"{other}\""));
            return Ok(());
        }
        if let Some(why) = job.still_broken() {
            return Err(Trouble::Broken(why));
        }
        let mut bamboohr = self.bamboohr_session(job.id, job.account).await?;
        let mut application = match self.ask_bamboohr(&mut bamboohr, &GetApplication { id }).await {
            Ok(application) => application,
            Err(Trouble::Vendor { error: CallError::NotFound(_), .. }) => {
                job.reasons.push("the application no longer exists in BambooHR".to_owned());
                job.step(self.world.now(), "read the application", false, "BambooHR does not know it (any more)");
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        let applicant = bamboohr::applicant(&application);
        job.subject.clone_from(&applicant.name);
        job.step(self.world.now(), "read the application", true, format!("in the status {}", application.status.0));
        let mut qualified = self.qualified_session(job.id, job.account)?;
        self.hear(job, &mut qualified).await?;
        if job.wants_decision() {
            self.decide_by_status(job, &mut qualified, &application).await?;
        }
        let mapping = |id| job.account.bamboohr.as_ref()?.mappings.get(id);
        if let Some(why) = job.intended().find_map(|id| mapping(id)?.broken.clone()) {
            return Err(Trouble::Broken(why));
        }
        let asking: Vec<_> = bamboohr::asking(job.account, &application).map(|(id, _)| id).collect();
        let no_more =
            |id: &AssessmentId| (!asking.contains(&id)).then(|| "the job and the status ask for it no more".to_owned());
        self.withdraw(job, &mut qualified, &applicant, &no_more).await?;
        self.invite(job, &mut qualified, &applicant, (None, None)).await?;
        self.show_in_bamboohr(job, &mut bamboohr, &mut application).await?;
        self.report_in_bamboohr(job, &mut bamboohr, &mut qualified, &mut application).await?;
        if job.broken.is_empty() { Ok(()) } else { Err(Trouble::Broken(job.broken.join("; "))) }
    }

    /// Decides whom the status asks to invite, once for each time that the status is given. What is asked for by
    /// settings that need mending stays to be decided.
    async fn decide_by_status(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        application: &Application,
    ) -> Result<(), Trouble> {
        let known = application.status_changed_at.is_some() && job.record.status_since == application.status_changed_at;
        if known && !job.wants_replay() {
            return Ok(());
        }
        let asking: Vec<_> = bamboohr::asking(job.account, application).collect();
        let (mut choices, mut puzzles) = (Vec::new(), Vec::new());
        if asking.is_empty() {
            puzzles.push("the applicant's job and status ask for no assessment now".to_owned());
        } else {
            let keys: Vec<MappingKey> = asking.iter().map(|(id, _)| MappingKey::new(job.id, id)).collect();
            let baselines = self.load_many::<Baseline>(&keys).await?;
            let catalogue = self.catalogue_with(job, qualified, asking.iter().map(|(id, _)| *id)).await?;
            let now = self.world.now();
            for (mapping, baseline) in asking.into_iter().zip(baselines) {
                let was_there = baseline.is_some_and(|stored| stored.record.applications.contains(&application.id));
                match bamboohr::choose(mapping, application, was_there, &catalogue, now) {
                    Ok(choice) => choices.push(choice),
                    Err(why) if mapping.1.broken.is_some() => job.broken.push(why),
                    Err(why) => puzzles.push(why),
                }
            }
        }
        if !(choices.is_empty() && puzzles.is_empty()) {
            self.intend(job, choices, puzzles, &bamboohr::applicant(application));
        }
        if job.broken.is_empty() {
            job.record.status_since = application.status_changed_at;
        }
        // The intention is stored before the first invitation goes out.
        self.save(job, Batch::new()).await?;
        Ok(())
    }

    /// The catalogue, listed again if one of the assessments doesn't seem to be published.
    async fn catalogue_with<'a>(
        &self,
        job: &Job<'_>,
        qualified: &mut QualifiedSession,
        wanted: impl Iterator<Item = &'a AssessmentId>,
    ) -> Result<Catalogue, Trouble> {
        let catalogue = self.catalogue(job.id, qualified, Freshness::Normal).await?;
        let published = |id: &AssessmentId| catalogue.published().any(|listed| listed.id == *id);
        if wanted.into_iter().all(published) {
            return Ok(catalogue);
        }
        self.catalogue(job.id, qualified, Freshness::OnMiss).await
    }

    /// Shows progress as statuses, where a status is mapped and the present one is one of ours.
    async fn show_in_bamboohr(
        &self,
        job: &mut Job<'_>,
        session: &mut BambooHrSession,
        application: &mut Application,
    ) -> Result<(), Trouble> {
        for (assessment, progress) in job.progress_owed() {
            let shown = job.record.assignments[&assessment].shown;
            let title = job.record.assignments[&assessment].title.clone();
            let mapping = job.account.bamboohr.as_ref().and_then(|bamboohr| bamboohr.mappings.get(&assessment));
            let target = mapping.and_then(|mapping| mapping.status_for(progress));
            let is_back = shown.is_some_and(|shown| rank(progress) < rank(shown));
            let (Some(mapping), Some(target)) = (mapping, target.filter(|_| !is_back)) else {
                job.settle(&assessment, Effect::Annotate(progress));
                continue;
            };
            let left = if application.status == target {
                job.step(self.world.now(), "change the status", true, "it is the right one already");
                job.settle(&assessment, Effect::Annotate(progress));
                continue;
            } else if !mapping.expects(application.status, progress) {
                "it was changed in BambooHR meanwhile".to_owned()
            } else if mapping.unusable.contains(&target) {
                "the status for this can't be set in BambooHR at present".to_owned()
            } else {
                match self.set_status(job, session, application, target).await? {
                    Ok(()) => {
                        job.settle(&assessment, Effect::Annotate(progress));
                        job.updates.push(format!("\"{title}\" shows {progress}"));
                        continue;
                    }
                    Err(why) => format!("BambooHR refused to change it: {why}"),
                }
            };
            job.step(self.world.now(), "change the status", false, left.clone());
            // A submission brings a comment anyway.
            let is_reported = progress == Progress::Submitted && job.owes_report(&assessment);
            if !is_reported {
                let text = report::remark(&title, &format!("{progress}. The status was left as it is: {left}."));
                let effect = Effect::Annotate(progress);
                if self.comment(job, session, application, &assessment, effect, text).await? == Posted::Nowhere {
                    return Ok(());
                }
            }
            job.settle(&assessment, Effect::Annotate(progress));
            job.updates.push(format!("\"{title}\" is {progress}; the status was left as it is, because {left}"));
        }
        Ok(())
    }

    /// Sets a status that the application doesn't have. The inner error: BambooHR won't, and why.
    async fn set_status(
        &self,
        job: &mut Job<'_>,
        session: &mut BambooHrSession,
        application: &mut Application,
        status: StatusId,
    ) -> Result<Result<(), String>, Trouble> {
        job.lease_lasts(Vendor::BambooHr, self.world.now())?;
        match self.ask_bamboohr(session, &SetStatus { application: application.id, status }).await {
            Ok(()) => {
                application.status = status;
                job.step(self.world.now(), "change the status", true, format!("now {}", status.0));
                Ok(Ok(()))
            }
            Err(Trouble::Vendor { error: CallError::Refused(why) | CallError::NotFound(why), .. }) => Ok(Err(why)),
            Err(trouble) => Err(trouble),
        }
    }

    /// Attaches the results that BambooHR doesn't have yet, each as one comment.
    async fn report_in_bamboohr(
        &self,
        job: &mut Job<'_>,
        session: &mut BambooHrSession,
        qualified: &mut QualifiedSession,
        application: &mut Application,
    ) -> Result<(), Trouble> {
        for (assessment, submitted_at) in job.reports_owed() {
            let assignment = &job.record.assignments[&assessment];
            let (Some(result), title) = (assignment.result.clone(), assignment.title.clone()) else { continue };
            let exhibit = self.read_exhibit(job, qualified, &result).await?;
            let link = self.ask_qualified(qualified, &Share { result: result.clone() }).await.ok();
            let marker = report::marker(&result, Some(submitted_at));
            let told = submission(&title, &exhibit, link.as_ref().map(|link| link.expose()), &marker);
            let text = report::comment(&told);
            let effect = Effect::AttachReport(submitted_at);
            let detail = match self.comment(job, session, application, &assessment, effect, text).await? {
                Posted::Now => "the result is a comment now",
                Posted::Before => "an earlier attempt had added it",
                Posted::Nowhere => return Ok(()),
            };
            job.settle(&assessment, effect);
            job.step(self.world.now(), "add the comment", true, detail);
            job.updates.push(format!("the result of \"{title}\" was added as a comment"));
        }
        Ok(())
    }

    /// Adds a comment, unless an earlier attempt has: then there are more comments now than before it. Where
    /// BambooHR doesn't say how many, the attempt counts as done, because a comment too many is worse than
    /// one too few.
    async fn comment(
        &self,
        job: &mut Job<'_>,
        session: &mut BambooHrSession,
        application: &mut Application,
        assessment: &AssessmentId,
        effect: Effect,
        text: String,
    ) -> Result<Posted, Trouble> {
        let is_this = |begun: &Begun| begun.assessment == *assessment && begun.effect == effect;
        if let Some(begun) = job.record.begun.iter().find(|begun| is_this(begun)) {
            let arrived = begun.comments.zip(application.comments).is_none_or(|(before, now)| now > before);
            job.record.begun.retain(|begun| !is_this(begun));
            if arrived {
                job.count_comment();
                return Ok(Posted::Before);
            }
        }
        job.lease_lasts(Vendor::BambooHr, self.world.now())?;
        let begun = Begun { assessment: assessment.clone(), effect, comments: application.comments };
        job.record.begun.push(begun);
        self.save(job, Batch::new()).await?;
        match self.ask_bamboohr(session, &AddComment { application: application.id, text }).await {
            Ok(()) => {
                job.record.begun.retain(|begun| !is_this(begun));
                job.count_comment();
                application.comments = application.comments.map(|comments| comments + 1);
                Ok(Posted::Now)
            }
            Err(Trouble::Vendor { error: CallError::NotFound(_), .. }) => {
                job.record.begun.retain(|begun| !is_this(begun));
                job.step(self.world.now(), "add the comment", false, "the application no longer exists in BambooHR");
                Ok(Posted::Nowhere)
            }
            Err(trouble) => {
                if trouble.call_error().is_some_and(CallError::had_no_effect) {
                    job.record.begun.retain(|begun| !is_this(begun));
                }
                Err(trouble)
            }
        }
    }
}

impl Job<'_> {
    /// One of our own comments is there. Those that are still in doubt are not to be taken for it.
    fn count_comment(&mut self) {
        for begun in &mut self.record.begun {
            begun.comments = begun.comments.map(|comments| comments + 1);
        }
    }

    /// Why this still waits, as far as that can be said without asking anybody: it is about statuses alone, and
    /// whatever such a status asks for still needs mending. Only once that was told, with the applicant's name.
    fn still_broken(&self) -> Option<String> {
        let mappings = &self.account.bamboohr.as_ref()?.mappings;
        if !self.claim.waits() {
            return None;
        }
        let mut reasons = Vec::new();
        for heard in &self.claim.signals {
            let Signal::GotStatus(status) = &heard.signal else { return None };
            for mapping in mappings.values().filter(|mapping| mapping.send_status == Some(*status)) {
                reasons.push(mapping.broken.clone()?);
            }
        }
        (!reasons.is_empty()).then(|| reasons.join("; "))
    }
}

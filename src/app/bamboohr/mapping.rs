//! Tying an assessment to a job opening and its statuses, and what there is to choose from.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde::Deserialize;

use super::{
    rows::{Baseline, MappingKey, Seen, keys_of},
    sync::judge,
};
use crate::{
    app::{
        App, Failure,
        account::Mapping,
        catalogue::Listed,
        record::Batch,
        session::{BambooHrSession, Trouble, Vendor},
    },
    domain::ids::{AccountId, ApplicationId, AssessmentId, JobId, StatusId},
    ports::World,
    vendor::bamboohr::{Job, ListJobs, ListStatuses, Status},
};

/// How long a person may wait for the list of those who have the sending status.
const PATIENCE: SignedDuration = SignedDuration::from_secs(20);

/// What an admin chooses for an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choices {
    /// The job opening.
    pub job_id: JobId,
    /// Who is given this status is invited; `None` = nobody is invited automatically.
    pub send_status: Option<StatusId>,
    /// Set when the candidate starts; here and below, `None` = no change.
    pub on_started: Option<StatusId>,
    /// Set when the candidate submits.
    pub on_submitted: Option<StatusId>,
    /// Set when the reviewers approve.
    pub on_approved: Option<StatusId>,
    /// Set when the reviewers reject.
    pub on_rejected: Option<StatusId>,
}

impl<W: World> App<'_, W> {
    /// The job openings that are open or drafts, as BambooHR lists them now.
    ///
    /// # Errors
    /// BambooHR isn't connected or failed.
    pub async fn bamboohr_jobs(&self, id: &AccountId) -> Result<Vec<Job>, Failure> {
        let what = "the list of job openings";
        let mut session = self.bamboohr_for(id, what).await?;
        self.ask_bamboohr(&mut session, &ListJobs).await.map_err(|trouble| trouble.failure(what))
    }

    /// The applicant statuses that can be set, as BambooHR lists them now.
    ///
    /// # Errors
    /// BambooHR isn't connected or failed.
    pub async fn bamboohr_statuses(&self, id: &AccountId) -> Result<Vec<Status>, Failure> {
        let what = "the list of applicant statuses";
        let mut session = self.bamboohr_for(id, what).await?;
        let statuses = self.ask_bamboohr(&mut session, &ListStatuses).await;
        let mut statuses = statuses.map_err(|trouble| trouble.failure(what))?;
        statuses.retain(|status| status.enabled);
        Ok(statuses)
    }

    async fn bamboohr_for(&self, id: &AccountId, what: &str) -> Result<BambooHrSession, Failure> {
        let account = self.account(id).await?;
        self.bamboohr_session(id, &account).await.map_err(|trouble| trouble.failure(what))
    }

    /// Ties an assessment to a job opening, from now on: who has the sending status already is never invited
    /// for it. Changing only what is set on progress keeps the earlier beginning.
    ///
    /// # Errors
    /// Qualified doesn't have the assessment, the job opening or a status doesn't exist or can't be used, a vendor
    /// isn't connected or failed, or the store failed. Then nothing is changed.
    pub async fn put_mapping(
        &self,
        id: &AccountId,
        assessment: &AssessmentId,
        choices: Choices,
    ) -> Result<Mapping, Failure> {
        let account = self.account(id).await?;
        let Some(bamboohr) = &account.bamboohr else {
            return Err(Trouble::NotConnected(Vendor::BambooHr).failure(""));
        };
        let listed = self.existing_assessment(id, assessment).await?;
        let now = self.world.now();
        let mut mapping = Mapping {
            title: listed.title,
            job: choices.job_id,
            send_status: choices.send_status,
            on_started: choices.on_started,
            on_submitted: choices.on_submitted,
            on_approved: choices.on_approved,
            on_rejected: choices.on_rejected,
            enabled_at: now,
            broken: None,
            unusable: Vec::new(),
            job_name: None,
            status_names: Vec::new(),
        };
        let what = "the job openings and statuses";
        let mut session = self.bamboohr_session(id, &account).await.map_err(|trouble| trouble.failure(what))?;
        let statuses = self.ask_bamboohr(&mut session, &ListStatuses).await.map_err(|it| it.failure(what))?;
        let jobs = self.ask_bamboohr(&mut session, &ListJobs).await.map_err(|it| it.failure(what))?;
        judge(&mut mapping, &jobs, &statuses);
        if let Some(why) = mapping.broken {
            return Err(Failure::invalid(format!("This can't be set up: {why}. Choose from what BambooHR lists.")));
        }
        match bamboohr.mappings.get(assessment) {
            Some(known) if known.job == mapping.job && known.send_status == mapping.send_status => {
                mapping.enabled_at = known.enabled_at;
            }
            _ => self.draw_baseline(id, &mut session, assessment, &mapping).await?,
        }
        self.change_account(id, |account| {
            if let Some(bamboohr) = &mut account.bamboohr {
                bamboohr.mappings.insert(assessment.clone(), mapping.clone());
            }
        })
        .await?;
        let summary = format!("\"{}\" goes with a BambooHR job opening.", mapping.title);
        self.note_setting(id, &mapping.title, summary).await?;
        Ok(mapping)
    }

    /// A draft may be set up before it is published, and of an archived one candidates may still be under way. Whether
    /// somebody can be invited is looked at when somebody is to be.
    async fn existing_assessment(&self, id: &AccountId, assessment: &AssessmentId) -> Result<Listed, Failure> {
        let catalogue = self.listed_assessments(id).await?;
        let listed = catalogue.assessments.into_iter().find(|listed| listed.id == *assessment);
        listed.ok_or_else(|| {
            Failure::not_found(format!("Qualified has no assessment \"{assessment}\". Choose one of those it has."))
                .at("assessment")
        })
    }

    /// Remembers who has the sending status now.
    async fn draw_baseline(
        &self,
        id: &AccountId,
        session: &mut BambooHrSession,
        assessment: &AssessmentId,
        mapping: &Mapping,
    ) -> Result<(), Failure> {
        let Some(status) = mapping.send_status else {
            return Ok(self.forget(&keys_of(id, assessment)).await?);
        };
        let ends_at = self.world.now().plus(PATIENCE);
        let listed = self.list_applications(session, mapping.job, status, ends_at).await;
        let rows =
            listed.map_err(|trouble| trouble.failure("the applicants who have the status"))?.ok_or_else(|| {
                Failure::invalid("Too many applicants have the sending status. Choose a status that few have.")
                    .at("send_status")
            })?;
        let applications: BTreeSet<ApplicationId> = rows.into_iter().map(|row| row.id).collect();
        let key = MappingKey::new(id, assessment);
        let batch = Batch::new().put(&key, &Baseline { applications: applications.clone() });
        self.write(batch.put(&key, &Seen { applications })).await?;
        Ok(())
    }

    /// Unties an assessment. Who was invited stays invited; their progress is no longer shown.
    ///
    /// # Errors
    /// It wasn't tied, or the store failed.
    pub async fn delete_mapping(&self, id: &AccountId, assessment: &AssessmentId) -> Result<(), Failure> {
        let account = self.account(id).await?;
        let Some(known) = account.bamboohr.as_ref().and_then(|bamboohr| bamboohr.mappings.get(assessment)) else {
            return Err(Failure::not_found(format!("No BambooHR job opening is set up for \"{assessment}\".")));
        };
        self.change_account(id, |account| {
            if let Some(bamboohr) = &mut account.bamboohr {
                bamboohr.mappings.remove(assessment);
            }
        })
        .await?;
        self.forget(&keys_of(id, assessment)).await?;
        let summary = format!("\"{}\" no longer goes with a BambooHR job opening.", known.title);
        self.note_setting(id, "BambooHR", summary).await?;
        Ok(())
    }
}

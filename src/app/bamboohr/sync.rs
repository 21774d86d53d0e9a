//! BambooHR has no webhooks for applicants: every sync looks who was given a sending status.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{MappingKey, Seen, in_status};
use crate::{
    app::{
        App,
        account::{Account, Mapping},
        activity::{Outcome, Source},
        inbox::{Arrival, Signal},
        record::{Batch, RecordError},
        session::{BambooHrSession, Trouble},
        sync::stored,
    },
    domain::ids::{AccountId, ApplicationId, AssessmentId, Candidacy, JobId, StatusId},
    ports::World,
    vendor::bamboohr::{Job, ListJobs, ListStatuses, Status},
};

/// New applicants taken in per mapping and pass; the next pass takes the next ones.
const MOST_NEW: usize = 500;

impl<W: World> App<'_, W> {
    /// Checks the mappings against what BambooHR has now, and stores who was newly given a sending status, to
    /// be worked on by the same pass. Two calls, and one per page of a mapped job's applicants in a sending
    /// status; a write only for what changed. Where nothing is mapped, one call, and only to `check`.
    ///
    /// # Errors
    /// BambooHR or the store failed; the next sync finds the same.
    pub(in crate::app) async fn sync_bamboohr(
        &self,
        id: &AccountId,
        account: &Account,
        check: bool,
    ) -> Result<(), Trouble> {
        let Some(bamboohr) = account.bamboohr.as_ref().filter(|bamboohr| check || !bamboohr.mappings.is_empty()) else {
            return Ok(());
        };
        let mut session = self.bamboohr_session(id, account).await?;
        let statuses = self.ask_bamboohr(&mut session, &ListStatuses).await?;
        if bamboohr.mappings.is_empty() {
            return Ok(());
        }
        let jobs = self.ask_bamboohr(&mut session, &ListJobs).await?;
        let mut mappings = bamboohr.mappings.clone();
        for mapping in mappings.values_mut() {
            judge(mapping, &jobs, &statuses);
        }
        let look: BTreeSet<JobId> = sending(&mappings).map(|(_, mapping, _)| mapping.job).collect();
        for job in look {
            self.look_at_job(id, &mut session, job, &mut mappings).await?;
        }
        self.keep_judgements(id, &bamboohr.mappings, &mappings).await?;
        Ok(())
    }

    async fn look_at_job(
        &self,
        id: &AccountId,
        session: &mut BambooHrSession,
        job: JobId,
        mappings: &mut BTreeMap<AssessmentId, Mapping>,
    ) -> Result<(), Trouble> {
        let of_job: Vec<(AssessmentId, StatusId)> = sending(mappings)
            .filter(|(_, mapping, _)| mapping.job == job)
            .map(|(assessment, _, status)| (assessment.clone(), status))
            .collect();
        let wanted: BTreeSet<StatusId> = of_job.iter().map(|(_, status)| *status).collect();
        let wanted: Vec<StatusId> = wanted.into_iter().collect();
        let Some(rows) = self.list_applications(session, job, &wanted).await? else {
            for (assessment, _) in of_job {
                if let Some(mapping) = mappings.get_mut(&assessment) {
                    mapping.broken = Some(TOO_MANY.to_owned());
                }
            }
            return Ok(());
        };
        let keys: Vec<MappingKey> = of_job.iter().map(|(assessment, _)| MappingKey::new(id, assessment)).collect();
        let known = self.load_many::<Seen>(&keys).await?;
        let mut arrivals: BTreeMap<Candidacy, Arrival> = BTreeMap::new();
        let mut changed = Batch::new();
        for (((_, status), key), known) in of_job.iter().zip(&keys).zip(known) {
            let known = known.map(|stored| stored.record).unwrap_or_default();
            let present = in_status(&rows, *status);
            let new: Vec<ApplicationId> = present.difference(&known.applications).take(MOST_NEW).copied().collect();
            let still = present.intersection(&known.applications).copied();
            let seen = Seen { applications: still.chain(new.iter().copied()).collect() };
            arrivals.extend(new.into_iter().map(Candidacy::BambooHr).map(|who| (who.clone(), arrival(who, *status))));
            if seen != known {
                changed = changed.put(key, &seen);
            }
        }
        // First the work, then that it need not be found again: a crash between finds it twice, and the work
        // knows what it did.
        let arrivals: Vec<Arrival> = arrivals.into_values().collect();
        self.receive_all(id, &arrivals).await.map_err(stored)?;
        self.write(changed).await?;
        Ok(())
    }

    /// Notes which mappings can't act and which can again, where that changed.
    async fn keep_judgements(
        &self,
        id: &AccountId,
        before: &BTreeMap<AssessmentId, Mapping>,
        now: &BTreeMap<AssessmentId, Mapping>,
    ) -> Result<(), RecordError> {
        if before == now {
            return Ok(());
        }
        self.change_account(id, |account| {
            let Some(bamboohr) = &mut account.bamboohr else { return };
            for (assessment, mapping) in &mut bamboohr.mappings {
                // A mapping that was put meanwhile was checked then.
                if let Some(judged) = now.get(assessment).filter(|judged| judged.enabled_at == mapping.enabled_at) {
                    mapping.broken.clone_from(&judged.broken);
                    mapping.unusable.clone_from(&judged.unusable);
                }
            }
        })
        .await?;
        for (assessment, mapping) in now {
            let was = before.get(assessment).and_then(|mapping| mapping.broken.as_deref());
            match (was, mapping.broken.as_deref()) {
                (was, Some(why)) if was != Some(why) => {
                    let summary = format!("Nothing is sent for assessment {assessment}: {why}.");
                    self.note_setting(id, "BambooHR", Outcome::Failed, summary, Vec::new()).await?;
                }
                (Some(_), None) => {
                    let summary = format!("The settings of assessment {assessment} work again.");
                    self.note_setting(id, "BambooHR", Outcome::Healed, summary, Vec::new()).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

const TOO_MANY: &str =
    "more applicants have the sending status than can be looked through; move those who are done to another status";

/// The mappings that invite, with their status.
fn sending(mappings: &BTreeMap<AssessmentId, Mapping>) -> impl Iterator<Item = (&AssessmentId, &Mapping, StatusId)> {
    let whole = mappings.iter().filter(|(_, mapping)| mapping.broken.is_none());
    whole.filter_map(|(assessment, mapping)| Some((assessment, mapping, mapping.send_status?)))
}

/// Says of a mapping why it can't act, if so.
pub(super) fn judge(mapping: &mut Mapping, jobs: &[Job], statuses: &[Status]) {
    let is_usable = |id: &StatusId| statuses.iter().any(|status| status.id == *id && status.enabled);
    mapping.unusable = mapping.statuses().filter(|status| !is_usable(status)).collect();
    let lost = mapping.unusable.iter().map(|id| match statuses.iter().find(|status| status.id == *id) {
        Some(status) => format!("the status \"{}\" is disabled in BambooHR", status.name),
        None => format!("BambooHR no longer has the status {}", id.0),
    });
    let closed = (!jobs.iter().any(|job| job.id == mapping.job))
        .then(|| format!("the job opening {} is neither open nor a draft any more", mapping.job.0));
    let reasons: Vec<String> = closed.into_iter().chain(lost).collect();
    mapping.broken = (!reasons.is_empty()).then(|| reasons.join("; "));
}

fn arrival(candidacy: Candidacy, status: StatusId) -> Arrival {
    let signal = Signal::GotStatus(status);
    Arrival { candidacy, signal, source: Source::Sync, identity: None, delivered_by: None }
}

//! BambooHR has no webhooks for applicants: every sync looks who was given a sending status.

use std::collections::BTreeSet;

use super::rows::{MOST, MappingKey, Seen};
use crate::{
    app::{
        App,
        account::Mapping,
        activity::{Outcome, Source},
        inbox::{Arrival, Signal},
        record::{Batch, RecordError},
        session::{BambooHrSession, Trouble},
        sync::Pass,
    },
    domain::ids::{AccountId, ApplicationId, AssessmentId, Candidacy, Company, StatusId},
    ports::World,
    vendor::bamboohr::{ApplicationRow, Job, ListJobs, ListStatuses, Status},
};
use litemap::LiteMap;

impl<W: World> App<'_, W> {
    /// Checks the mappings against what BambooHR has now, and stores who was newly given a sending status, to
    /// be worked on by the same pass: that was not missed, looking is the only way to know. Three calls,
    /// however many the mappings are, and one more per page of a long list; a write only for what changed.
    /// Where nothing is mapped, one call, and only to check the set-up. Answers whether BambooHR was asked.
    ///
    /// # Errors
    /// BambooHR or the store failed; the next sync finds the same.
    pub(in crate::app) async fn sync_bamboohr(&self, pass: &mut Pass<'_>) -> Result<bool, Trouble> {
        let (id, account) = (pass.id, pass.account);
        let Some(bamboohr) = account.bamboohr.as_ref().filter(|it| pass.check || !it.mappings.is_empty()) else {
            return Ok(false);
        };
        let mut session = self.bamboohr_session(id, account).await?;
        let statuses = self.ask_bamboohr(&mut session, &ListStatuses).await?;
        if bamboohr.mappings.is_empty() {
            return Ok(true);
        }
        let jobs = self.ask_bamboohr(&mut session, &ListJobs).await?;
        let mut mappings = bamboohr.mappings.clone();
        for (_, mapping) in &mut mappings {
            judge(mapping, &jobs, &statuses);
        }
        // Who was given the status of a mapping that could not act may be anywhere in the list by now.
        let mended = mappings.iter().any(|(id, now)| now.broken.is_none() && bamboohr.mappings[id].broken.is_some());
        if mended {
            pass.marks.applications.begin_anew();
        }
        let afresh = mended || pass.check;
        self.look_for_new(pass, &bamboohr.company, &mut session, &mut mappings, afresh).await?;
        self.keep_judgements(id, &bamboohr.mappings, &mappings).await?;
        Ok(true)
    }

    async fn look_for_new(
        &self,
        pass: &mut Pass<'_>,
        company: &Company,
        session: &mut BambooHrSession,
        mappings: &mut LiteMap<AssessmentId, Mapping>,
        afresh: bool,
    ) -> Result<(), Trouble> {
        let id = pass.id;
        let whole = mappings.iter_mut().filter(|(_, mapping)| mapping.broken.is_none());
        let mut sending: Vec<(MappingKey, StatusId, &mut Mapping)> =
            whole.filter_map(|(assessment, it)| Some((MappingKey::new(id, assessment), it.send_status?, it))).collect();
        if sending.is_empty() {
            return Ok(());
        }
        let statuses: BTreeSet<StatusId> = sending.iter().map(|(_, status, _)| *status).collect();
        let keys: Vec<MappingKey> = sending.iter().map(|(key, ..)| key.clone()).collect();
        let known = self.load_many::<Seen>(&keys).await?;
        let known: Vec<Seen> =
            known.into_iter().map(|stored| stored.map(|stored| stored.record).unwrap_or_default()).collect();
        let is_new = |row: &ApplicationRow| {
            let mut asking = sending.iter().zip(&known);
            asking.any(|((_, status, mapping), seen)| {
                row.status == *status && row.job == mapping.job && !seen.applications.contains(&row.id)
            })
        };
        let statuses = statuses.into_iter().collect();
        let piece = self.list_new_applications(session, statuses, pass.marks.applications, afresh, is_new).await?;

        let mut arrivals: LiteMap<Candidacy, Arrival> = LiteMap::new();
        let mut changed = Batch::new();
        for ((key, status, mapping), known) in sending.iter_mut().zip(known) {
            let rows = piece.rows.iter().filter(|row| row.status == *status && row.job == mapping.job);
            let present: BTreeSet<ApplicationId> = rows.map(|row| row.id).collect();
            let stays = |id: &ApplicationId| present.contains(id) || !piece.covers(*id);
            let mut seen = Seen { applications: known.applications.iter().copied().filter(stays).collect() };
            let room = MOST.saturating_sub(seen.applications.len());
            let new: Vec<ApplicationId> = present.difference(&known.applications).take(room).copied().collect();
            seen.applications.extend(&new);
            if seen.applications.len() >= MOST {
                mapping.broken = Some(TOO_MANY.to_owned());
            }
            let new = new.into_iter().map(|id| Candidacy::BambooHr(company.clone(), id));
            arrivals.extend(new.map(|who| (who.clone(), arrival(who, *status))));
            if seen != known {
                changed = changed.put(key, &seen);
            }
        }
        // First the work, then that it need not be found again: a crash between finds it twice, and the work
        // knows what it did.
        let arrivals: Vec<Arrival> = arrivals.into_iter().map(|(_, arrival)| arrival).collect();
        self.receive_all(id, &arrivals).await?;
        self.write(changed).await?;
        pass.marks.applications = piece.reach;
        Ok(())
    }

    /// Notes which mappings can't act and which can again, where that changed.
    async fn keep_judgements(
        &self,
        id: &AccountId,
        before: &LiteMap<AssessmentId, Mapping>,
        now: &LiteMap<AssessmentId, Mapping>,
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
                    mapping.job_name.clone_from(&judged.job_name);
                    mapping.status_names.clone_from(&judged.status_names);
                }
            }
        })
        .await?;
        for (assessment, mapping) in now {
            let was = before.get(assessment).and_then(|mapping| mapping.broken.as_deref());
            match (was, mapping.broken.as_deref()) {
                (was, Some(why)) if was != Some(why) => {
                    let summary = format!("Nothing is sent for \"{}\": {why}.", mapping.title);
                    self.note_finding(id, "BambooHR", Outcome::Failed, summary).await?;
                }
                (Some(_), None) => {
                    let summary = format!("The settings of \"{}\" work again.", mapping.title);
                    self.note_finding(id, "BambooHR", Outcome::Healed, summary).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

const TOO_MANY: &str =
    "more applicants have the sending status than can be looked through; move those who are done to another status";

/// Says of a mapping why it can't act, if so, and what its job and statuses are called. What is gone keeps its name.
pub(super) fn judge(mapping: &mut Mapping, jobs: &[Job], statuses: &[Status]) {
    if let Some(job) = jobs.iter().find(|job| job.id == mapping.job) {
        mapping.job_name = Some(job.label());
    }
    let name = |id: StatusId| {
        let listed = statuses.iter().find(|status| status.id == id).map(|status| status.name.clone());
        let known = || mapping.status_names.iter().find(|(known, _)| *known == id).map(|(_, name)| name.clone());
        Some((id, listed.or_else(known)?))
    };
    let mut names: Vec<(StatusId, String)> = mapping.statuses().filter_map(name).collect();
    names.sort();
    names.dedup();
    mapping.status_names = names;
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

//! Taking in what Qualified says: signals are hints, results and decisions are read.

use super::{App, Job};
use crate::{
    app::{
        activity::Source,
        candidacy::{CandidacyKey, CandidacyRecord},
        inbox::{Arrival, Receipt, Signal},
        session::{QualifiedSession, Trouble},
        sync::observation,
    },
    domain::{
        assignment::Event,
        ids::{AssessmentId, Candidacy, ResultId, TeamCandidateId},
    },
    ports::World,
    vendor::{
        CallError,
        qualified::{CandidateState, GetResult, GetTeamCandidate},
    },
};
use litemap::LiteMap;

impl<W: World> App<'_, W> {
    /// Takes in what Qualified says about results and decisions.
    pub(super) async fn hear(&self, job: &mut Job<'_>, qualified: &mut QualifiedSession) -> Result<(), Trouble> {
        let (mut results, mut people) = (LiteMap::<ResultId, ()>::new(), LiteMap::<TeamCandidateId, ()>::new());
        for heard in &job.claim.signals {
            match &heard.signal {
                Signal::Result(id) => drop(results.insert(id.clone(), ())),
                Signal::Decision(id) => drop(people.insert(id.clone(), ())),
                Signal::EnteredStage(_) | Signal::GotStatus(_) | Signal::Replay => {}
            }
        }
        if job.wants_replay() {
            for known in job.record.assignments.values().filter_map(|assignment| assignment.result.as_ref()) {
                results.insert(known.clone(), ());
            }
            let latest = job.record.latest_sent().and_then(|id| job.record.assignments.get(id));
            if let Some(person) = latest.and_then(|assignment| assignment.team_candidate.as_ref()) {
                people.insert(person.clone(), ());
            }
        }
        for (id, ()) in results {
            self.hear_of_result(job, qualified, &id).await?;
        }
        for (id, ()) in people {
            self.hear_of_decision(job, qualified, &id).await?;
        }
        Ok(())
    }

    async fn hear_of_result(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        id: &ResultId,
    ) -> Result<(), Trouble> {
        let result = match self.ask_qualified(qualified, &GetResult { id: id.clone() }).await {
            Ok(result) => result,
            Err(Trouble::Vendor { error: CallError::NotFound(_) | CallError::Refused(_), .. }) => {
                job.step(self.world.now(), "read the result", false, "Qualified does not know it (any more)");
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        let now = self.world.now();
        if result.dry_run {
            job.step(now, "read the result", true, "it is a dry run of the team's own, and ignored");
            return Ok(());
        }
        // Two candidacies of one person share a result. Whoever hears of it first tells the others.
        let matched = self.find_matches(job.id, job.account, Some(id), Some(&result.team_candidate), None).await?;
        let others = matched
            .into_iter()
            .filter(|other| other.candidacy != job.claim.candidacy && other.assessment == result.assessment);
        for other in others.filter(|_| job.claim.source != Source::Replay) {
            self.tell(job, &other.candidacy, Signal::Result(id.clone())).await?;
        }
        let Some(assignment) = job.record.assignments.get_mut(&result.assessment) else {
            job.step(now, "read the result", true, "it is of an assessment that was not sent from here");
            return Ok(());
        };
        let title = assignment.title.clone();
        let detail = match assignment.advance(&Event::Observed(observation(result))) {
            Ok(next) => {
                *assignment = next;
                format!("\"{title}\" is now: {}", assignment.progress)
            }
            Err(refusal) => format!("\"{title}\": {refusal}"),
        };
        job.step(now, "read the result", true, detail);
        Ok(())
    }

    /// Leaves word for another candidacy that shares a result, unless it was told before.
    async fn tell(&self, job: &Job<'_>, other: &Candidacy, signal: Signal) -> Result<(), Trouble> {
        let arrival =
            Arrival { candidacy: other.clone(), signal, source: Source::Replay, identity: None, delivered_by: None };
        if let Receipt::Mine(claim) = self.receive(job.id, &arrival).await? {
            // Not ours to work on now: one invocation, one candidacy.
            self.give_back(&claim.lane.clone(), &[claim]).await?;
        }
        Ok(())
    }

    /// Two candidacies of one person share what was sent last, and so the decision about it. Whoever hears of it
    /// first tells the others.
    async fn tell_of_decision(
        &self,
        job: &Job<'_>,
        id: &TeamCandidateId,
        latest: &AssessmentId,
    ) -> Result<(), Trouble> {
        let matched = self.find_matches(job.id, job.account, None, Some(id), None).await?;
        let others: Vec<Candidacy> = matched
            .into_iter()
            .filter(|other| other.candidacy != job.claim.candidacy && other.assessment == *latest)
            .map(|other| other.candidacy)
            .collect();
        let keys: Vec<CandidacyKey> = others.iter().map(|other| CandidacyKey::new(job.id, other)).collect();
        for (other, stored) in others.iter().zip(self.load_many::<CandidacyRecord>(&keys).await?) {
            if stored.is_some_and(|stored| stored.record.latest_sent() == Some(latest)) {
                self.tell(job, other, Signal::Decision(id.clone())).await?;
            }
        }
        Ok(())
    }

    async fn hear_of_decision(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        id: &TeamCandidateId,
    ) -> Result<(), Trouble> {
        let person = match self.ask_qualified(qualified, &GetTeamCandidate { id: id.clone() }).await {
            Ok(person) => person,
            Err(Trouble::Vendor { error: CallError::NotFound(_) | CallError::Refused(_), .. }) => {
                job.step(self.world.now(), "read the team candidate", false, "Qualified does not know it (any more)");
                return Ok(());
            }
            Err(trouble) => return Err(trouble),
        };
        let now = self.world.now();
        let approved = match person.state {
            CandidateState::Approved => true,
            CandidateState::Rejected => false,
            _ => {
                job.step(now, "read the team candidate", true, "there is no decision (any more)");
                return Ok(());
            }
        };
        let latest = job.record.latest_sent().cloned();
        if let Some(latest) = latest.as_ref().filter(|_| job.claim.source != Source::Replay) {
            self.tell_of_decision(job, id, latest).await?;
        }
        let Some(assignment) = latest.and_then(|id| job.record.assignments.get_mut(&id)) else {
            job.step(now, "read the team candidate", true, "nothing was sent from here");
            return Ok(());
        };
        let at = person.decided_at.or(person.state_updated_at).unwrap_or(now);
        let title = assignment.title.clone();
        if at < assignment.decided_at {
            job.step(now, "read the team candidate", true, format!("the decision is older than \"{title}\""));
            return Ok(());
        }
        let detail = match assignment.advance(&Event::Decided { approved, at }) {
            Ok(next) => {
                *assignment = next;
                format!("\"{title}\" is now: {}", assignment.progress)
            }
            Err(refusal) => format!("\"{title}\": {refusal}"),
        };
        job.step(now, "read the team candidate", true, detail);
        Ok(())
    }
}

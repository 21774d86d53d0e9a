//! Inviting: from the choice of assessments to Qualified's word that the invitation is there, and back again where
//! the candidate is not to be invited any more.

use jiff::SignedDuration;
use litemap::LiteMap;

use super::{App, Job};
use crate::{
    app::{
        applicant::{Applicant, Choice},
        catalogue::Freshness,
        inbox::Inbox,
        record::RecordError,
        session::{QualifiedSession, Trouble},
        sync::observation,
    },
    domain::{
        assignment::{Assignment, Effect, Event, Progress},
        ids::AssessmentId,
    },
    ports::World,
    vendor::{
        CallError, Personal,
        qualified::{FindTeamCandidate, GetResult, Invite, ListResultsOfCandidate},
    },
};

impl<W: World> App<'_, W> {
    /// Turns choices into assignments, at most one per assessment for ever.
    pub(super) fn intend(&self, job: &mut Job<'_>, choices: Vec<Choice>, puzzles: Vec<String>, applicant: &Applicant) {
        let now = self.world.now();
        if choices.is_empty() && puzzles.is_empty() && job.record.assignments.is_empty() {
            job.reasons.push("no tag of the candidate or the job is the title of a published assessment".to_owned());
        }
        job.reasons.extend(puzzles);
        for Choice { assessment, title } in choices {
            if let Some(known) = job.record.assignments.get(&assessment) {
                if known.progress > Progress::Inviting {
                    job.reasons.push(format!("\"{title}\" was sent before and is never sent twice"));
                }
                continue;
            }
            job.decided.push(assessment.clone());
            job.record.assignments.insert(assessment, Assignment::decided(title, now));
        }
        if job.record.email_digest.is_none() && !job.record.assignments.is_empty() {
            job.record.email_digest = applicant.email.as_deref().map(|email| job.account.email_digest(email));
        }
    }

    /// Whether the arrival was decided on before. Lever's signature doesn't cover whom a delivery is about: without this,
    /// an old delivery with another candidate put in would have that candidate decided on again.
    pub(super) async fn was_decided(&self, job: &Job<'_>, arrival: Option<&str>) -> Result<bool, RecordError> {
        let (Some(arrival), false) = (arrival, job.wants_replay()) else { return Ok(false) };
        let inbox = self.load::<Inbox>(&job.claim.lane).await?;
        Ok(inbox.is_some_and(|stored| stored.record.was_decided(arrival)))
    }

    /// Takes back what was decided and not sent yet, where the candidate is not to be invited any more: `obstacle` says
    /// why. An attempt whose answer was lost may have sent it, so Qualified is asked.
    pub(super) async fn withdraw(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        applicant: &Applicant,
        obstacle: &dyn Fn(&AssessmentId) -> Option<String>,
    ) -> Result<(), Trouble> {
        let intended: Vec<(AssessmentId, String)> =
            job.intended().filter_map(|id| Some((id.clone(), obstacle(id)?))).collect();
        let person = match &applicant.email {
            Some(email) if !intended.is_empty() => {
                self.ask_qualified(qualified, &FindTeamCandidate { email: Personal::new(email.clone()) }).await?
            }
            _ => None,
        };
        let results = match person {
            Some(person) => {
                self.ask_qualified(qualified, &ListResultsOfCandidate { team_candidate: person.id, page: 1 })
                    .await?
                    .rows
            }
            None => Vec::new(),
        };
        for (id, why) in intended {
            let Some(assignment) = job.record.assignments.get_mut(&id) else { continue };
            let title = assignment.title.clone();
            let now = self.world.now();
            match results.iter().find(|result| result.assessment == id) {
                Some(result) => {
                    if let Ok(next) = assignment.advance(&Event::Observed(observation(result.clone()))) {
                        *assignment = next;
                    }
                    job.step(now, format!("invite to \"{title}\""), true, "an earlier attempt had sent the invitation");
                }
                None => {
                    job.record.assignments.remove(&id);
                    job.step(now, format!("invite to \"{title}\""), false, format!("not sent any more: {why}"));
                }
            }
        }
        Ok(())
    }

    /// Sends the invitations that are owed, in title order.
    pub(super) async fn invite(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        applicant: &Applicant,
        days: (Option<u16>, Option<u16>),
    ) -> Result<(), Trouble> {
        let mut owed: LiteMap<(String, AssessmentId), ()> = LiteMap::new();
        for (id, assignment) in &job.record.assignments {
            if assignment.owed().contains(&Effect::Invite) {
                owed.insert((assignment.title.clone(), id.clone()), ());
            }
        }
        for ((title, assessment), ()) in owed {
            let Some(email) = &applicant.email else {
                job.record.assignments.remove(&assessment);
                job.reasons.push("the candidate has no e-mail address any more".to_owned());
                continue;
            };
            if let Err((trouble, is_unsent)) =
                self.invite_to(job, qualified, applicant, email, days, title, &assessment).await
            {
                job.take_back(&assessment, is_unsent);
                return Err(trouble);
            }
        }
        Ok(())
    }

    /// Sends one invitation. The error: what stopped us, and whether surely nothing was sent.
    #[expect(clippy::too_many_arguments, reason = "one invitation is made of that many things")]
    pub(super) async fn invite_to(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        applicant: &Applicant,
        email: &str,
        (deadline, reminder): (Option<u16>, Option<u16>),
        title: String,
        assessment: &AssessmentId,
    ) -> Result<(), (Trouble, bool)> {
        let now = self.world.now();
        let days = |days: Option<u16>| days.map(|days| now.plus(SignedDuration::from_hours(24 * i64::from(days))));
        let invitation = Invite {
            assessment: assessment.clone(),
            email: Personal::new(email),
            first_name: applicant.first_name.clone().map(Personal::new),
            last_name: applicant.last_name.clone().map(Personal::new),
            alternate_id: Some(job.claim.candidacy.to_string().replace('/', ":")),
            expires_at: days(deadline),
            reminder_at: days(reminder),
        };
        match self.ask_qualified(qualified, &invitation).await {
            Ok(sent) => {
                // Somebody else's invitation, or that of another candidacy: Qualified sends no mail then, and no event
                // will come of what happened before.
                let known = match sent.mailed_before && !job.may_be_half_done() {
                    true => {
                        let result = self.ask_qualified(qualified, &GetResult { id: sent.result.clone() }).await;
                        Some(result.map_err(|trouble| (trouble, false))?)
                    }
                    false => None,
                };
                let assignment = job.record.assignments.get_mut(assessment).expect("owed by it");
                let invited = Event::Invited { result: sent.result, team_candidate: sent.team_candidate };
                let observed = known.map(|result| Event::Observed(observation(result)));
                let is_new = observed.is_none();
                for event in [Some(invited), observed].into_iter().flatten() {
                    if let Ok(next) = assignment.advance(&event) {
                        *assignment = next;
                    }
                }
                let progress = assignment.progress;
                let what = format!("invite to \"{title}\"");
                if is_new {
                    job.step(now, what, true, "Qualified sends the invitation");
                    job.invited.push(title);
                } else {
                    let before = "Qualified had invited this person before and sends no second mail";
                    job.step(now, what, true, format!("{before}; now: {progress}"));
                    let before = format!("Qualified had invited this person to \"{title}\" before");
                    job.reasons.push(format!("{before}, and no second mail was sent"));
                }
                Ok(())
            }
            Err(Trouble::Vendor { error, .. }) if error.is_about_the_request() => {
                let changed = self.what_changed(job, qualified, assessment, &title).await;
                let changed = changed.map_err(|trouble| (trouble, true))?;
                job.record.assignments.remove(assessment);
                job.step(now, format!("invite to \"{title}\""), false, error.to_string());
                let refused = || format!("Qualified did not take the invitation to \"{title}\": {error}");
                job.reasons.push(changed.unwrap_or_else(refused));
                Ok(())
            }
            Err(trouble) => {
                let is_unsent = trouble.call_error().is_some_and(CallError::had_no_effect);
                Err((trouble, is_unsent))
            }
        }
    }

    /// Qualified's refusal doesn't say what has become of an assessment that was published when it was listed. The
    /// list says, and is good for the next candidate too.
    pub(super) async fn what_changed(
        &self,
        job: &Job<'_>,
        qualified: &mut QualifiedSession,
        assessment: &AssessmentId,
        title: &str,
    ) -> Result<Option<String>, Trouble> {
        let catalogue = self.catalogue(job.id, qualified, Freshness::Live).await?;
        let listed = catalogue.assessments.iter().find(|listed| listed.id == *assessment);
        Ok(match listed {
            Some(listed) => listed.state.refusal(title),
            None => Some(format!("Qualified no longer has the assessment \"{title}\"")),
        })
    }
}

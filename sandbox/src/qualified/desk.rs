//! What people do in Qualified: the team on its pages, candidates in their assessments.

use std::collections::HashMap;

use super::assessment::{self, Assessment, AssessmentState};
use super::candidate::{CandidateState, TeamCandidate};
use super::invitation;
use super::inviting;
use super::outgoing;
use super::person;
use super::progress;
use super::result::{AssessmentResult, ResultState};
use super::score::Score;
use super::subscription::Subscription;
use super::team::{Mail, MailKind, Settings, Team, TeamNote};
use crate::world::{Context, Refused};

/// An account manager of one team, and at need each of its candidates.
#[derive(Debug)]
pub struct Desk<'a> {
    pub(super) team: &'a mut Team,
    pub(super) keys: &'a mut HashMap<String, String>,
    pub(super) context: &'a mut Context,
}

type Done = Result<(), Refused>;

fn unknown(what: &str, id: &str) -> Refused {
    Refused::because(format!("Qualified has no {what} {id}"))
}

/// The team.
impl Desk<'_> {
    /// The team's name, also the name given to [`crate::Sandbox::qualified_of`].
    #[must_use]
    pub fn team(&self) -> &str {
        &self.team.name
    }

    /// The key of the REST API, sent raw in `Authorization`.
    #[must_use]
    pub fn api_key(&self) -> &str {
        &self.team.api_key
    }

    /// Makes a new key; the old one is dead at once.
    pub fn regenerate_api_key(&mut self) -> String {
        self.keys.remove(&self.team.api_key);
        self.team.api_key = self.context.seed.api_key();
        self.keys.insert(self.team.api_key.clone(), self.team.name.clone());
        self.team.api_key.clone()
    }

    /// The plan, and answers to what no source settles.
    pub fn settings(&mut self) -> &mut Settings {
        &mut self.team.settings
    }

    /// Adds an assessment and answers its id.
    pub fn add_assessment(&mut self, title: &str, published: bool) -> String {
        let assessment = Assessment::draft(self.context, title);
        let id = assessment.id.clone();
        self.team.assessments.add(assessment);
        if published {
            assessment::set_state(self.team, self.context, &id, AssessmentState::Published);
        }
        id
    }

    /// All assessments, oldest first.
    #[must_use]
    pub fn assessments(&self) -> &[Assessment] {
        self.team.assessments.all()
    }

    /// Publishes.
    ///
    /// # Errors
    /// When there is no such assessment.
    pub fn publish(&mut self, assessment: &str) -> Done {
        self.set_state(assessment, AssessmentState::Published)
    }

    /// Back to draft: no new invitations, those out stay good.
    ///
    /// # Errors
    /// When there is no such assessment.
    pub fn unpublish(&mut self, assessment: &str) -> Done {
        self.set_state(assessment, AssessmentState::Draft)
    }

    /// Archives: invitations are cancelled, what was started is closed.
    ///
    /// # Errors
    /// When there is no such assessment.
    pub fn archive(&mut self, assessment: &str) -> Done {
        self.set_state(assessment, AssessmentState::Archived)
    }

    fn set_state(&mut self, id: &str, state: AssessmentState) -> Done {
        self.team.assessments.get(id).ok_or_else(|| unknown("assessment", id))?;
        assessment::set_state(self.team, self.context, id, state);
        Ok(())
    }

    /// Gives an assessment another title.
    ///
    /// # Errors
    /// When there is no such assessment.
    pub fn rename(&mut self, assessment: &str, title: &str) -> Done {
        let found = self.team.assessments.get_mut(assessment);
        title.clone_into(&mut found.ok_or_else(|| unknown("assessment", assessment))?.title);
        Ok(())
    }

    /// Puts a person in the given state, whatever it was.
    ///
    /// # Errors
    /// When there is no such candidate.
    pub fn set_candidate_state(&mut self, candidate: &str, state: CandidateState) -> Done {
        self.team.candidates.get(candidate).ok_or_else(|| unknown("candidate", candidate))?;
        person::set_state(self.team, self.context, candidate, state);
        Ok(())
    }

    /// Approves a person.
    ///
    /// # Errors
    /// When there is no such candidate.
    pub fn approve(&mut self, candidate: &str) -> Done {
        self.set_candidate_state(candidate, CandidateState::Approved)
    }

    /// Rejects a person.
    ///
    /// # Errors
    /// When there is no such candidate.
    pub fn reject(&mut self, candidate: &str) -> Done {
        self.set_candidate_state(candidate, CandidateState::Rejected)
    }

    /// Merges one person into another: results move, the first id vanishes.
    ///
    /// # Errors
    /// When either does not exist.
    pub fn merge(&mut self, from: &str, into: &str) -> Done {
        self.team.candidates.get(into).ok_or_else(|| unknown("candidate", into))?;
        self.team.candidates.remove(from).ok_or_else(|| unknown("candidate", from))?;
        let now = self.context.now;
        for result in self.team.results.iter_mut().filter(|result| result.candidate == from) {
            into.clone_into(&mut result.candidate);
            result.times.updated = now;
        }
        for invitation in self.team.invitations.iter_mut().filter(|invitation| invitation.candidate == from) {
            into.clone_into(&mut invitation.candidate);
        }
        Ok(())
    }

    /// Marks a person as a team member on a test run.
    ///
    /// # Errors
    /// When there is no such candidate.
    pub fn mark_test_member(&mut self, candidate: &str) -> Done {
        let found = self.team.candidates.get_mut(candidate);
        found.ok_or_else(|| unknown("candidate", candidate))?.test_team_member = true;
        Ok(())
    }

    /// Ends a take without a score.
    ///
    /// # Errors
    /// When there is no such result.
    pub fn terminate(&mut self, result: &str) -> Done {
        self.team.results.get(result).ok_or_else(|| unknown("result", result))?;
        progress::terminate(self.team, self.context, result, "team_decided");
        Ok(())
    }

    /// Lets a candidate go on with what was submitted. Nothing shows until they [start](Self::start) again.
    ///
    /// # Errors
    /// When it is not submitted.
    pub fn reopen(&mut self, result: &str) -> Done {
        let (candidate, assessment) = self.submitted(result)?;
        progress::allow_reopening(self.team, self.context, result);
        self.mail_retry(&candidate, &assessment);
        Ok(())
    }

    /// Has a candidate take an assessment again: a new result, whose id is the answer.
    ///
    /// # Errors
    /// When it is not submitted.
    pub fn retake(&mut self, result: &str) -> Result<String, Refused> {
        let (candidate, assessment) = self.submitted(result)?;
        if let Some(result) = self.team.results.get_mut(result) {
            result.current_take = false;
            result.times.updated = self.context.now;
        }
        let fresh = progress::add_result(self.team, self.context, &candidate, &assessment, false);
        inviting::add_retake(self.team, self.context, &candidate, &assessment, &fresh);
        Ok(fresh)
    }

    fn submitted(&self, id: &str) -> Result<(String, String), Refused> {
        let result = self.team.results.get(id).ok_or_else(|| unknown("result", id))?;
        if result.state == ResultState::Submitted {
            Ok((result.candidate.clone(), result.assessment.clone()))
        } else {
            Err(Refused::because("it is not submitted yet"))
        }
    }

    fn mail_retry(&mut self, candidate: &str, assessment: &str) {
        let own = self.team.invitations.all().iter().rev();
        let own = own.filter(|own| own.candidate == candidate && own.assessment == assessment && own.active);
        if let Some(id) = own.map(|own| own.id.clone()).next() {
            invitation::send(self.team, self.context, &id, MailKind::Retry);
        }
    }

    /// Sends again the webhooks that failed, as the page's button does; answers how many.
    pub fn retry_failed_webhooks(&mut self) -> usize {
        outgoing::retry_failed(self.team, self.context)
    }

    /// All webhook subscriptions.
    #[must_use]
    pub fn subscriptions(&self) -> &[Subscription] {
        self.team.subscriptions.all()
    }

    /// Every mail that went out, oldest first.
    #[must_use]
    pub fn mails(&self) -> &[Mail] {
        &self.team.mails
    }

    /// Every result, oldest first.
    #[must_use]
    pub fn results(&self) -> &[AssessmentResult] {
        self.team.results.all()
    }

    /// Every person, oldest first.
    #[must_use]
    pub fn candidates(&self) -> &[TeamCandidate] {
        self.team.candidates.all()
    }

    /// Every note.
    #[must_use]
    pub fn notes(&self) -> &[TeamNote] {
        &self.team.notes
    }

    /// The person of an address.
    #[must_use]
    pub fn candidate(&self, email: &str) -> Option<&TeamCandidate> {
        self.team.candidate_by_email(email)
    }

    /// The id of the take that counts, by the person's address and the assessment's id.
    ///
    /// # Errors
    /// When the person was not invited to it.
    pub fn result_of(&self, email: &str, assessment: &str) -> Result<String, Refused> {
        let candidate = self.team.candidate_by_email(email).ok_or_else(|| unknown("candidate", email))?;
        let result = self.team.current_result(&candidate.id, assessment);
        result.map(|result| result.id.clone()).ok_or_else(|| unknown("result for", email))
    }
}

/// The candidates.
impl Desk<'_> {
    /// Follows the link in the mail.
    ///
    /// # Errors
    /// When it has expired, was cancelled or locked, or all is done.
    pub fn open(&mut self, result: &str) -> Done {
        progress::open(self.team, self.context, result)
    }

    /// Begins, opening at need; or goes on with what was reopened.
    ///
    /// # Errors
    /// As [`open`](Self::open); or when it is under way.
    pub fn start(&mut self, result: &str) -> Done {
        progress::start(self.team, self.context, result)
    }

    /// Hands in. Scoring takes [`Settings::scoring`], then the score shows.
    ///
    /// # Errors
    /// When it is not under way.
    pub fn submit(&mut self, result: &str, score: Score) -> Done {
        progress::submit(self.team, self.context, result, score)
    }

    /// Makes a take a try-out that counts for nothing.
    ///
    /// # Errors
    /// When there is no such result.
    pub fn mark_dry_run(&mut self, result: &str) -> Done {
        self.team.results.get_mut(result).ok_or_else(|| unknown("result", result))?.dry_run = true;
        Ok(())
    }
}

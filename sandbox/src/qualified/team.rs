//! A customer's team: its assessments, the people it invited, and everything that came of it.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};

use super::assessment::Assessment;
use super::candidate::TeamCandidate;
use super::invitation::Invitation;
use super::outgoing::Posted;
use super::result::AssessmentResult;
use super::subscription::Subscription;
use crate::seed::Seed;
use crate::shelf::Shelf;

/// A mail that really went out to a candidate: what must never happen twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The address, as given.
    pub to: String,
    /// The assessment it invites to.
    pub assessment_id: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub kind: MailKind,
    /// The text given with the invitation, if any.
    pub custom_message: Option<String>,
}

/// Why a mail went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailKind {
    /// The first for an assessment.
    Invitation,
    /// Someone already invited was invited again without `skip_email_resend`.
    Resend,
    /// The reminder's time came before the candidate started.
    Reminder,
    /// A submitted assessment was reopened or is to be taken again.
    Retry,
}

/// What no source settles, and what depends on the team's plan and settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Report links are part of the plan; without it `share` answers 403.
    pub share: bool,
    /// How long scoring takes after a submission; zero: `submitted` follows `submitting` at once.
    pub scoring: SignedDuration,
    /// The old bug: `assessment_result_submitted` goes out when scoring begins, with a score of zero.
    pub score_race: bool,
    /// Rows per page unless `limit` says otherwise.
    pub page_size: usize,
    /// The status for a wrong key: 401 or 403.
    pub bad_key: u16,
    /// The status for an unknown id: 404 or 400.
    pub not_found: u16,
    /// Re-inviting someone makes a new invitation for the same result instead of answering the first.
    pub reinvite_makes_new: bool,
    /// Terminating a result sends `assessment_result_state_changed`; the docs contradict each other.
    pub terminate_tells: bool,
    /// `PUT` of a subscription merges the event triggers rather than replacing them.
    pub merge_triggers: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            share: true,
            scoring: SignedDuration::ZERO,
            score_race: false,
            page_size: 25,
            bad_key: 401,
            not_found: 404,
            reinvite_makes_new: false,
            terminate_tells: false,
            merge_triggers: false,
        }
    }
}

/// Free text about a candidate.
#[derive(Debug, Clone)]
pub struct TeamNote {
    /// Its id.
    pub id: String,
    /// The team candidate's id.
    pub candidate: String,
    /// The text.
    pub body: String,
    pub(crate) at: Timestamp,
}

#[derive(Debug)]
pub(crate) struct Team {
    pub(crate) id: String,
    pub(crate) name: String,
    /// The pseudo member as which the API key acts.
    pub(crate) api_member: String,
    pub(crate) api_key: String,
    pub(crate) settings: Settings,
    pub(crate) assessments: Shelf<Assessment>,
    pub(crate) candidates: Shelf<TeamCandidate>,
    pub(crate) results: Shelf<AssessmentResult>,
    pub(crate) invitations: Shelf<Invitation>,
    pub(crate) subscriptions: Shelf<Subscription>,
    pub(crate) posted: Vec<Posted>,
    pub(crate) notes: Vec<TeamNote>,
    pub(crate) mails: Vec<Mail>,
    /// Lower-cased address to candidate: a hint, since addresses change.
    pub(crate) addresses: HashMap<String, String>,
}

impl Team {
    pub(crate) fn new(name: &str, seed: &mut Seed) -> Self {
        Self {
            id: seed.hex(24),
            name: name.into(),
            api_member: seed.hex(24),
            api_key: seed.api_key(),
            settings: Settings::default(),
            assessments: Shelf::default(),
            candidates: Shelf::default(),
            results: Shelf::default(),
            invitations: Shelf::default(),
            subscriptions: Shelf::default(),
            posted: Vec::new(),
            notes: Vec::new(),
            mails: Vec::new(),
            addresses: HashMap::new(),
        }
    }

    /// One person per address; addresses compare without case.
    pub(crate) fn candidate_by_email(&self, email: &str) -> Option<&TeamCandidate> {
        let wanted = email.trim().to_lowercase();
        let candidate = self.candidates.get(self.addresses.get(&wanted)?)?;
        let present = candidate.email.as_ref()?.to_lowercase();
        (present == wanted).then_some(candidate)
    }

    /// The take of an assessment that counts.
    pub(crate) fn current_result(&self, candidate: &str, assessment: &str) -> Option<&AssessmentResult> {
        self.results
            .all()
            .iter()
            .rev()
            .find(|result| result.candidate == candidate && result.assessment == assessment && result.current_take)
    }
}

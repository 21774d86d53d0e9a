//! One piece of work while it is done: what is stored, what was found out, what there is to tell.

use crate::{
    app::{
        account::Account,
        activity::{Line, Outcome, Step},
        candidacy::CandidacyRecord,
        inbox::{Claim, Heard, Signal},
        session::{Trouble, Vendor},
    },
    domain::{
        assignment::{Effect, Progress},
        ids::{AccountId, AssessmentId},
        time::Timestamp,
    },
    vendor::CallError,
};

/// One piece of work while it is done.
pub(super) struct Job<'a> {
    pub(super) id: &'a AccountId,
    pub(super) account: &'a Account,
    pub(super) claim: &'a Claim,
    /// What is stored.
    pub(super) saved: CandidacyRecord,
    /// Whether anything was stored before this work.
    pub(super) is_new: bool,
    pub(super) record: CandidacyRecord,
    /// What this attempt decided to invite to: no earlier one can have sent it.
    pub(super) decided: Vec<AssessmentId>,
    /// What has to be mended before everything that is asked for can be done.
    pub(super) broken: Vec<String>,
    /// Which arrival in the ATS was decided on, for the sync to tell it from a missed one.
    pub(super) handled: Option<String>,
    pub(super) steps: Vec<Step>,
    /// Why there is no invitation.
    pub(super) reasons: Vec<String>,
    /// Titles invited to.
    pub(super) invited: Vec<String>,
    /// What was shown or attached.
    pub(super) updates: Vec<String>,
    /// The candidate's name, once read.
    pub(super) subject: String,
}

impl Job<'_> {
    pub(super) fn wants_decision(&self) -> bool {
        let is_entry = |signal: &Signal| match signal {
            Signal::EnteredStage(_) | Signal::GotStatus(_) | Signal::Replay => true,
            Signal::Result(_) | Signal::Decision(_) => false,
        };
        self.claim.signals.iter().any(|heard| is_entry(&heard.signal))
    }

    pub(super) fn wants_replay(&self) -> bool {
        self.claim.signals.iter().any(|heard| heard.signal == Signal::Replay)
    }

    /// Whether there is nothing that Qualified told or will tell of the candidacy, and nothing to finish.
    pub(super) fn owes_nothing(&self) -> bool {
        let from_qualified = |heard: &Heard| matches!(heard.signal, Signal::Result(_) | Signal::Decision(_));
        self.record.assignments.is_empty() && !self.claim.signals.iter().any(from_qualified)
    }

    /// What was decided and is not known to be sent.
    pub(super) fn intended(&self) -> impl Iterator<Item = &AssessmentId> {
        let open = self.record.assignments.iter().filter(|(_, own)| own.progress == Progress::Inviting);
        open.map(|(id, _)| id)
    }

    /// An earlier attempt may have done a part and not lived to note it.
    pub(super) fn may_be_half_done(&self) -> bool {
        self.claim.attempt > 1
    }

    pub(super) fn step(&mut self, at: Timestamp, what: impl Into<String>, ok: bool, detail: impl Into<String>) {
        self.steps.push(Step { at, what: what.into(), ok, detail: detail.into() });
    }

    /// Takes back what this attempt decided and surely did not send, so that the next one decides on the facts of
    /// its own time. `failed`: the one that was being sent. What an earlier attempt may have sent stays decided:
    /// repeating it sends no second mail, and forgetting it would lose the candidate's events.
    pub(super) fn take_back(&mut self, failed: &AssessmentId, is_unsent: bool) {
        for id in std::mem::take(&mut self.decided) {
            let is_open = self.record.assignments.get(&id).is_some_and(|known| known.progress == Progress::Inviting);
            if is_open && (is_unsent || id != *failed) {
                self.record.assignments.remove(&id);
                self.record.status_since = None;
            }
        }
    }

    pub(super) fn reports_owed(&self) -> Vec<(AssessmentId, Timestamp)> {
        let mut owed = Vec::new();
        for (id, assignment) in &self.record.assignments {
            for effect in assignment.owed() {
                if let Effect::AttachReport(at) = effect {
                    owed.push((id.clone(), at));
                }
            }
        }
        owed
    }

    pub(super) fn line(&self, outcome: Outcome, summary: String) -> Line {
        Line {
            source: self.claim.source,
            candidacy: Some(self.claim.candidacy.clone()),
            subject: self.subject.clone(),
            outcome,
            summary,
            steps: self.steps.clone(),
        }
    }

    /// The line for work that is worked off.
    pub(super) fn summary(&self) -> Line {
        let because = if self.reasons.is_empty() { String::new() } else { format!("{}.", self.reasons.join("; ")) };
        if !self.invited.is_empty() {
            let titles = self.invited.iter().map(|title| format!("\"{title}\"")).collect::<Vec<_>>().join(", ");
            let rest = if because.is_empty() { String::new() } else { format!(" Besides: {because}") };
            return self.line(Outcome::Invited, format!("Invited to {titles}.{rest}"));
        }
        if !self.updates.is_empty() {
            return self.line(Outcome::Updated, format!("{}.", capitalised(&self.updates.join("; "))));
        }
        if self.wants_decision() {
            let because = if because.is_empty() { "nothing was left to do.".to_owned() } else { because };
            return self.line(Outcome::NotInvited, format!("Not invited because {because}"));
        }
        if !because.is_empty() {
            return self.line(Outcome::Ignored, format!("Nothing can be shown, because {because}"));
        }
        self.line(Outcome::Ignored, "Nothing new.".to_owned())
    }

    pub(super) fn progress_owed(&self) -> Vec<(AssessmentId, Progress)> {
        let mut owed = Vec::new();
        for (id, assignment) in &self.record.assignments {
            for effect in assignment.owed() {
                if let Effect::Annotate(progress) = effect {
                    owed.push((id.clone(), progress));
                }
            }
        }
        owed
    }

    pub(super) fn owes_report(&self, assessment: &AssessmentId) -> bool {
        self.reports_owed().iter().any(|(id, _)| id == assessment)
    }

    /// Notes that the ATS was told.
    pub(super) fn settle(&mut self, assessment: &AssessmentId, effect: Effect) {
        if let Some(assignment) = self.record.assignments.get_mut(assessment) {
            assignment.settle(effect);
        }
    }

    /// What must not be done twice is not begun when the lease is about to end: the next worker may have begun
    /// it too.
    pub(super) fn lease_lasts(&self, vendor: Vendor, now: Timestamp) -> Result<(), Trouble> {
        if !self.claim.is_running_out(now) {
            return Ok(());
        }
        let error = CallError::Unavailable("the vendors were too slow to finish in time".to_owned());
        Err(Trouble::Vendor { vendor, error })
    }
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

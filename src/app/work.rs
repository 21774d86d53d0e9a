//! Working on one candidacy: from what was heard, through what is true, to what is owed.
//!
//! The caller holds the candidacy's lease, so nobody else works on it. Every step can be repeated: the
//! decision to invite is stored before the invitation, an assignment knows what it owes, and where a
//! repetition would show (a note), a second attempt looks before it acts.

use jiff::SignedDuration;
use litemap::LiteMap;

use super::{
    App,
    account::Account,
    activity::{Line, Outcome, Step},
    applicant::{Applicant, Choice},
    candidacy::{CandidacyKey, CandidacyRecord},
    catalogue::Freshness,
    inbox::{Claim, End, Heard, Inbox, Signal},
    record::{Batch, RecordError},
    session::{QualifiedSession, Stop, Trouble, Vendor},
    sync::observation,
};
use crate::{
    domain::{
        assignment::{Assignment, Effect, Event, Progress, ResultState},
        ids::{AccountId, AssessmentId, Candidacy, ResultId},
        report, retry,
        time::Timestamp,
    },
    ports::World,
    vendor::{
        CallError, Personal,
        qualified::{Exhibit, FindTeamCandidate, GetExhibit, GetResult, Invite, ListResultsOfCandidate, Risk},
    },
};

mod bamboohr;
mod hearing;
mod lever;

/// How long to wait for credentials that work before looking again.
const RECONNECT: SignedDuration = SignedDuration::from_mins(15);
/// The same where there is no connection at all. Connecting wakes what waits, so this is only a safeguard.
const DISCONNECTED: SignedDuration = SignedDuration::from_hours(24);
/// How long to wait at first for a score that is still being computed.
const SCORING: SignedDuration = SignedDuration::from_secs(20);
/// Attempts after which a result without a score is reported as it is.
const SCORE_ATTEMPTS: u32 = 3;

/// What came of a piece of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worked {
    /// Invitations that went out.
    pub invited: usize,
    /// Whether it is worked off.
    pub done: bool,
    /// Whether it now waits for a person.
    pub parked: bool,
    /// A vendor that wants no more of it for now.
    pub stop: Option<Stop>,
}

/// One piece of work while it is done.
pub(super) struct Job<'a> {
    pub(super) id: &'a AccountId,
    pub(super) account: &'a Account,
    pub(super) claim: &'a Claim,
    /// What is stored.
    saved: CandidacyRecord,
    /// Whether anything was stored before this work.
    is_new: bool,
    record: CandidacyRecord,
    /// What this attempt decided to invite to: no earlier one can have sent it.
    decided: Vec<AssessmentId>,
    /// What has to be mended before everything that is asked for can be done.
    broken: Vec<String>,
    /// Which arrival in the ATS was decided on, for the sync to tell it from a missed one.
    handled: Option<String>,
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
    fn wants_decision(&self) -> bool {
        let is_entry = |signal: &Signal| match signal {
            Signal::EnteredStage(_) | Signal::GotStatus(_) | Signal::Replay => true,
            Signal::Result(_) | Signal::Decision(_) => false,
        };
        self.claim.signals.iter().any(|heard| is_entry(&heard.signal))
    }

    fn wants_replay(&self) -> bool {
        self.claim.signals.iter().any(|heard| heard.signal == Signal::Replay)
    }

    /// Whether there is nothing that Qualified told or will tell of the candidacy, and nothing to finish.
    fn owes_nothing(&self) -> bool {
        let from_qualified = |heard: &Heard| matches!(heard.signal, Signal::Result(_) | Signal::Decision(_));
        self.record.assignments.is_empty() && !self.claim.signals.iter().any(from_qualified)
    }

    /// What was decided and is not known to be sent.
    fn intended(&self) -> impl Iterator<Item = &AssessmentId> {
        let open = self.record.assignments.iter().filter(|(_, own)| own.progress == Progress::Inviting);
        open.map(|(id, _)| id)
    }

    /// An earlier attempt may have done a part and not lived to note it.
    fn may_be_half_done(&self) -> bool {
        self.claim.attempt > 1
    }

    pub(super) fn step(&mut self, at: Timestamp, what: impl Into<String>, ok: bool, detail: impl Into<String>) {
        self.steps.push(Step { at, what: what.into(), ok, detail: detail.into() });
    }
}

impl<W: World> App<'_, W> {
    /// Works on a candidacy and takes leave of it. Fails only silently: what could not be stored is done
    /// again when the lease has ended.
    pub async fn work(&self, claim: &Claim) -> Worked {
        let (mut worked, mut next) = (Worked::default(), Some(claim.clone()));
        while let Some(claim) = next {
            match self.try_work(&claim).await {
                Ok((this, more)) => {
                    worked = Worked { invited: worked.invited + this.invited, ..this };
                    next = more;
                }
                Err(error) => {
                    self.world.log(&format!("{} {}: left for later: {error}", claim.lane.account, claim.candidacy));
                    return Worked { done: false, ..worked };
                }
            }
        }
        worked
    }

    async fn try_work(&self, claim: &Claim) -> Result<(Worked, Option<Claim>), RecordError> {
        let id = &claim.lane.account;
        let Some(account) = self.find_account(id).await? else { return Ok((Worked::default(), None)) };
        let key = CandidacyKey::new(id, &claim.candidacy);
        let stored = self.load::<CandidacyRecord>(&key).await?;
        let is_new = stored.is_none();
        let record = stored.map(|stored| stored.record).unwrap_or_default();
        let mut job = Job {
            id,
            account: &account,
            claim,
            saved: record.clone(),
            is_new,
            record,
            decided: Vec::new(),
            broken: Vec::new(),
            handled: None,
            steps: Vec::new(),
            reasons: Vec::new(),
            invited: Vec::new(),
            updates: Vec::new(),
            subject: String::new(),
        };
        let mut stop = None;
        let end = if account.ats_enabled {
            let outcome = match &claim.candidacy {
                Candidacy::Lever(opportunity) => self.work_in_lever(&mut job, opportunity).await,
                Candidacy::BambooHr(company, application) => {
                    self.work_in_bamboohr(&mut job, company, *application).await
                }
            };
            // Whatever was done is stored before the work is left, also when it is not finished.
            self.save(&mut job, Batch::new()).await?;
            stop = outcome.as_ref().err().and_then(|trouble| trouble.stop(self.world.now()));
            self.end_of(&mut job, outcome)
        } else {
            let why = "The ATS features are not part of this account's subscription: nothing was sent or written.";
            End::Done(Some(job.line(Outcome::Ignored, why.to_owned())))
        };
        // An earlier attempt may have stored the record and not lived to list it.
        let is_made = (job.is_new || job.may_be_half_done()) && job.saved != CandidacyRecord::default();
        let handled = job.handled.filter(|_| matches!(end, End::Done(_)));
        let next = self.leave(claim, &end, is_made, handled.as_deref()).await?;
        let worked = Worked {
            invited: job.invited.len(),
            done: matches!(end, End::Done(_)),
            parked: matches!(end, End::Park { .. }),
            stop,
        };
        Ok((worked, next))
    }

    /// Stores the record with the matches that lead to it, in one write, if it changed.
    async fn save(&self, job: &mut Job<'_>, learned: Batch) -> Result<(), RecordError> {
        if self.world.now() >= job.claim.until {
            // The lease is over, so somebody else may have gone on from what is stored.
            return Err(RecordError::Contended(job.claim.lane.to_string()));
        }
        let mut batch = learned;
        if job.record != job.saved {
            batch = self.add_matches(job.id, &job.claim.candidacy, &job.record, batch).await?;
            let key = CandidacyKey::new(job.id, &job.claim.candidacy);
            batch = batch.put(&key, &job.record);
        }
        self.write(batch).await?;
        job.saved = job.record.clone();
        Ok(())
    }

    /// Turns choices into assignments, at most one per assessment for ever.
    fn intend(&self, job: &mut Job<'_>, choices: Vec<Choice>, puzzles: Vec<String>, applicant: &Applicant) {
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
    async fn was_decided(&self, job: &Job<'_>, arrival: Option<&str>) -> Result<bool, RecordError> {
        let (Some(arrival), false) = (arrival, job.wants_replay()) else { return Ok(false) };
        let inbox = self.load::<Inbox>(&job.claim.lane).await?;
        Ok(inbox.is_some_and(|stored| stored.record.was_decided(arrival)))
    }

    /// Takes back what was decided and not sent yet, where the candidate is not to be invited any more: `obstacle` says
    /// why. An attempt whose answer was lost may have sent it, so Qualified is asked.
    async fn withdraw(
        &self,
        job: &mut Job<'_>,
        qualified: &mut QualifiedSession,
        applicant: &Applicant,
        obstacle: impl Fn(&AssessmentId) -> Option<String>,
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
    async fn invite(
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
    async fn invite_to(
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
    async fn what_changed(
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

    /// Reads what is reported. A score that is still being computed is waited for.
    async fn read_exhibit(
        &self,
        job: &Job<'_>,
        qualified: &mut QualifiedSession,
        result: &ResultId,
    ) -> Result<Exhibit, Trouble> {
        let exhibit = self.ask_qualified(qualified, &GetExhibit { result: result.clone() }).await?;
        let unscored =
            exhibit.state == ResultState::Submitting || (exhibit.score.is_none() && job.claim.attempt < SCORE_ATTEMPTS);
        if unscored {
            return Err(Trouble::Unscored);
        }
        Ok(exhibit)
    }

    /// How to leave the work.
    fn end_of(&self, job: &mut Job<'_>, outcome: Result<(), Trouble>) -> End {
        let trouble = match outcome {
            Ok(()) => return End::Done(Some(job.summary())),
            Err(trouble) => trouble,
        };
        let now = self.world.now();
        if trouble.call_error() == Some(&CallError::Postponed) {
            // Nothing went wrong, so there is nothing to tell.
            return End::Again { due: now, hold: None, counts: false, line: None };
        }
        self.world.log(&format!("{} {}: {}", job.id, job.claim.candidacy, trouble.logged()));
        job.step(now, "stopped", false, trouble.to_string());
        let error = match &trouble {
            Trouble::Vendor { error, .. } => error.clone(),
            // Nobody can be invited by an ATS that isn't there. What Qualified told is kept until it is.
            Trouble::NotConnected(vendor) if *vendor != Vendor::Qualified && job.owes_nothing() => {
                job.reasons.push(format!("{} is not connected", vendor.name()));
                return End::Done(Some(job.summary()));
            }
            Trouble::NotConnected(vendor) => {
                let line = job.line(Outcome::Retrying, format!("It waits until {} is connected.", vendor.name()));
                return End::Again { due: now.plus(DISCONNECTED), hold: None, counts: false, line: Some(line) };
            }
            Trouble::Unscored if job.claim.attempt <= SCORE_ATTEMPTS => {
                let due = now.plus(SCORING);
                let line = job.line(Outcome::Retrying, format!("It will be tried again by itself: {trouble}."));
                return End::Again { due, hold: Some(due), counts: true, line: Some(line) };
            }
            Trouble::Unscored => CallError::Unavailable(trouble.to_string()),
            Trouble::Broken(why) => {
                let line = job.line(Outcome::Retrying, format!("It waits until that is mended: {why}."));
                return End::Wait { due: now.plus(RECONNECT), line };
            }
            Trouble::Record(error) => CallError::Unavailable(error.to_string()),
        };
        let jitter = u64::from_le_bytes(self.world.nonce()[..8].try_into().expect("eight of 32 bytes"));
        match retry::next(&error, job.claim.attempt, now, jitter) {
            retry::Next::At(due) => {
                let hold = matches!(error, CallError::Throttled { after: Some(_) }).then_some(due);
                let line = job.line(Outcome::Retrying, format!("It will be tried again by itself: {trouble}."));
                End::Again { due, hold, counts: true, line: Some(line) }
            }
            retry::Next::Reconnect => {
                let line =
                    job.line(Outcome::Retrying, format!("It waits until the connection works again: {trouble}."));
                End::Again { due: now.plus(RECONNECT), hold: None, counts: false, line: Some(line) }
            }
            retry::Next::Park => {
                let why = format!(
                    "It was given up at attempt {}: {trouble}. Replay it when that is mended.",
                    job.claim.attempt
                );
                End::Park { why: why.clone(), line: job.line(Outcome::Failed, why) }
            }
        }
    }
}

impl Job<'_> {
    /// Takes back what this attempt decided and surely did not send, so that the next one decides on the facts of
    /// its own time. `failed`: the one that was being sent. What an earlier attempt may have sent stays decided:
    /// repeating it sends no second mail, and forgetting it would lose the candidate's events.
    fn take_back(&mut self, failed: &AssessmentId, is_unsent: bool) {
        for id in std::mem::take(&mut self.decided) {
            let is_open = self.record.assignments.get(&id).is_some_and(|known| known.progress == Progress::Inviting);
            if is_open && (is_unsent || id != *failed) {
                self.record.assignments.remove(&id);
                self.record.status_since = None;
            }
        }
    }

    fn reports_owed(&self) -> Vec<(AssessmentId, Timestamp)> {
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
    fn summary(&self) -> Line {
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
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What is told of a submission.
pub(super) fn submission<'a>(
    title: &'a str,
    exhibit: &'a Exhibit,
    link: Option<&'a str>,
    marker: &'a str,
) -> report::Submission<'a> {
    let similarity = |risk: Risk| match risk {
        Risk::Low => report::Similarity::Low,
        Risk::Medium => report::Similarity::Medium,
        Risk::High => report::Similarity::High,
    };
    let challenges = exhibit
        .solutions
        .iter()
        .map(|solution| report::Challenge {
            title: solution.title.as_deref().unwrap_or("Challenge"),
            language: solution.language.as_deref(),
            score: solution.score,
            tests: solution.correct.zip(solution.total),
            similarity: solution.risk.map(similarity),
        })
        .collect();
    report::Submission {
        title,
        score: exhibit.score,
        passed: exhibit.passed,
        time_taken: exhibit.time_taken,
        submitted_at: exhibit.submitted_at,
        take: exhibit.retake_number,
        challenges,
        remarks: exhibit.remarks.as_ref().map(Personal::as_str),
        report_link: link,
        marker,
    }
}

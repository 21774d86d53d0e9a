//! BambooHR as the place where a candidacy lives: who it is, what a status asks for, what we show there.
//!
//! A [`Mapping`] ties an assessment to a job opening and to statuses. A status asks for nothing by itself:
//! only who is *newly* given it is invited, which is what [`rows`] is for.

use jiff::SignedDuration;

use super::{
    account::{Account, Mapping},
    applicant::{Applicant, Choice},
    catalogue::Catalogue,
};
use crate::{
    domain::{
        assignment::Progress,
        ids::{AssessmentId, StatusId},
        time::Timestamp,
        trigger::{self, Email, Standing},
    },
    vendor::{Personal, bamboohr::Application},
};

pub mod mapping;
pub mod rows;
mod sync;

/// How far BambooHR's clock may be from ours.
const SKEW: SignedDuration = SignedDuration::from_mins(5);

impl Mapping {
    /// The status that shows this progress; `None` = it is not shown.
    #[must_use]
    pub fn status_for(&self, progress: Progress) -> Option<StatusId> {
        match progress {
            Progress::Inviting | Progress::Invited => None,
            Progress::Started => self.on_started,
            Progress::Submitted => self.on_submitted,
            Progress::Approved => self.on_approved,
            Progress::Rejected => self.on_rejected,
        }
    }

    /// Every status it names.
    pub fn statuses(&self) -> impl Iterator<Item = StatusId> + use<> {
        let all = [self.send_status, self.on_started, self.on_submitted, self.on_approved, self.on_rejected];
        all.into_iter().flatten()
    }

    /// Whether an applicant in this status may be moved on to show this progress: the status is the one that
    /// sent the assessment, or shows earlier progress, or the decision that is now another. Whoever has any
    /// other status was moved by a recruiter, and stays where the recruiter wants them.
    #[must_use]
    pub fn expects(&self, status: StatusId, progress: Progress) -> bool {
        let earlier = [Progress::Started, Progress::Submitted, Progress::Approved, Progress::Rejected]
            .into_iter()
            .filter(|before| rank(*before) < rank(progress) || (before.is_decision() && progress.is_decision()))
            .filter_map(|before| self.status_for(before));
        self.send_status.into_iter().chain(earlier).any(|expected| expected == status)
    }
}

/// The order in which statuses may follow each other: the two decisions may replace each other.
#[must_use]
pub fn rank(progress: Progress) -> u8 {
    match progress {
        Progress::Inviting => 0,
        Progress::Invited => 1,
        Progress::Started => 2,
        Progress::Submitted => 3,
        Progress::Approved | Progress::Rejected => 4,
    }
}

/// The applicant behind an application.
pub(super) fn applicant(application: &Application) -> Applicant {
    let trimmed = |text: &Option<Personal>| {
        text.as_ref().map(|text| text.as_str().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let (first_name, last_name) = (trimmed(&application.first_name), trimmed(&application.last_name));
    let name = [first_name.as_deref(), last_name.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Applicant { name, first_name, last_name, email: trimmed(&application.email) }
}

/// The mappings that the application's present job and status ask for.
pub(super) fn asking<'a>(
    account: &'a Account,
    application: &Application,
) -> impl Iterator<Item = (&'a AssessmentId, &'a Mapping)> {
    let (job, status) = (application.job, application.status);
    let mappings = account.bamboohr.iter().flat_map(|bamboohr| &bamboohr.mappings);
    mappings.filter(move |(_, mapping)| mapping.job == job && mapping.send_status == Some(status))
}

/// Pure: whether a mapping that asks for the assessment is to be followed. `was_there`: the application had
/// the status when the mapping was put. `now` stands in where BambooHR doesn't say since when.
///
/// # Errors
/// Why nobody is invited: the second half of "not invited because …".
pub(super) fn choose(
    (assessment, mapping): (&AssessmentId, &Mapping),
    application: &Application,
    was_there: bool,
    catalogue: &Catalogue,
    now: Timestamp,
) -> Result<Choice, String> {
    let listed = catalogue.assessments.iter().find(|listed| listed.id == *assessment);
    let title = listed.map_or(mapping.title.as_str(), |listed| listed.title.as_str());
    if let Some(why) = &mapping.broken {
        return Err(format!("the BambooHR settings of \"{title}\" need mending: {why}"));
    }
    if application.moved {
        return Err("the applicant was moved to another job opening, where another application stands".to_owned());
    }
    // BambooHR's clock is not ours. Who is known to have been there is let off only by a change that is
    // surely later; who isn't is held back only by one that is surely earlier.
    let entered_at = application.status_changed_at.unwrap_or(if was_there { mapping.enabled_at } else { now });
    let standing = Standing {
        email: Email::judge(application.email.as_ref().map(Personal::as_str)),
        enabled_at: Some(if was_there { mapping.enabled_at.plus(SKEW) } else { mapping.enabled_at.minus(SKEW) }),
        entered_at: Some(entered_at),
        ..Standing::default()
    };
    if let Some(skip) = trigger::skip(&standing) {
        return Err(skip.to_string());
    }
    let Some(listed) = listed else { return Err(format!("Qualified no longer has the assessment \"{title}\"")) };
    match listed.state.refusal(title) {
        Some(why) => Err(why),
        None => Ok(Choice { assessment: assessment.clone(), title: title.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::catalogue::{Listed, State},
        domain::ids::{ApplicationId, JobId},
    };

    fn noon() -> Timestamp {
        Timestamp::from_second(1_800_000_000).expect("in range")
    }
    const SEND: StatusId = StatusId(24);
    const STARTED: StatusId = StatusId(25);
    const SUBMITTED: StatusId = StatusId(26);
    const APPROVED: StatusId = StatusId(27);
    const REJECTED: StatusId = StatusId(28);
    const INTERVIEW: StatusId = StatusId(5);

    fn mapping() -> Mapping {
        Mapping {
            title: "Rust".to_owned(),
            job: JobId(41),
            send_status: Some(SEND),
            on_started: Some(STARTED),
            on_submitted: Some(SUBMITTED),
            on_approved: Some(APPROVED),
            on_rejected: Some(REJECTED),
            enabled_at: noon(),
            broken: None,
            unusable: Vec::new(),
            job_name: None,
            status_names: Vec::new(),
        }
    }

    fn application(minutes_after_noon: i64) -> Application {
        Application {
            id: ApplicationId(903),
            job: JobId(41),
            status: SEND,
            status_changed_at: Some(noon().plus(SignedDuration::from_mins(minutes_after_noon))),
            first_name: Some(Personal::new("Ines")),
            last_name: Some(Personal::new(" Okoro ")),
            email: Some(Personal::new(" Ines.Okoro@example.net ")),
            moved: false,
            comments: Some(0),
        }
    }

    fn chosen(application: &Application, was_there: bool, state: State) -> Result<String, String> {
        let id = AssessmentId::new("5f0").map_err(|error| error.to_string())?;
        let listed = Listed { id: id.clone(), title: "Rust".to_owned(), state };
        let catalogue = Catalogue { fetched_at: noon(), assessments: vec![listed] };
        choose((&id, &mapping()), application, was_there, &catalogue, noon()).map(|choice| choice.title)
    }

    #[test]
    fn only_a_status_of_ours_is_moved_on_and_only_forwards() {
        let table = [
            (SEND, Progress::Started, true),
            (SEND, Progress::Rejected, true),
            (STARTED, Progress::Submitted, true),
            (SUBMITTED, Progress::Started, false),
            (APPROVED, Progress::Rejected, true),
            (REJECTED, Progress::Approved, true),
            (REJECTED, Progress::Submitted, false),
            (INTERVIEW, Progress::Started, false),
            (INTERVIEW, Progress::Approved, false),
        ];
        for (status, progress, expected) in table {
            assert_eq!(mapping().expects(status, progress), expected, "{status:?} {progress}");
        }
    }

    #[test]
    fn who_was_there_is_let_in_only_by_a_change_that_is_surely_later() {
        for (minutes, was_there, invited) in [
            (-60, true, false),
            (1, true, false),
            (6, true, true),
            (-60, false, false),
            (-1, false, true),
            (1, false, true),
        ] {
            let choice = chosen(&application(minutes), was_there, State::Published);
            assert_eq!(choice.is_ok(), invited, "{minutes} {was_there}: {choice:?}");
        }
        let undated = Application { status_changed_at: None, ..application(0) };
        assert!(chosen(&undated, false, State::Published).is_ok());
        assert!(chosen(&undated, true, State::Published).is_err());
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let fine = application(1);
        let why = |application: &Application, state| chosen(application, false, state).expect_err("not invited");
        assert!(why(&fine, State::Draft).contains("draft"));
        assert!(why(&fine, State::Archived).contains("archived"));
        assert!(why(&Application { email: None, ..fine.clone() }, State::Published).contains("no e-mail"));
        assert!(why(&Application { moved: true, ..fine }, State::Published).contains("moved"));
    }

    #[test]
    fn names_and_addresses_are_trimmed() {
        let Applicant { name, email, .. } = applicant(&application(0));
        assert_eq!((name.as_str(), email.as_deref()), ("Ines Okoro", Some("Ines.Okoro@example.net")));
    }
}

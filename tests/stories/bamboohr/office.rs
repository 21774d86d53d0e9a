//! A company with an opening, statuses of its own, and a recruiter who uses them.

use sandbox::bamboohr::{Desk, JobStatus, NewApplication};
use serde_json::{Value, json};

use crate::RUST;
use crate::support::{Candidate, Town};

/// The company's opening and the statuses that its administrator made for it.
pub(crate) struct Office {
    pub(crate) key: String,
    pub(crate) job: i64,
    pub(crate) send: i64,
    pub(crate) started: i64,
    pub(crate) submitted: i64,
    pub(crate) approved: i64,
    pub(crate) rejected: i64,
}

impl Office {
    /// The assessment is published, the opening and the statuses exist, nothing is connected yet.
    pub(crate) fn furnish(town: &Town) -> Self {
        town.vendors(|vendors| vendors.qualified().add_assessment(RUST, true));
        desk(town, |desk| {
            let job = desk.add_job("Backend Engineer", JobStatus::Open);
            desk.set_location(job, "Ghent", "East Flanders").expect("the job exists");
            Self {
                key: desk.make_api_key(),
                job,
                send: desk.add_status("Qualified - Send assessment"),
                started: desk.add_status("Qualified - In progress"),
                submitted: desk.add_status("Qualified - Completed"),
                approved: desk.add_status("Qualified - Approved"),
                rejected: desk.add_status("Qualified - Rejected"),
            }
        })
    }

    /// Qualified and BambooHR are connected, nothing is mapped yet.
    #[track_caller]
    pub(crate) fn opens(town: &Town) -> Self {
        let office = Self::furnish(town);
        town.operator().put_account(true);
        town.operator().connect_qualified();
        town.account("PUT", "/bamboohr", Some(json!({"domain": "acme", "api_key": office.key}))).fine();
        office
    }

    /// The same with the assessment mapped.
    #[track_caller]
    pub(crate) fn works(town: &Town) -> Self {
        let office = Self::opens(town);
        office.map(town);
        office
    }

    #[track_caller]
    pub(crate) fn map(&self, town: &Town) {
        town.account("PUT", &mapping(town), Some(self.choices())).fine();
    }

    pub(crate) fn choices(&self) -> Value {
        json!({
            "job_id": self.job, "send_status": self.send, "on_started": self.started,
            "on_submitted": self.submitted, "on_approved": self.approved, "on_rejected": self.rejected,
        })
    }

    /// Somebody applies.
    pub(crate) fn applies(&self, town: &Town, name: &str) -> Candidate {
        let who = Candidate { name: name.to_owned(), opportunity: String::new() };
        self.applies_as(town, name, &who.email())
    }

    /// Somebody applies under an address as they type it.
    pub(crate) fn applies_as(&self, town: &Town, name: &str, email: &str) -> Candidate {
        let (first, last) = name.split_once(' ').expect("two names");
        let new = NewApplication::named(first, last, self.job).email(email);
        let id = desk(town, |desk| desk.add_application(new)).expect("BambooHR lets them");
        Candidate { name: name.to_owned(), opportunity: id.to_string() }
    }

    /// Somebody applies and a recruiter gives them the sending status; a sync follows.
    pub(crate) fn invites(&self, town: &Town, name: &str) -> Candidate {
        let who = self.applies(town, name);
        sets(town, &who, self.send);
        quarter_of_an_hour(town);
        who
    }
}

pub(crate) fn desk<T>(town: &Town, act: impl FnOnce(&mut Desk<'_>) -> T) -> T {
    town.vendors(|vendors| act(&mut vendors.bamboohr()))
}

pub(crate) fn mapping(town: &Town) -> String {
    format!("/bamboohr/assessments/{}", town.assessment(RUST))
}

fn application(who: &Candidate) -> i64 {
    who.opportunity.parse().expect("an application's number")
}

/// A recruiter sets a status.
#[track_caller]
pub(crate) fn sets(town: &Town, who: &Candidate, status: i64) {
    town.advance(1);
    desk(town, |desk| desk.set_status(application(who), status)).expect("BambooHR lets them");
}

pub(crate) fn status(town: &Town, who: &Candidate) -> i64 {
    desk(town, |desk| desk.application(application(who)).expect("it exists").status)
}

/// How often a status was set, by anybody.
pub(crate) fn changes(town: &Town, who: &Candidate) -> usize {
    desk(town, |desk| desk.application(application(who)).expect("it exists").changes())
}

pub(crate) fn comments(town: &Town, who: &Candidate) -> Vec<String> {
    desk(town, |desk| desk.comments(application(who)).iter().map(|comment| comment.text.clone()).collect())
}

pub(crate) fn quarter_of_an_hour(town: &Town) -> Value {
    town.advance(15);
    town.deliver();
    town.sync()
}

pub(crate) fn check(town: &Town, name: &str) -> (Option<bool>, String) {
    let found = town.health().into_iter().find(|(check, ..)| check == name);
    found.map(|(_, ok, detail)| (ok, detail)).unwrap_or_else(|| panic!("no check {name}: {:#?}", town.health()))
}

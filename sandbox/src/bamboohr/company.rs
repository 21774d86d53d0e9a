//! A company's BambooHR: its users, its openings, its applicants, and the statuses it works with.

use jiff::Timestamp;

use super::application::Application;
use super::job::Job;
use super::status::{self, Status};

/// How `nextPageUrl` looks: all three are seen in the code of integrators.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NextPage {
    /// Absolute, on the company's own host.
    #[default]
    Company,
    /// Absolute, on the gateway's host.
    Gateway,
    /// A path without host.
    Hostless,
}

/// The company's settings, and answers to what no source settles.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The API is switched on for the company.
    pub api: bool,
    /// Applications per page; no parameter changes it.
    pub page_size: usize,
    /// The form of `nextPageUrl`.
    pub next_page: NextPage,
    /// A disabled status may be set. Default: `Invalid status`.
    pub disabled_status_accepted: bool,
    /// `applicationStatusId` escapes the default filters. Default: it does not.
    pub status_id_escapes_defaults: bool,
    /// A refresh returns a new refresh token and kills the old one. Default: the old one stays.
    pub rotate_refresh_tokens: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            api: true,
            page_size: 50,
            next_page: NextPage::default(),
            disabled_status_accepted: false,
            status_id_escapes_defaults: false,
            rotate_refresh_tokens: false,
        }
    }
}

/// Someone who can sign in. The id is not an employee's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The id.
    pub id: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The employee this user is, if any.
    pub employee: Option<i64>,
    /// Has access to the settings of applicant tracking, which every call needs.
    pub ats_access: bool,
}

#[derive(Debug)]
pub(crate) struct Company {
    pub(crate) domain: String,
    pub(crate) settings: Settings,
    pub(crate) users: Vec<User>,
    pub(crate) statuses: Vec<Status>,
    pub(crate) jobs: Vec<Job>,
    pub(crate) applications: Vec<Application>,
    last_id: i64,
}

/// The user who connects the integration.
pub(crate) const INTEGRATION: i64 = 2391;
/// The recruiter who works in the pages.
pub(crate) const RECRUITER: i64 = 2392;
/// A user without access to applicant tracking.
pub(crate) const VISITOR: i64 = 2393;

impl Company {
    pub(crate) fn new(domain: &str) -> Self {
        let user = |id, first: &str, last: &str, employee, ats_access| User {
            id,
            first_name: first.into(),
            last_name: last.into(),
            employee,
            ats_access,
        };
        Self {
            domain: domain.into(),
            settings: Settings::default(),
            users: vec![
                user(INTEGRATION, "Qualified", "Integration", None, true),
                user(RECRUITER, "Mara", "Quist", Some(7), true),
                user(VISITOR, "Vic", "Visitor", Some(8), false),
            ],
            statuses: status::system(),
            jobs: Vec::new(),
            applications: Vec::new(),
            last_id: 40,
        }
    }

    /// Ids grow over all kinds of records.
    pub(crate) fn fresh_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn user(&self, id: i64) -> Option<&User> {
        self.users.iter().find(|user| user.id == id)
    }

    pub(crate) fn status(&self, id: i64) -> Option<&Status> {
        self.statuses.iter().find(|status| status.id == id)
    }

    pub(crate) fn job(&self, id: i64) -> Option<&Job> {
        self.jobs.iter().find(|job| job.id == id)
    }

    /// Application ids only grow, so they are in order.
    pub(crate) fn application(&self, id: i64) -> Option<&Application> {
        let place = self.applications.binary_search_by_key(&id, |own| own.id).ok()?;
        self.applications.get(place)
    }

    pub(crate) fn application_mut(&mut self, id: i64) -> Option<&mut Application> {
        let place = self.applications.binary_search_by_key(&id, |own| own.id).ok()?;
        self.applications.get_mut(place)
    }
}

/// RFC 3339 with seconds and an offset of zero.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S+00:00").to_string()
}

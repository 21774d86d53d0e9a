//! Job openings, with what changes on every read although nothing has changed.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::company::{Company, time};
use super::status::Group;
use crate::call::Call;
use crate::world::Context;

/// How far an opening is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are BambooHR's and say it all")]
pub enum JobStatus {
    Open,
    Draft,
    OnHold,
    Filled,
    Canceled,
    Deleted,
}

impl JobStatus {
    fn id(self) -> i64 {
        match self {
            Self::Open => 1,
            Self::Draft => 2,
            Self::OnHold => 3,
            Self::Filled => 4,
            // Unknown in life: these two have not been seen.
            Self::Canceled => 5,
            Self::Deleted => 6,
        }
    }

    /// The name on the wire, also that of its filter group.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Draft => "Draft",
            Self::OnHold => "On Hold",
            Self::Filled => "Filled",
            Self::Canceled => "Canceled",
            Self::Deleted => "Deleted",
        }
    }

    /// Whether a comma-separated list of groups has it; case counts.
    pub(crate) fn among(self, groups: &str) -> bool {
        groups.split(',').any(|group| match group {
            "ALL" => true,
            "DRAFT_AND_OPEN" => matches!(self, Self::Draft | Self::Open),
            group => group == self.label(),
        })
    }
}

/// An opening.
#[derive(Debug, Clone)]
pub struct Job {
    /// The id.
    pub id: i64,
    /// Not unique.
    pub title: String,
    /// How far it is.
    pub status: JobStatus,
    /// City and state.
    pub location: Option<(String, String)>,
    pub(crate) posted: Timestamp,
}

impl Job {
    pub(crate) fn title_view(&self) -> Value {
        json!({"id": null, "label": self.title})
    }

    fn view(&self, company: &Company, context: &mut Context) -> Value {
        let own = || company.applications.iter().filter(|application| application.job == self.id);
        let group = |application: &super::Application| company.status(application.status).map(super::Status::group);
        let new = own().filter(|application| group(application) == Some(Group::New)).count();
        let active = own().filter(|application| group(application) == Some(Group::Active)).count();
        let draft = self.status == JobStatus::Draft;
        // Recorded: a draft's date is that of the request, six hours behind, labelled as UTC.
        let posted = if draft { context.now - SignedDuration::from_hours(6) } else { self.posted };
        let signature = context.seed.letters(24);
        let location = self.location.as_ref().map(|(city, state)| {
            json!({
                "id": 18301, "label": format!("{city}, {state}"),
                "address": {
                    "name": null, "description": null, "addressLine1": null, "addressLine2": null, "city": city,
                    "state": state, "zipcode": null, "country": null, "phoneNumber": null,
                },
            })
        });
        json!({
            "id": self.id, "title": self.title_view(), "postedDate": time(posted), "location": location,
            "department": null, "status": {"id": self.status.id(), "label": self.status.label()},
            "hiringLead": {
                "employeeId": 7, "firstName": "Mara", "lastName": "Quist",
                "avatar": format!("https://images.example/7.jpg?Signature={signature}"),
                "jobTitle": {"id": null, "label": null},
            },
            "newApplicantsCount": (!draft).then_some(new), "activeApplicantsCount": (!draft).then_some(new + active),
            "totalApplicantsCount": if draft { 0 } else { own().count() },
            "postingUrl": (!draft).then(|| format!("https://{}.bamboohr.com/jobs/view.php?id={}", company.domain, self.id)),
        })
    }
}

/// A bare array without pages; all but deleted ones unless `statusGroups` says otherwise.
pub(crate) fn list(company: &Company, context: &mut Context, call: &Call) -> Value {
    let by_id = |job: &Job| {
        call.query("status_ids").is_none_or(|ids| ids.split(',').any(|id| id == job.status.id().to_string()))
    };
    let mut jobs: Vec<&Job> = company
        .jobs
        .iter()
        .filter(|job| match call.query("statusGroups") {
            Some(groups) => job.status.among(groups),
            None => job.status != JobStatus::Deleted,
        })
        .filter(|job| by_id(job))
        .rev()
        .collect();
    match call.query("sortBy") {
        Some("title") => jobs.sort_by(|a, b| a.title.cmp(&b.title)),
        Some("created") => jobs.sort_by_key(|job| job.posted),
        Some("status") => jobs.sort_by_key(|job| job.status.id()),
        _ => {}
    }
    if call.query("sortBy").is_some() && call.query("sortOrder") == Some("DESC") {
        jobs.reverse();
    }
    jobs.into_iter().map(|job| job.view(company, context)).collect()
}

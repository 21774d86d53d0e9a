//! Job openings. Titles are not unique, so the place is shown with them.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, answer, authorized, target};
use crate::{
    domain::ids::JobId,
    vendor::{Call, CallError, Unreadable, reading::Node},
};

/// An opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// BambooHR's id of it, opaque.
    pub id: JobId,
    /// Its title.
    pub title: String,
    /// Where the work is.
    pub location: Option<String>,
    /// `Open` or `Draft`.
    pub status: String,
}

impl Job {
    /// Title and place, as BambooHR's own lists show it: `Backend Engineer - Ghent, East Flanders`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.location {
            Some(location) => format!("{} - {location}", self.title),
            None => self.title.clone(),
        }
    }
}

/// `GET /applicant_tracking/jobs`: those that are open or being written.
#[derive(Debug, Clone, Copy)]
pub struct ListJobs;

impl Call for ListJobs {
    type Grant = Grant;
    type Reply = Vec<Job>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        authorized(target(grant, &["jobs"]).query("statusGroups", "DRAFT_AND_OPEN").get(), grant)
    }

    /// Ids of job statuses differ between companies; the label is what counts. Rows of another status are
    /// left out, should the filter be ignored.
    fn read(&self, response: &Response<Bytes>) -> Result<Vec<Job>, CallError> {
        let body = answer(response)?;
        let mut jobs = Node::root(&body).list(job)?;
        jobs.retain(|job| matches!(job.status.as_str(), "Open" | "Draft"));
        Ok(jobs)
    }
}

fn job(row: &Node<'_>) -> Result<Job, Unreadable> {
    Ok(Job {
        id: JobId(row.at("id").integer_or_text()?),
        title: row.at("title").at("label").maybe(Node::text)?.unwrap_or_default(),
        location: row.at("location").at("label").maybe(Node::text)?,
        status: row.at("status").at("label").text()?,
    })
}

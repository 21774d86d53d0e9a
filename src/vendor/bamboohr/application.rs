//! Applications: a person for a job. A person who applies twice has two, so everything is keyed by them.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, answer, authorized, target};
use crate::{
    domain::{
        ids::{ApplicationId, JobId, StatusId},
        time::Timestamp,
    },
    vendor::{Call, CallError, Personal, Unreadable, reading::Node},
};

/// An application as the list has it: when it came into its status is only in [`Application`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationRow {
    /// BambooHR's id of it, opaque.
    pub id: ApplicationId,
    /// For what.
    pub job: JobId,
    /// In which status.
    pub status: StatusId,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// Its rows. May be empty with more to come.
    pub rows: Vec<T>,
    /// The number of the next page; `None` on the last.
    pub next: Option<u32>,
}

/// `GET /applicant_tracking/applications` in some statuses, the oldest application first, so that new ones
/// land on the last page. Deduplicate by id, as rows move while pages are read.
///
/// `ALL` twice, because by default applications of closed groups and of filled jobs are hidden. How the
/// filters combine is not documented, so the answer is filtered once more here. `newSince` is of no use: it
/// is about the day of applying, not of the status.
#[derive(Debug, Clone)]
pub struct ListApplications {
    /// Only of this job.
    pub job: Option<JobId>,
    /// In any of these statuses.
    pub statuses: Vec<StatusId>,
    /// The one that was changed last first instead. What counts as a change is not documented.
    pub latest_first: bool,
    /// From 1.
    pub page: u32,
}

impl Call for ListApplications {
    type Grant = Grant;
    type Reply = Page<ApplicationRow>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let statuses: Vec<_> = self.statuses.iter().map(|status| status.0.to_string()).collect();
        let job = self.job.map(|job| job.0.to_string());
        let (sort, order) = if self.latest_first { ("last_updated", "DESC") } else { ("created_date", "ASC") };
        let target = target(grant, &["applications"])
            .maybe("jobId", job.as_deref())
            .query("applicationStatusId", &statuses.join(","))
            .query("applicationStatus", "ALL")
            .query("jobStatusGroups", "ALL")
            .query("sortBy", sort)
            .query("sortOrder", order)
            .query("page", &self.page.to_string());
        authorized(target.get(), grant)
    }

    /// `paginationComplete` means: this is the last page. `nextPageUrl` is not followed: its form is
    /// unsettled, it may lose the filters, and it may name another host for the key to go to.
    fn read(&self, response: &Response<Bytes>) -> Result<Page<ApplicationRow>, CallError> {
        let body = answer(response)?;
        let body = Node::root(&body);
        let mut rows = body.at("applications").list(row)?;
        let last = rows.is_empty() || body.at("paginationComplete").is_set()?;
        rows.retain(|row| self.job.is_none_or(|job| row.job == job) && self.statuses.contains(&row.status));
        Ok(Page { rows, next: (!last).then(|| self.page + 1) })
    }
}

/// An application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// BambooHR's id of it, opaque.
    pub id: ApplicationId,
    /// For what.
    pub job: JobId,
    /// In which status.
    pub status: StatusId,
    /// Since when.
    pub status_changed_at: Option<Timestamp>,
    /// The person's first name.
    pub first_name: Option<Personal>,
    /// The person's last name.
    pub last_name: Option<Personal>,
    /// The person's address, as typed. Absent on some added by hand.
    pub email: Option<Personal>,
    /// Whether the person was moved to another job, where another application stands for them.
    pub moved: bool,
    /// How many comments it has.
    pub comments: Option<u32>,
}

/// `GET /applicant_tracking/applications/:id`
#[derive(Debug, Clone, Copy)]
pub struct GetApplication {
    /// BambooHR's id of it, opaque.
    pub id: ApplicationId,
}

impl Call for GetApplication {
    type Grant = Grant;
    type Reply = Application;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        authorized(target(grant, &["applications", &self.id.0.to_string()]).get(), grant)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Application, CallError> {
        let body = answer(response)?;
        let node = Node::root(&body);
        let ApplicationRow { id, job, status } = row(&node)?;
        let applicant = node.at("applicant");
        Ok(Application {
            id,
            job,
            status,
            status_changed_at: node.at("status").at("dateChanged").maybe(Node::time)?,
            first_name: applicant.at("firstName").personal()?,
            last_name: applicant.at("lastName").personal()?,
            email: applicant.at("email").personal()?,
            moved: !node.at("movedTo").is_empty(),
            comments: node.at("commentCount").maybe(Node::count)?,
        })
    }
}

fn row(node: &Node<'_>) -> Result<ApplicationRow, Unreadable> {
    Ok(ApplicationRow {
        id: ApplicationId(node.at("id").integer_or_text()?),
        job: JobId(node.at("job").at("id").integer_or_text()?),
        status: StatusId(node.at("status").at("id").integer_or_text()?),
    })
}

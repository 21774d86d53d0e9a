//! Applications: one person's for one job. Whoever applies twice is two applicants with one e-mail.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::company::{Company, time};
use crate::world::Context;

/// An application to be added.
#[derive(Debug, Clone)]
pub struct NewApplication {
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) email: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) job: i64,
    pub(crate) status: i64,
}

impl NewApplication {
    /// With the status New and an e-mail made from the name, capitals kept as people type them.
    #[must_use]
    pub fn named(first_name: &str, last_name: &str, job: i64) -> Self {
        Self {
            first_name: first_name.into(),
            last_name: last_name.into(),
            email: Some(format!("{first_name}.{last_name}@example.net")),
            source: None,
            job,
            status: 1,
        }
    }

    /// This e-mail.
    #[must_use]
    pub fn email(mut self, email: &str) -> Self {
        self.email = Some(email.into());
        self
    }

    /// No e-mail: added by hand.
    #[must_use]
    pub fn without_email(mut self) -> Self {
        self.email = None;
        self
    }

    /// A label, `other`, or a bare number as text: all have been seen.
    #[must_use]
    pub fn source(mut self, source: &str) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Another status than New.
    #[must_use]
    pub fn status(mut self, status: i64) -> Self {
        self.status = status;
        self
    }
}

/// Someone's application for a job.
#[derive(Debug, Clone)]
pub struct Application {
    /// The id that counts; the applicant's is another.
    pub id: i64,
    /// The applicant's id.
    pub applicant: i64,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// As it was typed.
    pub email: Option<String>,
    /// The job's id.
    pub job: i64,
    /// The status's id.
    pub status: i64,
    /// Comments, which the API cannot read.
    pub comments: Vec<Comment>,
    pub(crate) source: Option<String>,
    pub(crate) applied: Timestamp,
    pub(crate) changed: Timestamp,
    pub(crate) changed_by: Option<i64>,
    /// Ids of the change records, one per write, repeated ones included.
    pub(crate) changes: Vec<i64>,
}

/// A comment on an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The id.
    pub id: i64,
    /// The text.
    pub text: String,
    /// The id of the user as whom it was written.
    pub user: i64,
}

impl Application {
    /// How often a status was set, to the same one included.
    #[must_use]
    pub fn changes(&self) -> usize {
        self.changes.len()
    }

    fn head(&self, company: &Company) -> Value {
        let status = company.status(self.status).map(|status| json!({"id": status.id, "label": status.name}));
        let job = company.job(self.job).map(|job| json!({"id": job.id, "title": job.title_view()}));
        json!({
            "id": self.id, "appliedDate": time(self.applied), "status": status, "rating": null,
            "applicant": {
                "id": self.applicant, "firstName": self.first_name, "lastName": self.last_name, "avatar": null,
                "email": self.email, "source": self.source,
            },
            "job": job,
        })
    }

    pub(crate) fn row(&self, company: &Company, context: &mut Context) -> Value {
        let mut row = self.head(company);
        let signature = context.seed.letters(16);
        row["applicant"]["avatar"] = json!(format!("https://resources.example/initials.php?s={signature}"));
        row
    }

    pub(crate) fn detail(&self, company: &Company) -> Value {
        let mut detail = self.head(company);
        detail["status"]["dateChanged"] = json!(time(self.changed));
        let user = self.changed_by.and_then(|id| company.user(id));
        detail["status"]["changedByUser"] = user.map_or(Value::Null, |user| {
            json!({
                "id": user.id, "firstName": user.first_name, "lastName": user.last_name, "avatar": null,
                "jobTitle": null,
            })
        });
        for field in [
            "phoneNumber",
            "address",
            "linkedinUrl",
            "twitterUsername",
            "websiteUrl",
            "availableStartDate",
            "education",
        ] {
            detail["applicant"][field] = Value::Null;
        }
        detail["job"]["hiringLead"] = Value::Null;
        let same = |other: &&Application| {
            other.id != self.id
                && other.email.as_ref().zip(self.email.as_ref()).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
        };
        let rest = json!({
            "resumeFileId": null, "coverLetterFileId": null, "movedTo": null, "movedFrom": null,
            "alsoConsideredForCount": 0,
            "duplicateApplicationCount": company.applications.iter().filter(same).count(),
            "referredBy": null, "desiredSalary": null, "commentCount": self.comments.len(), "emailCount": 0,
            "attachmentCount": null, "eventCount": self.changes.len(), "questionsAndAnswers": [],
            "attachments": null, "applicationReferences": null,
        });
        if let (Some(detail), Value::Object(rest)) = (detail.as_object_mut(), rest) {
            detail.extend(rest);
        }
        detail
    }
}

/// Adds an application; the answer is its id.
pub(crate) fn add(company: &mut Company, context: &Context, new: NewApplication) -> i64 {
    let (applicant, id) = (company.fresh_id(), company.fresh_id());
    company.applications.push(Application {
        id,
        applicant,
        first_name: new.first_name,
        last_name: new.last_name,
        email: new.email,
        job: new.job,
        status: new.status,
        comments: Vec::new(),
        source: new.source,
        applied: context.now,
        changed: context.now,
        changed_by: None,
        changes: Vec::new(),
    });
    id
}

/// Sets a status, even the one it has: every write is a change record, whose id is the answer.
pub(crate) fn set_status(company: &mut Company, context: &Context, id: i64, status: i64, user: i64) -> Option<i64> {
    let change = company.fresh_id();
    let application = company.application_mut(id)?;
    application.status = status;
    application.changed = context.now;
    application.changed_by = Some(user);
    application.changes.push(change);
    Some(change)
}

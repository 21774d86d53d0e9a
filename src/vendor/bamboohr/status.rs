//! Applicant statuses. The company makes its own on BambooHR's pages; names may collide, ids may not.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, answer, authorized, target, written};
use crate::{
    domain::ids::{ApplicationId, StatusId},
    vendor::{Call, CallError, reading::Node},
};

/// A status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// BambooHR's id of it, opaque.
    pub id: StatusId,
    /// Its name, as the company reads it.
    pub name: String,
    /// Whether it can be set at present.
    pub enabled: bool,
}

/// `GET /applicant_tracking/statuses`: all, the disabled ones too. It is also the best check of a
/// connection, as it needs domain, key and access.
#[derive(Debug, Clone, Copy)]
pub struct ListStatuses;

impl Call for ListStatuses {
    type Grant = Grant;
    type Reply = Vec<Status>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        authorized(target(grant, &["statuses"]).get(), grant)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Vec<Status>, CallError> {
        let body = answer(response)?;
        let statuses = Node::root(&body).list(|row| {
            let translated = row.at("translatedName");
            let name = if translated.is_null() { row.at("name") } else { translated };
            Ok(Status {
                id: StatusId(row.at("id").integer_or_text()?),
                name: name.text()?,
                enabled: row.at("enabled").maybe(Node::flag)?.unwrap_or(true),
            })
        })?;
        Ok(statuses)
    }
}

/// `POST /applicant_tracking/applications/:id/status`. Every one that succeeds is an entry in the
/// application's history, hence not repeatable: read the application first.
#[derive(Debug, Clone, Copy)]
pub struct SetStatus {
    /// The application that it is about.
    pub application: ApplicationId,
    /// An enabled one.
    pub status: StatusId,
}

impl Call for SetStatus {
    type Grant = Grant;
    type Reply = ();
    const REPEATABLE: bool = false;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["applications", &self.application.0.to_string(), "status"];
        authorized(target(grant, &path).post(&json!({ "status": self.status.0 })), grant)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<(), CallError> {
        written(response)
    }
}

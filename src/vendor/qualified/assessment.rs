//! Assessments: what candidates are invited to.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, Page, page, target};
use crate::{
    domain::ids::AssessmentId,
    vendor::{Call, CallError, reading::Node},
};

/// An assessment.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    /// Qualified's id of it, opaque.
    pub id: AssessmentId,
    /// What people call it, and what tags say. Not unique, may be changed, may hold any character.
    pub title: String,
    /// Whether candidates can be invited.
    pub state: AssessmentState,
}

/// The state of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AssessmentState {
    /// Being written.
    Draft,
    /// The only one with invitations.
    Published,
    /// Put away; its invitations are cancelled.
    Archived,
    /// A state newer than this program: no invitations.
    Other,
}

/// `GET /assessments`. There is no documented filter: read all pages.
#[derive(Debug, Clone, Copy)]
pub struct ListAssessments {
    /// From 1.
    pub page: u32,
}

impl Call for ListAssessments {
    type Grant = Grant;
    type Reply = Page<Assessment>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["assessments"])
            .query("order_by", "title ASC")
            .query("page", &self.page.to_string())
            .get()
            .raw_key(&grant.key)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<Assessment>, CallError> {
        page(response, |row| {
            Ok(Assessment {
                id: row.at("id").id()?,
                title: row.at("title").maybe(Node::text)?.unwrap_or_default(),
                state: match row.at("state").str()? {
                    "draft" => AssessmentState::Draft,
                    "published" => AssessmentState::Published,
                    "archived" => AssessmentState::Archived,
                    _ => AssessmentState::Other,
                },
            })
        })
    }
}

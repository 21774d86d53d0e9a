//! Pipeline stages. They are the account's, not a job's; people rename them, so the id is what counts.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, Page, page, target};
use crate::{
    domain::ids::StageId,
    vendor::{Call, CallError},
};

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// A slug for the built-in ones, else a UUID.
    pub id: StageId,
    /// Its name at present.
    pub text: String,
}

/// `GET /stages`, in pipeline order.
#[derive(Debug, Clone, Default)]
pub struct ListStages {
    /// [`Page::next`] of the page before.
    pub offset: Option<String>,
}

impl Call for ListStages {
    type Grant = Grant;
    type Reply = Page<Stage>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["stages"]).maybe("offset", self.offset.as_deref()).get().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Page<Stage>, CallError> {
        page(response, |row| Ok(Stage { id: row.at("id").id()?, text: row.at("text").text()? }))
    }
}

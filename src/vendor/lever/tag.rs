//! Tags of an opportunity. The list is shared with recruiters and with what Lever inherits from the job,
//! so tags are added and removed one by one, never replaced.
//!
//! The answers hold the opportunity. Only that they do is read, because a page of a proxy's is no change made;
//! name and addresses may be blank in them.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, object, target};
use crate::{
    domain::ids::OpportunityId,
    vendor::{Call, CallError},
};

/// `POST /opportunities/:id/addTags`. Lever makes tags it doesn't know, and keeps a set: adding twice is
/// adding once.
#[derive(Debug, Clone)]
pub struct AddTags {
    /// The candidacy that it is about.
    pub opportunity: OpportunityId,
    /// Whole tags, compared exactly by Lever, case included.
    pub tags: Vec<String>,
}

impl Call for AddTags {
    type Grant = Grant;
    type Reply = ();
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["opportunities", self.opportunity.as_str(), "addTags"];
        target(grant, &path).post(&json!({ "tags": self.tags })).bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<(), CallError> {
        changed(response)
    }
}

/// `POST /opportunities/:id/removeTags`. Whether a tag inherited from the job can be removed is unknown;
/// nothing depends on it.
#[derive(Debug, Clone)]
pub struct RemoveTags {
    /// The candidacy that it is about.
    pub opportunity: OpportunityId,
    /// Whole tags, compared exactly by Lever, case included.
    pub tags: Vec<String>,
}

impl Call for RemoveTags {
    type Grant = Grant;
    type Reply = ();
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["opportunities", self.opportunity.as_str(), "removeTags"];
        target(grant, &path).post(&json!({ "tags": self.tags })).bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<(), CallError> {
        changed(response)
    }
}

fn changed(response: &Response<Bytes>) -> Result<(), CallError> {
    object(response, |opportunity| opportunity.at("id").text().map(drop))
}

//! Postings: the jobs. A tag typed on a job counts for all its candidates.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, object, target};
use crate::{
    domain::ids::PostingId,
    vendor::{Call, CallError, reading::Node},
};

/// A job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The tags typed on it; department, team and the like are not among them.
    pub tags: Vec<String>,
}

/// `GET /postings/:id`
#[derive(Debug, Clone)]
pub struct GetPosting {
    /// Lever's id of it, opaque.
    pub id: PostingId,
}

impl Call for GetPosting {
    type Grant = Grant;
    type Reply = Posting;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["postings", self.id.as_str()]).get().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Posting, CallError> {
        object(response, |data| Ok(Posting { tags: data.at("tags").any(Node::text)? }))
    }
}

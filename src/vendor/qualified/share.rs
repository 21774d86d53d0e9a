//! Report links that need no login.

use bytes::Bytes;
use http::{Request, Response, StatusCode};

use super::{Grant, accept, target};
use crate::{
    domain::{ids::ResultId, secret::Secret},
    vendor::{
        Call, CallError,
        reading::{self, Node},
    },
};

/// `GET /assessment_results/:id/share`. Answers the report's address. Whoever has it can read the report, so
/// it is a secret, to be exposed in the note only.
///
/// Plans without the feature are refused: do without the link.
#[derive(Debug, Clone)]
pub struct Share {
    /// Of what.
    pub result: ResultId,
}

impl Call for Share {
    type Grant = Grant;
    type Reply = Secret;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["assessment_results", self.result.as_str(), "share"]).get().raw_key(&grant.key)
    }

    /// Here 403 speaks of the plan, whatever its reason says; 401 remains the key's.
    fn read(&self, response: &Response<Bytes>) -> Result<Secret, CallError> {
        match accept(response) {
            Err(CallError::Unauthorized(text)) if response.status() == StatusCode::FORBIDDEN => {
                return Err(CallError::Refused(text));
            }
            other => other?,
        }
        let body = reading::json(response)?;
        Ok(Node::root(&body).at("url").secret()?)
    }
}

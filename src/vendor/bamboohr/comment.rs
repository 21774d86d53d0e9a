//! Comments on an application: where a result goes.

use bytes::Bytes;
use http::{Request, Response};
use serde_json::json;

use super::{Grant, authorized, target, written};
use crate::{
    domain::ids::ApplicationId,
    vendor::{Call, CallError},
};

/// `POST /applicant_tracking/applications/:id/comments`. There is no way to read comments, so one whose
/// answer was lost can't be looked for; [`Application::comments`](super::Application::comments) before and
/// after is the only hint.
#[derive(Clone)]
pub struct AddComment {
    /// The application that it is about.
    pub application: ApplicationId,
    /// Plain text, best under 1,000 characters (the limit is not documented).
    pub text: String,
}

impl Call for AddComment {
    type Grant = Grant;
    type Reply = ();
    const REPEATABLE: bool = false;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let path = ["applications", &self.application.0.to_string(), "comments"];
        authorized(target(grant, &path).post(&json!({ "type": "comment", "comment": self.text })), grant)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<(), CallError> {
        written(response)
    }
}

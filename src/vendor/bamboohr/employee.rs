//! Whose an API key is.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, answer, authorized};
use crate::vendor::{Call, CallError, Personal, reading::Node, writing::Target};

/// `GET /employees/0`: the employee behind the API key. A key of a user who is no employee, as an integration's
/// own user is, has none. There is no other way to ask a key for its user (BambooHR's OpenAPI definition, April 2026).
#[derive(Debug, Clone, Copy)]
pub struct GetOwner;

impl Call for GetOwner {
    type Grant = Grant;
    /// The name; `None` if there is none.
    type Reply = Option<Personal>;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        let target = Target::new(&grant.site.api, &["employees", "0"]).query("fields", "firstName,lastName");
        authorized(target.get(), grant)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<Option<Personal>, CallError> {
        let body = answer(response)?;
        let body = Node::root(&body);
        let parts = [body.at("firstName").personal()?, body.at("lastName").personal()?];
        let parts: Vec<_> = parts.iter().flatten().map(|part| part.as_str().trim()).collect();
        let name = parts.join(" ");
        Ok((!name.trim().is_empty()).then(|| Personal::new(name)))
    }
}

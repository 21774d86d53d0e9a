//! Users: shown as the person who connected Lever.

use bytes::Bytes;
use http::{Request, Response};

use super::{Grant, object, target};
use crate::{
    domain::ids::LeverUserId,
    vendor::{Call, CallError, Personal},
};

/// A person who uses Lever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The person's name.
    pub name: Option<Personal>,
}

/// `GET /users/:id`
#[derive(Debug, Clone)]
pub struct GetUser {
    /// Lever's id of it, opaque.
    pub id: LeverUserId,
}

impl Call for GetUser {
    type Grant = Grant;
    type Reply = User;
    const REPEATABLE: bool = true;

    fn request(&self, grant: &Grant) -> Request<Bytes> {
        target(grant, &["users", self.id.as_str()]).get().bearer(&grant.access)
    }

    fn read(&self, response: &Response<Bytes>) -> Result<User, CallError> {
        object(response, |data| Ok(User { name: data.at("name").personal()? }))
    }
}

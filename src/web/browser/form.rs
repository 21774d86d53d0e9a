//! Forms and queries as browsers write them.

use bytes::Bytes;
use http::Request;

/// Names and values, in the order given.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form's body, `application/x-www-form-urlencoded`.
    pub(super) fn read(body: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(body).into_owned().collect())
    }

    /// The first value of this name, without the spaces around it; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// All of it.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// The query of a request.
pub(super) fn query(request: &Request<Bytes>) -> Form {
    Form::read(request.uri().query().unwrap_or_default().as_bytes())
}

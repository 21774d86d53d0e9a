//! Forms and queries as browsers write them.

use bytes::Bytes;
use http::Request;

use crate::web::page::piece::{BY_ENTER, NARROW, NARROWED, ONLY};

/// The longest value of a field, in bytes: tickets and vendors' codes are the longest there are. Pages show values
/// again, so they have to end somewhere.
const LONGEST: usize = 4_096;
/// In characters.
const LONGEST_SEARCH: usize = 200;

/// Names and values, in the order given.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form's body, `application/x-www-form-urlencoded`. A value longer than any field's is left out.
    pub(super) fn read(body: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(body).into_owned();
        Self(pairs.filter(|(_, value)| value.len() <= LONGEST).collect())
    }

    /// The first value of this name, without the spaces around it; empty if there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim()).unwrap_or_default()
    }

    /// The same, cut at what anybody would search for.
    pub(super) fn brief(&self, name: &str) -> String {
        self.text(name).chars().take(LONGEST_SEARCH).collect()
    }

    /// Whether the lists of the form are to be narrowed, and nothing saved: by the button, or by Enter after other words
    /// were typed.
    pub(super) fn asks_to_narrow(&self) -> bool {
        match self.text(NARROW) {
            "" => false,
            BY_ENTER => self.text(ONLY) != self.text(NARROWED),
            _ => true,
        }
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

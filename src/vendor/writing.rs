//! How every request is written: an absolute URL, the headers that all vendors want, a body.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use serde_json::Value;
use url::Url;

use crate::domain::{secret::Secret, time::Timestamp};

/// Who we are, for the vendors' logs.
const USER_AGENT: &str = concat!("qualified-ats/", env!("CARGO_PKG_VERSION"));

/// The longest text put into a query, in bytes; a longer one is cut. Every page token and address there is
/// fits, and `http::Uri` ends at 64 kB.
const QUERY_TEXT: usize = 4096;

/// Where a request goes.
pub(super) struct Target(Url);

impl Target {
    /// The origin and a path, segment by segment: a segment can't leave its place.
    pub(super) fn new(origin: &Url, segments: &[&str]) -> Self {
        let mut url = origin.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        Self(url)
    }

    /// Adds a query parameter.
    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        let end = value.floor_char_boundary(QUERY_TEXT);
        self.0.query_pairs_mut().append_pair(name, &value[..end]);
        self
    }

    /// Adds a query parameter if there is a value.
    pub(super) fn maybe(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub(super) fn get(self) -> Outgoing {
        self.send(Method::GET, None)
    }

    pub(super) fn delete(self) -> Outgoing {
        self.send(Method::DELETE, None)
    }

    pub(super) fn post(self, body: &Value) -> Outgoing {
        self.send(Method::POST, Some(("application/json", body.to_string())))
    }

    pub(super) fn post_form(self, fields: &[(&str, &str)]) -> Outgoing {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.send(Method::POST, Some(("application/x-www-form-urlencoded", body)))
    }

    fn send(self, method: Method, body: Option<(&'static str, String)>) -> Outgoing {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        *request.uri_mut() = Uri::try_from(self.0.as_str()).expect("a URL of bounded length is a URI");
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::USER_AGENT, HeaderValue::from_static(USER_AGENT));
        if let Some((content_type, text)) = body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = Bytes::from(text);
        }
        if *request.method() != Method::GET {
            // Spin sends a body in chunks where the length isn't said, and not every server takes those.
            let length = HeaderValue::from(request.body().len());
            request.headers_mut().insert(header::CONTENT_LENGTH, length);
        }
        Outgoing(request)
    }
}

impl From<Url> for Target {
    fn from(url: Url) -> Self {
        Self(url)
    }
}

impl From<Target> for Url {
    fn from(target: Target) -> Self {
        target.0
    }
}

/// A request that lacks only its credentials.
pub(super) struct Outgoing(Request<Bytes>);

impl Outgoing {
    /// `Authorization: Bearer <token>`.
    pub(super) fn bearer(self, token: &Secret) -> Request<Bytes> {
        self.authorized(&format!("Bearer {}", token.expose()))
    }

    /// HTTP Basic (RFC 7617).
    pub(super) fn basic(self, user: &Secret, password: &str) -> Request<Bytes> {
        self.authorized(&format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{password}", user.expose()))))
    }

    /// The key alone, as the header's whole value.
    pub(super) fn raw_key(self, key: &Secret) -> Request<Bytes> {
        self.authorized(key.expose())
    }

    /// Without an `Authorization` header.
    pub(super) fn anonymous(self) -> Request<Bytes> {
        self.0
    }

    fn authorized(mut self, value: &str) -> Request<Bytes> {
        // A key with, say, a line break in it can't be sent. Then none is, and the vendor answers 401.
        if let Ok(mut value) = HeaderValue::from_str(value) {
            value.set_sensitive(true);
            self.0.headers_mut().insert(header::AUTHORIZATION, value);
        }
        self.0
    }
}

/// ISO 8601, UTC, with milliseconds: the form in all samples of Qualified's.
pub(super) fn iso(time: Timestamp) -> String {
    format!("{time:.3}")
}

//! Answers, built in one line each.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use serde_json::Value;

pub(crate) type Reply = Response<Bytes>;

pub(crate) fn json(status: u16, body: &Value) -> Reply {
    typed(status, "application/json; charset=utf-8", body.to_string())
}

pub(crate) fn html(status: u16, body: String) -> Reply {
    typed(status, "text/html; charset=utf-8", body)
}

pub(crate) fn empty(status: u16) -> Reply {
    let mut reply = Response::new(Bytes::new());
    *reply.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    reply
}

pub(crate) fn see_other(location: &str) -> Reply {
    with(empty(303), "location", location)
}

pub(crate) fn typed(status: u16, kind: &'static str, body: String) -> Reply {
    let mut reply = empty(status);
    *reply.body_mut() = Bytes::from(body);
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

/// Adds a header; a value that cannot be one is left out.
pub(crate) fn with(mut reply: Reply, name: &'static str, value: &str) -> Reply {
    if let Ok(value) = HeaderValue::from_str(value) {
        reply.headers_mut().insert(HeaderName::from_static(name), value);
    }
    reply
}

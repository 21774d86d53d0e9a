//! Responses: JSON, problems (RFC 9457), pages.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::route::Unroutable;
use crate::app::{Class, Failure};

fn build(status: u16, content_type: Option<&'static str>, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status of ours");
    let headers = response.headers_mut();
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A response without a body.
pub(super) fn empty(status: u16) -> Response<Bytes> {
    build(status, None, Bytes::new())
}

/// A JSON document.
pub(super) fn json(status: u16, body: &impl Serialize) -> Response<Bytes> {
    build(status, Some("application/json"), serde_json::to_vec(body).expect("replies hold only what JSON can"))
}

/// A page, with what it may load and where it may lead (Content Security Policy).
pub(super) fn html(status: u16, policy: &str, page: maud::Markup) -> Response<Bytes> {
    let mut response = build(status, Some("text/html; charset=utf-8"), page.into_string());
    let headers = response.headers_mut();
    // A policy that can't be sent must not become none at all.
    let policy = HeaderValue::from_str(policy).unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"));
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A text that pages load.
pub(super) fn asset(content_type: &'static str, text: &'static str) -> Response<Bytes> {
    build(200, Some(content_type), text)
}

/// Sends the browser elsewhere (303: with GET).
pub(super) fn see_other(location: &str) -> Response<Bytes> {
    let mut response = empty(303);
    let location = HeaderValue::from_str(location).unwrap_or_else(|_| HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, location);
    response
}

/// Adds a cookie.
pub(super) fn with_cookie(mut response: Response<Bytes>, cookie: &str) -> Response<Bytes> {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// The status of a failure. The one place that knows.
pub(super) fn status(class: Class) -> (u16, &'static str) {
    match class {
        Class::Invalid => (400, "The request is not right"),
        Class::Unauthenticated => (401, "Not authorised"),
        Class::NotFound => (404, "Not found"),
        Class::Conflict => (409, "Not possible now"),
        Class::Upstream => (502, "A vendor did not do its part"),
        Class::Unavailable => (503, "Try again later"),
        Class::Misconfigured => (503, "Not set up"),
        Class::Ours => (500, "A fault of this program"),
    }
}

#[derive(Serialize)]
struct Problem<'a> {
    r#type: &'static str,
    title: &'a str,
    status: u16,
    detail: &'a str,
}

fn problem_of(status: u16, title: &str, detail: &str) -> Response<Bytes> {
    let mut response = json(status, &Problem { r#type: "about:blank", title, status, detail });
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// A failure as a problem document.
pub(super) fn problem(failure: &Failure) -> Response<Bytes> {
    let (status, title) = status(failure.class);
    let mut response = problem_of(status, title, &failure.public);
    let headers = response.headers_mut();
    match failure.class {
        Class::Unauthenticated => drop(headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
        Class::Unavailable => drop(headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"))),
        _ => {}
    }
    response
}

/// A path or method that leads nowhere.
pub(super) fn unroutable(unroutable: &Unroutable) -> Response<Bytes> {
    match unroutable {
        Unroutable::NotFound => problem_of(404, "Not found", "There is nothing at this address."),
        Unroutable::MethodNotAllowed { allow } => {
            let mut response = problem_of(405, "Method not allowed", &format!("Only {allow} is possible here."));
            let allow = HeaderValue::from_str(allow).expect("methods are header text");
            response.headers_mut().insert(header::ALLOW, allow);
            response
        }
    }
}

/// A body over the limit.
pub(super) fn too_large(limit: usize) -> Response<Bytes> {
    problem_of(413, "Too large", &format!("A request body may have at most {limit} bytes."))
}

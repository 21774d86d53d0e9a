//! What was asked of the vendors, for assertions and for the curious. Credentials are left out when the record is made.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use jiff::Timestamp;
use std::collections::VecDeque;

use crate::call::Call;
use crate::origins::Vendor;

/// One request and the status it got.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// The sandbox's time of arrival.
    pub at: Timestamp,
    /// Who was asked.
    pub vendor: Vendor,
    /// The method.
    pub method: Method,
    /// The path, still percent-encoded.
    pub path: String,
    /// The query without `?`, still percent-encoded.
    pub query: String,
    /// The headers; the value of those that carry credentials is `[secret]`.
    pub headers: HeaderMap,
    /// The body; `[secret]` for requests that carry credentials in it.
    pub body: Bytes,
    /// The status answered; `None` when no answer went out.
    pub status: Option<u16>,
}

/// So many requests are kept: a benchmark should not fill the memory.
const KEPT: usize = 50_000;

#[derive(Debug, Default)]
pub(crate) struct Records(VecDeque<Recorded>);

impl Records {
    pub(crate) fn add(&mut self, at: Timestamp, vendor: Vendor, call: &Call, status: Option<u16>) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        let secret = ["/oauth/token", "/token.php", "/authorize", "/authorize.php"]
            .iter()
            .any(|path| call.path.starts_with(path));
        let body = if secret && !call.body.is_empty() { Bytes::from_static(b"[secret]") } else { call.body.clone() };
        let mut headers = call.headers.clone();
        for name in [header::AUTHORIZATION, header::COOKIE] {
            if let Some(value) = headers.get_mut(name) {
                *value = HeaderValue::from_static("[secret]");
            }
        }
        self.0.push_back(Recorded {
            at,
            vendor,
            method: call.method.clone(),
            path: call.path.clone(),
            query: call.raw_query.clone(),
            headers,
            body,
            status,
        });
    }

    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Recorded> {
        self.0.iter()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

//! How every response is read: status, then content type, then JSON.
//!
//! The JSON is walked by [`Node`], which knows the path of the field in hand. An error tells that path and
//! what was expected there, never the value: values are names, addresses and tokens.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use jiff::SignedDuration;
use serde_json::Value;
use url::Url;

use super::{CallError, Personal, Unreadable};
use crate::domain::{json, secret::Secret, time::Timestamp};

/// The longest text of a vendor's that is kept for people to read, in characters.
const SUMMARY: usize = 200;

/// The longest page token or cursor accepted, in bytes. It goes back in a URL, and `http::Uri` ends at 64 kB.
const CURSOR: usize = 4096;

/// Passes a 2xx, and turns everything else into the error that its status stands for. `summary` digs the
/// vendor's own words out of the response.
pub(super) fn accept(
    response: &Response<Bytes>,
    summary: impl Fn(&Response<Bytes>) -> Option<String>,
) -> Result<(), CallError> {
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let after = retry_after(response.headers());
    let said = summary(response).map(|text| summarise(&text)).filter(|text| !text.is_empty());
    let text = said.map_or_else(|| status.as_u16().to_string(), |said| format!("{}: {said}", status.as_u16()));
    Err(match status {
        StatusCode::UNAUTHORIZED => CallError::Unauthorized(text),
        StatusCode::NOT_FOUND | StatusCode::GONE => CallError::NotFound(text),
        StatusCode::TOO_MANY_REQUESTS => CallError::Throttled { after },
        // BambooHR throttled with this pair until September 2026; whoever names a time means it.
        StatusCode::SERVICE_UNAVAILABLE if after.is_some() => CallError::Throttled { after },
        StatusCode::REQUEST_TIMEOUT => CallError::Unavailable(text),
        _ if status.is_server_error() => CallError::Unavailable(text),
        _ if status.is_client_error() => CallError::Refused(text),
        _ if status.is_redirection() => CallError::Refused(format!("{}: it redirects elsewhere", status.as_u16())),
        _ => CallError::Malformed(text),
    })
}

/// The JSON of a response that was accepted.
pub(super) fn json(response: &Response<Bytes>) -> Result<Value, CallError> {
    if !is_json(response.headers()) {
        return Err(CallError::Malformed("the content type is not JSON".to_owned()));
    }
    if response.body().is_empty() {
        return Err(CallError::Malformed("the body is empty".to_owned()));
    }
    Ok(parse(response.body())?)
}

/// The JSON in a body, whatever its headers say.
pub(super) fn parse(body: &[u8]) -> Result<Value, Unreadable> {
    json::parse(body).map_err(|misfit| Unreadable(misfit.to_string()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.starts_with("application/") && essence.ends_with("+json")
}

/// `Retry-After`, as seconds or as an HTTP date (RFC 9110, 10.2.3). A date is counted from the response's
/// own `Date`, because a call knows no clock and the vendor's is the one that was meant.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let value = text(header::RETRY_AFTER)?;
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        return Some(SignedDuration::from_secs(value.parse::<u32>().unwrap_or(u32::MAX).into()));
    }
    let date = |value| httpdate::parse_http_date(value).ok();
    let wait = date(value)?.duration_since(date(text(header::DATE)?)?).unwrap_or_default();
    SignedDuration::try_from(wait).ok()
}

/// A vendor's text made fit for a log line or a page: no control characters, no e-mail addresses, at most
/// 200 characters.
pub(super) fn summarise(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let clean = words.map(|word| if word.contains('@') { "[address]" } else { word }).take(SUMMARY);
    clean.collect::<Vec<_>>().join(" ").chars().take(SUMMARY).collect()
}

/// A place in a vendor's JSON. Absent and `null` are the same.
#[derive(Clone)]
pub(super) struct Node<'a> {
    value: &'a Value,
    path: String,
}

impl<'a> Node<'a> {
    /// The whole document.
    pub(super) fn root(value: &'a Value) -> Self {
        Self { value, path: String::new() }
    }

    /// The member of that name.
    pub(super) fn at(&self, name: &str) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { value: self.value.get(name).unwrap_or(&Value::Null), path }
    }

    /// The member of that snake_case name, or of the same name in camelCase.
    pub(super) fn at_any_case(&self, snake: &str) -> Self {
        let found = self.at(snake);
        if found.is_null() { self.at(&camel(snake)) } else { found }
    }

    /// The members that are texts, with their names; `None` if this is no object.
    pub(super) fn members(&self) -> Option<impl Iterator<Item = (&'a str, &'a str)> + use<'a>> {
        let members = self.value.as_object()?.iter();
        Some(members.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))))
    }

    /// The first element of an array; null if there is none.
    pub(super) fn first(&self) -> Self {
        Self { value: self.value.get(0).unwrap_or(&Value::Null), path: format!("{}[0]", self.path) }
    }

    pub(super) fn is_null(&self) -> bool {
        self.value.is_null()
    }

    pub(super) fn is_object(&self) -> bool {
        self.value.is_object()
    }

    pub(super) fn is_text(&self) -> bool {
        self.value.is_string()
    }

    /// Whether nothing is there: null, `{}` or `[]`.
    pub(super) fn is_empty(&self) -> bool {
        match self.value {
            Value::Null => true,
            Value::Object(members) => members.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => false,
        }
    }

    /// An error about this place.
    pub(super) fn wrong(&self, expected: &str) -> Unreadable {
        let found = if self.is_null() { " is missing" } else { "" };
        let place = if self.path.is_empty() { "the body" } else { &self.path };
        Unreadable(format!("`{place}`{found}: expected {expected}"))
    }

    /// `None` where nothing is, else what `read` makes of it.
    pub(super) fn maybe<T>(&self, read: impl FnOnce(&Self) -> Result<T, Unreadable>) -> Result<Option<T>, Unreadable> {
        if self.is_null() { Ok(None) } else { read(self).map(Some) }
    }

    /// Every element of an array, each read by `read`.
    pub(super) fn list<T>(&self, read: impl Fn(&Self) -> Result<T, Unreadable>) -> Result<Vec<T>, Unreadable> {
        let items = self.value.as_array().ok_or_else(|| self.wrong("an array"))?;
        let nodes = items.iter().enumerate();
        nodes.map(|(index, value)| read(&Node { value, path: format!("{}[{index}]", self.path) })).collect()
    }

    /// As [`Node::list`], but nothing there is an empty list.
    pub(super) fn any<T>(&self, read: impl Fn(&Self) -> Result<T, Unreadable>) -> Result<Vec<T>, Unreadable> {
        if self.is_null() { Ok(Vec::new()) } else { self.list(read) }
    }

    pub(super) fn str(&self) -> Result<&'a str, Unreadable> {
        self.value.as_str().ok_or_else(|| self.wrong("a text"))
    }

    pub(super) fn text(&self) -> Result<String, Unreadable> {
        self.str().map(str::to_owned)
    }

    /// A text about a person; blank is nothing.
    pub(super) fn personal(&self) -> Result<Option<Personal>, Unreadable> {
        let text = self.maybe(Self::str)?.map(str::trim).filter(|text| !text.is_empty());
        Ok(text.map(Personal::new))
    }

    /// A text nobody may see. An empty one is none.
    pub(super) fn secret(&self) -> Result<Secret, Unreadable> {
        let text = self.str()?;
        if text.is_empty() { Err(self.wrong("a text that is not empty")) } else { Ok(Secret::new(text)) }
    }

    /// A token that leads to the next page.
    pub(super) fn cursor(&self) -> Result<String, Unreadable> {
        let text = self.str()?;
        if (1..=CURSOR).contains(&text.len()) { Ok(text.to_owned()) } else { Err(self.wrong("a page token")) }
    }

    /// A checked identifier.
    pub(super) fn id<T: TryFrom<String, Error: ToString>>(&self) -> Result<T, Unreadable> {
        T::try_from(self.text()?).map_err(|error| {
            let place = &self.path;
            Unreadable(format!("`{place}`: {}", error.to_string()))
        })
    }

    pub(super) fn integer(&self) -> Result<i64, Unreadable> {
        self.value.as_i64().ok_or_else(|| self.wrong("an integer"))
    }

    /// An integer that some answers write as a text.
    pub(super) fn integer_or_text(&self) -> Result<i64, Unreadable> {
        match self.value.as_str() {
            Some(text) => text.parse().map_err(|_| self.wrong("an integer")),
            None => self.integer(),
        }
    }

    /// A small count: a page, a number of tests.
    pub(super) fn count(&self) -> Result<u32, Unreadable> {
        self.integer()?.try_into().map_err(|_| self.wrong("a count"))
    }

    pub(super) fn number(&self) -> Result<f64, Unreadable> {
        self.value.as_f64().ok_or_else(|| self.wrong("a number"))
    }

    pub(super) fn flag(&self) -> Result<bool, Unreadable> {
        self.value.as_bool().ok_or_else(|| self.wrong("true or false"))
    }

    /// Whether it is there and true.
    pub(super) fn is_set(&self) -> Result<bool, Unreadable> {
        Ok(self.maybe(Self::flag)?.unwrap_or(false))
    }

    /// Milliseconds since 1970.
    pub(super) fn millis(&self) -> Result<Timestamp, Unreadable> {
        Timestamp::from_millisecond(self.integer()?).ok_or_else(|| self.wrong("milliseconds since 1970"))
    }

    /// An ISO 8601 time with an offset.
    pub(super) fn time(&self) -> Result<Timestamp, Unreadable> {
        self.str()?.parse().map_err(|_| self.wrong("an ISO 8601 time"))
    }

    pub(super) fn seconds(&self) -> Result<SignedDuration, Unreadable> {
        let seconds = self.number()?;
        SignedDuration::try_from_secs_f64(seconds).map_err(|_| self.wrong("seconds"))
    }

    pub(super) fn url(&self) -> Result<Url, Unreadable> {
        Url::parse(self.str()?).map_err(|_| self.wrong("a URL"))
    }
}

fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(word.len().min(1));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

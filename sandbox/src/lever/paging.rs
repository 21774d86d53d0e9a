//! Lists as Lever gives them: `limit`, opaque `offset` tokens bound to the filters, `expand` and `include`.

use std::hash::{DefaultHasher, Hash, Hasher};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use super::refusal::Refusal;
use crate::call::Call;
use crate::reply::{self, Reply};

/// One page of `rows`, each (creation time, id, item). Only the page's items are rendered.
pub(crate) fn page<T>(call: &Call, rows: Vec<(i64, &str, T)>, view: impl Fn(T) -> Value) -> Result<Reply, Refusal> {
    let limit = match call.query("limit") {
        None => 100,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=100).contains(limit))
            .ok_or_else(|| Refusal::bad_request("limit must be an integer from 1 to 100"))?,
    };
    let first = match call.query("offset") {
        None => 0,
        Some(token) => position(call, &rows, token)
            .ok_or_else(|| Refusal::bad_request("Invalid offset token: Offset token is invalid for sort"))?,
    };
    let next = rows.get(first + limit).map(|(at, id, _)| token(call, *at, id));
    let data: Vec<Value> = rows.into_iter().skip(first).take(limit).map(|(_, _, row)| view(row)).collect();
    let mut body = json!({"data": data, "hasNext": next.is_some()});
    if let Some(next) = next {
        body["next"] = json!(next);
    }
    Ok(reply::json(200, &body))
}

/// A percent-encoded JSON array naming the first item of the next page, as recorded in 2026. Its `%` has to survive
/// the client's own encoding. The number stands for the filters it is bound to.
fn token(call: &Call, at: i64, id: &str) -> String {
    let inner = json!([filters(call), at, id]).to_string();
    utf8_percent_encode(&inner, NON_ALPHANUMERIC).to_string()
}

fn position<T>(call: &Call, rows: &[(i64, &str, T)], token: &str) -> Option<usize> {
    let inner = percent_decode_str(token).decode_utf8().ok()?;
    // A token that was decoded once too often arrives without its `%`.
    if !token.contains('%') {
        return None;
    }
    let (bound, at, id): (u32, i64, String) = serde_json::from_str(&inner).ok()?;
    if bound != filters(call) {
        return None;
    }
    rows.iter()
        .position(|(_, row, _)| *row == id)
        // The item may have left the list since: go on where it would be, newest first.
        .or_else(|| Some(rows.iter().position(|(created, _, _)| *created <= at).unwrap_or(rows.len())))
}

fn filters(call: &Call) -> u32 {
    let mut pairs: Vec<_> = call
        .query_pairs()
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "offset" | "limit" | "expand" | "include"))
        .collect();
    pairs.sort();
    let mut hasher = DefaultHasher::new();
    (&call.path, pairs).hash(&mut hasher);
    hasher.finish() as u32
}

/// Whether a repeated filter is absent or one of its values fits: values are a union, and case sensitive.
pub(crate) fn any(call: &Call, name: &str, fits: impl Fn(&str) -> bool) -> bool {
    let mut values = call.queries(name).peekable();
    values.peek().is_none() || values.any(fits)
}

/// `<name>_start` and `<name>_end`, milliseconds, both inclusive.
pub(crate) struct Span {
    start: Option<i64>,
    end: Option<i64>,
}

pub(crate) fn span(call: &Call, name: &str) -> Result<Span, Refusal> {
    let bound = |suffix: &str| match call.query(&format!("{name}_{suffix}")) {
        None => Ok(None),
        Some(text) => {
            text.parse().map(Some).map_err(|_| Refusal::bad_request(format!("{name}_{suffix} must be milliseconds")))
        }
    };
    Ok(Span { start: bound("start")?, end: bound("end")? })
}

impl Span {
    /// A record without the time never matches a filter on it.
    pub(crate) fn contains(&self, at: Option<i64>) -> bool {
        if self.start.is_none() && self.end.is_none() {
            return true;
        }
        at.is_some_and(|at| self.start.is_none_or(|start| at >= start) && self.end.is_none_or(|end| at <= end))
    }
}

/// `expand` puts objects in place of ids; `include` leaves only the named fields and the expanded ones.
pub(crate) struct Shape<'a> {
    expand: Vec<&'a str>,
    include: Vec<&'a str>,
}

impl<'a> Shape<'a> {
    pub(crate) fn of(call: &'a Call) -> Self {
        Self { expand: call.queries("expand").collect(), include: call.queries("include").collect() }
    }

    pub(crate) fn expands(&self, field: &str) -> bool {
        self.expand.contains(&field)
    }

    pub(crate) fn cut(&self, mut item: Value) -> Value {
        if let (false, Some(fields)) = (self.include.is_empty(), item.as_object_mut()) {
            fields.retain(|name, _| self.include.contains(&name.as_str()) || self.expands(name));
        }
        item
    }
}

impl Shape<'_> {
    /// The shape of a route that always expands one field.
    pub(crate) fn expanding(field: &'static str) -> Self {
        Shape { expand: vec![field], include: Vec::new() }
    }
}

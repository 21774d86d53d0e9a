//! Envelopes, pages, `where`, `order_by`, `includes[]`: what all lists share.

use std::cmp::Ordering;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use crate::call::Call;
use crate::reply::{self, Reply};

/// ISO-8601, UTC, with milliseconds.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(crate) fn times(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| json!(time(at)))
}

/// `meta.timestamp` alone carries a local offset.
pub(crate) fn meta(now: Timestamp, includes: &[&str]) -> Value {
    let pacific = (now - SignedDuration::from_hours(8)).strftime("%Y-%m-%dT%H:%M:%S%.3f-08:00").to_string();
    json!({"timestamp": pacific, "includes": includes})
}

/// One record in its envelope.
pub(crate) fn single(kind: &str, data: &Value, now: Timestamp, includes: &[&str]) -> Reply {
    let mut meta = meta(now, includes);
    meta["enums"] = json!({});
    reply::json(200, &json!({"id": data["id"], "type": kind, "data": data, "meta": meta}))
}

/// `?includes=a` or `?includes[]=a&includes[]=b`.
pub(crate) fn includes(call: &Call) -> Vec<&str> {
    call.queries("includes[]").chain(call.queries("includes")).collect()
}

/// A record of a list: what `where` and `order_by` may name.
pub(crate) trait Filtered {
    /// The whitelist.
    const FIELDS: &'static [&'static str];

    /// The value of a field on the whitelist; `None` for any other.
    fn field(&self, name: &str) -> Option<Value>;
}

/// How a list is cut.
pub(crate) struct Listing<'a> {
    pub(crate) kind: &'static str,
    pub(crate) now: Timestamp,
    pub(crate) page_size: usize,
    pub(crate) includes: Vec<&'a str>,
}

impl Listing<'_> {
    /// Filters, sorts and cuts the rows, and renders what is left.
    pub(crate) fn reply<T: Filtered>(
        &self,
        call: &Call,
        mut rows: Vec<&T>,
        view: impl Fn(&T) -> Value,
    ) -> Result<Reply, Refusal> {
        if let Some(text) = call.query("where") {
            let conditions: Map<String, Value> =
                serde_json::from_str(text).map_err(|_| Refusal::bad("where is no JSON object"))?;
            for (name, condition) in &conditions {
                // What Qualified does with a field off the whitelist is unknown; refusing is the honest guess.
                if !T::FIELDS.contains(&name.as_str()) {
                    return Err(Refusal::bad(format!("cannot filter by {name}")));
                }
                rows.retain(|row| row.field(name).is_some_and(|value| holds(&value, condition)));
            }
        }
        if let Some(order) = call.query("order_by").or_else(|| call.query("orderBy")) {
            sort(&mut rows, order)?;
        }
        let page = number(call, "page")?.unwrap_or(1).max(1);
        let limit = number(call, "limit")?.unwrap_or(self.page_size).clamp(1, 100);
        let total = rows.len();
        let data: Vec<Value> = rows.into_iter().skip((page - 1) * limit).take(limit).map(view).collect();
        let mut body = json!({
            "currentPage": page, "totalPages": total.div_ceil(limit), "totalCount": total,
            "meta": meta(self.now, &self.includes),
        });
        if !data.is_empty() {
            body["type"] = json!(self.kind);
        }
        body["data"] = Value::Array(data);
        Ok(reply::json(200, &body))
    }
}

fn number(call: &Call, name: &str) -> Result<Option<usize>, Refusal> {
    let parse = |text: &str| text.parse().map_err(|_| Refusal::bad(format!("{name} is no number")));
    call.query(name).map(parse).transpose()
}

fn sort<T: Filtered>(rows: &mut [&T], order: &str) -> Result<(), Refusal> {
    for part in order.split(',').rev() {
        let mut words = part.split_whitespace();
        let field = words.next().unwrap_or_default();
        let down = words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc"));
        if !T::FIELDS.contains(&field) {
            return Err(Refusal::bad(format!("cannot order by {field}")));
        }
        rows.sort_by(|a, b| {
            let order = compare(&a.field(field).unwrap_or_default(), &b.field(field).unwrap_or_default());
            let order = order.unwrap_or(Ordering::Equal);
            if down { order.reverse() } else { order }
        });
    }
    Ok(())
}

/// A condition is operators, or a bare value: equality, and membership on list fields.
fn holds(value: &Value, condition: &Value) -> bool {
    let Value::Object(operators) = condition else {
        return equals(value, condition);
    };
    operators.iter().all(|(operator, wanted)| {
        let order = compare(value, wanted);
        let among = || wanted.as_array().is_some_and(|list| list.iter().any(|wanted| equals(value, wanted)));
        match operator.as_str() {
            "==" => equals(value, wanted),
            "!=" => !equals(value, wanted),
            ">=" => order.is_some_and(Ordering::is_ge),
            "<=" => order.is_some_and(Ordering::is_le),
            ">" => order.is_some_and(Ordering::is_gt),
            "<" => order.is_some_and(Ordering::is_lt),
            "contains" => value.as_str().zip(wanted.as_str()).is_some_and(|(text, part)| text.contains(part)),
            "in" => among(),
            "nin" | "notIn" => !among(),
            _ => false,
        }
    })
}

fn equals(value: &Value, wanted: &Value) -> bool {
    match (value, wanted) {
        (Value::Array(own), Value::Array(wanted)) => wanted.iter().any(|wanted| own.contains(wanted)),
        (Value::Array(own), wanted) => own.contains(wanted),
        (own, wanted) => own == wanted || compare(own, wanted) == Some(Ordering::Equal),
    }
}

/// Times compare as times, whatever their precision.
fn compare(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => match (a.parse::<Timestamp>(), b.parse::<Timestamp>()) {
            (Ok(a), Ok(b)) => Some(a.cmp(&b)),
            _ => Some(a.cmp(b)),
        },
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Null, Value::Null) => Some(Ordering::Equal),
        _ => None,
    }
}

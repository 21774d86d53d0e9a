//! Request bodies: JSON wrapped in `data` or form pairs `data[labels][]=x`, with names in either case.

use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::call::Call;

/// The `data` of a request, its names in snake case.
pub(crate) fn data(call: &Call) -> Result<Map<String, Value>, Refusal> {
    if call.has_content_type("application/x-www-form-urlencoded") {
        return Ok(form(call));
    }
    match call.json().map(|mut body| body["data"].take()) {
        Some(Value::Object(data)) => Ok(snake(data)),
        _ => Err(Refusal::bad("data is missing")),
    }
}

/// A body that is not wrapped.
pub(crate) fn bare(call: &Call) -> Result<Map<String, Value>, Refusal> {
    match call.json() {
        Some(Value::Object(body)) => Ok(snake(body)),
        _ => Err(Refusal::bad("the body is no JSON object")),
    }
}

fn form(call: &Call) -> Map<String, Value> {
    let mut data = Map::new();
    for (name, value) in call.form() {
        let Some((name, list)) = name.strip_prefix("data[").and_then(|rest| rest.split_once(']')) else {
            continue;
        };
        let value = match value.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => Value::String(value),
        };
        if list == "[]" {
            let items = data.entry(snake_case(name)).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = items {
                items.push(value);
            }
        } else {
            data.insert(snake_case(name), value);
        }
    }
    data
}

fn snake(map: Map<String, Value>) -> Map<String, Value> {
    let deep = |value| match value {
        Value::Object(inner) => Value::Object(snake(inner)),
        other => other,
    };
    map.into_iter().map(|(name, value)| (snake_case(&name), deep(value))).collect()
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

pub(crate) fn camel_case(name: &str) -> String {
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (first, rest) = part.split_at(part.chars().next().map_or(0, char::len_utf8));
        camel.push_str(&first.to_ascii_uppercase());
        camel.push_str(rest);
    }
    camel
}

pub(crate) fn text<'a>(data: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

pub(crate) fn flag(data: &Map<String, Value>, name: &str, default: bool) -> bool {
    data.get(name).and_then(Value::as_bool).unwrap_or(default)
}

pub(crate) fn texts(data: &Map<String, Value>, name: &str) -> Vec<String> {
    let items = data.get(name).and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        assert_eq!(snake_case("skipEmailResend"), "skip_email_resend");
        assert_eq!(snake_case("skip_email_resend"), "skip_email_resend");
        assert_eq!(camel_case("assessment_result_started"), "assessmentResultStarted");
    }
}

//! What an answer shows again of what was sent.

use serde_json::{Map, Value};

use assay_suite::source::{Located, Place};

use super::build::{field, member};
use super::value::{flattened, names};
use crate::scenario::{Expectation, Matcher, Template};

/// Expects of an answer what is in these fields, as far as its schema has them.
pub(super) fn compare(
    root: &Value,
    shape: &Value,
    at: &str,
    fields: &[(String, Template)],
    place: &Place,
    expect: &mut Vec<Located<Expectation>>,
) {
    const MOST: usize = 40;
    let flat = flattened(root, shape).unwrap_or_default();
    let needed = names(&flat, "required");
    for (name, value) in fields {
        let Some(shape) = property(root, shape, name) else { continue };
        let (at, schema) = (member(at, name), flattened(root, shape).unwrap_or_default());
        match value {
            // A mask in its place is fine.
            Template::Text(_) if is_write_only(&schema) => {
                expect.extend(field(&at, Matcher::Excludes(value.clone()), place));
            }
            _ if is_write_only(&schema) => {}
            // The same time may be written in another way, but it is there.
            Template::Text(_) | Template::Literal(Value::String(_)) if is_time(&schema) => {
                expect.extend(field(&at, Matcher::Type("string".to_owned()), place));
            }
            Template::Map(fields) => compare(root, shape, &at, fields, place, expect),
            // A server may write these in another way that says the same, or not at all.
            _ if is_free(root, shape) || expect.len() > MOST => {}
            Template::List(items) if !is_ordered(root, shape, items) => {}
            value => expect.extend(field(&at, shows(&needed, name, value.clone()), place)),
        }
    }
}

/// That a field has a value. What is false, zero or empty may be left out where it is not one of those that are needed.
pub(super) fn shows(needed: &[&str], name: &str, value: Template) -> Matcher {
    if is_nothing(&value) && !needed.contains(&name) { Matcher::OrAbsent(value) } else { Matcher::Equals(value) }
}

/// Whether a value is what its type has where nothing is given.
fn is_nothing(value: &Template) -> bool {
    match value {
        Template::Literal(Value::Null | Value::Bool(false)) => true,
        Template::Literal(Value::Number(number)) => number.as_f64() == Some(0.0),
        Template::Literal(Value::String(text)) => text.is_empty(),
        Template::List(items) => items.is_empty(),
        _ => false,
    }
}

/// Whether a list is shown as it was sent: a set has no order, and what is in it may be written in another way.
fn is_ordered(root: &Value, shape: &Value, items: &[Template]) -> bool {
    let Some(schema) = flattened(root, shape) else { return false };
    let is_set = schema.get("uniqueItems") == Some(&Value::Bool(true));
    let is_plain = |item: &Template| !matches!(item, Template::Map(_) | Template::List(_));
    (items.len() < 2 || !is_set)
        && items.iter().all(is_plain)
        && schema.get("items").is_some_and(|items| !is_free(root, items))
}

/// Whether values of a schema can be written in several ways, or are not shown at all.
pub(super) fn is_free(root: &Value, shape: &Value) -> bool {
    const FREE: [&str; 6] = ["date-time", "time", "duration", "password", "uri", "binary"];
    let Some(schema) = flattened(root, shape) else { return true };
    let format = schema.get("format").and_then(Value::as_str).unwrap_or_default();
    is_write_only(&schema) || FREE.contains(&format)
}

/// Whether what is sent in a field is not shown again.
fn is_write_only(schema: &Map<String, Value>) -> bool {
    schema.get("writeOnly") == Some(&Value::Bool(true))
}

/// Whether a field holds a time as text.
fn is_time(schema: &Map<String, Value>) -> bool {
    let is_text =
        |kind: &Value| kind == "string" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|one| one == "string"));
    schema.get("format").is_some_and(|format| format == "date-time") && schema.get("type").is_some_and(is_text)
}

/// The texts that a field of a schema may have, where they are listed.
pub(super) fn listed_texts<'v>(root: &'v Value, name: &str) -> Vec<&'v str> {
    let field = property(root, root, name);
    let own =
        field.and_then(|field| field.get("$ref")).and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    let field = own.and_then(|pointer| root.pointer(pointer)).or(field);
    let values = field.and_then(|field| field.get("enum")).and_then(Value::as_array);
    values.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The schema of a field.
pub(super) fn property<'v>(root: &'v Value, shape: &'v Value, name: &str) -> Option<&'v Value> {
    let (mut waiting, mut looked) = (vec![shape], 0);
    while let Some(schema) = waiting.pop() {
        looked += 1;
        if looked > 64 {
            return None;
        }
        if let Some(found) = schema.get("properties").and_then(|properties| properties.get(name)) {
            return Some(found);
        }
        let referred = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        waiting.extend(referred.and_then(|pointer| root.pointer(pointer)));
        for keyword in ["allOf", "oneOf", "anyOf"] {
            waiting.extend(schema.get(keyword).and_then(Value::as_array).into_iter().flatten());
        }
    }
    None
}

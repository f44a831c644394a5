//! Changes of one field of an answer. Each is made in the first place where the field is.

use regex::Regex;
use serde_json::{Map, Value, json};

use assay_suite::Encoding;
use assay_suite::plain;

use super::described::{Described, Limit, Part, Way};
use super::operator::Operator;
use super::wire::AGAIN;

/// Whether something was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Made,
    None,
}

impl Change {
    /// Made where there is something.
    pub fn made_if(made: bool) -> Self {
        if made { Self::Made } else { Self::None }
    }
}

/// Tries a change at each place where a field is, until it is made at one.
pub fn at_first(
    value: &mut Value,
    way: &[Part],
    change: &mut dyn FnMut(&mut Map<String, Value>, &str) -> Change,
) -> Change {
    match way {
        [] => Change::None,
        [Part::Name(name)] => match value.as_object_mut().filter(|fields| fields.contains_key(name)) {
            Some(fields) => change(fields, name),
            None => Change::None,
        },
        [Part::Name(name), rest @ ..] => {
            value.get_mut(name).map_or(Change::None, |value| at_first(value, rest, change))
        }
        [Part::Item, rest @ ..] => {
            let mut items = value.as_array_mut().into_iter().flatten();
            Change::made_if(items.any(|item| at_first(item, rest, change) == Change::Made))
        }
    }
}

/// What is at a way that leads through no list.
pub fn at<'v>(value: &'v Value, way: &Way) -> Option<&'v Value> {
    way.0.iter().try_fold(value, |value, part| match part {
        Part::Name(name) => value.get(name),
        Part::Item => None,
    })
}

/// The same, to be changed.
pub fn at_mut<'v>(value: &'v mut Value, way: &Way) -> Option<&'v mut Value> {
    way.0.iter().try_fold(value, |value, part| match part {
        Part::Name(name) => value.get_mut(name),
        Part::Item => None,
    })
}

/// Another value of the same kind, and of the same form as far as forms go: always the same for the same value.
pub fn altered(value: &Value) -> Option<Value> {
    Some(match value {
        Value::String(text) => Value::from(altered_text(text)?),
        Value::Bool(truth) => Value::from(!truth),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Value::from(number + 1),
            None => Value::from(number.as_f64()? + 1.0),
        },
        Value::Object(fields) => {
            let (name, other) = fields.iter().find_map(|(name, value)| Some((name, altered(value)?)))?;
            let mut fields = fields.clone();
            fields.insert(name.clone(), other);
            Value::Object(fields)
        }
        Value::Null | Value::Array(_) => return None,
    })
}

/// The last letter or digit is replaced by another, a hexadecimal digit by a hexadecimal one.
fn altered_text(text: &str) -> Option<String> {
    let (at, last) = text.char_indices().rev().find(|(_, character)| character.is_ascii_alphanumeric())?;
    let other = match last {
        '9' => '0',
        'f' => 'a',
        'F' => 'A',
        'z' => 'y',
        'Z' => 'Y',
        other => char::from(other as u8 + 1),
    };
    Some(format!("{}{other}{}", &text[..at], &text[at + 1..]))
}

/// Changes a described field, as far as the operator does that.
pub fn field(value: &mut Value, field: &Described, operator: Operator, encoding: Encoding) -> Change {
    let mut change = |fields: &mut Map<String, Value>, name: &str| {
        let Some(old) = fields.get(name).cloned() else { return Change::None };
        let other = match operator {
            Operator::Dropped => {
                fields.shift_remove(name);
                return Change::Made;
            }
            Operator::Renamed => {
                fields.shift_remove(name);
                fields.insert(format!("{name}x"), old);
                return Change::Made;
            }
            Operator::Doubled => {
                let other = altered(&old).filter(|_| !old.is_object());
                return Change::made_if(other.map(|other| fields.insert(format!("{name}{AGAIN}"), other)).is_some());
            }
            Operator::Retyped => of_another_type(field, encoding),
            Operator::Nulled => Some(Value::Null).filter(|_| !old.is_null() && encoding == Encoding::Json),
            Operator::Undocumented => Some(if old.is_number() { json!(471_147) } else { json!("assay-no-such-value") }),
            Operator::OtherDate => other_date(&old),
            Operator::Malformed => old.as_str().filter(|_| other_date(&old).is_none()).map(|_| json!("?!")),
            Operator::Blank => old.as_str().filter(|text| !text.is_empty()).map(|_| json!("")),
            Operator::BelowLeast => field.limits.iter().find_map(|limit| match limit {
                Limit::AtLeast(least) => Some(json!(least - 1)),
                _ => None,
            }),
            _ => None,
        };
        let other = other.filter(|other| *other != old);
        Change::made_if(other.map(|other| fields.insert(name.to_owned(), other)).is_some())
    };
    at_first(value, &field.way.0, &mut change)
}

/// A value that the field may not have; nothing if it may have any, or if the format has no types.
fn of_another_type(field: &Described, encoding: Encoding) -> Option<Value> {
    let known = field.types.iter().map(String::as_str);
    if known.clone().any(|name| name == "array") && encoding == Encoding::Xml {
        return None;
    }
    let candidates = match encoding {
        Encoding::Json => [("object", json!({"assay": "x"})), ("string", json!("many")), ("boolean", json!(true))],
        Encoding::Xml => [("object", json!({"assay": "x"})), ("string", json!("many")), ("string", json!("many"))],
    };
    // What is a number as text is no other type to a reader who is reported nothing: text goes last.
    let fits = |(name, _): &(&str, Value)| !known.clone().any(|known| known == *name);
    candidates.into_iter().find(fits).map(|(_, value)| value)
}

/// A moment in another notation; nothing if this is none.
fn other_date(value: &Value) -> Option<Value> {
    let moment = Regex::new(r"^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}:\d{2}:\d{2})").unwrap();
    let parts = moment.captures(value.as_str()?)?;
    Some(Value::from(format!("{}/{}/{} {}", &parts[3], &parts[2], &parts[1], &parts[4])))
}

/// What the request said comes back as something else.
pub fn echo(value: &mut Value, way: &Way, said: &[(String, Value)]) -> Change {
    at_first(value, &way.0, &mut |fields, name| {
        let given = said.iter().find(|(known, _)| known == name).map(|(_, value)| plain(value));
        let echoed = fields.get(name).filter(|value| Some(plain(value)) == given && !plain(value).is_empty());
        let other = echoed.and_then(altered);
        Change::made_if(other.map(|other| fields.insert(name.to_owned(), other)).is_some())
    })
}

/// An id is that of something else.
pub fn id(value: &mut Value, way: &Way) -> Change {
    at_first(value, &way.0, &mut |fields, name| {
        let other = fields.get(name).and_then(altered);
        Change::made_if(other.map(|other| fields.insert(name.to_owned(), other)).is_some())
    })
}

/// Every object's fields in the reverse order.
pub fn reversed(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            Value::Object(fields.iter().rev().map(|(name, value)| (name.clone(), reversed(value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(reversed).collect()),
        plain => plain.clone(),
    }
}

//! What a step saves of an answer.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::scenario::{Bindings, Source, Taken};
use crate::verdict::JudgedAnswer;
use assay_suite::http::field_values;
use assay_suite::{plain, value_at};

/// What a source names, for a message.
pub(super) fn described(source: &Source, bindings: &Bindings) -> String {
    match source {
        Source::Path(path) | Source::Every(path) => path.bind(bindings).to_string(),
        Source::Header(name) => format!("the header {name}"),
        Source::Telling(path, field, _) => format!("{field} of an item at {path}"),
        Source::Sent(_) => "what was sent".to_owned(),
        Source::Located => "the end of the header location".to_owned(),
    }
}

/// What an answer has where a source says; nothing if nothing is there.
pub(super) fn value_in(source: &Source, judged: &JudgedAnswer, bindings: &Bindings) -> Option<Value> {
    let answer = judged.value.as_ref();
    match source {
        Source::Path(path) => path.bind(bindings).select(answer?).first().map(|value| (*value).clone()),
        Source::Header(name) => field_values(&judged.headers, name).into_iter().next().map(Value::from),
        Source::Sent(template) => template.resolve(bindings).ok().filter(|_| judged.accepted),
        Source::Located => located(judged),
        Source::Every(path) => Some(path.select(answer?).into_iter().cloned().collect()),
        Source::Telling(path, field, taken) => telling(&path.select(answer?), field, *taken),
    }
}

/// The identity that the address in an answer ends with; a number where it is one.
pub(super) fn located(judged: &JudgedAnswer) -> Option<Value> {
    let address = field_values(&judged.headers, "location").into_iter().next()?;
    let path = address.split(['?', '#']).next()?.trim_end_matches('/');
    let (before, last) = path.rsplit_once('/')?;
    let text = percent_decode_str(last).decode_utf8().ok()?;
    // An address of a server alone ends with no identity.
    if text.is_empty() || before.ends_with(":/") {
        return None;
    }
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    Some(number.map_or_else(|| Value::from(text), Value::from))
}

/// The value of a field that shows items apart: the one that fewest of them have, of several the last.
fn telling(items: &[&Value], field: &str, taken: Taken) -> Option<Value> {
    let values: Vec<_> = items.iter().filter_map(|item| value_at(item, field)).collect();
    let is_simple = |value: &&&Value| !plain(value).is_empty() && !value.is_object() && !value.is_array();
    let rarity = |value: &&&Value| values.iter().filter(|other| *other == *value).count();
    let value = values.iter().filter(is_simple).rev().min_by_key(rarity)?;
    match (taken, value.as_str()) {
        (Taken::Part, Some(text)) if text.chars().count() > 3 => {
            let part: String = text.chars().skip(1).take(text.chars().count() - 2).collect();
            Some(Value::from(part.trim()))
        }
        _ => Some((*value).clone()),
    }
}

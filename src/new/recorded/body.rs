//! Recorded bodies.

use serde::de::IgnoredAny;
use serde_json::Value;

use super::address::form;
use super::placeholder::VARIABLE;

/// Longer bodies are not taken apart: a value takes many times the room of its text.
const LONGEST: usize = 1 << 20;

/// What was sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::new) enum Body {
    #[default]
    None,
    Json(Value),
    Form(Vec<(String, String)>),
    Text(String),
}

impl Body {
    /// A body of a media type. Without one it is JSON where it can be.
    pub fn of(text: &str, media_type: &str) -> Self {
        if text.trim().is_empty() {
            return Self::None;
        }
        let is_form = media_type.contains("x-www-form-urlencoded");
        let may_be_json = !is_form || text.trim_start().starts_with(['{', '[']);
        match json(text).filter(|_| may_be_json) {
            Some(value) => Self::Json(value),
            None if is_form => Self::Form(form(text)),
            None => Self::Text(text.to_owned()),
        }
    }
}

/// JSON in which a variable may be where a value is.
fn json(text: &str) -> Option<Value> {
    if text.len() > LONGEST {
        return None;
    }
    serde_json::from_str(text).ok().or_else(|| serde_json::from_str(&quoted(text)).ok())
}

/// The body of an answer, if it is JSON that is not too long to be looked into.
pub(super) fn of_answer(text: &str) -> Option<String> {
    let is_json = text.len() <= LONGEST && serde_json::from_str::<IgnoredAny>(text).is_ok();
    is_json.then(|| text.to_owned())
}

/// Puts variables that are not within a text into quotes.
fn quoted(json: &str) -> String {
    let (mut quoted, mut within_text, mut escaped) = (String::with_capacity(json.len()), false, false);
    for letter in json.chars() {
        if letter == VARIABLE.0 && !within_text {
            quoted.push('"');
        }
        quoted.push(letter);
        if letter == VARIABLE.1 && !within_text {
            quoted.push('"');
        }
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = within_text,
            '"' => within_text = !within_text,
            _ => {}
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::super::placeholder::placeholder;
    use super::*;

    #[test]
    fn variables_may_be_values_of_json() {
        let id = placeholder("id");
        let body = Body::of(&format!("{{\"id\": {id}, \"text\": \"a {id}\"}}"), "application/json");
        assert_eq!(body, Body::Json(serde_json::json!({"id": id, "text": format!("a {id}")})));
        assert_eq!(Body::of("a=1", "application/x-www-form-urlencoded"), Body::Form(vec![("a".into(), "1".into())]));
        assert_eq!(Body::of("plain", "text/plain"), Body::Text("plain".into()));
    }
}

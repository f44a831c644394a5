//! Answers as they travel, and as values that can be changed.

use axum::http::{HeaderMap, StatusCode};
use quick_xml::escape::escape;
use serde_json::{Map, Value};

use assay_engine::deployment::decode;
use assay_schema::Shape;
use assay_suite::{Encoding, Suite};

/// An answer as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_accepted(&self) -> bool {
        self.status.is_success()
    }

    pub fn is_refused(&self, suite: &Suite, operation: &str) -> bool {
        suite.refusals_of(operation).iter().any(|pattern| pattern.matches(self.status.as_u16()))
    }
}

/// What an answer says, and how.
#[derive(Clone, Debug)]
pub struct Said {
    pub encoding: Encoding,
    pub envelope: Option<String>,
    /// What is in the tag of the envelope besides its name.
    attributes: String,
    pub value: Value,
}

/// Ends the name of a field that is there a second time.
pub const AGAIN: char = '\u{1}';

impl Said {
    /// Reads a body; nothing if it is none of the suite's answers.
    pub fn read(body: &[u8], suite: &Suite, shape: &Shape<'_>) -> Option<Self> {
        let text = std::str::from_utf8(body).ok()?;
        let encoding = if text.trim_start().starts_with('<') { Encoding::Xml } else { Encoding::Json };
        let answer = decode(text, encoding, &suite.envelope, shape).ok()?;
        let tag = answer.envelope.as_ref().filter(|_| encoding == Encoding::Xml);
        let attributes = tag.and_then(|name| {
            let (_, rest) = text.split_once(&format!("<{name}"))?;
            rest.split_once('>').map(|(attributes, _)| attributes.trim_end_matches('/').to_owned())
        });
        let attributes = attributes.unwrap_or_default();
        Some(Self { encoding, envelope: answer.envelope, attributes, value: answer.value })
    }

    /// An answer that was never given.
    pub fn new(encoding: Encoding, envelope: Option<&str>, value: Value) -> Self {
        Self { encoding, envelope: envelope.map(str::to_owned), attributes: String::new(), value }
    }

    /// The bytes that say it.
    pub fn write(&self) -> Vec<u8> {
        let text = match self.encoding {
            Encoding::Json => {
                let enveloped = |name: &String| Value::Object(Map::from_iter([(name.clone(), self.value.clone())]));
                let whole = self.envelope.as_ref().map_or_else(|| self.value.clone(), enveloped);
                whole.to_string().replace("\\u0001\"", "\"")
            }
            Encoding::Xml => {
                let mut text = r#"<?xml version="1.0" encoding="UTF-8"?>"#.to_owned();
                let name = self.envelope.as_deref().unwrap_or("answer");
                element(&mut text, name, &self.attributes, &self.value);
                text
            }
        };
        text.into_bytes()
    }
}

fn element(text: &mut String, name: &str, attributes: &str, value: &Value) {
    let name = name.trim_end_matches(AGAIN);
    if let Value::Array(items) = value {
        items.iter().for_each(|item| element(text, name, attributes, item));
        return;
    }
    text.push_str(&format!("<{name}{attributes}>"));
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| element(text, name, "", value)),
        Value::String(said) => text.push_str(&escape(said.as_str())),
        Value::Null | Value::Array(_) => {}
        Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
    text.push_str(&format!("</{name}>"));
}

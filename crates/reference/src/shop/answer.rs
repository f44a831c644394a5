//! The answers of the shop.

use serde_json::Value;

use crate::api::Outgoing;

/// The path before those of its operations.
pub(super) const BASE: &str = "/v1";

/// An answer of the shop.
pub(super) struct Answer(pub(super) Outgoing);

/// Why a request is refused.
pub(super) enum Refusal {
    Data(String),
    Credential,
    Unknown,
    Method(&'static str),
    Taken,
    Changed,
    Broken,
}

impl Answer {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        Self(Outgoing { content_type: "application/json", ..Outgoing::json(status, value) })
    }

    pub(super) fn empty(status: u16) -> Self {
        Self(Outgoing { status, content_type: "", headers: Vec::new(), body: String::new() })
    }

    pub(super) fn with(mut self, name: &'static str, value: String) -> Self {
        self.0.headers.push((name, value));
        self
    }

    pub(super) fn located(self, path: &str) -> Self {
        self.with("location", format!("{BASE}{path}"))
    }
}

/// What a body holds that must be an object.
pub(super) fn object(body: &str) -> Result<serde_json::Map<String, Value>, Refusal> {
    match serde_json::from_str(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        _ => Err(Refusal::Data("this is no object".to_owned())),
    }
}

/// Something in a request is not as the document has it.
pub(super) fn wrong<T>(what: &str) -> Result<T, Refusal> {
    Err(Refusal::Data(format!("{what} is wrong")))
}

//! Why a request is refused. The slides list statuses and print no body; this one has a sentence.

use serde_json::{Value, json};

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// The HTTP status.
    pub status: u16,
    /// The message for the caller.
    pub text: String,
}

impl ApiError {
    /// A parameter that is missing, or is not what it must be.
    pub fn parameter(text: impl Into<String>) -> Self {
        Self { status: 400, text: text.into() }
    }

    /// Nothing that the tenant can see has this name.
    pub fn unknown(what: &str, name: &str) -> Self {
        Self { status: 404, text: format!("there is no {what} {name}") }
    }

    /// The body of the answer.
    pub fn body(&self) -> Value {
        json!({"message": self.text})
    }
}

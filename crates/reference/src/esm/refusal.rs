//! Why a request is refused, in the body of 3.3.

use serde_json::json;

use crate::api::Outgoing;
use crate::rest::Misfit;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ApiError {
    pub status: u16,
    pub text: String,
}

impl ApiError {
    pub(super) fn parameter(text: impl Into<String>) -> Self {
        Self { status: 400, text: text.into() }
    }

    pub(super) fn unauthorized(text: String) -> Self {
        Self { status: 401, text }
    }

    pub(super) fn forbidden(text: &str) -> Self {
        Self { status: 403, text: text.to_owned() }
    }

    pub(super) fn not_found(text: &str) -> Self {
        Self { status: 404, text: text.to_owned() }
    }

    /// The answer that says so.
    pub(super) fn answer(&self) -> Outgoing {
        let code = format!("ESM.{:04}", self.status);
        Outgoing::json(self.status, &json!({"error_code": code, "error_msg": self.text}))
    }
}

impl From<Misfit> for ApiError {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::NoPath => Self::not_found("there is no such interface"),
            Misfit::NoMethod => Self { status: 405, text: "the interface has another method".to_owned() },
            Misfit::NoJson => Self::parameter("the body is not JSON"),
            Misfit::Missing(name) => Self::parameter(format!("{name} is missing")),
            Misfit::Wrong(name, why) => Self::parameter(format!("{name} {why}")),
        }
    }
}

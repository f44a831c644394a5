//! Why a request is refused, in EC2's words.

use serde_json::json;

use crate::api::Outgoing;
use crate::refusal::{ApiError, Reason};

use super::xml;

/// Why a request is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong, for programs.
    pub code: &'static str,
    /// What is wrong, for people.
    pub text: String,
}

impl Failure {
    /// A failure.
    pub fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }

    /// The request does not prove who sent it.
    pub fn credentials(text: &str) -> Self {
        Self::new("AuthFailure", text)
    }

    /// Nothing that the account can see has this id.
    pub fn unknown(code: &'static str, what: &str, id: &str) -> Self {
        Self::new(code, format!("there is no {what} with the id {id}"))
    }

    /// The HTTP status, as EC2 answers.
    fn status(&self) -> u16 {
        match self.code {
            "AuthFailure" => 401,
            "UnauthorizedOperation" => 403,
            _ => 400,
        }
    }

    /// The answer in EC2's form.
    pub fn in_xml(&self, request_id: &str) -> Outgoing {
        xml::refusal(self.status(), self.code, &self.text, request_id)
    }

    /// The answer in a form that EC2 does not have.
    pub fn in_json(&self) -> Outgoing {
        Outgoing::json(self.status(), &json!({"code": self.code, "message": self.text}))
    }
}

impl From<ApiError> for Failure {
    fn from(refusal: ApiError) -> Self {
        let code = match refusal.reason {
            Reason::Parameter => "MissingParameter",
            Reason::Value => "InvalidParameterValue",
            Reason::State => "IncorrectState",
            Reason::Permission => "UnauthorizedOperation",
            Reason::AccountLimit => "ResourceLimitExceeded",
            _ => "InvalidRequest",
        };
        Self::new(code, refusal.text)
    }
}

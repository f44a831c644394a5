//! Why a request is refused.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use assay_suite::source::Diagnostics;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::data;
use super::policy::Checks;

/// Why a request is refused, in words for people and a reason for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct ApiError {
    /// The reason.
    pub reason: Reason,
    /// The message for the caller.
    pub text: String,
    /// The id that nothing has, if that is the reason.
    pub unknown: Option<String>,
}

include!(concat!(env!("OUT_DIR"), "/reasons.rs"));

/// What `data/reasons.yaml` says of a reason.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Numbers {
    /// What the code is made of.
    #[serde(rename = "about")]
    _about: IgnoredAny,
    code: u16,
    exception: Option<u16>,
    server: Option<Box<Numbers>>,
}

static NUMBERS: LazyLock<BTreeMap<Reason, Numbers>> =
    LazyLock::new(|| data::document("reasons.yaml", &mut Diagnostics::new()).unwrap_or_default());

static NONE: Numbers = Numbers { _about: IgnoredAny, code: 500, exception: None, server: None };

impl Reason {
    fn numbers(self) -> &'static Numbers {
        NUMBERS.get(&self).unwrap_or(&NONE)
    }

    fn numbers_of(self, checks: Checks) -> &'static Numbers {
        let numbers = self.numbers();
        numbers.server.as_deref().filter(|_| checks == Checks::Server).unwrap_or(numbers)
    }

    /// The code of the error, as CloudStack numbers them (`ApiErrorCode`).
    pub fn code(self) -> u16 {
        self.numbers().code
    }

    /// The code of the error and status of the answer, as a server has it.
    pub fn code_of(self, checks: Checks) -> u16 {
        self.numbers_of(checks).code
    }

    /// CloudStack's number for the exception behind the error (developer's guide 4.1, 4.3.6), where the answer has one.
    pub fn exception_of(self, checks: Checks) -> Option<u16> {
        self.numbers_of(checks).exception
    }
}

impl ApiError {
    /// A refusal.
    pub fn new(reason: Reason, text: impl Into<String>) -> Self {
        Self { reason, text: text.into(), unknown: None }
    }

    /// A parameter is missing, or does not go with the others.
    pub fn parameter(text: impl Into<String>) -> Self {
        Self::new(Reason::Parameter, text)
    }

    /// A parameter has a value that can't be.
    pub fn value(text: impl Into<String>) -> Self {
        Self::new(Reason::Value, text)
    }

    /// The resource is not in a state that allows it.
    pub fn state(text: impl Into<String>) -> Self {
        Self::new(Reason::State, text)
    }

    /// Nothing has this id.
    pub fn unknown(what: impl std::fmt::Display, id: &str) -> Self {
        Self { unknown: Some(id.to_owned()), ..Self::value(format!("there is no {what} with the id {id}")) }
    }

    /// The resource is somebody else's.
    pub fn foreign(what: impl std::fmt::Display, id: &str) -> Self {
        Self::new(Reason::Permission, format!("the {what} {id} belongs to another account"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reasons_have_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let numbers: Option<BTreeMap<Reason, Numbers>> = data::document("reasons.yaml", &mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        assert!(numbers.unwrap().values().all(|of| of.code >= 400));
    }
}

//! How an API answers a request for an operation that it does not have.

use crate::conventions::Style;
use crate::deviation::fits;
use crate::operation::Operation;
use crate::status::StatusPattern;

/// An answer by which an API says that it has no such operation.
#[derive(Clone, Debug)]
pub struct AbsentAnswer {
    /// Its status is one of these.
    pub statuses: Vec<StatusPattern>,
    /// What its body is.
    pub body: AbsentBody,
}

/// What the body of an answer is by which an API says that it has no such operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AbsentBody {
    /// Anything.
    Any,
    /// Text that one of these patterns fits, in which `*` matches any text.
    Text(Vec<String>),
    /// Anything but the body of a refusal: whatever answers before the API.
    NotARefusal,
}

impl AbsentAnswer {
    /// What holds of every API: 501 (RFC 9110, 15.6.2); and where each operation has an address of its own, 404 and 405 from
    /// something else than the API.
    pub fn usual(style: &Style) -> Vec<Self> {
        let answer = |statuses: &[&str], body| Self {
            statuses: statuses.iter().filter_map(|status| StatusPattern::new(status)).collect(),
            body,
        };
        let mut usual = vec![answer(&["501"], AbsentBody::Any)];
        usual.extend((*style == Style::Rest).then(|| answer(&["404", "405"], AbsentBody::NotARefusal)));
        usual
    }

    /// Whether an answer to a request for an operation is this one; `is_refusal` says whether its body is the documented one
    /// of a refusal.
    pub fn matches(&self, operation: &Operation, status: u16, body: &str, is_refusal: impl FnOnce() -> bool) -> bool {
        // A path with the name of a thing in it may be unknown because the thing is.
        let names_a_thing = || operation.request.as_ref().is_some_and(|request| request.path.contains('{'));
        self.statuses.iter().any(|pattern| pattern.matches(status))
            && match &self.body {
                AbsentBody::Any => true,
                AbsentBody::Text(patterns) => patterns.iter().any(|pattern| fits(pattern, body)),
                AbsentBody::NotARefusal => !(is_refusal() || status == 404 && names_a_thing()),
            }
    }
}

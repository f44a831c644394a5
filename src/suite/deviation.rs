//! Where a known server departs from the document.

use std::collections::BTreeSet;

use crate::source::Place;

use super::{OperationName, RequirementId};

/// The name of a known server, as targets and deviation files write it: `cloudstack-4.1`.
pub type ServerName = String;

/// One way in which a known server departs from the document.
#[derive(Clone, Debug)]
pub struct Deviation {
    /// Where it is written.
    pub place: Place,
    /// The server.
    pub server: ServerName,
    /// The promises that it breaks.
    pub requirements: Vec<RequirementId>,
    /// The operations where it does; all when none are named.
    pub operations: BTreeSet<OperationName>,
    /// The cases in which it shows, as a pattern with `*` for any text; all when nothing is said.
    pub cases: Option<String>,
    /// What is observed instead.
    pub observed: String,
    /// The first version of the server that does so.
    pub since: Option<String>,
    /// Where that is known from.
    pub why: Option<String>,
}

impl Deviation {
    /// Whether it speaks of a promise, seen in a case about an operation.
    pub fn covers(&self, requirement: &RequirementId, case: &str, operation: Option<&OperationName>) -> bool {
        self.requirements.contains(requirement)
            && (self.operations.is_empty() || operation.is_some_and(|name| self.operations.contains(name)))
            && self.cases.as_deref().is_none_or(|pattern| fits(pattern, case))
    }
}

/// Whether a text is as a pattern has it, in which `*` stands for any text.
pub fn fits(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(start) else { return false };
    let mut parts: Vec<_> = rest.split('*').collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = text.split_once(part) else { return false };
        text = after;
    }
    text.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, expected) in [
            ("*::xml", "cloudn::lists::a::xml", true),
            ("*::xml", "cloudn::lists::a::json", false),
            ("cloudn::lists::*::xml", "cloudn::lists::a::xml", true),
            ("cloudn::*::b*", "cloudn::a::b", true),
            ("a", "a", true),
            ("a", "ab", false),
            ("a*a", "a", false),
            ("*", "", true),
            ("a::*::json", "a::b::xml", false),
            ("*b*a", "ab", false),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text}");
        }
    }
}

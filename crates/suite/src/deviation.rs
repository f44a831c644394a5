//! Where a known server departs from the document.

use std::collections::BTreeSet;

use crate::name::OperationName;
use crate::requirement::RequirementId;
use crate::source::Place;
use crate::status::StatusPattern;

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
    /// What is observed instead: one of these, and nothing else is known.
    pub observed: Vec<Observation>,
    /// The same in words.
    pub description: String,
    /// The first version of the server that does so.
    pub since: Option<String>,
    /// Where that is known from.
    pub why: Option<String>,
}

/// What is observed where a known server violates the document. All that it names must be seen; in its patterns `*` is
/// for any text, and of several patterns one must fit.
#[derive(Clone, Debug, Default)]
pub struct Observation {
    /// The status of the answer.
    pub statuses: Vec<StatusPattern>,
    /// The body of the answer, as it came.
    pub body: Vec<String>,
    /// What the finding says that was expected.
    pub expected: Vec<String>,
    /// What the finding says that was found.
    pub found: Vec<String>,
}

/// What an observation is held against.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'a> {
    /// The status and the body of the answer, if there is one.
    pub answer: Option<(u16, &'a str)>,
    /// What the finding says that was expected.
    pub expected: &'a str,
    /// What the finding says that was found.
    pub found: &'a str,
}

impl Observation {
    fn is(&self, observed: &Observed<'_>) -> bool {
        let one_fits = |patterns: &[String], text: &str| patterns.is_empty() || patterns.iter().any(|p| fits(p, text));
        let answered = match observed.answer {
            Some((status, body)) => {
                let as_known = self.statuses.is_empty() || self.statuses.iter().any(|known| known.matches(status));
                as_known && one_fits(&self.body, body)
            }
            None => self.statuses.is_empty() && self.body.is_empty(),
        };
        answered && one_fits(&self.expected, observed.expected) && one_fits(&self.found, observed.found)
    }
}

impl Deviation {
    /// Whether what was observed is what is known.
    pub fn shows_in(&self, observed: &Observed<'_>) -> bool {
        self.observed.iter().any(|known| known.is(observed))
    }

    /// Whether it is about a promise, seen in a case about an operation.
    pub fn covers(&self, requirement: &RequirementId, case: &str, operation: Option<&OperationName>) -> bool {
        self.requirements.contains(requirement)
            && (self.operations.is_empty() || operation.is_some_and(|name| self.operations.contains(name)))
            && self.cases.as_deref().is_none_or(|pattern| fits(pattern, case))
    }
}

/// Whether a text is as a pattern has it, in which `*` matches any text.
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
    use super::{Observation, Observed, StatusPattern, fits};

    #[test]
    fn all_that_an_observation_names_must_be_seen() {
        let known = Observation {
            statuses: StatusPattern::new("432").into_iter().collect(),
            body: vec!["*does not exist*".to_owned(), "*unknown*".to_owned()],
            expected: Vec::new(),
            found: vec!["status 432*".to_owned()],
        };
        let observed = Observed {
            answer: Some((432, "{\"errortext\":\"unknown command\"}")),
            expected: "a",
            found: "status 432: unknown command",
        };
        assert!(known.is(&observed));
        for other in [
            Observed { answer: Some((431, "unknown command")), ..observed },
            Observed { answer: Some((432, "no such thing")), ..observed },
            Observed { answer: None, ..observed },
            Observed { found: "status 200", ..observed },
        ] {
            assert!(!known.is(&other), "{other:?}");
        }
    }

    #[test]
    fn a_star_is_for_any_text() {
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

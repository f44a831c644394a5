//! What failures with one cause have in common: the requirement and the mismatch, without what differs from case to case.

use sha2::{Digest as _, Sha256};

use crate::summary::{CaseSummary, FindingSummary};
use assay_engine::verdict::Verdict;

/// What failures with one cause have in common. Two cases have the same cause if `exact` or `at_place` is the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fingerprint {
    /// The mismatch, wherever it is expected.
    pub exact: Exact,
    /// The mismatch without names of fields and values, at one line of a scenario.
    pub at_place: AtPlace,
}

/// A mismatch without names of operations, ids and numbers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Exact {
    subject: Subject,
    expected: String,
    observed: String,
}

/// A mismatch at a line of a scenario, without names of fields and values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AtPlace {
    subject: Subject,
    place: String,
    expected: String,
    observed: String,
}

/// What a failure is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    verdict: Verdict,
    suite: String,
    requirements: Vec<String>,
}

/// Stands for the requirements of requests that have no answer: each is left open.
const WHICHEVER: &str = "*";

/// Why a request has no answer, if that is what a finding is about.
fn no_answer<'a>(case: &CaseSummary, finding: &'a FindingSummary) -> Option<&'a str> {
    let exchange = finding.exchange.and_then(|index| case.exchanges.get(index))?;
    let failure = exchange.exchange.outcome.as_ref().err()?;
    let is_about_it = case.verdict == Verdict::CouldNotRun && finding.observed.starts_with(&failure.kind.to_string());
    is_about_it.then_some(finding.observed.as_str())
}

/// The finding that decides the verdict of a case.
pub(crate) fn decisive(case: &CaseSummary) -> Option<&FindingSummary> {
    case.findings.iter().find(|finding| finding.verdict == case.verdict).or(case.findings.first())
}

impl Fingerprint {
    pub fn of(case: &CaseSummary) -> Self {
        let decisive = decisive(case);
        if let Some(observed) = decisive.and_then(|finding| no_answer(case, finding)) {
            return Self::of_no_answer(case, &generalized(observed, case));
        }
        let promises = decisive.into_iter().flat_map(|finding| &finding.promises);
        let requirements: Vec<_> = promises.map(|promise| alike(&promise.id.0, case.operation.as_deref())).collect();
        let subject = Subject { verdict: case.verdict, suite: case.suite.clone(), requirements };
        let general = |text: &str| generalized(text, case);
        let expected = decisive.map(|finding| general(&finding.expected)).unwrap_or_default();
        let observed = decisive.map(|finding| finding.observed.as_str()).or(case.reason.as_deref()).unwrap_or_default();
        let observed = without_methods(general(observed));
        let at_place = AtPlace {
            subject: subject.clone(),
            place: decisive.map_or_else(|| case.place.clone(), |finding| finding.place.clone()),
            expected: without_values(&expected),
            observed: without_values(&observed),
        };
        Self { exact: Exact { subject, expected, observed }, at_place }
    }

    /// A request that has no answer: whatever was expected of it, the cause is the same.
    fn of_no_answer(case: &CaseSummary, observed: &str) -> Self {
        let (expected, observed) = ("an answer".to_owned(), observed.to_owned());
        let subject =
            Subject { verdict: case.verdict, suite: case.suite.clone(), requirements: vec![WHICHEVER.to_owned()] };
        let at_place = AtPlace {
            subject: subject.clone(),
            place: String::new(),
            expected: expected.clone(),
            observed: without_values(&observed),
        };
        Self { exact: Exact { subject, expected, observed }, at_place }
    }

    /// Whether no requirement decides the failure.
    pub fn is_without_requirement(&self) -> bool {
        self.exact.subject.requirements.is_empty()
    }

    /// A short name of the cause that is the same in every run.
    pub fn id(&self) -> String {
        let Exact { subject, expected, observed } = &self.exact;
        let mut hash = Sha256::new();
        let requirements = subject.requirements.join(" ");
        for part in [&subject.suite, &subject.verdict.to_string(), &requirements, expected, observed] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// The mismatch in words, to be compared with that of another run.
    pub fn mismatch(&self) -> (&[String], &str) {
        (&self.exact.subject.requirements, &self.at_place.observed)
    }
}

/// A requirement without what it is said of, where a document says the same of many: `createPet.body.required` of one operation,
/// `/pets.methods` of one path.
fn alike(requirement: &str, operation: Option<&str>) -> String {
    let of_operation = operation.and_then(|operation| requirement.strip_prefix(operation));
    let of_path = requirement.starts_with('/').then(|| requirement.rfind('.').map(|dot| &requirement[dot..])).flatten();
    match of_operation.filter(|rest| rest.is_empty() || rest.starts_with('.')).or(of_path) {
        Some(rest) => format!("*{rest}"),
        None => requirement.to_owned(),
    }
}

/// A text without what differs from case to case: the operation, the format, ids and numbers.
fn generalized(text: &str, case: &CaseSummary) -> String {
    let mut text = text.to_lowercase();
    if let Some(operation) = case.operation.as_deref().filter(|operation| !operation.is_empty()) {
        text = text.replace(&operation.to_lowercase(), "*");
    }
    let (mut general, mut before) = (String::new(), "");
    for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let name = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let rest = &word[name.len()..];
        if name == case.format {
            general.push_str("format");
        } else if name.bytes().any(|byte| byte.is_ascii_digit()) && !is_status(before, name) {
            general.push('#');
        } else {
            general.push_str(name);
        }
        general.push_str(rest);
        if !name.is_empty() {
            before = name;
        }
    }
    general
}

/// What is said to be allowed, without the methods of the path: a server that lacks one of them lacks others elsewhere.
fn without_methods(observed: String) -> String {
    match observed.strip_prefix("it has ").and_then(|rest| rest.split_once(", without ")) {
        Some(_) => "it has some, without others".to_owned(),
        None => observed,
    }
}

/// Whether a word is a status, by itself and by the word before it.
fn is_status(before: &str, word: &str) -> bool {
    matches!(before, "status" | "or")
        && word.len() == 3
        && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x')
        && matches!(word.as_bytes()[0], b'1'..=b'5')
}

/// The same without values and the places of fields. The name of a field that is missing remains: it is the mismatch.
fn without_values(text: &str) -> String {
    const ABSENT: &str = " is a required property";
    if text.contains(ABSENT) {
        return text.to_owned();
    }
    let mut general = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(['"', '\'', '`', '{', '[', '$', '/']) {
        general.push_str(&rest[..start]);
        let value = &rest[start..];
        let end = end_of_value(value);
        general.push('*');
        rest = &value[end..];
    }
    general.push_str(rest);
    general
}

/// Where a value ends that a text begins with. JSON may be cut short: it is the last in a text.
fn end_of_value(value: &str) -> usize {
    let mut characters = value.char_indices();
    let first = characters.next().map_or(' ', |(_, first)| first);
    match first {
        '{' | '[' => value.len(),
        '"' | '\'' | '`' => characters.find(|(_, c)| *c == first).map_or(value.len(), |(at, c)| at + c.len_utf8()),
        _ => characters.find(|(_, c)| c.is_whitespace() || *c == ':').map_or(value.len(), |(at, _)| at),
    }
}

#[cfg(test)]
mod tests {
    use super::{alike, without_methods, without_values};

    #[test]
    fn what_is_said_of_many_operations_and_paths_is_one_requirement() {
        assert_eq!(alike("createPet.404.content-type", Some("createPet")), "*.404.content-type");
        assert_eq!(alike("createPet", Some("createPet")), "*");
        assert_eq!(alike("/pets/{petId}.methods", Some("readPet")), "*.methods");
        let [one, other] =
            ["it has get, without post", "it has get, without delete"].map(|text| without_methods(text.to_owned()));
        assert_eq!(one, other);
        assert_ne!(one, without_methods("it has none".to_owned()));
        for other in ["createPets.status", "CS-035", "pet_id.gone"] {
            assert_eq!(alike(other, Some("createPet")), other);
        }
    }

    #[test]
    fn values_and_places_are_no_part_of_a_mismatch_and_missing_fields_are() {
        assert_eq!(without_values("no node at $.zone in {\"id\":1}"), without_values("no node at $.volume in {}"));
        assert_ne!(without_values("\"id\" is a required property"), without_values("\"name\" is a required property"));
        assert_eq!(without_values("it comes in `a`"), "it comes in *");
        assert_eq!(without_values("an unclosed \"text"), "an unclosed *");
    }
}

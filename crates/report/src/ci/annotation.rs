//! What an annotation says of a cause.

use crate::cause::Cause;
use crate::junit::path_and_line;
use crate::wording;
use assay_engine::verdict::Verdict;
use assay_suite::source::harmless;

/// A message is one line.
const LONGEST_MESSAGE: usize = 1000;

/// How much a cause weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Something is wrong.
    Error,
    /// Something could not be decided, or is not up to date.
    Warning,
}

impl Weight {
    pub(super) fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Violates | Verdict::CouldNotRun => Self::Error,
            _ => Self::Warning,
        }
    }
}

/// Where a scenario expects what was not observed.
pub(super) struct Location<'a> {
    pub(super) path: &'a str,
    pub(super) line: u32,
}

pub(super) fn location<'a>(cause: &Cause<'a>) -> Option<Location<'a>> {
    let place = cause.finding().map_or(&cause.example.place, |finding| &finding.place);
    let (path, line) = path_and_line(place)?;
    Some(Location { path: in_repository(path), line: line.parse().ok().filter(|line| *line > 0)? })
}

/// A path as it is below the root of a repository: SARIF and GitLab know no leading `./`.
pub(super) fn in_repository(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// A cause in one line: what was expected, what was observed, and where it shows.
pub(super) fn message(cause: &Cause<'_>) -> String {
    let rendered = match cause.finding() {
        Some(finding) => format!("expected: {}; observed: {}", finding.expected, finding.observed),
        None => cause.example.reason.clone().unwrap_or_else(|| cause.verdict().to_string()),
    };
    harmless::short_line(
        &format!("{rendered} ({}, such as {})", wording::extent(cause), cause.example.name),
        LONGEST_MESSAGE,
    )
}

/// The rule that a cause breaks: its first requirement, or its verdict.
pub(super) fn rule(cause: &Cause<'_>) -> String {
    let first = cause.requirements().first().map(|promise| harmless::line(&promise.id.0));
    first.unwrap_or_else(|| cause.verdict().to_string().replace(' ', "-"))
}

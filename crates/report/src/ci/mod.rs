//! What other programs of continuous integration read: annotations of GitHub, SARIF, CTRF, GitLab's code quality.

mod ctrf;
mod github;
mod gitlab;
mod sarif;

use assay_engine::verdict::Verdict;

use super::junit::path_and_line;
use super::{Cause, harmless, wording};

pub use ctrf::ctrf;
pub use github::github;
pub use gitlab::gitlab;
pub use sarif::sarif;

/// A message is one line.
const LONGEST_MESSAGE: usize = 1000;

/// How much a cause weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// Something is wrong.
    Error,
    /// Something could not be decided, or is not up to date.
    Warning,
}

impl Weight {
    fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Violates | Verdict::CouldNotRun => Self::Error,
            _ => Self::Warning,
        }
    }
}

/// Where a scenario expects what was not observed.
struct Location<'a> {
    path: &'a str,
    line: u32,
}

fn location<'a>(cause: &Cause<'a>) -> Option<Location<'a>> {
    let place = cause.finding().map_or(&cause.example.place, |finding| &finding.place);
    let (path, line) = path_and_line(place)?;
    Some(Location { path: in_repository(path), line: line.parse().ok().filter(|line| *line > 0)? })
}

/// A path as it is below the root of a repository: SARIF and GitLab know no leading `./`.
fn in_repository(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// A cause in one line: what was expected, what was observed, and where it shows.
fn message(cause: &Cause<'_>) -> String {
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
fn rule(cause: &Cause<'_>) -> String {
    let first = cause.requirements().first().map(|promise| harmless::line(&promise.id.0));
    first.unwrap_or_else(|| cause.verdict().to_string().replace(' ', "-"))
}

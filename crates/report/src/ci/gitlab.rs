//! GitLab's report of code quality: one entry for each cause (<https://docs.gitlab.com/ci/testing/code_quality/>).

use serde::Serialize;

use crate::cause::Cause;
use crate::error::ReportError;
use crate::summary::Summary;
use assay_engine::verdict::Verdict;
use assay_suite::source::harmless;

use super::annotation::{in_repository, location, message, rule};

#[derive(Serialize)]
struct Entry {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

/// The causes as code quality.
pub fn gitlab(summary: &Summary) -> Result<String, ReportError> {
    let causes = summary.causes();
    let entries: Vec<_> = causes.iter().map(entry).collect();
    Ok(harmless::lines(&serde_json::to_string_pretty(&entries)?) + "\n")
}

fn entry(cause: &Cause<'_>) -> Entry {
    let (path, begin) = match location(cause) {
        Some(location) => (harmless::line(location.path), location.line),
        None => (harmless::line(in_repository(&cause.example.place)), 1),
    };
    Entry {
        description: message(cause),
        check_name: rule(cause),
        fingerprint: cause.id.clone(),
        severity: match cause.verdict() {
            Verdict::Violates => "major",
            Verdict::CouldNotRun => "critical",
            _ => "minor",
        },
        location: Location { path, lines: Lines { begin } },
    }
}

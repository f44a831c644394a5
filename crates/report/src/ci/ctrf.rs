//! The Common Test Report Format (<https://ctrf.io>): a test for each case.

use serde::Serialize;

use crate::cause::decisive;
use crate::error::ReportError;
use crate::gate::Undecided;
use crate::junit::path_and_line;
use crate::summary::{CaseSummary, Summary};
use assay_engine::verdict::Verdict;
use assay_suite::source::harmless;

use super::annotation::in_repository;

const LONGEST_MESSAGE: usize = 1000;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "the format names it so")]
struct Report {
    report_format: &'static str,
    spec_version: &'static str,
    generated_by: &'static str,
    results: Results,
}

#[derive(Serialize)]
struct Results {
    tool: Tool,
    summary: Counts,
    tests: Vec<Test>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: String,
}

#[derive(Default, Serialize)]
struct Counts {
    tests: usize,
    passed: usize,
    failed: usize,
    skipped: usize,
    pending: usize,
    other: usize,
    flaky: usize,
    suites: usize,
    start: i64,
    stop: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    name: String,
    status: Status,
    /// In milliseconds.
    duration: i64,
    suite: Vec<String>,
    raw_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
    flaky: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Passed,
    Failed,
    Skipped,
}

/// The run as CTRF.
pub fn ctrf(summary: &Summary) -> Result<String, ReportError> {
    let mut tests: Vec<_> = summary.cases.iter().map(|case| test(case, summary.undecided)).collect();
    tests.extend(summary.unmet().map(|gate| Test {
        name: harmless::line(&gate.name),
        status: Status::Failed,
        duration: 0,
        suite: vec!["run".to_owned()],
        raw_status: gate.outcome.name().to_owned(),
        message: Some(harmless::line(&format!("expected: {}; observed: {}", gate.expected, gate.observed))),
        file_path: None,
        line: None,
        tags: Vec::new(),
        flaky: false,
    }));
    let count = |status| tests.iter().filter(|test| test.status == status).count();
    let start = started(&summary.run.started);
    let counts = Counts {
        tests: tests.len(),
        passed: count(Status::Passed),
        failed: count(Status::Failed),
        skipped: count(Status::Skipped),
        flaky: summary.counts.of(Verdict::Flaky),
        suites: summary.suites.len(),
        start,
        stop: start + milliseconds(summary.run.took_s),
        ..Counts::default()
    };
    let tool = Tool { name: "assay", version: harmless::line(&summary.run.assay) };
    let report = Report {
        report_format: "CTRF",
        spec_version: "0.0.0",
        generated_by: "assay",
        results: Results { tool, summary: counts, tests },
    };
    Ok(harmless::lines(&serde_json::to_string_pretty(&report)?) + "\n")
}

fn test(case: &CaseSummary, undecided: Undecided) -> Test {
    let status = match case.verdict {
        Verdict::Conforms | Verdict::DeviatesAsKnown => Status::Passed,
        Verdict::Skipped => Status::Skipped,
        Verdict::Inconclusive if undecided == Undecided::IsSkipped => Status::Skipped,
        _ => Status::Failed,
    };
    let rendered =
        decisive(case).map(|finding| format!("expected: {}; observed: {}", finding.expected, finding.observed));
    let message = rendered.or_else(|| case.reason.clone()).filter(|_| status != Status::Passed);
    let place = path_and_line(&case.place);
    Test {
        name: harmless::line(&case.name),
        status,
        duration: milliseconds(case.took_s),
        suite: vec![harmless::line(&case.suite), harmless::line(&case.scenario)],
        raw_status: case.verdict.to_string(),
        message: message.map(|message| harmless::short_line(&message, LONGEST_MESSAGE)),
        file_path: place.map(|(path, _)| harmless::line(in_repository(path))),
        line: place.and_then(|(_, line)| line.parse().ok()),
        tags: case.verifies.iter().map(|id| harmless::line(&id.0)).collect(),
        flaky: case.verdict == Verdict::Flaky,
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a run is shorter than 2^63 milliseconds")]
fn milliseconds(seconds: f64) -> i64 {
    (seconds * 1000.0).round() as i64
}

/// When a run began, in milliseconds since 1970.
fn started(started: &str) -> i64 {
    let time = crate::junit::timestamp(started).and_then(|time| time.parse::<jiff::Timestamp>().ok());
    time.map_or(0, jiff::Timestamp::as_millisecond)
}

//! A run for continuous integration: what Jenkins, GitLab and their kin read. The structure is in `reports/junit.xsd`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use jiff::civil::DateTime;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::error::ReportError;
use crate::gate::{GateOutcome, Undecided};
use assay_engine::verdict::Verdict;
use assay_suite::source::harmless;

use super::cause::decisive;
use super::summary::{CaseSummary, FindingSummary, SuiteSummary, Summary};
use super::wording;

/// A message is one line in a list; longer ones are in the text below it.
pub(super) const LONGEST_MESSAGE: usize = 400;
/// A finding repeats what a server sent; this much shows what it is.
const LONGEST_TEXT: usize = 8 * 1024;
/// An answer that decides: its beginning is shown.
const LONGEST_BODY: usize = 1024;

/// The run as `JUnit` XML: a test suite for each suite, a test case for each case.
pub fn junit(summary: &Summary) -> Result<String, ReportError> {
    let mut report = Report::new(format!("assay: {}", harmless::line(&summary.run.target)));
    report.set_time(seconds(summary.run.took_s));
    let causes = causes(summary);
    report.add_test_suites(summary.suites.iter().map(|suite| test_suite(summary, suite, &causes)));
    report.add_test_suites(of_run(summary));
    Ok(report.to_string()?)
}

/// The cause of each case that has one, by the case's name.
fn causes(summary: &Summary) -> BTreeMap<&str, String> {
    let causes = summary.causes();
    causes.iter().flat_map(|cause| cause.cases().map(|case| (case.name.as_str(), cause.id.clone()))).collect()
}

/// What concerns the run and none of its cases: a report is not green where the exit code is not 0.
fn of_run(summary: &Summary) -> Option<TestSuite> {
    let failed = |name: &str, kind: &str, message: &str| {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type(kind).set_message(harmless::short_line(message, LONGEST_MESSAGE));
        let mut test_case = TestCase::new(harmless::line(name), status);
        test_case.set_classname("run");
        test_case
    };
    let partial = wording::partial(summary.run.ending);
    let mut cases: Vec<_> =
        partial.into_iter().map(|partial| failed("the run is complete", "partial", partial)).collect();
    cases.extend(summary.gates.iter().map(|gate| match gate.outcome {
        GateOutcome::Met => TestCase::new(harmless::line(&gate.name), TestCaseStatus::success()),
        outcome => {
            let message = format!("expected: {}; observed: {}", gate.expected, gate.observed);
            failed(&gate.name, outcome.name(), &message)
        }
    }));
    let mut test_suite = TestSuite::new("run");
    test_suite.add_test_cases(cases);
    (!test_suite.test_cases.is_empty()).then_some(test_suite)
}

fn test_suite(summary: &Summary, suite: &SuiteSummary, causes: &BTreeMap<&str, String>) -> TestSuite {
    let run = &summary.run;
    let mut test_suite = TestSuite::new(harmless::line(&suite.name));
    if let Some(started) = timestamp(&run.started) {
        test_suite.extra.insert("timestamp".into(), started.into());
    }
    let mut property = |name: &str, value: &str| {
        test_suite.add_property((name, harmless::line(value).as_str()));
    };
    property("document", &suite.document);
    property("target", &run.target);
    if let Some(server) = &run.server {
        property("server", server);
    }
    run.services.iter().filter(|service| service.suite == suite.name).for_each(|service| property("url", &service.url));
    property("run", &run.id);
    property("assay", &run.assay);
    if let Some(warning) = run.certificates.warning() {
        property("not verified", warning);
    }
    if let Some(partial) = wording::partial(run.ending) {
        property("partial", partial);
    }
    let cases: Vec<_> = summary.cases.iter().filter(|case| case.suite == suite.name).collect();
    test_suite.set_time(seconds(cases.iter().map(|case| case.took_s).sum()));
    test_suite
        .add_test_cases(cases.iter().map(|case| test_case(case, causes.get(case.name.as_str()), summary.undecided)));
    let of_suite = |left: &&(String, String)| cases.iter().any(|own| own.name == left.0);
    let line = |word: &'static str| {
        move |(case, what): &(String, String)| format!("{word}: {} (by {})", plain(what), plain(case))
    };
    let unproven = summary.unproven.iter().filter(of_suite).map(line("not proven"));
    let left_over: Vec<_> = summary.left_over.iter().filter(of_suite).map(line("left over")).chain(unproven).collect();
    if !left_over.is_empty() {
        test_suite.set_system_out(left_over.join("\n"));
    }
    test_suite
}

fn test_case(case: &CaseSummary, cause: Option<&String>, undecided: Undecided) -> TestCase {
    let name = case.name.strip_prefix(&case.suite).and_then(|name| name.strip_prefix("::")).unwrap_or(&case.name);
    let mut test_case = TestCase::new(harmless::line(name), status(case, undecided));
    let file = name.split("::").next().unwrap_or_default();
    test_case.set_classname(harmless::line(&format!("{}.{file}", case.suite)));
    test_case.set_time(seconds(case.took_s));
    // Where GitLab and editors look for the source of a test.
    if let Some((path, line)) = path_and_line(&case.place) {
        test_case.extra.insert("file".into(), harmless::line(path).into());
        test_case.extra.insert("line".into(), line.into());
    }
    for requirement in &case.verifies {
        test_case.add_property(("requirement", harmless::line(&requirement.0).as_str()));
    }
    test_case.add_property(("verdict", case.verdict.to_string().as_str()));
    // Failures with one cause have the same.
    if let Some(cause) = cause {
        test_case.add_property(("cause", cause.as_str()));
    }
    if !case.notices.is_empty() {
        let notices: Vec<_> = case.notices.iter().map(|notice| format!("notice: {}", plain(notice))).collect();
        test_case.set_system_out(notices.join("\n"));
    }
    test_case
}

fn status(case: &CaseSummary, undecided: Undecided) -> TestCaseStatus {
    let verdict = case.verdict;
    let (mut status, tells_verdict) = match verdict {
        Verdict::Conforms | Verdict::DeviatesAsKnown => return TestCaseStatus::success(),
        Verdict::Violates => (TestCaseStatus::non_success(NonSuccessKind::Failure), false),
        // A list of deviations that no longer holds is a mistake of the list; somebody must mend it.
        Verdict::StaleDeviation => (TestCaseStatus::non_success(NonSuccessKind::Failure), true),
        Verdict::Flaky => (TestCaseStatus::non_success(NonSuccessKind::Failure), true),
        Verdict::CouldNotRun => (TestCaseStatus::non_success(NonSuccessKind::Error), false),
        Verdict::Inconclusive => match undecided {
            Undecided::Counts => (TestCaseStatus::non_success(NonSuccessKind::Failure), true),
            Undecided::IsSkipped => (TestCaseStatus::skipped(), true),
        },
        Verdict::Skipped => (TestCaseStatus::skipped(), false),
    };
    let finding = case.findings.iter().find(|finding| finding.verdict == verdict).or(case.findings.first());
    let observed = finding.map(|finding| finding.observed.as_str()).or(case.reason.as_deref());
    let observed = observed.filter(|observed| !observed.is_empty());
    let message = match (observed, tells_verdict) {
        (Some(observed), false) => observed.to_owned(),
        (Some(observed), true) => format!("{verdict}: {observed}"),
        (None, _) => verdict.to_string(),
    };
    status.set_message(harmless::short_line(&message, LONGEST_MESSAGE)).set_type(verdict.to_string());
    let text = text(case);
    if !text.is_empty() {
        status.set_description(text);
    }
    status
}

fn text(case: &CaseSummary) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = write_text(&mut text, case);
    text
}

fn write_text(out: &mut String, case: &CaseSummary) -> std::fmt::Result {
    if let Some(reason) = &case.reason {
        writeln!(out, "{}", plain(reason))?;
    }
    for finding in &case.findings {
        write_finding(out, finding)?;
    }
    write_exchange(out, case)
}

fn write_finding(out: &mut String, finding: &FindingSummary) -> std::fmt::Result {
    writeln!(out, "{}", harmless::line(&finding.place))?;
    writeln!(out, "  {}", finding.verdict)?;
    for promise in &finding.promises {
        let source = harmless::line(&promise.source);
        writeln!(out, "  document: {} {} ({source})", promise.id, harmless::line(&promise.text))?;
    }
    writeln!(out, "  expected: {}", plain(&finding.expected))?;
    writeln!(out, "  observed: {}", plain(&finding.observed))
}

/// The exchange that shows what decides: the request, the answer, and a command that sends it again.
fn write_exchange(out: &mut String, case: &CaseSummary) -> std::fmt::Result {
    let exchange = decisive(case).and_then(|finding| finding.exchange).and_then(|index| case.exchanges.get(index));
    let Some(exchange) = exchange else { return Ok(()) };
    let request = &exchange.exchange.request;
    writeln!(out, "request:  {} {}", request.method, plain(&request.url))?;
    match &exchange.exchange.outcome {
        Ok(response) => writeln!(out, "answer:   {} {}", response.status, short(&response.body))?,
        Err(failure) => writeln!(out, "answer:   {}: {}", failure.kind, short(&failure.message))?,
    }
    if exchange.curl.len() > LONGEST_TEXT { Ok(()) } else { writeln!(out, "curl:     {}", plain(&exchange.curl)) }
}

/// The beginning of what a server sent.
fn short(body: &str) -> String {
    harmless::short_line(body, LONGEST_BODY)
}

/// Text between tags. A tab would be taken for a part of a terminal's control sequence, and dropped.
pub(super) fn plain(text: &str) -> String {
    let (start, clipped) = harmless::clipped(text, LONGEST_TEXT);
    let mut plain = harmless::lines(start).replace('\t', "    ");
    if clipped {
        plain.push('…');
    }
    plain
}

pub(super) fn path_and_line(place: &str) -> Option<(&str, &str)> {
    let mut parts = place.rsplitn(3, ':');
    let (_column, line, path) = (parts.next()?, parts.next()?, parts.next()?);
    line.parse::<u32>().is_ok().then_some((path, line))
}

/// A summary shows a time for people; `JUnit` wants ISO 8601.
pub(super) fn timestamp(started: &str) -> Option<String> {
    let time = DateTime::strptime("%Y-%m-%d %H:%M:%S UTC", started).ok()?;
    Some(format!("{}Z", time.strftime("%Y-%m-%dT%H:%M:%S")))
}

pub(super) fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

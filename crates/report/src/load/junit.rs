//! A load run for continuous integration: a test case for each service level. The structure is in `reports/junit.xsd`.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::ReportError;
use crate::junit::{LONGEST_MESSAGE, path_and_line, plain, seconds, timestamp};
use assay_engine::verdict::LevelVerdict;
use assay_suite::source::harmless;

use super::summary::{LevelSummary, LoadSummary, ProfileSummary};
use super::wording;

/// The run as `JUnit` XML: a test suite for each suite, a test case for each service level. A violated one is a failure, an
/// invalid one an error, an inconclusive one is skipped, with what would decide it.
pub fn load_junit(summary: &LoadSummary) -> Result<String, ReportError> {
    let mut report = Report::new(format!("assay load: {}", harmless::line(&summary.run.target)));
    report.set_time(seconds(summary.run.took_s));
    let mut suites: Vec<&str> = summary.profiles.iter().map(|profile| profile.suite.as_str()).collect();
    suites.sort_unstable();
    suites.dedup();
    report.add_test_suites(suites.into_iter().map(|suite| test_suite(summary, suite)));
    Ok(report.to_string()?)
}

fn test_suite(summary: &LoadSummary, suite: &str) -> TestSuite {
    let run = &summary.run;
    let mut test_suite = TestSuite::new(harmless::line(suite));
    if let Some(started) = timestamp(&run.started) {
        test_suite.extra.insert("timestamp".into(), started.into());
    }
    let mut property = |name: &str, value: &str| {
        test_suite.add_property((name, harmless::line(value).as_str()));
    };
    property("target", &run.target);
    if let Some(server) = &run.server {
        property("server", server);
    }
    run.services.iter().filter(|service| service.suite == suite).for_each(|service| property("url", &service.url));
    property("run", &run.id);
    property("assay", &run.assay);
    if let Some(warning) = run.certificates.warning() {
        property("not verified", warning);
    }
    wording::partial(run).iter().for_each(|partial| property("partial", partial));
    let profiles: Vec<_> = summary.profiles.iter().filter(|profile| profile.suite == suite).collect();
    test_suite.set_time(seconds(profiles.iter().filter_map(|profile| profile.took_s).sum()));
    let levels = profiles.iter().flat_map(|profile| profile.levels.iter().map(|level| test_case(profile, level)));
    test_suite.add_test_cases(levels);
    let left_over = summary.left_over.iter().filter(|(by, _)| profiles.iter().any(|profile| profile.name == *by));
    let left_over: Vec<_> =
        left_over.map(|(by, what)| format!("left over: {} (by {})", plain(what), plain(by))).collect();
    if !left_over.is_empty() {
        test_suite.set_system_out(left_over.join("\n"));
    }
    test_suite
}

fn test_case(profile: &ProfileSummary, level: &LevelSummary) -> TestCase {
    let name =
        profile.name.strip_prefix(&profile.suite).map_or(profile.name.as_str(), |name| name.trim_start_matches(':'));
    let mut test_case = TestCase::new(harmless::line(&level.name), status(level));
    test_case.set_classname(harmless::line(&format!("{}.{name}", profile.suite)));
    if let Some(took) = profile.took_s {
        test_case.set_time(seconds(took));
    }
    // Where GitLab and editors look for the source of a test.
    if let Some((path, line)) = path_and_line(&profile.place) {
        test_case.extra.insert("file".into(), harmless::line(path).into());
        test_case.extra.insert("line".into(), line.into());
    }
    for promise in &level.requirements {
        test_case.add_property(("requirement", harmless::line(&promise.id.0).as_str()));
    }
    test_case.add_property(("verdict", wording::verdict(level.verdict)));
    test_case.add_property(("limit", wording::measure(level.limit.0).as_str()));
    test_case.add_property(("observed", wording::measure(level.observed.0).as_str()));
    if let Some(interval) = wording::interval(level) {
        test_case.add_property(("interval", interval.as_str()));
    }
    test_case.add_property(("samples", level.samples.to_string().as_str()));
    test_case
}

fn status(level: &LevelSummary) -> TestCaseStatus {
    let verdict = wording::verdict(level.verdict);
    let observation = wording::observation(level);
    let (mut status, message) = match level.verdict {
        LevelVerdict::Met => return TestCaseStatus::success(),
        LevelVerdict::Violated => (TestCaseStatus::non_success(NonSuccessKind::Failure), observation.clone()),
        LevelVerdict::Invalid => (TestCaseStatus::non_success(NonSuccessKind::Error), level.reason.clone()),
        LevelVerdict::Inconclusive => (TestCaseStatus::skipped(), format!("{verdict}: {}", level.reason)),
    };
    status.set_message(harmless::short_line(&message, LONGEST_MESSAGE)).set_type(verdict);
    status.set_description(description(level, &observation));
    status
}

fn description(level: &LevelSummary, observation: &str) -> String {
    let mut lines = vec![plain(&level.name), format!("  {observation}")];
    lines.extend(wording::interval(level).map(|interval| format!("  with 95 % confidence: {interval}")));
    lines.extend((!level.reason.is_empty()).then(|| format!("  {}", plain(&level.reason))));
    lines.extend(wording::needs(level).map(|needs| format!("  {needs}")));
    lines.extend(level.requirements.iter().map(|promise| {
        format!(
            "  requirement: {} {} ({})",
            plain(&promise.id.0),
            plain(&promise.text),
            harmless::line(&promise.source)
        )
    }));
    lines.join("\n") + "\n"
}

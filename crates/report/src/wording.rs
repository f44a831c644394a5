//! What the reports that people read say in the same words.

use std::collections::BTreeMap;

use crate::cause::Cause;
use crate::coverage::{Gap, SuiteCoverage};
use crate::gate::{Gate, GateOutcome};
use assay_engine::verdict::Verdict;
use assay_suite::http::FailureKind;
use assay_suite::human;

use super::summary::{CaseSummary, Counts, Ending, FindingSummary, Promise, Summary};

/// The verdict on the whole run, in one sentence.
pub(super) fn headline(summary: &Summary) -> String {
    let its = if summary.suites.len() > 1 { "its documents" } else { "its document" };
    let conforms = summary.counts.of(Verdict::Conforms) > 0;
    if summary.gates.iter().any(|gate| gate.outcome == GateOutcome::CouldNotRun) && summary.cases.is_empty() {
        return "The deployment could not be tested.".to_owned();
    }
    if let Some(gate) = deciding_gate(summary) {
        return format!("A gate is not met: {}. Nothing observed violates {its}.", gate.name);
    }
    let so_far = if summary.run.ending == Ending::Completed { "" } else { " as far as it was tested" };
    match summary.verdict {
        Verdict::Violates => format!("The deployment violates {its}."),
        Verdict::CouldNotRun => format!("The deployment could not be tested in full. Nothing observed violates {its}."),
        Verdict::Inconclusive => format!("The verdict is open. Nothing observed violates {its}."),
        Verdict::Flaky => format!("The verdict is open: some cases are flaky. Nothing else observed violates {its}."),
        Verdict::StaleDeviation => format!("The deployment conforms to {its}, and a known deviation is gone."),
        Verdict::DeviatesAsKnown => format!("The deployment conforms to {its}{so_far}, but for known deviations."),
        Verdict::Skipped | Verdict::Conforms if !conforms => "Nothing was tested.".to_owned(),
        Verdict::Skipped => format!("The deployment conforms to {its} as far as it was tested."),
        Verdict::Conforms => format!("The deployment conforms to {its}{so_far}."),
    }
}

/// The gate for whose sake a run does not end well though all of its cases do; the weightiest.
pub(super) fn deciding_gate(summary: &Summary) -> Option<&Gate> {
    let decides = summary.verdict <= Verdict::StaleDeviation;
    summary.unmet().filter(|_| decides).max_by_key(|gate| gate.outcome)
}

/// Why a report is partial, if it is.
pub(super) fn partial(ending: Ending) -> Option<&'static str> {
    match ending {
        Ending::Completed => None,
        Ending::Interrupted => Some("The run was interrupted. What had not begun by then is missing here."),
        Ending::Broken => Some("The record breaks off. What happened after its last event is missing here."),
        Ending::Incomplete => Some("This is a part of a shared run. The cases of the other shards are missing here."),
    }
}

/// What to say first where cases could not run because the deployment was not there.
pub(super) fn unreachable(summary: &Summary) -> Option<String> {
    let none = FailureKind::Connect.to_string();
    let without = |case: &&CaseSummary| {
        let is_down = |finding: &FindingSummary| finding.observed.starts_with(&none);
        case.verdict == Verdict::CouldNotRun && case.findings.iter().any(is_down)
    };
    let cases = summary.cases.iter().filter(without).count();
    (cases > 0).then(|| {
        let cases = human::count_of(cases, "case", "cases");
        format!("The deployment could not be reached: {cases} could not run.")
    })
}

/// How many came to each verdict, the weightiest first: `4 violate, 590 conform`.
pub(super) fn tally(counts: &Counts) -> String {
    let counted = Verdict::ALL.iter().map(|verdict| (*verdict, counts.of(*verdict))).filter(|(_, count)| *count > 0);
    let counted: Vec<_> = counted.map(|(verdict, count)| format!("{count} {}", labelled(verdict, count))).collect();
    if counted.is_empty() { "no cases".to_owned() } else { counted.join(", ") }
}

/// What was covered of a suite, in one line.
pub(super) fn coverage(coverage: &SuiteCoverage) -> String {
    format!(
        "{} of {} operations tested{}; {} requirements: {} verified, {} untestable, {} open{}",
        coverage.operations_tested,
        coverage.operations_documented,
        gaps(&coverage.operations_untested),
        coverage.requirements.len(),
        coverage.verified,
        coverage.untestable,
        coverage.open,
        gaps(&coverage.open_because)
    )
}

/// Why something was not covered, and how much for each reason: ` (12 skipped, 3 not run)`.
pub(super) fn gaps(gaps: &BTreeMap<Gap, usize>) -> String {
    let gaps: Vec<_> = gaps.iter().map(|(gap, count)| format!("{count} {}", gap.counted())).collect();
    if gaps.is_empty() { String::new() } else { format!(" ({})", gaps.join(", ")) }
}

/// A verdict as it is after a number of cases.
pub(super) fn labelled(verdict: Verdict, count: usize) -> &'static str {
    match verdict {
        Verdict::Conforms if count == 1 => "conforms",
        Verdict::Conforms => "conform",
        Verdict::Violates if count == 1 => "violates",
        Verdict::Violates => "violate",
        Verdict::DeviatesAsKnown if count == 1 => "deviates as known",
        Verdict::DeviatesAsKnown => "deviate as known",
        Verdict::StaleDeviation if count == 1 => "stale deviation",
        Verdict::StaleDeviation => "stale deviations",
        Verdict::Skipped => "skipped",
        Verdict::Flaky => "flaky",
        Verdict::Inconclusive => "inconclusive",
        Verdict::CouldNotRun => "could not run",
    }
}

/// How many causes there are, and in how many cases they show.
pub(super) fn causes_in_cases(causes: &[Cause<'_>]) -> String {
    let cases: usize = causes.iter().map(Cause::count).sum();
    format!("{} in {}", human::count_of(causes.len(), "finding", "findings"), human::count_of(cases, "case", "cases"))
}

/// A cause in a few words: its verdict, and the requirements that it is about.
pub(super) fn cause(cause: &Cause<'_>) -> String {
    match cause.names().as_slice() {
        [] => cause.verdict().to_string(),
        names => format!("{} {}", cause.verdict(), names.join(", ")),
    }
}

/// In how many cases a cause shows: `78 cases (13 operations, json and xml)`.
pub(super) fn extent(cause: &Cause<'_>) -> String {
    let cases = human::count_of(cause.count(), "case", "cases");
    let mut parts = match cause.operations().as_slice() {
        [] => Vec::new(),
        [operation] => vec![(*operation).to_owned()],
        operations => vec![human::count_of(operations.len(), "operation", "operations")],
    };
    parts.push(cause.formats().join(" and "));
    format!("{cases} ({})", parts.join(", "))
}

/// The promises that findings of the run break, each with the number of cases that break it.
pub(super) fn broken(summary: &Summary) -> Vec<(&Promise, usize)> {
    let mut broken: BTreeMap<&str, (&Promise, usize)> = BTreeMap::new();
    for case in &summary.cases {
        let findings = case.findings.iter().filter(|finding| finding.verdict == Verdict::Violates);
        let promises: BTreeMap<&str, &Promise> =
            findings.flat_map(|finding| &finding.promises).map(|promise| (promise.id.0.as_str(), promise)).collect();
        for (id, promise) in promises {
            broken.entry(id).or_insert((promise, 0)).1 += 1;
        }
    }
    broken.into_values().collect()
}

/// The command that repeats one case.
pub(super) fn repeat(summary: &Summary, case: &CaseSummary) -> String {
    let given: String = summary.run.repeat.iter().map(|argument| format!(" {}", quoted(argument))).collect();
    format!("assay test --suite {}{given} {} --exact", case.suite, quoted(&case.name))
}

/// An argument as a POSIX shell takes it.
pub(super) fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        return argument.to_owned();
    }
    format!("'{}'", argument.replace('\'', r"'\''"))
}

//! From one run to another, and known failures.

use assay_engine::verdict::Verdict;
use assay_report::{
    Baseline, CaseSummary, ChangesVerdict, GateOutcome, Summary, changes, changes_html, changes_json, changes_markdown,
    changes_terminal, html, markdown, terminal,
};
use assay_suite::source::{Diagnostics, Paint, SourceFile};

use super::builder::{case, finding, promise, summary};

fn tested(name: &str, verdict: Verdict, observed: &str) -> CaseSummary {
    let mut case = case("cloudn", name, "listZones::json", verdict);
    case.operation = Some("listZones".to_owned());
    if verdict > Verdict::DeviatesAsKnown {
        case.findings = vec![finding(verdict, "status 431", observed, vec![promise("CN-031", "A promise.", "1-3)")])];
    }
    case
}

fn run(cases: Vec<CaseSummary>) -> Summary {
    summary(cases, Vec::new())
}

/// A run, and a later one in which everything changed that can.
fn two_runs() -> (Summary, Summary) {
    let before = run(vec![
        tested("breaks", Verdict::Conforms, ""),
        tested("still", Verdict::Violates, "status 200"),
        tested("other", Verdict::Violates, "status 200"),
        tested("mended", Verdict::Violates, "status 200"),
        tested("gone", Verdict::Conforms, ""),
        tested("skipped", Verdict::Conforms, ""),
    ]);
    let mut skipped = tested("skipped", Verdict::Skipped, "");
    skipped.reason = Some("the target does not allow creates".to_owned());
    let after = run(vec![
        tested("breaks", Verdict::Violates, "status 500"),
        tested("still", Verdict::Violates, "status 200"),
        tested("other", Verdict::Violates, "it comes in XML"),
        tested("mended", Verdict::Conforms, ""),
        skipped,
    ]);
    (before, after)
}

#[test]
fn a_comparison_shows_what_is_new_changed_still_failing_fixed_and_untested() {
    let (before, after) = two_runs();
    let changes = changes(&before, &after);
    let names = |causes: &[assay_report::Cause<'_>]| {
        causes.iter().map(|cause| cause.example.scenario.clone()).collect::<Vec<_>>()
    };
    assert_eq!(names(&changes.new), ["breaks"]);
    assert_eq!(names(&changes.still), ["still"]);
    assert_eq!(names(&changes.changed), ["other"]);
    assert_eq!(names(&changes.fixed), ["mended"]);
    let untested: Vec<_> = changes.untested.iter().map(|(reason, cases)| (reason.as_str(), cases.len())).collect();
    assert_eq!(untested, [("it is not in the run", 1), ("the target does not allow creates", 1)]);
    assert_eq!(changes.verdict(), ChangesVerdict::NewFailures);
    let reports = [
        changes_terminal(&changes),
        changes_markdown(&changes),
        changes_json(&changes).unwrap(),
        changes_html(&changes).unwrap(),
    ];
    for report in reports {
        assert!(report.contains("CN-031") && report.contains("breaks"), "{report}");
    }
}

#[test]
fn a_run_compared_with_itself_has_nothing_new() {
    let (run, _) = two_runs();
    let changes = changes(&run, &run);
    assert_eq!(changes.verdict(), ChangesVerdict::NothingNew);
    assert_eq!((changes.still.len(), changes.fixed.len(), changes.untested.len()), (1, 0, 0));
}

#[test]
fn what_is_not_tested_any_more_is_no_success() {
    let (before, mut after) = two_runs();
    after.cases.retain(|case| case.verdict != Verdict::Violates);
    assert_eq!(changes(&before, &after).verdict(), ChangesVerdict::Untested);
}

fn baseline(expires: &str, observed: &str) -> Baseline {
    let text = format!(
        "baseline:\n- requirement: CN-031\n  operation: listZones\n  observed: \"{observed}\"\n  reason: r\n  owner: o\n  \
         expires: {expires}\n"
    );
    let mut mistakes = Diagnostics::new();
    let read = Baseline::read(&SourceFile::new("known.yaml", text), &mut mistakes);
    read.unwrap_or_else(|| panic!("{}", mistakes.render(Paint::Plain)))
}

#[test]
fn a_known_failure_does_not_count_until_it_expires() {
    let today = jiff::civil::date(2026, 6, 1);
    let failing = || run(vec![tested("still", Verdict::Violates, "status 200: ok")]);
    let mut known = failing();
    baseline("2026-06-01", "status 200*").apply(&mut known, today);
    assert_eq!((known.verdict, known.unmet().count()), (Verdict::DeviatesAsKnown, 0));
    assert!(known.cases[0].reason.as_deref().unwrap().contains("o, until 2026-06-01"));

    let mut expired = failing();
    baseline("2026-05-31", "status 200*").apply(&mut expired, today);
    assert_eq!(expired.verdict, Verdict::Violates);
    assert!(expired.unmet().all(|gate| gate.outcome == GateOutcome::Failed) && expired.unmet().count() == 1);

    let mut other = failing();
    baseline("2026-06-01", "status 500*").apply(&mut other, today);
    assert_eq!(other.verdict, Verdict::Violates);
}

#[test]
fn a_known_failure_that_does_not_fail_any_more_is_stale() {
    let mut conforming = tested("mended", Verdict::Conforms, "");
    conforming.verifies = vec![super::builder::id("CN-031")];
    let mut run = run(vec![conforming]);
    baseline("2026-12-31", "status 200*").apply(&mut run, jiff::civil::date(2026, 6, 1));
    assert_eq!(run.unmet().map(|gate| gate.outcome).collect::<Vec<_>>(), [GateOutcome::Stale]);
}

#[test]
fn a_baseline_says_what_is_wrong_with_it() {
    let wrong = "baseline:\n- reason: r\n  owner: o\n  expires: soon\n";
    let mut mistakes = Diagnostics::new();
    assert!(Baseline::read(&SourceFile::new("known.yaml", wrong), &mut mistakes).is_none());
    let printed = mistakes.render(Paint::Plain);
    assert!(
        printed.contains("names no failure") && printed.contains("known.yaml:4:12") && printed.contains("2026-12-31"),
        "{printed}"
    );
}

/// The gates of a target file with this line.
fn target(gates: &str) -> assay_engine::deployment::Target {
    let text = format!("target: t\nsuites: {{cloudn: {{url: \"http://127.0.0.1/\"}}}}\ngates: {gates}\n");
    let mut mistakes = Diagnostics::new();
    let read = assay_engine::deployment::Target::read(&SourceFile::new("t.yaml", text), &|_| None, &mut mistakes);
    read.unwrap_or_else(|| panic!("{}", mistakes.render(Paint::Plain)))
}

#[test]
fn a_gate_is_met_or_fails_and_fails_where_its_input_is_missing() {
    let (before, after) = two_runs();
    let outcome = |gates: &str, since: Option<Result<&Summary, String>>| {
        let found = assay_report::gates(&target(gates).gates, &after, since);
        found.into_iter().map(|gate| gate.outcome).collect::<Vec<_>>()
    };
    assert_eq!(outcome("{cases: 4}", None), [GateOutcome::Met]);
    assert_eq!(outcome("{cases: 5}", None), [GateOutcome::Failed]);
    assert_eq!(outcome("{operations: 1%}", None), [GateOutcome::Failed], "nothing is no share of nothing");
    let since = "{no_new_failures_since: before}";
    assert_eq!(outcome(since, Some(Ok(&before))), [GateOutcome::Failed]);
    assert_eq!(outcome(since, Some(Ok(&after))), [GateOutcome::Met]);
    assert_eq!(outcome(since, Some(Err("no such file".to_owned()))), [GateOutcome::Failed]);
}

#[test]
fn a_gate_that_is_not_met_is_in_the_headline_of_a_run_that_conforms() {
    let mut conforming = run(vec![tested("sound", Verdict::Conforms, "")]);
    conforming.gates = assay_report::gates(&target("{cases: 5}").gates, &conforming, None);
    let said = "nothing observed violates";
    for report in [terminal(&conforming), markdown(&conforming), html(&conforming).unwrap()] {
        assert!(report.to_lowercase().contains(said) && !report.contains("The deployment conforms"), "{report}");
    }
    conforming.gates = assay_report::gates(&target("{cases: 1}").gates, &conforming, None);
    assert!(markdown(&conforming).contains("The deployment conforms to its document"));
}

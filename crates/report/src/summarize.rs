//! Puts a run's outcomes together.

use std::collections::BTreeMap;

use crate::cause::sort;
use crate::summary::{CaseSummary, Ending, ExchangeSummary, FindingSummary, Promise, RunInfo, SuiteSummary, Summary};
use assay_engine::interpreter::CaseOutcome;
use assay_engine::plan::{Case, ConformancePlan};
use assay_engine::verdict::{Finding, Verdict};
use assay_formats::record::{Part, RunStarted};
use assay_suite::http::Exchange;
use assay_suite::{Suite, SuiteName};

use super::coverage::{RunCoverage, run_coverage};
use super::curl::curl;
use super::gate::Undecided;

impl Summary {
    /// Puts a run's outcomes together.
    pub fn new(
        plan: &ConformancePlan,
        started: &RunStarted,
        outcomes: &[CaseOutcome],
        left_over: Vec<(String, String)>,
        ending: Ending,
        took_us: u64,
    ) -> Self {
        let covered = run_coverage(plan, outcomes);
        let by_name: BTreeMap<&str, &Case> =
            plan.cases.iter().map(|case| (case.name.as_str(), case.as_ref())).collect();
        let mut cases: Vec<_> = outcomes
            .iter()
            .filter_map(|outcome| Some(case_summary(by_name.get(outcome.case.as_str())?, outcome)))
            .collect();
        let order: BTreeMap<&str, usize> =
            plan.cases.iter().enumerate().map(|(index, case)| (case.name.as_str(), index)).collect();
        sort(&mut cases, |name| order.get(name).copied());
        let tested = |name: &SuiteName| plan.suites.iter().any(|suite| suite.name.value == *name);
        let suites = plan.suites.iter().zip(covered).map(|(suite, covered)| suite_summary(suite, covered, &cases));
        Self {
            verdict: cases.iter().map(|case| case.verdict).max().unwrap_or(Verdict::Skipped),
            run: RunInfo::new(started.into(), tested, ending, took_us),
            suites: suites.collect(),
            counts: cases.iter().map(|case| case.verdict).collect(),
            cases,
            left_over,
            unproven: Vec::new(),
            gates: Vec::new(),
            undecided: Undecided::default(),
        }
    }
}

fn case_summary(case: &Case, outcome: &CaseOutcome) -> CaseSummary {
    let mut verifies: Vec<_> = case.steps.iter().flat_map(|step| step.verifies.iter().cloned()).collect();
    verifies.sort();
    verifies.dedup();
    CaseSummary {
        name: case.name.clone(),
        suite: case.suite.name.value.0.clone(),
        scenario: case.scenario.title.value.clone(),
        operation: case.operation.as_ref().map(|operation| operation.0.clone()),
        format: case.format.to_string(),
        place: case.scenario.title.place.to_string(),
        verdict: outcome.verdict,
        reason: outcome.reason.clone(),
        verifies,
        took_s: outcome.took.as_secs_f64(),
        steps_run: outcome.steps_run,
        exchange_count: outcome.exchange_count,
        findings: outcome.findings.iter().map(|finding| finding_summary(&case.suite, finding)).collect(),
        notices: outcome.notices.clone(),
        exchanges: outcome.exchanges.iter().map(|(part, exchange)| exchange_summary(*part, exchange)).collect(),
    }
}

fn finding_summary(suite: &Suite, finding: &Finding) -> FindingSummary {
    let promises = finding.requirements.iter().filter_map(|id| suite.requirements.get(id));
    let promises = promises.map(|requirement| Promise {
        id: requirement.id.value.clone(),
        text: requirement.text.clone(),
        source: requirement.source.clone(),
        place: Some(requirement.id.place.to_string()),
    });
    FindingSummary {
        verdict: finding.verdict,
        expected: finding.expected.clone(),
        observed: finding.observed.clone(),
        place: finding.place.to_string(),
        promises: promises.collect(),
        exchange: finding.exchange,
    }
}

fn exchange_summary(part: Part, exchange: &Exchange) -> ExchangeSummary {
    let part = match part {
        Part::Step(index) => format!("step {}", index + 1),
        Part::Witness(_) => "witness".to_owned(),
        Part::Undo => "removal".to_owned(),
    };
    ExchangeSummary { part, exchange: exchange.clone(), curl: curl(&exchange.request) }
}

fn suite_summary(suite: &Suite, covered: RunCoverage, cases: &[CaseSummary]) -> SuiteSummary {
    let name = &suite.name.value.0;
    let document = match &suite.document.version {
        Some(version) => format!("{}, version {version}", suite.document.title),
        None => suite.document.title.clone(),
    };
    let operations = covered.operations.into_iter().map(|(name, verdicts)| (name, verdicts.into_iter().collect()));
    SuiteSummary {
        operations: operations.collect(),
        name: name.clone(),
        title: suite.title.clone(),
        document,
        counts: cases.iter().filter(|case| case.suite == *name).map(|case| case.verdict).collect(),
        coverage: covered.coverage,
        requirements: covered.requirements,
    }
}

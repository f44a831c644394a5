//! What a run showed: the operations that were sent and answered, and the requirements that a case decided.

use std::collections::{BTreeMap, BTreeSet};

use assay_engine::interpreter::{CaseOutcome, NOT_BEGUN};
use assay_engine::plan::{Case, ConformancePlan};
use assay_engine::verdict::Verdict;
use assay_suite::{RequirementId, SuiteName};

use super::covered::{Gap, OperationCoverage, RequirementCoverage, RequirementStanding, SuiteCoverage};
use super::planned::{called, coverage};

/// The coverage of one suite in a run.
pub(crate) struct RunCoverage {
    /// What is covered.
    pub coverage: SuiteCoverage,
    /// What each requirement came to, by its name; one that no case was about is absent.
    pub requirements: BTreeMap<RequirementId, Verdict>,
    /// What the cases that call an operation came to, by its name.
    pub operations: BTreeMap<String, Vec<Verdict>>,
}

/// What a run showed of each suite of its plan, in the plan's order.
pub(crate) fn run_coverage(plan: &ConformancePlan, outcomes: &[CaseOutcome]) -> Vec<RunCoverage> {
    let planned: BTreeMap<&str, &Case> = plan.cases.iter().map(|case| (case.name.as_str(), case.as_ref())).collect();
    let run: BTreeMap<&str, &CaseOutcome> = outcomes.iter().map(|outcome| (outcome.case.as_str(), outcome)).collect();
    let suites = coverage(plan).suites.into_iter();
    suites.map(|documents| of_suite(&planned, &run, documents)).collect()
}

fn of_suite(
    planned: &BTreeMap<&str, &Case>,
    run: &BTreeMap<&str, &CaseOutcome>,
    documents: SuiteCoverage,
) -> RunCoverage {
    let suite = SuiteName(documents.suite);
    let own = run.iter().filter_map(|(name, outcome)| Some((*planned.get(name)?, *outcome)));
    let own: Vec<_> = own.filter(|(case, _)| case.suite.name.value == suite).collect();
    let seen = Seen::of(&own);
    let mut verdicts_of = BTreeMap::new();
    let operations = documents.operations.into_iter().map(|operation| {
        let verdicts: Vec<_> = operation.cases.iter().map(|case| verdict(run, case)).collect();
        verdicts_of.insert(operation.operation.clone(), verdicts.iter().flatten().copied().collect());
        let judged = seen.judged.get(operation.operation.as_str());
        let cases: Vec<_> = judged.into_iter().flatten().map(|name| (*name).to_owned()).collect();
        let gap = cases.is_empty().then(|| match gap(&verdicts, operation.gap) {
            // Its cases ended before a request for it was answered.
            Gap::Undecided if !verdicts.contains(&Some(Verdict::Inconclusive)) => Gap::CouldNotRun,
            gap => gap,
        });
        OperationCoverage { gap, cases, ..operation }
    });
    let operations: Vec<_> = operations.collect();
    let requirements = documents.requirements.into_iter().map(|requirement| {
        let verdicts: Vec<_> = requirement.cases.iter().map(|case| verdict(run, case)).collect();
        in_run(requirement, &verdicts, &seen)
    });
    RunCoverage {
        coverage: SuiteCoverage::counted(suite.0, own.len(), requirements.collect(), operations),
        requirements: seen.requirements,
        operations: verdicts_of,
    }
}

/// What a case came to, if it was begun or skipped for a reason of its own.
fn verdict(run: &BTreeMap<&str, &CaseOutcome>, case: &str) -> Option<Verdict> {
    let outcome = run.get(case).filter(|outcome| outcome.reason.as_deref() != Some(NOT_BEGUN));
    outcome.map(|outcome| outcome.verdict)
}

/// A requirement as the run left it.
fn in_run(planned: RequirementCoverage, verdicts: &[Option<Verdict>], seen: &Seen<'_>) -> RequirementCoverage {
    let decided = seen.decided.get(&planned.id);
    let cases: Vec<_> = decided.into_iter().flatten().map(|name| (*name).to_owned()).collect();
    let standing = match planned.standing {
        RequirementStanding::Untestable => RequirementStanding::Untestable,
        _ if cases.is_empty() => RequirementStanding::Open,
        _ => RequirementStanding::Verified,
    };
    let gap = (standing == RequirementStanding::Open).then(|| {
        let by_load = verdicts.is_empty() && !planned.profiles.is_empty();
        if by_load { Gap::Load } else { gap(verdicts, planned.gap) }
    });
    RequirementCoverage { standing, gap, cases, ..planned }
}

/// Why planned cases showed nothing, by what each came to if it was run; where there is none, what the plan says.
fn gap(verdicts: &[Option<Verdict>], planned: Option<Gap>) -> Gap {
    let of_case = verdicts.iter().map(|verdict| match verdict {
        None => Gap::NotRun,
        Some(Verdict::Skipped) => Gap::Skipped,
        Some(Verdict::CouldNotRun) => Gap::CouldNotRun,
        Some(_) => Gap::Undecided,
    });
    of_case.min().or(planned).unwrap_or(Gap::NoCase)
}

/// What the cases of a suite showed.
#[derive(Default)]
struct Seen<'a> {
    /// The cases in which an answer of each operation was judged.
    judged: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// The cases that decided each requirement.
    decided: BTreeMap<&'a RequirementId, BTreeSet<&'a str>>,
    /// The weightiest that each requirement came to.
    requirements: BTreeMap<RequirementId, Verdict>,
}

impl<'a> Seen<'a> {
    fn of(cases: &[(&'a Case, &'a CaseOutcome)]) -> Self {
        let mut seen = Self::default();
        for (case, outcome) in cases {
            for name in judged(case, outcome) {
                seen.judged.entry(name).or_default().insert(&outcome.case);
            }
            // What comes before a finding is no more than a beginning: the case as a whole says that a promise holds.
            if matches!(outcome.verdict, Verdict::Conforms | Verdict::StaleDeviation) {
                let steps = case.steps.iter().take(outcome.steps_run);
                let shown = steps.flat_map(|step| &step.verifies);
                shown.for_each(|id| seen.decide(id, Verdict::Conforms, &outcome.case));
            }
            for finding in &outcome.findings {
                finding.requirements.iter().for_each(|id| seen.decide(id, finding.verdict, &outcome.case));
            }
        }
        seen
    }

    fn decide(&mut self, id: &'a RequirementId, verdict: Verdict, case: &'a str) {
        let known = self.requirements.entry(id.clone()).or_insert(verdict);
        *known = (*known).max(verdict);
        if matches!(verdict, Verdict::Conforms | Verdict::Violates | Verdict::DeviatesAsKnown) {
            self.decided.entry(id).or_default().insert(case);
        }
    }
}

/// The operations of which a case judged an answer. What decided nothing judged no more than the steps before its end.
fn judged<'a>(case: &'a Case, outcome: &'a CaseOutcome) -> Vec<&'a str> {
    let answered = outcome.sightings.iter().filter(|(_, sighting)| sighting.tested).map(|(name, _)| name.0.as_str());
    if !matches!(outcome.verdict, Verdict::Inconclusive | Verdict::CouldNotRun | Verdict::Skipped) {
        return answered.collect();
    }
    // A case that was withdrawn came to its end all the same.
    let met = case.steps.get(..outcome.steps_run).filter(|met| met.len() < case.steps.len()).unwrap_or_default();
    let met = called(&case.suite, met);
    answered.filter(|name| met.contains(name)).collect()
}

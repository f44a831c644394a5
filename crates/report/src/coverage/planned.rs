//! What the scenarios are about, by the documents alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use assay_engine::plan::{ConformancePlan, PlannedAction, PlannedStep, Purpose};
use assay_suite::{AppliesTo, Basis, RequirementId, Standing, Suite};

use super::covered::{Coverage, Gap, OperationCoverage, RequirementCoverage, RequirementStanding, SuiteCoverage};

/// Why no case verifies a service level.
const BY_LOAD: &str = "decided by a load run (assay load)";

/// Which requirements and operations the cases of a plan are about. No run shows in it.
pub fn coverage(plan: &ConformancePlan) -> Coverage {
    let verifying = plan.verifying();
    Coverage { suites: plan.suites.iter().map(|suite| suite_coverage(plan, suite, &verifying)).collect() }
}

fn suite_coverage(
    plan: &ConformancePlan,
    suite: &Suite,
    verifying: &BTreeMap<RequirementId, Vec<&str>>,
) -> SuiteCoverage {
    let own = || plan.cases.iter().filter(|case| case.suite.name.value == suite.name.value);
    let mut calls: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in own() {
        for operation in called(&case.suite, &case.steps) {
            calls.entry(operation).or_default().insert(&case.name);
        }
    }
    // A case that waits has no steps: what it was derived for says what it is about.
    let derived = || own().filter(|case| case.waits_for.is_some()).filter_map(|case| case.scenario.derived.as_ref());
    let waiting: BTreeSet<_> = derived().map(|derived| &derived.operation).collect();
    let subjects: BTreeSet<_> = derived().map(|derived| &derived.subject).collect();
    let no_case = |waits: bool| if waits { Gap::Waiting } else { Gap::NoCase };
    let operations = suite.operations.values().map(|operation| {
        let name = operation.name.value.0.as_str();
        let cases: Vec<_> = calls.get(name).into_iter().flatten().map(|case| (*case).to_owned()).collect();
        OperationCoverage {
            operation: name.to_owned(),
            group: operation.group.clone(),
            basis: if operation.name_only { Basis::Inferred } else { Basis::Documented },
            gap: cases.is_empty().then(|| no_case(waiting.contains(&operation.name.value))),
            planned: cases.len(),
            cases,
        }
    });
    let operations: Vec<_> = operations.collect();
    let requirements = suite.requirements.values().map(|requirement| {
        let cases: Vec<String> =
            verifying.get(&requirement.id.value).into_iter().flatten().map(|case| (*case).to_owned()).collect();
        let profiles = plan.loaded.get(&requirement.id.value).cloned().unwrap_or_default();
        let (standing, reason) = match (&requirement.standing, cases.is_empty(), profiles.is_empty()) {
            (Standing::Untestable(reason), ..) => (RequirementStanding::Untestable, Some(reason.clone())),
            (Standing::Testable, false, _) => (RequirementStanding::Verified, None),
            (Standing::Testable, true, false) => (RequirementStanding::Verified, Some(BY_LOAD.to_owned())),
            (Standing::Testable, true, true) => (RequirementStanding::Open, None),
        };
        let waits = subjects.contains(&requirement.id.value)
            || match &requirement.applies_to {
                AppliesTo::Operations(all) => {
                    all.iter().all(|name| waiting.contains(name) && !calls.contains_key(&*name.0))
                }
                AppliesTo::All => false,
            };
        RequirementCoverage {
            id: requirement.id.value.clone(),
            text: requirement.text.clone(),
            source: requirement.source.clone(),
            basis: requirement.basis,
            standing,
            gap: (standing == RequirementStanding::Open).then(|| no_case(waits)),
            reason,
            planned: cases.len(),
            cases,
            profiles,
        }
    });
    SuiteCoverage::counted(suite.name.value.0.clone(), own().count(), requirements.collect(), operations)
}

/// The operations that steps of a case call, as far as they are its own.
pub(super) fn called<'a>(suite: &'a Suite, steps: &'a [Arc<PlannedStep>]) -> BTreeSet<&'a str> {
    let of_scenario = |step: &&Arc<PlannedStep>| step.purpose == Purpose::Scenario && step.suite.is_none();
    let own = steps.iter().filter(of_scenario);
    let mut called = BTreeSet::new();
    for step in own {
        match &step.action {
            PlannedAction::Call { calls, .. } => called.extend(calls.iter().map(|call| call.operation.as_str())),
            PlannedAction::Paginate(call) => {
                called.insert(call.operation.as_str());
            }
            PlannedAction::Await { .. } => called.extend(suite.jobs.as_ref().map(|jobs| jobs.poll.0.as_str())),
        }
    }
    called
}

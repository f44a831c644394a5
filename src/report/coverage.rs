//! Which promises a plan's cases verify.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use crate::plan::{Case, ConformancePlan, PlannedAction, PlannedStep};
use crate::suite::{Basis, RequirementId, Standing, Suite};

/// Why no case verifies a service level.
const BY_LOAD: &str = "decided by a load run (assay load)";

/// The coverage of all suites of a plan.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// One for each suite.
    pub suites: Vec<SuiteCoverage>,
}

/// The coverage of one suite.
#[derive(Clone, Debug, Serialize)]
pub struct SuiteCoverage {
    /// The suite's name.
    pub suite: String,
    /// How many requirements a case verifies, or a load profile.
    pub verified: usize,
    /// How many no request can decide.
    pub untestable: usize,
    /// How many are left.
    pub open: usize,
    /// How many operations a case calls.
    pub operations_tested: usize,
    /// How many operations are documented.
    pub operations_documented: usize,
    /// How many of these the document only names: what is known of them besides is derived.
    pub operations_named: usize,
    /// How many cases there are.
    pub cases: usize,
    /// Each requirement.
    pub requirements: Vec<RequirementCoverage>,
    /// Each operation.
    pub operations: Vec<OperationCoverage>,
}

/// The coverage of one requirement.
#[derive(Clone, Debug, Serialize)]
pub struct RequirementCoverage {
    /// Its name.
    pub id: RequirementId,
    /// What is promised.
    pub text: String,
    /// Where the document promises it.
    pub cites: String,
    /// How sure it is that the document says so.
    pub basis: Basis,
    /// Whether it is verified.
    pub standing: RequirementStanding,
    /// Why it can't be tested, or not by a case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The cases that verify it.
    pub cases: Vec<String>,
    /// The load profiles that verify it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
}

/// Whether a requirement is verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RequirementStanding {
    /// A case verifies it, or a load profile.
    Verified,
    /// No request can decide it.
    Untestable,
    /// Nothing verifies it yet.
    Open,
}

/// The coverage of one operation.
#[derive(Clone, Debug, Serialize)]
pub struct OperationCoverage {
    /// Its name.
    pub operation: String,
    /// The heading under which the document lists it.
    pub group: String,
    /// How sure its parameters and fields are: inferred where the document says no more than the name.
    pub basis: Basis,
    /// The names of the cases that call it.
    pub cases: Vec<String>,
}

/// What the cases of a plan verify.
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
        for operation in called(case) {
            calls.entry(operation).or_default().insert(&case.name);
        }
    }
    let operations = suite.operations.values().map(|operation| {
        let name = operation.name.value.0.as_str();
        let cases = calls.get(name).into_iter().flatten().map(|case| (*case).to_owned());
        OperationCoverage {
            operation: name.to_owned(),
            group: operation.group.clone(),
            basis: if operation.detailed { Basis::Documented } else { Basis::Inferred },
            cases: cases.collect(),
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
        RequirementCoverage {
            id: requirement.id.value.clone(),
            text: requirement.text.clone(),
            cites: requirement.cites.clone(),
            basis: requirement.basis,
            standing,
            reason,
            cases,
            profiles,
        }
    });
    let requirements: Vec<_> = requirements.collect();
    let count = |standing| requirements.iter().filter(|requirement| requirement.standing == standing).count();
    SuiteCoverage {
        suite: suite.name.value.0.clone(),
        verified: count(RequirementStanding::Verified),
        untestable: count(RequirementStanding::Untestable),
        open: count(RequirementStanding::Open),
        operations_tested: operations.iter().filter(|operation| !operation.cases.is_empty()).count(),
        operations_documented: operations.len(),
        operations_named: operations.iter().filter(|operation| operation.basis != Basis::Documented).count(),
        cases: own().count(),
        requirements,
        operations,
    }
}

/// The operations that a case's own steps call.
fn called(case: &Case) -> BTreeSet<&str> {
    let of_scenario = |step: &&Arc<PlannedStep>| step.purpose == crate::plan::Purpose::Scenario && step.suite.is_none();
    let own = case.steps.iter().filter(of_scenario);
    let mut called = BTreeSet::new();
    for step in own {
        match &step.action {
            PlannedAction::Call { calls, .. } => called.extend(calls.iter().map(|call| call.operation.as_str())),
            PlannedAction::Paginate(call) => {
                called.insert(call.operation.as_str());
            }
            PlannedAction::Await { .. } => called.extend(case.suite.jobs.as_ref().map(|jobs| jobs.poll.0.as_str())),
        }
    }
    called
}

//! What a run creates and can't remove, known before it begins.

use std::collections::BTreeMap;

use crate::scenario::{Expectation, Outcome};
use assay_suite::{Effect, OperationName, Suite, SuiteName};

use super::{Case, ConformancePlan, LoadPlan, PlannedAction, PlannedLoad, PlannedStep, Readiness};

/// What an operation creates and a run can't remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// The suite.
    pub suite: SuiteName,
    /// The operation.
    pub operation: OperationName,
    /// How many cases or profiles ask for it.
    pub asked_by: usize,
    /// Why it is not removed, or when.
    pub why: String,
    /// Whether it always stays.
    pub certainty: Certainty,
}

/// Whether something stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// No operation removes it.
    Always,
    /// The deployment may refuse to remove it.
    Perhaps,
}

/// By suite and operation, why and how often.
type Found = BTreeMap<(Certainty, SuiteName, OperationName), (usize, String)>;

impl ConformancePlan {
    /// What the cases that are chosen by their names create and can't remove.
    pub fn lasting(&self, is_chosen: impl Fn(&str) -> bool) -> Vec<Lasting> {
        let mut found = Found::new();
        let ready = self.cases.iter().filter(|case| case.readiness == Readiness::Ready && is_chosen(&case.name));
        ready.for_each(|case| note(&mut found, of_case(case)));
        listed(found)
    }
}

impl LoadPlan {
    /// What the profiles create and can't remove.
    pub fn lasting(&self) -> Vec<Lasting> {
        let mut found = Found::new();
        for profile in self.rounds.iter().flatten().filter(|profile| profile.readiness == Readiness::Ready) {
            let mut of_profile = Vec::new();
            for portion in &profile.portions {
                of_profile.extend(of_operation(&profile.suite, &portion.operation.0));
            }
            let journey = match &profile.load {
                PlannedLoad::Closed(users) => Some(&users.journey),
                PlannedLoad::Open(_) => None,
            };
            profile.set_up.iter().chain(journey).for_each(|case| of_profile.extend(of_case(case)));
            note(&mut found, of_profile);
        }
        listed(found)
    }
}

/// What is created, why it stays, and whether it always does.
type Stays = (Certainty, SuiteName, OperationName, String);

fn of_case(case: &Case) -> Vec<Stays> {
    let calls = |step: &PlannedStep| match &step.action {
        PlannedAction::Call { calls, .. } if may_succeed(step) => {
            calls.iter().map(|call| call.operation.clone()).collect()
        }
        _ => Vec::new(),
    };
    let of_step = |step: &PlannedStep| -> Vec<Stays> {
        let suite = step.suite.as_ref().unwrap_or(&case.suite);
        calls(step).iter().flat_map(|name| of_operation(suite, name)).collect()
    };
    case.steps.iter().flat_map(|step| of_step(step)).collect()
}

fn of_operation(suite: &Suite, name: &str) -> Vec<Stays> {
    let Some(operation) = suite.operations.get(name).filter(|operation| operation.effect == Effect::Creates) else {
        return Vec::new();
    };
    let stays =
        |certainty, why: &str| (certainty, suite.name.value.clone(), operation.name.value.clone(), why.to_owned());
    let always = operation.no_undo.iter().map(|why| stays(Certainty::Always, &why.value));
    let perhaps = operation.undo.iter().filter_map(|undo| undo.unless.as_ref());
    always.chain(perhaps.map(|why| stays(Certainty::Perhaps, why))).collect()
}

/// Whether a step expects its requests to be carried out.
fn may_succeed(step: &PlannedStep) -> bool {
    let fails =
        |expectation: &Expectation| matches!(expectation, Expectation::Outcome(Outcome::Fails | Outcome::Refused));
    !step.expect.iter().any(|expectation| fails(&expectation.value))
}

/// Counts what one case or profile creates, each operation once.
fn note(found: &mut Found, mut stays: Vec<Stays>) {
    stays.sort();
    stays.dedup();
    for (certainty, suite, operation, why) in stays {
        found.entry((certainty, suite, operation)).or_insert((0, why)).0 += 1;
    }
}

fn listed(found: Found) -> Vec<Lasting> {
    let lasting = found.into_iter().map(|((certainty, suite, operation), (asked_by, why))| Lasting {
        suite,
        operation,
        asked_by,
        why,
        certainty,
    });
    lasting.collect()
}

//! What a run creates and can't remove, known before it begins.

use std::collections::BTreeMap;

use crate::scenario::{Expectation, Outcome};
use assay_suite::{Effect, OperationName, Suite, SuiteName};

use super::{Case, ConformancePlan, LoadPlan, PlannedAction, PlannedCall, PlannedLoad, PlannedStep, Readiness};

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

/// How often.
type Found = BTreeMap<Stays, usize>;

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
                of_profile.extend(of_call(&profile.suite, &portion.call));
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
    let of_step = |step: &PlannedStep| -> Vec<Stays> {
        let suite = step.suite.as_ref().unwrap_or(&case.suite);
        match &step.action {
            PlannedAction::Call { calls, .. } if may_succeed(step) => {
                calls.iter().flat_map(|call| of_call(suite, call)).collect()
            }
            _ => Vec::new(),
        }
    };
    case.steps.iter().flat_map(|step| of_step(step)).collect()
}

fn of_call(suite: &Suite, call: &PlannedCall) -> Vec<Stays> {
    let Some(operation) = suite.operations.get(call.operation.as_str()) else { return Vec::new() };
    let stays =
        |certainty, why: &str| (certainty, suite.name.value.clone(), operation.name.value.clone(), why.to_owned());
    let given = call.arguments.iter().filter_map(|(name, _)| operation.parameters.get(name));
    let besides = given.filter_map(|parameter| Some((parameter.lasting.as_ref()?, &parameter.name.value)));
    let besides =
        besides.map(|(what, name)| format!("{what} that is created for `{name}` is not removed with the rest"));
    let mut found: Vec<_> = besides.map(|why| stays(Certainty::Perhaps, &why)).collect();
    if matches!(operation.effect, Effect::Creates | Effect::Changes) {
        found.extend(operation.no_undo.iter().map(|why| stays(Certainty::Always, &why.value)));
        let perhaps = operation.undo.iter().filter_map(|undo| undo.unless.as_ref());
        found.extend(perhaps.map(|why| stays(Certainty::Perhaps, why)));
    }
    found
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
    for one in stays {
        *found.entry(one).or_default() += 1;
    }
}

fn listed(found: Found) -> Vec<Lasting> {
    let lasting = found.into_iter().map(|((certainty, suite, operation, why), asked_by)| Lasting {
        suite,
        operation,
        asked_by,
        why,
        certainty,
    });
    lasting.collect()
}

//! What a case needs before it can run: variables, fixtures, accounts, and the target's leave.

use std::collections::BTreeSet;

use crate::scenario::{Bindings, Expectation, Variable};
use crate::suite::{Effect, Suite};
use crate::target::Target;

use super::case::{PlannedAction, PlannedCall, PlannedStep, Purpose, Readiness};
use super::planner::Planner;

/// Variables that every case has: a name for what it creates.
const BUILT_IN: [&str; 1] = ["unique"];

/// Puts the steps of fixtures before steps that use their variables; an error says which variable nobody provides.
pub(super) fn with_fixtures(
    planner: &mut Planner<'_>,
    steps: Vec<PlannedStep>,
    bindings: &Bindings,
) -> Result<Vec<PlannedStep>, String> {
    let mut known: BTreeSet<_> = bindings.keys().cloned().collect();
    known.extend(BUILT_IN.map(|name| Variable(name.to_owned())));
    let mut complete = Vec::new();
    let mut path = Vec::new();
    for step in steps {
        provide(planner, &step, &mut known, &mut complete, &mut path)?;
        known.extend(step.save.iter().map(|(variable, _)| variable.clone()));
        complete.push(step);
    }
    Ok(complete)
}

fn provide(
    planner: &mut Planner<'_>,
    step: &PlannedStep,
    known: &mut BTreeSet<Variable>,
    complete: &mut Vec<PlannedStep>,
    path: &mut Vec<Variable>,
) -> Result<(), String> {
    for variable in uses(step) {
        if known.contains(&variable) {
            continue;
        }
        let suite = planner.suite;
        let fixture = planner.fixtures.iter().find(|fixture| {
            fixture.scope.includes(suite) && fixture.provides.iter().any(|provided| provided.value == variable)
        });
        let fixture = fixture.filter(|_| !path.contains(&variable)).cloned();
        let Some(fixture) = fixture else {
            return Err(format!("it needs {variable}: the target file can give it under `variables`"));
        };
        path.push(variable.clone());
        let provides: Vec<_> = fixture.provides.iter().map(|name| name.value.clone()).collect();
        for step in &fixture.steps {
            let step = planner.step(step, &Purpose::Fixture(provides.clone()));
            provide(planner, &step, known, complete, path)?;
            known.extend(step.save.iter().map(|(variable, _)| variable.clone()));
            complete.push(step);
        }
        path.pop();
    }
    Ok(())
}

/// The variables that a step needs, in the order in which they appear.
fn uses(step: &PlannedStep) -> Vec<Variable> {
    let mut templates = Vec::new();
    match &step.action {
        PlannedAction::Call(calls) => calls.iter().for_each(|call| templates.extend(of_call(call))),
        PlannedAction::Paginate(call) => templates.extend(of_call(call)),
        PlannedAction::Await { job, .. } => templates.push(job),
    }
    for expectation in &step.expect {
        if let Expectation::Field(_, matcher) = &expectation.value {
            templates.extend(matcher.templates());
        }
    }
    templates.into_iter().flat_map(crate::scenario::Template::variables).cloned().collect()
}

fn of_call(call: &PlannedCall) -> impl Iterator<Item = &crate::scenario::Template> {
    call.arguments.iter().map(|(_, value)| value)
}

/// Whether an operation does more than read; what is not documented might do anything, but is only called to be refused.
pub(super) fn writes(suite: &Suite, operation: &str) -> bool {
    suite.operations.get(operation).is_some_and(|operation| operation.effect != Effect::Reads)
}

/// Whether the target allows what the steps do and knows the accounts that they use.
pub(super) fn readiness(suite: &Suite, target: &Target, steps: &[PlannedStep]) -> Readiness {
    let Some(service) = target.services.get(&suite.name.value) else {
        return Readiness::Skipped(format!("target {} does not serve {}", target.name, suite.name.value));
    };
    let mut own: BTreeSet<_> = BTreeSet::from([Variable("unique".to_owned())]);
    for step in steps {
        let calls = match &step.action {
            PlannedAction::Call(calls) => calls.as_slice(),
            PlannedAction::Paginate(call) => std::slice::from_ref(call),
            PlannedAction::Await { .. } => &[],
        };
        for call in calls {
            if let Some(account) = call.account.as_ref().filter(|account| !service.accounts.contains_key(*account)) {
                return Readiness::Skipped(format!(
                    "it needs an account `{account}`: the target file can give its keys under `suites.{}.accounts`",
                    suite.name.value
                ));
            }
            if let Some(effect) = missing_leave(suite, target, call, &own) {
                return Readiness::Skipped(format!(
                    "{} {effect}: the target file can allow it with `allow: [reads, {effect}]`",
                    call.operation
                ));
            }
        }
        own.extend(step.save.iter().map(|(variable, _)| variable.clone()));
    }
    Readiness::Ready
}

/// The effect that a call needs leave for and has not. What a case made itself it may change and remove.
fn missing_leave(suite: &Suite, target: &Target, call: &PlannedCall, own: &BTreeSet<Variable>) -> Option<Effect> {
    let operation = suite.operations.get(call.operation.as_str())?;
    if target.allow.contains(&operation.effect) {
        return None;
    }
    let subject = call.arguments.iter().filter(|(name, _)| name == "id");
    let subject: Vec<_> = subject.flat_map(|(_, value)| value.variables()).collect();
    let of_its_own = !subject.is_empty() && subject.iter().all(|variable| own.contains(variable));
    match operation.effect {
        Effect::Changes | Effect::Removes if of_its_own && target.allow.contains(&Effect::Creates) => None,
        effect => Some(effect),
    }
}

//! What a case needs before it can run: variables, accounts, credentials, and the target's leave.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::scenario::{Expectation, Matcher, Path, SignatureTrait, Template, Variable};
use crate::source::{Diagnostic, Located, Place};
use crate::suite::{Effect, Presence, Suite};
use crate::target::{Credentials, Service, Target};

use super::case::{PlannedAction, PlannedCall, PlannedStep, Readiness};

/// The variables that a step needs, in the order in which they appear.
pub(super) fn uses(step: &PlannedStep) -> Vec<Variable> {
    let (mut templates, mut variables) = (Vec::new(), Vec::new());
    match &step.action {
        PlannedAction::Call { calls, until } => {
            calls.iter().for_each(|call| templates.extend(of_call(call)));
            if let Some(until) = until {
                templates.extend(of_expectations(&until.reached));
                variables.extend(of_paths(&until.reached));
            }
        }
        PlannedAction::Paginate(call) => templates.extend(of_call(call)),
        PlannedAction::Await { job, .. } => templates.push(job),
    }
    templates.extend(of_expectations(&step.expect));
    variables.extend(of_paths(&step.expect));
    templates.into_iter().flat_map(Template::variables).cloned().chain(variables).collect()
}

/// The variables that a suite's own operations give their parameters.
pub(super) fn suite_values(suite: &Suite) -> BTreeSet<Variable> {
    let parameters = suite.operations.values().flat_map(|operation| operation.parameters.values());
    let values = parameters.filter_map(|parameter| parameter.value.as_ref());
    let values = values.map(|node| Template::parse(&node.to_sent()));
    values.flat_map(|value| value.variables().into_iter().cloned().collect::<Vec<_>>()).collect()
}

/// A remark on a variable that is nearly one that something provides.
pub(super) fn unprovided(place: &Place, variable: &Variable, near: &str) -> Diagnostic {
    let remark = Diagnostic::warning(place, format!("nothing here provides {variable}"));
    remark.help(format!("did you mean `${near}`? Otherwise the target file has to give it"))
}

fn of_paths(expectations: &[Located<Expectation>]) -> Vec<Variable> {
    let paths = expectations.iter().filter_map(|expectation| match &expectation.value {
        Expectation::Field(path, _) => Some(path),
        _ => None,
    });
    paths.flat_map(Path::variables).collect()
}

fn of_expectations(expectations: &[Located<Expectation>]) -> Vec<&Template> {
    let matchers = expectations.iter().filter_map(|expectation| match &expectation.value {
        Expectation::Field(_, matcher) | Expectation::Header(_, matcher) | Expectation::Body(matcher) => Some(matcher),
        _ => None,
    });
    matchers.flat_map(Matcher::templates).collect()
}

fn of_call(call: &PlannedCall) -> impl Iterator<Item = &Template> {
    call.arguments.iter().map(|(_, value)| value)
}

/// Whether an operation does more than read; what is not documented might do anything, but is only called to be refused.
pub(super) fn writes(suite: &Suite, operation: &str) -> bool {
    suite.operations.get(operation).is_some_and(|operation| operation.effect != Effect::Reads)
}

/// Whether the target allows what the steps do and knows the accounts that they use.
pub(super) fn readiness(suite: &Suite, target: &Target, steps: &[Arc<PlannedStep>]) -> Readiness {
    let mut own: BTreeSet<_> = BTreeSet::from([Variable::unique()]);
    for step in steps {
        let suite = step.suite.as_deref().unwrap_or(suite);
        let Some(service) = target.services.get(&suite.name.value) else {
            return Readiness::Skipped(format!("target {} does not serve {}", target.name, suite.name.value));
        };
        let (calls, asks) = match &step.action {
            PlannedAction::Call { calls, .. } => (calls.as_slice(), None),
            PlannedAction::Paginate(call) => (std::slice::from_ref(call), None),
            PlannedAction::Await { account, .. } => (&[] as &[_], account.as_ref()),
        };
        let accounts = asks.into_iter().chain(calls.iter().filter_map(|call| call.account.as_ref()));
        if let Some(account) = accounts.into_iter().find(|account| !service.accounts.contains_key(*account)) {
            return Readiness::Skipped(format!(
                "it needs an account `{account}`: the target file can give its keys under `suites.{}.accounts`",
                suite.name.value
            ));
        }
        for call in calls {
            if let Some(name) = missing_credential(suite, service, call) {
                return Readiness::Skipped(format!(
                    "it needs the credential `{name}`: the target file can give it under `suites.{}`",
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
        if finds_its_own(suite, step, &own) {
            own.extend(step.save.iter().map(|(variable, _)| variable.clone()));
        }
    }
    Readiness::Ready
}

/// Whether what a step saves is the case's own: it makes something, or looks by something that is the case's own. What it
/// merely finds there belongs to others.
fn finds_its_own(suite: &Suite, step: &PlannedStep, own: &BTreeSet<Variable>) -> bool {
    let is_own = |template: &Template| template.variables().into_iter().any(|variable| own.contains(variable));
    let by_own =
        |call: &PlannedCall| writes(suite, &call.operation) || call.arguments.iter().any(|(_, value)| is_own(value));
    match &step.action {
        PlannedAction::Call { calls, .. } => calls.iter().all(by_own),
        PlannedAction::Paginate(call) => by_own(call),
        PlannedAction::Await { job, .. } => is_own(job),
    }
}

/// A credential that a call can't do without and its account has not. A port with an address of its own may ask for none.
fn missing_credential<'a>(suite: &'a Suite, service: &Service, call: &PlannedCall) -> Option<&'a str> {
    let account = call.account.as_ref().and_then(|name| service.accounts.get(name));
    let credentials: &Credentials = account.map_or(&service.main, |account| &account.credentials);
    if call.sign.contains(&SignatureTrait::Unsigned) || account.is_some_and(|account| account.url.is_some()) {
        return None;
    }
    if !credentials.suffice(suite.signing) {
        return suite.signing.credentials().iter().copied().find(|name| credentials.get(name).is_none());
    }
    let parameters = suite.operations.get(call.operation.as_str()).into_iter().flat_map(|o| o.parameters.values());
    let said = |name: &String| call.withheld.contains(name) || call.arguments.iter().any(|(known, _)| known == name);
    parameters
        .filter(|parameter| parameter.presence == Presence::Required && !said(&parameter.name.value))
        .filter_map(|parameter| parameter.credential.as_deref())
        .find(|name| credentials.get(name).is_none())
}

/// The effect that a call needs leave for and has not. What a case made itself it may change and remove.
fn missing_leave(suite: &Suite, target: &Target, call: &PlannedCall, own: &BTreeSet<Variable>) -> Option<Effect> {
    let operation = suite.operations.get(call.operation.as_str())?;
    if target.allow.contains(&operation.effect) {
        return None;
    }
    let required = |name: &str| operation.parameters.get(name).is_some_and(|p| p.presence == Presence::Required);
    let by_id = call.arguments.iter().any(|(name, _)| name == "id");
    let subject = call.arguments.iter().filter(|(name, _)| if by_id { name == "id" } else { required(name) });
    let subject: Vec<_> = subject.flat_map(|(_, value)| value.variables()).collect();
    let of_its_own = !subject.is_empty() && subject.iter().all(|variable| own.contains(variable));
    match operation.effect {
        Effect::Changes | Effect::Removes if of_its_own && target.allow.contains(&Effect::Creates) => None,
        effect => Some(effect),
    }
}

//! What a case needs before it can run: variables, accounts, credentials, and the target's permission.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::deployment::{Credentials, Service, Target, allow_line};
use crate::scenario::{Bindings, Expectation, Matcher, Path, SignatureTrait, Template};
use assay_suite::Variable;
use assay_suite::http::Method;
use assay_suite::source::{Diagnostic, Located, Place};
use assay_suite::{Effect, Location, Operation, Presence, Sharing, Style, Suite};

use super::case::{PlannedAction, PlannedCall, PlannedStep, Readiness};

impl PlannedStep {
    /// The variables that it needs, in the order in which they appear.
    pub fn variables(&self) -> Vec<Variable> {
        uses(self)
    }
}

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
    variables.extend(step.save.iter().filter_map(|(_, source)| source.value.path()).flat_map(Path::variables));
    templates.into_iter().flat_map(Template::variables).cloned().chain(variables).collect()
}

/// The variables that a target gives if its deployment can carry out what a step asks for. What is to be refused needs none.
pub(super) fn conditions(suite: &Suite, step: &PlannedStep) -> Vec<Variable> {
    let refused = |expectation: &Located<Expectation>| {
        matches!(expectation.value, Expectation::Outcome(crate::scenario::Outcome::Refused))
    };
    if step.expect.iter().any(refused) {
        return Vec::new();
    }
    let suite = step.suite.as_deref().unwrap_or(suite);
    let operations = step.operations();
    let operations = operations.iter().filter_map(|name| suite.operations.get(name));
    operations.flat_map(|operation| &operation.needs).map(|name| Variable(name.value.clone())).collect()
}

/// The variables by which steps change what they share with other cases: those cases run one after another.
pub(super) fn in_turn(suite: &Suite, given: &Bindings, steps: &[Arc<PlannedStep>]) -> BTreeSet<String> {
    let shared = suite.variables.iter().filter(|variable| variable.sharing == Sharing::InTurn);
    let shared: BTreeSet<_> = shared.map(|variable| Variable(variable.name.value.clone())).collect();
    let changing = steps
        .iter()
        .filter(|step| step.suite.is_none() && step.operations().iter().any(|operation| writes(suite, &operation.0)));
    let used = changing.flat_map(|step| uses(step));
    used.filter(|variable| shared.contains(variable) && given.contains_key(variable))
        .map(|variable| variable.0)
        .collect()
}

/// Whether steps say the number of a VLAN of their case's own.
pub(super) fn uses_vlans(steps: &[Arc<PlannedStep>]) -> bool {
    let own = Variable::unique_vlan();
    let other = own.sibling();
    steps.iter().any(|step| uses(step).into_iter().any(|variable| variable == own || Some(&variable) == other.as_ref()))
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
        Expectation::Field(path, _) | Expectation::Recent(path) => Some(path),
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
    let mut own: BTreeSet<_> = BTreeSet::from(Variable::of_a_case());
    let mut permissions = Permissions { allowed: target.allow.clone(), lacking: None };
    for step in steps {
        let suite = step.suite.as_deref().unwrap_or(suite);
        let calls = match &step.action {
            PlannedAction::Call { calls, .. } => calls.as_slice(),
            PlannedAction::Paginate(call) => std::slice::from_ref(call),
            PlannedAction::Await { .. } => &[],
        };
        if let Some(reason) = unknown_to_target(suite, target, step, calls) {
            return Readiness::Skipped(permissions.advice(target).unwrap_or(reason));
        }
        calls.iter().for_each(|call| permissions.need(suite, call, &own));
        if finds_its_own(suite, step, &own) {
            own.extend(step.save.iter().map(|(variable, _)| variable.clone()));
        }
    }
    permissions.advice(target).map_or(Readiness::Ready, Readiness::Skipped)
}

/// Whether each call has all parts of its path. One without is a request for another resource, perhaps for all of them
/// (RFC 3986, 3.3), and what the document promises of the operation does not apply to it.
pub(super) fn has_its_path(suite: &Suite, steps: &[Arc<PlannedStep>]) -> bool {
    steps.iter().all(|step| {
        let suite = step.suite.as_deref().unwrap_or(suite);
        let PlannedAction::Call { calls, .. } = &step.action else { return true };
        calls.iter().all(|call| {
            let operation = suite.operations.get(call.operation.as_str());
            let parameters = operation.into_iter().flat_map(|operation| operation.parameters.values());
            let mut in_path = parameters.filter(|parameter| parameter.location == Location::Path);
            in_path.all(|parameter| call.arguments.iter().any(|(given, _)| *given == parameter.name.value))
        })
    })
}

/// A service, an account or a credential that a step needs and the target does not name.
fn unknown_to_target(suite: &Suite, target: &Target, step: &PlannedStep, calls: &[PlannedCall]) -> Option<String> {
    let name = &suite.name.value;
    let Some(service) = target.services.get(name) else {
        return Some(format!("target {} does not serve {name}", target.name));
    };
    let asks = match &step.action {
        PlannedAction::Await { account, .. } => account.as_ref(),
        _ => None,
    };
    let mut accounts = asks.into_iter().chain(calls.iter().filter_map(|call| call.account.as_ref()));
    if let Some(account) = accounts.find(|account| !service.accounts.contains_key(*account)) {
        return Some(format!(
            "it needs an account `{account}`: the target file can give its keys under `suites.{name}.accounts`"
        ));
    }
    let credential = calls.iter().find_map(|call| missing_credential(suite, service, call))?;
    Some(format!("it needs the credential `{credential}`: the target file can give it under `suites.{name}`"))
}

/// What a case may do, and what it needs besides.
struct Permissions {
    /// What the target allows, and what the case needs besides so far.
    allowed: BTreeSet<Effect>,
    /// The first operation for which something was not allowed, and its effect.
    lacking: Option<(String, Effect)>,
}

impl Permissions {
    /// Notes what a call needs. What a case made itself it may change and remove.
    fn need(&mut self, suite: &Suite, call: &PlannedCall, own: &BTreeSet<Variable>) {
        if let Some(effect) = missing_permission(suite, &self.allowed, call, own) {
            self.allowed.insert(effect);
            self.lacking.get_or_insert_with(|| (call.operation.clone(), effect));
        }
    }

    /// What the target file would have to allow: all that it allows now, and what the case needs besides.
    fn advice(&self, target: &Target) -> Option<String> {
        let (operation, effect) = self.lacking.as_ref()?;
        let allow = allow_line(&self.allowed, target.load);
        Some(format!("{operation} {effect}: the target file can allow it with `{allow}`"))
    }
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
    let operation = suite.operations.get(call.operation.as_str())?;
    let said = |name: &String| call.withheld.contains(name) || call.arguments.iter().any(|(known, _)| known == name);
    let required = operation.parameters.values().filter(|parameter| parameter.presence == Presence::Required);
    let missing = required
        .filter(|parameter| !said(&parameter.name.value))
        .filter_map(|parameter| parameter.credential.as_deref())
        .find(|name| credentials.get(name).is_none());
    missing.or_else(|| {
        // Of several that a document takes one will do.
        let (_, carriers) = operation.contract.as_ref()?.security.as_ref()?;
        let is_given = |carrier: &String| {
            let credential = operation.parameters.get(carrier).and_then(|parameter| parameter.credential.as_deref());
            said(carrier) || credential.is_none_or(|name| credentials.get(name).is_some())
        };
        carriers.first().filter(|_| !carriers.iter().any(is_given)).map(String::as_str)
    })
}

/// The effect that a call needs permission for and has not. What a case made itself it may change and remove.
fn missing_permission(
    suite: &Suite,
    allowed: &BTreeSet<Effect>,
    call: &PlannedCall,
    own: &BTreeSet<Variable>,
) -> Option<Effect> {
    let Some(operation) = suite.operations.get(call.operation.as_str()) else {
        return undocumented_permission(suite, allowed, call, own);
    };
    let effect = effect_of(suite, operation, call);
    if allowed.contains(&effect) {
        return None;
    }
    let location = |name: &str| operation.parameters.get(name).map(|parameter| parameter.location);
    let required = |name: &str| operation.parameters.get(name).is_some_and(|p| p.presence == Presence::Required);
    let by_path = operation.parameters.values().any(|parameter| parameter.location == Location::Path);
    let by_id = call.arguments.iter().any(|(name, _)| name == "id");
    let names_it = |name: &str| match () {
        () if by_path => location(name) == Some(Location::Path),
        () if by_id => name == "id",
        () => required(name),
    };
    // A name that a body gives is what a thing is to be called, and not which one it is.
    let of_a_case = Variable::of_a_case();
    let says_which =
        |name: &str, variable: &Variable| location(name) != Some(Location::Body) || !of_a_case.contains(variable);
    let subject = call.arguments.iter().filter(|(name, _)| names_it(name));
    let subject: Vec<_> = subject
        .flat_map(|(name, value)| value.variables().into_iter().filter(|variable| says_which(name, variable)))
        .collect();
    // Of the names in a path the last one says which it is; what it is in may be another's, as a tenant is.
    let in_path = |name: &str| operation.request.as_ref().and_then(|request| request.path.find(&format!("{{{name}}}")));
    let named =
        call.arguments.iter().filter(|(name, value)| by_path && names_it(name) && !value.variables().is_empty());
    let subject = match named.max_by_key(|(name, _)| in_path(name)) {
        Some((_, last)) => last.variables(),
        None => subject,
    };
    let of_its_own = !subject.is_empty() && subject.iter().all(|variable| own.contains(variable));
    match effect {
        Effect::Changes | Effect::Removes if of_its_own && allowed.contains(&Effect::Creates) => None,
        effect => Some(effect),
    }
}

/// What the document does not have may be asked for to be refused; to remove something by it is allowed as any removal is.
fn undocumented_permission(
    suite: &Suite,
    allowed: &BTreeSet<Effect>,
    call: &PlannedCall,
    own: &BTreeSet<Variable>,
) -> Option<Effect> {
    if !suite.is_undocumented_removal(&call.operation) || allowed.contains(&Effect::Removes) {
        return None;
    }
    let named: Vec<_> = call.arguments.iter().flat_map(|(_, value)| value.variables()).collect();
    let is_own = !named.is_empty() && named.iter().all(|variable| own.contains(*variable));
    (!is_own || !allowed.contains(&Effect::Creates)).then_some(Effect::Removes)
}

/// What a call may do. By a method that its operation does not document it may do whatever that method does elsewhere.
fn effect_of(suite: &Suite, operation: &Operation, call: &PlannedCall) -> Effect {
    match (&suite.style, call.method) {
        (Style::Rest, Some(Method::Put | Method::Patch)) => operation.effect.max(Effect::Changes),
        (Style::Rest, Some(Method::Delete)) => Effect::Removes,
        (Style::Rest, Some(Method::Post)) if operation.effect == Effect::Reads => Effect::Creates,
        _ => operation.effect,
    }
}

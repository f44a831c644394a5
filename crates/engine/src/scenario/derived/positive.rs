//! Good requests are answered as documented.

use assay_suite::source::Place;
use assay_suite::{Contract, Effect, InputKind, Operation, RequirementId, Rule};

use super::build::{About, Arguments, Call, by, documented, of_answers, refused, scenario};
use super::request::{is_closed, is_given};
use super::value::{Extent, Variant, literal};
use super::{Maker, Scenarios, breaking};
use crate::scenario::Template;
use assay_suite::http::Method;

/// The methods by which a path is asked for that does not document them. What they do without a body is nothing.
const UNDOCUMENTED: [Method; 2] = [Method::Patch, Method::Put];

impl Maker<'_> {
    pub(super) fn positive(&self, operation: &Operation, scenarios: &mut Scenarios) {
        let Some(contract) = operation.contract.as_deref() else { return };
        let name = &operation.name.value.0;
        let about = |title, label: String, subject: &RequirementId, place| {
            let (subject, tag) = (subject.clone(), "positive");
            About { title, operation, label, subject, place, tag }
        };
        let required = self.good(operation, Extent::Required, Variant::First, &format!("{name}.required"));
        let all = self.good(operation, Extent::All, Variant::First, &format!("{name}.all"));
        if let Some(arguments) = &required {
            let about =
                about("a good request is answered as documented", name.clone(), &contract.exists, &contract.place);
            scenarios.push(self.answered(about, contract, arguments.clone(), &[]));
        }
        if let Some(arguments) = all.as_ref().filter(|all| !same_names(required.as_ref(), all)) {
            let title = "a request with all that is optional is answered as documented";
            let about = about(title, name.clone(), &contract.exists, &contract.place);
            scenarios.push(self.answered(about, contract, arguments.clone(), &[]));
        }
        for input in contract.inputs.iter().filter(|input| !is_given(input)) {
            let names_a_thing = match input.kind {
                InputKind::Path => !is_closed(input),
                InputKind::Body => false,
                _ => self.links.contains_key(&super::value::comparable(&input.argument)),
            };
            for (number, example) in input.examples.iter().enumerate().take(5) {
                let value = literal(example);
                if names_a_thing || self.judge.is_good(input, &value) != Some(true) || self.links_in(example) {
                    continue;
                }
                let Some(arguments) = required.clone().or(all.clone()) else { continue };
                let label = format!("{name}.{}.{}", input.argument, number + 1);
                let about = about("a documented example is accepted", label, &contract.exists, &contract.place);
                let arguments = replaced(arguments, &input.argument, value);
                scenarios.push(self.answered(about, contract, arguments, &[]));
            }
            for rule in &input.rules {
                self.edges(operation, contract, input, rule, scenarios);
            }
        }
    }

    /// Values at the edge of what is allowed, and each of those that are listed.
    fn edges(
        &self,
        operation: &Operation,
        contract: &Contract,
        input: &assay_suite::Input,
        rule: &Rule,
        scenarios: &mut Scenarios,
    ) {
        // The name of a thing in a path is that of one that exists.
        if input.kind == InputKind::Path && self.variable_of(operation, &input.argument).is_some() {
            return;
        }
        let id = &rule.requirement;
        for extent in [Extent::Required, Extent::All] {
            let Some(arguments) = self.good(operation, extent, Variant::First, &format!("{id}.edge")) else { return };
            let known = arguments.iter().find(|(name, _)| *name == input.argument).map(|(_, value)| value.clone());
            let Some(good) = known.or_else(|| self.argument(operation, input, extent, Variant::First, &id.0)) else {
                return;
            };
            let edges = breaking::edge(&good, rule).into_iter().map(|value| (0, value));
            let edges: Vec<_> = edges.chain(breaking::listed(&good, rule)).collect();
            if edges.is_empty() {
                continue;
            }
            for (number, value) in edges {
                if self.judge.is_good(input, &value) == Some(false) {
                    continue;
                }
                let (title, label) = match number {
                    0 => ("a value at the edge of what is allowed is accepted", id.0.clone()),
                    number => ("each documented value is accepted", format!("{id}.{number}")),
                };
                let (subject, tag, place) = (id.clone(), "positive", &rule.place);
                let about = About { title, operation, label, subject, place, tag };
                let arguments = replaced(arguments.clone(), &input.argument, value);
                if self.would_stay(operation, &arguments) {
                    continue;
                }
                scenarios.push(self.answered(about, contract, arguments, std::slice::from_ref(id)));
            }
            return;
        }
    }

    /// Whether what is created has neither a list nor a name by which it is known to be the run's own, and would stay.
    fn would_stay(&self, operation: &Operation, arguments: &Arguments) -> bool {
        let is_named = || {
            let mut variables = arguments.iter().flat_map(|(_, value)| value.variables());
            variables.any(|variable| *variable == assay_suite::Variable::unique())
        };
        let created = self.created.get(&operation.name.value);
        created.is_some_and(|resource| resource.list.is_none()) && !is_named()
    }

    /// A request that is to be accepted, and what its answer decides.
    fn answered(
        &self,
        about: About<'_>,
        contract: &Contract,
        arguments: Arguments,
        more: &[RequirementId],
    ) -> std::sync::Arc<crate::scenario::Scenario> {
        let mut verifies = vec![contract.exists.clone(), contract.status.clone(), self.described.no_trace.clone()];
        verifies.extend(contract.successes().next().into_iter().flat_map(|response| response.requirements().cloned()));
        verifies.extend(more.iter().cloned());
        let call = Call { operation: about.operation, arguments, save: Vec::new() };
        let step = call.step(documented(contract, about.place), verifies);
        scenario(self.suite, about, vec![step])
    }

    /// Whether an example names things of other kinds, which may not be there.
    fn links_in(&self, example: &serde_json::Value) -> bool {
        match example {
            serde_json::Value::Object(fields) => fields.iter().any(|(name, value)| {
                let name = super::value::comparable(name);
                self.links.contains_key(&name)
                    || name.strip_suffix('s').is_some_and(|name| self.links.contains_key(name))
                    || self.links_in(value)
            }),
            serde_json::Value::Array(items) => items.iter().any(|item| self.links_in(item)),
            _ => false,
        }
    }

    /// Methods that are not documented are not taken.
    pub(super) fn methods(&self, scenarios: &mut Scenarios) {
        for path in &self.described.methods {
            let Some(method) = UNDOCUMENTED.into_iter().find(|method| !path.documented.contains(method)) else {
                continue;
            };
            let Some(operation) = self.operation(&path.operation) else { continue };
            let inputs = self.good(operation, Extent::Required, Variant::First, &path.request.path).unwrap_or_default();
            let in_path = |name: &str| {
                operation.parameters.get(name).is_some_and(|found| found.location == assay_suite::Location::Path)
            };
            let arguments: Arguments = inputs.into_iter().filter(|(name, _)| in_path(name)).collect();
            let place: &Place = &path.place;
            let (subject, label) = (path.requirement.clone(), format!("{}.{}", operation.name.value, method.name()));
            let title = "a method that is not documented is refused";
            let about = About { title, operation, label, subject, place, tag: "negative" };
            let call = Call { operation, arguments, save: Vec::new() };
            let expect = refused(&[400, 404, 405], place);
            let step = call.with_options(by(method), expect, vec![path.requirement.clone()]);
            scenarios.push(scenario(self.suite, about, vec![step]));
        }
    }
}

/// Whether two requests give the same arguments with the same values, but for what distinguishes cases.
fn same_names(one: Option<&Arguments>, other: &Arguments) -> bool {
    one.is_some_and(|one| shape(one) == shape(other))
}

fn shape(arguments: &Arguments) -> Vec<String> {
    fn walk(value: &Template, at: &str, found: &mut Vec<String>) {
        match value {
            Template::Map(fields) => {
                fields.iter().for_each(|(name, value)| walk(value, &format!("{at}.{name}"), found));
            }
            Template::List(items) => items.iter().for_each(|item| walk(item, &format!("{at}[]"), found)),
            _ => found.push(at.to_owned()),
        }
    }
    let mut found = Vec::new();
    arguments.iter().for_each(|(name, value)| walk(value, name, &mut found));
    found
}

/// Arguments with another value of one.
pub(super) fn replaced(mut arguments: Arguments, name: &str, value: Template) -> Arguments {
    match arguments.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => arguments.push((name.to_owned(), value)),
    }
    arguments
}

/// Whether asking for an operation does no more than read.
pub(super) fn reads(operation: &Operation) -> bool {
    operation.effect == Effect::Reads
}

/// The requirements of the answers of refusal.
pub(super) fn refusal_requirements(
    contract: &Contract,
    subject: &RequirementId,
    statuses: &[u16],
) -> Vec<RequirementId> {
    let mut verifies = vec![subject.clone(), contract.status.clone()];
    verifies.extend(of_answers(contract, statuses));
    verifies
}

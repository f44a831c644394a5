//! Good requests are answered as documented.

use std::sync::Arc;

use serde_json::Value;

use assay_suite::source::{Located, Place};
use assay_suite::{Contract, Effect, InputKind, Operation, RequirementId, Rule, Variable};

use super::breaking;
use super::build::{About, Arguments, Call, by, created, documented, of_answers, refused, scenario, undecided};
use super::compare::{compare, property};
use super::maker::{Maker, Scenarios};
use super::request::{is_closed, is_given};
use super::value::{Extent, Variant, literal, other_alternatives};
use crate::scenario::{Expectation, Template};
use assay_suite::http::Method;

/// The methods by which a path is asked for that does not document them: one that changes nothing anywhere (RFC 9110, 9.2.1), and
/// one that needs the permission to change what the path leads to.
const UNDOCUMENTED: [&[Method]; 2] = [&[Method::Trace], &[Method::Patch, Method::Put]];

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
            let others = if input.kind == InputKind::Body { other_alternatives(&input.schema) } else { Vec::new() };
            for (number, schema) in others.iter().enumerate() {
                let label = format!("{name}.{}.alternative.{}", input.argument, number + 2);
                let value = self.made(operation, input, schema, (Extent::All, Variant::First), &label);
                let (Some(value), Some(arguments)) = (value, required.clone().or(all.clone())) else { continue };
                let about = about("each documented alternative is accepted", label, &contract.exists, &contract.place);
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
        // Which version there is only an answer says.
        let version = self.resource_of(operation).and_then(|resource| resource.version.as_ref());
        if input.kind == InputKind::Body && version.is_some() && rule.path.first() == version {
            return;
        }
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
            let edges = breaking::edges(&good, rule, &input.rules).into_iter();
            let edges =
                edges.filter(|value| self.judge.is_good(input, value) != Some(false)).take(1).map(|value| (0, value));
            // Outside of a body null can't be written.
            let listed = breaking::listed(&good, rule).into_iter();
            let listed =
                listed.filter(|(_, value)| input.kind == InputKind::Body || *value != Template::Literal(Value::Null));
            let edges: Vec<_> = edges.chain(listed).collect();
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
                let shown = self.shown(operation, input, rule, &value, &rule.place);
                let arguments = replaced(arguments.clone(), &input.argument, value);
                if self.would_stay(operation, &arguments) {
                    continue;
                }
                let mut made = self.answered(about, contract, arguments, std::slice::from_ref(id));
                if let Some(made) = Arc::get_mut(&mut made)
                    && let Some(step) = made.steps.last_mut()
                {
                    step.expect.extend(shown);
                }
                scenarios.push(made);
            }
            return;
        }
    }

    /// That the answer to a creation or a change shows a value of its body as it was sent.
    fn shown(
        &self,
        operation: &Operation,
        input: &assay_suite::Input,
        rule: &Rule,
        value: &Template,
        place: &Place,
    ) -> Vec<Located<Expectation>> {
        let mut expect = Vec::new();
        let (Some(name), Template::Map(fields)) = (rule.path.first(), value) else { return expect };
        let creates = self.created.get(&operation.name.value).and_then(|resource| resource.created_key.as_deref());
        let replaces = self.resource_of(operation).and_then(|resource| resource.replace.as_ref());
        // What surrounds the identity surrounds the rest.
        let is_thing =
            creates.is_some_and(|key| key.matches('.').count() == 1) || replaces == Some(&operation.name.value);
        if let Some(schema) =
            self.schema_of(&operation.name.value).filter(|_| is_thing && input.kind == InputKind::Body)
        {
            let field: Vec<_> = fields.iter().filter(|(known, _)| known == name).cloned().collect();
            compare(schema, schema, "$", &field, place, &mut expect);
        }
        expect
    }

    /// Whether what is created has neither a list nor a name by which it is known to be the run's own, and would stay.
    fn would_stay(&self, operation: &Operation, arguments: &Arguments) -> bool {
        let Some(resource) = self.created.get(&operation.name.value) else { return false };
        let shown = resource.read.as_ref().or(resource.create.as_ref()).and_then(|name| self.schema_of(name));
        let is_shown = |name: &str| shown.is_none_or(|schema| property(schema, schema, name).is_some());
        let has_name = |value: &Template| value.variables().into_iter().any(|variable| *variable == Variable::unique());
        // What refers to the run's own by an identity that can't be guessed is known by that.
        let is_reference = |name: &str, value: &Template| {
            let field = shown.and_then(|schema| property(schema, schema, name));
            let format = field.and_then(|field| field.get("format")).and_then(Value::as_str);
            matches!(value, Template::Variable(_)) && format == Some("uuid")
        };
        let is_named = || {
            arguments.iter().any(|(_, value)| match value {
                Template::Map(fields) => {
                    fields.iter().any(|(name, value)| (has_name(value) && is_shown(name)) || is_reference(name, value))
                }
                value => has_name(value),
            })
        };
        resource.list.is_none() && !is_named()
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
        let (mut steps, mut arguments) = (Vec::new(), arguments);
        if let Some((resource, before)) = self.admission(about.operation, about.place) {
            arguments = replaced(arguments, &resource.parameter, Template::Variable(created()));
            steps = before;
        }
        let call = Call { operation: about.operation, arguments, save: Vec::new() };
        steps.push(call.step(documented(contract, about.place), verifies));
        scenario(self.suite, about, steps)
    }

    /// Whether an example names things of other kinds, which may not be there.
    fn links_in(&self, example: &Value) -> bool {
        match example {
            Value::Object(fields) => fields.iter().any(|(name, value)| {
                let name = super::value::comparable(name);
                self.links.contains_key(&name)
                    || name.strip_suffix('s').is_some_and(|name| self.links.contains_key(name))
                    || self.links_in(value)
            }),
            Value::Array(items) => items.iter().any(|item| self.links_in(item)),
            _ => false,
        }
    }

    /// Methods that are not documented are not taken.
    pub(super) fn methods(&self, scenarios: &mut Scenarios) {
        for (path, methods) in
            self.described.methods.iter().flat_map(|path| UNDOCUMENTED.map(|methods| (path, methods)))
        {
            let Some(method) = methods.iter().copied().find(|method| !path.documented.contains(method)) else {
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
            let mut expect = refused(&[400, 404, 405], place);
            // Whoever repeats a request does no harm.
            expect.extend((method == Method::Trace).then(|| undecided(&[200], place)));
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

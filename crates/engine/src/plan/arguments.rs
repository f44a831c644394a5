//! The arguments of a request: what the scenario says, completed from what is documented.

use crate::scenario::{Bindings, CallOptions, Template};
use assay_suite::source::{Located, Place};
use assay_suite::{Location, Operation, OperationName, Parameter};

/// What a request is to hold.
pub(super) struct Wanted<'a> {
    /// The operation, if it is documented.
    pub documented: Option<&'a Operation>,
    /// What the scenario says.
    pub options: &'a CallOptions,
    /// What is known already.
    pub bindings: &'a Bindings,
    /// Whether required parameters that the scenario is silent about are given their documented values.
    pub complete: bool,
}

/// A parameter that must be given but for which no value is known.
pub(super) struct NoValue {
    pub operation: OperationName,
    pub parameter: String,
    pub place: Place,
}

pub(super) fn arguments(wanted: &Wanted<'_>) -> Result<Vec<(String, Template)>, NoValue> {
    let bind = |template: &Template| template.bind(wanted.bindings);
    let options = wanted.options;
    let said: Vec<_> = options.with.iter().map(|(name, value)| (bind(name).to_string(), bind(value))).collect();
    let without = names(&options.without, wanted.bindings);
    let mut arguments = Vec::new();
    if let Some(operation) = wanted.documented {
        let mut given = names(&options.add, wanted.bindings);
        if wanted.complete {
            given.extend(operation.obligatory().into_iter().map(str::to_owned));
        }
        for name in given {
            let absent = said.iter().all(|(known, _)| *known != name)
                && arguments.iter().all(|(known, _)| *known != name)
                && !without.contains(&name);
            // The target has the values of credentials.
            if absent && !carries_credential(operation, &name) {
                arguments.push((name.clone(), documented_value(operation, &name)?));
            }
        }
    }
    arguments.extend(said.into_iter().filter(|(name, _)| !without.contains(name)));
    Ok(arguments)
}

/// The names that templates expand to; one may expand to several, with commas between.
pub(super) fn names(templates: &[Located<Template>], bindings: &Bindings) -> Vec<String> {
    let names = templates.iter().map(|template| template.value.bind(bindings).to_string());
    let names = names.flat_map(|names| names.split(',').map(str::to_owned).collect::<Vec<_>>());
    names.filter(|name| !name.is_empty()).collect()
}

fn carries_credential(operation: &Operation, name: &str) -> bool {
    operation.parameters.get(name).is_some_and(|parameter| parameter.credential.is_some())
}

/// The names of all parameters without which an operation is refused, with commas between. Without those of its path it is
/// not asked for at all.
pub(super) fn obligatory_names(operation: &Operation) -> String {
    let is_in_path =
        |name: &&str| operation.parameters.get(*name).is_some_and(|found| found.location == Location::Path);
    let mut names = operation.obligatory();
    names.retain(|name| !is_in_path(name));
    names.join(",")
}

/// The names of those parameters without which an operation is refused that have a documented value. What is to come from a
/// variable a load profile gives itself: it says so what each request asks for.
pub(super) fn obligatory_with_values(operation: &Operation) -> Vec<String> {
    let has_value = |name: &&str| documented_value(operation, name).is_ok_and(|value| value.variables().is_empty());
    operation.obligatory().into_iter().filter(has_value).map(str::to_owned).collect()
}

fn documented_value(operation: &Operation, name: &str) -> Result<Template, NoValue> {
    let parameter = operation.parameters.get(name);
    let value = parameter.and_then(|parameter| parameter.value.as_ref()).map(|node| Template::parse(&node.to_sent()));
    let first = || parameter.and_then(|parameter| parameter.values.first()).map(|value| Template::text(value));
    value.or_else(first).ok_or_else(|| NoValue {
        operation: operation.name.value.clone(),
        parameter: name.to_owned(),
        place: parameter.map_or(&operation.name.place, Parameter::place).clone(),
    })
}

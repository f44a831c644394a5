//! The arguments of requests that are to be accepted.

use assay_suite::{Location, Operation, Parameter, Presence, ValueType, Variable};

use crate::scenario::Template;
use crate::scenario::template::Part;

/// The name of nothing.
pub(super) const UNKNOWN: &str = "assay-unknown";

/// Arguments by name; one without a value has the documented one.
pub(super) type Arguments = Vec<(String, Option<Template>)>;

/// The parameters that a plain good request has.
pub(super) fn plain(operation: &Operation) -> Arguments {
    let names = operation.obligatory().into_iter();
    let has_value = |name: &&str| operation.parameters.get(*name).is_none_or(|found| found.credential.is_none());
    names.filter(has_value).map(|name| (name.to_owned(), None)).collect()
}

/// Those of a request that says all that its answer repeats.
pub(super) fn full(operation: &Operation) -> Arguments {
    let mut arguments = plain(operation);
    for parameter in operation.optional_echoes() {
        if !arguments.iter().any(|(known, _)| *known == parameter.name.value) {
            arguments.push((parameter.name.value.clone(), None));
        }
    }
    // What is documented as another value shows apart what would be so anyway, and capitals that a text is kept as it is.
    for (name, value) in &mut arguments {
        let Some(parameter) = operation.parameters.get(name.as_str()) else { continue };
        let other = parameter.other.as_ref().map(|other| Template::parse(&other.to_sent()));
        *value = other.or_else(|| capitalised(parameter));
    }
    arguments
}

/// The documented text of a parameter that takes any, with capitals.
fn capitalised(parameter: &Parameter) -> Option<Template> {
    let text = documented(parameter)?;
    let text = text.as_literal().filter(|text| is_free_text(parameter, text))?;
    let words = text.split(' ').map(|word| {
        let mut letters = word.chars();
        letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
    });
    Some(Template::text(&words.collect::<Vec<_>>().join(" ")))
}

/// Arguments with another value of one.
pub(super) fn with(mut arguments: Arguments, name: &str, value: Template) -> Arguments {
    match arguments.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = Some(value),
        None => arguments.push((name.to_owned(), Some(value))),
    }
    arguments
}

/// A good request that gives one parameter a value. What goes with it is there, and what it excludes or replaces is not;
/// nothing where that has to be there.
pub(super) fn giving(operation: &Operation, name: &str, value: Template) -> Option<Arguments> {
    let parameter = operation.parameters.get(name)?;
    let mut arguments = plain(operation);
    let mut partners: Vec<_> = parameter.with.clone();
    if let Some(sets) = &operation.exactly_one
        && let Some(set) = sets.0.iter().find(|set| set.iter().any(|known| known == name))
    {
        let replaced = |known: &String| !set.contains(known) && sets.0.iter().any(|other| other.contains(known));
        arguments.retain(|(known, _)| !replaced(known));
        partners.extend(set.iter().cloned());
    }
    let partners = partners.into_iter().filter(|partner| partner != name);
    for partner in partners {
        if !arguments.iter().any(|(known, _)| *known == partner) {
            arguments.push((partner, None));
        }
    }
    let excludes = |one: &Parameter, other: &str| one.excludes.iter().any(|known| known == other);
    let is_excluded = |known: &str| {
        let known_excludes = operation.parameters.get(known).is_some_and(|known| excludes(known, name));
        known != name && (excludes(parameter, known) || known_excludes)
    };
    let is_kept = |known: &str| operation.parameters.get(known).is_some_and(is_required);
    if arguments.iter().any(|(known, _)| is_excluded(known) && is_kept(known)) {
        return None;
    }
    arguments.retain(|(known, _)| !is_excluded(known));
    Some(with(arguments, name, value))
}

/// The value that a request gives a parameter.
pub(super) fn value(operation: &Operation, arguments: &Arguments, name: &str) -> Option<Template> {
    let (_, value) = arguments.iter().find(|(known, _)| known == name)?;
    value.clone().or_else(|| documented(operation.parameters.get(name)?))
}

/// The documented value of a parameter.
pub(super) fn documented(parameter: &Parameter) -> Option<Template> {
    let value = parameter.value.as_ref().map(|node| Template::parse(&node.to_sent()));
    value.or_else(|| parameter.values.first().map(|value| Template::text(value)))
}

/// Another good value of a parameter, if one can be distinguished from what is documented.
pub(super) fn another(parameter: &Parameter) -> Option<Template> {
    if let Some(other) = &parameter.other {
        return Some(Template::parse(&other.to_sent()));
    }
    let first = documented(parameter)?;
    if let Some(value) = parameter.values.iter().find(|value| first.as_literal() != Some(value.as_str())) {
        return Some(Template::text(value));
    }
    let truth = [("true", "false"), ("false", "true")].into_iter();
    let is = first.as_literal().and_then(|text| truth.clone().find(|(is, _)| *is == text));
    if let Some((_, other)) = is {
        return Some(Template::text(other));
    }
    match &first {
        Template::Text(_) => Some(apart(&first)),
        Template::Literal(serde_json::Value::String(text)) if is_free_text(parameter, text) => {
            Some(Template::text(&format!("{text} b")))
        }
        _ => None,
    }
}

/// Whether any text will do: one that says something, and not in a notation.
fn is_free_text(parameter: &Parameter, text: &str) -> bool {
    let is_text = matches!(parameter.value_type, None | Some(ValueType::Text));
    is_text && parameter.values.is_empty() && parameter.bounds.pattern.is_none() && text.contains(' ')
}

/// A request like another for a second thing next to the first: what only one can have is another.
pub(super) fn apart_from(operation: &Operation, arguments: &Arguments) -> Arguments {
    let another = arguments.iter().map(|(name, _)| {
        let value = value(operation, arguments, name);
        (name.clone(), value.as_ref().filter(|value| is_unique(value)).map(apart))
    });
    another.collect()
}

pub(super) fn is_unique(value: &Template) -> bool {
    value.variables().into_iter().any(|variable| Variable::of_a_case().contains(variable))
}

/// Whether the documented value of a parameter names a thing that there is.
fn names_a_thing(parameter: &Parameter) -> bool {
    let made_up = Variable::of_a_case();
    matches!(documented(parameter), Some(Template::Variable(variable)) if !made_up.contains(&variable))
}

/// Requests like a good one that must be refused: each lacks a required parameter, or names by it what there is not. They all
/// keep the parameter that is `kept`.
pub(super) fn wrong(operation: &Operation, good: &Arguments, kept: &str) -> Vec<Arguments> {
    let required = operation.parameters.values().filter(|parameter| is_required(parameter));
    let others = required.filter(|parameter| parameter.name.value != kept && parameter.credential.is_none());
    let wrong = others.flat_map(|parameter| {
        let name = &parameter.name.value;
        let lacking = || good.iter().filter(|(given, _)| given != name).cloned().collect();
        let unknown = || with(good.clone(), name, Template::text(UNKNOWN));
        let lacking = (parameter.location != Location::Path).then(lacking);
        lacking.into_iter().chain(names_a_thing(parameter).then(unknown))
    });
    wrong.collect()
}

/// A value for a second thing.
fn apart(value: &Template) -> Template {
    let other = |variable: &Variable| variable.sibling().unwrap_or_else(|| variable.clone());
    match value {
        Template::Variable(variable) => Template::Variable(other(variable)),
        Template::Text(parts) => {
            let parts = parts.iter().map(|part| match part {
                Part::Variable(variable) => Part::Variable(other(variable)),
                Part::Literal(_) | Part::Chosen(_) => part.clone(),
            });
            Template::Text(parts.collect())
        }
        other => other.clone(),
    }
}

/// Whether a parameter must be given.
pub(super) fn is_required(parameter: &Parameter) -> bool {
    parameter.presence == Presence::Required
}

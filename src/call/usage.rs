//! What the documents say of an operation, for the person who calls it.

use assay_suite::source::{closest, harmless};
use assay_suite::{
    Alternatives, AppliesTo, Demand, Input, Location, Operation, PageStart, Parameter, Presence, Suite, plain,
};

use super::rows::aligned;
use crate::{CliError, ExitCode};

/// So many rules of one parameter, and so many requirements, are shown.
const MOST_SHOWN: usize = 12;

/// The operations of a suite, and the chapters that describe them.
pub(crate) fn of_suite(suite: &Suite) -> String {
    let line = |operation: &Operation| {
        vec![operation.name.value.0.clone(), operation.effect.to_string(), operation.source.clone()]
    };
    let lines: Vec<_> = suite.operations.values().map(line).collect();
    let text = format!(
        "{}: {} operations\n\n{}\nhelp: `--help OPERATION` shows the parameters of one\n",
        suite.title,
        suite.operations.len(),
        aligned(&lines)
    );
    harmless::lines(&text)
}

/// An operation: what it does, what it takes, and where that is written.
pub(crate) fn of_operation(suite: &Suite, name: &str) -> Result<String, CliError> {
    let Some(operation) = suite.operations.get(name) else { return Err(unknown(suite, name)) };
    let mut text = format!("{}: {}\n", operation.name.value, nature(suite, operation).join("; "));
    let version = suite.document.version.as_deref().map(|version| format!(", version {version}")).unwrap_or_default();
    text += &format!("{}{version}: {}\n", suite.document.title, operation.source);
    if let Some(line) = &operation.request {
        text += &format!("{} {}\n", line.method, line.path);
    }
    text += &format!("\n{}", parameters(operation));
    for (sets, what) in [(&operation.exactly_one, "exactly one"), (&operation.at_least_one, "at least one")] {
        text += &sets.as_ref().map(|sets| format!("\nneeds {what} of: {}\n", alternatives(sets))).unwrap_or_default();
    }
    text += &requirements(suite, operation);
    let arguments: String = operation
        .obligatory()
        .iter()
        .filter(|name| is_given(operation, name))
        .map(|name| format!(" {name}=…"))
        .collect();
    text += &format!("\nassay call {} {}{arguments}\n", suite.name.value, operation.name.value);
    Ok(harmless::lines(&text))
}

pub(crate) fn unknown(suite: &Suite, name: &str) -> CliError {
    let near = closest(name, suite.operations.keys().map(|name| name.0.as_str()));
    let help = near.map_or_else(
        || format!("`assay list operations --suite {}` shows them", suite.name.value),
        |near| format!("did you mean `{near}`?"),
    );
    let message =
        format!("error: suite {} has no operation `{}`\nhelp: {help}", suite.name.value, harmless::line(name));
    CliError::new(ExitCode::Usage, message)
}

/// What an operation is, in a few words.
fn nature(suite: &Suite, operation: &Operation) -> Vec<String> {
    let mut nature = vec![operation.effect.to_string()];
    if operation.asynchronous {
        nature.push("answers with a job (--wait follows it)".to_owned());
    }
    if let Some(list) = &operation.list {
        let key = list.key.as_ref().map(|key| format!(", each with `{key}`")).unwrap_or_default();
        nature.push(format!("a list of `{}`{key}", list.items));
    }
    if let Some(paging) = suite.paging_of(operation) {
        let start = match &paging.start {
            PageStart::Number { parameter, .. }
            | PageStart::Offset { parameter }
            | PageStart::Marker { parameter, .. } => parameter,
        };
        nature.push(format!("in pages by `{start}` and `{}` (--all fetches them)", paging.size));
    }
    if operation.contract.as_ref().is_some_and(|contract| contract.is_deprecated) {
        nature.push("deprecated".to_owned());
    }
    nature
}

fn parameters(operation: &Operation) -> String {
    if operation.parameters.is_empty() {
        let known = if operation.name_only { "the document does not say what it takes" } else { "no parameters" };
        return format!("{known}\n");
    }
    let mut lines = vec![["PARAMETER", "", "TYPE", "VALUES"].map(str::to_owned).to_vec()];
    lines.extend(operation.parameters.values().map(|parameter| {
        let input = operation.contract.as_ref().and_then(|contract| contract.input(&parameter.name.value));
        let needed = match (parameter.presence, &parameter.credential) {
            (_, Some(_)) => "target",
            (Presence::Required, None) => "required",
            (Presence::Optional, None) => "",
        };
        let kind = parameter.value_type.map(|kind| kind.name().to_owned());
        let kind = kind.or_else(|| input.and_then(type_of)).unwrap_or_default();
        vec![parameter.name.value.clone(), needed.to_owned(), kind, values(parameter, input).join("; ")]
    }));
    aligned(&lines)
}

/// Whether the person who calls gives it, and not the target.
fn is_given(operation: &Operation, name: &str) -> bool {
    operation.parameters.get(name).is_none_or(|parameter| parameter.credential.is_none())
}

fn type_of(input: &Input) -> Option<String> {
    input.rules.iter().filter(|rule| rule.path.is_empty()).find_map(|rule| match &rule.demand {
        Demand::Type(types) => Some(types.join(" or ")),
        _ => None,
    })
}

/// What the values of a parameter must keep to, and what goes with it.
fn values(parameter: &Parameter, input: Option<&Input>) -> Vec<String> {
    let mut values = Vec::new();
    if let Some(credential) = &parameter.credential {
        values.push(format!("the credential `{credential}` of the target"));
    }
    if !parameter.values.is_empty() {
        values.push(format!("one of {}", parameter.values.join(", ")));
    }
    let bounds = &parameter.bounds;
    values.extend(between(bounds.minimum, bounds.maximum, ""));
    values.extend(between(bounds.minimum_length, bounds.maximum_length, " characters"));
    values.extend(bounds.pattern.as_ref().map(|pattern| format!("matches {pattern}")));
    values.extend(input.into_iter().flat_map(rules));
    values.extend(parameter.default.as_ref().map(|value| format!("default {}", plain(&value.to_json()))));
    let example = parameter.value.as_ref().map(|value| plain(&value.to_json()));
    values.extend(example.filter(|value| !value.contains('$')).map(|value| format!("such as {value}")));
    values.extend(parameter.filter.as_ref().map(|filter| format!("narrows the list by `{}`", filter.field())));
    for (others, how) in [(&parameter.with, "with"), (&parameter.excludes, "not with")] {
        values.extend((!others.is_empty()).then(|| format!("{how} {}", others.join(", "))));
    }
    let place = Location::NAMES.iter().find(|(_, location)| *location == parameter.location);
    let place = place.filter(|_| parameter.location != Location::Query).map(|(name, _)| format!("in {name}"));
    values.extend(place);
    values
}

fn between<N: std::fmt::Display>(least: Option<N>, most: Option<N>, what: &str) -> Option<String> {
    match (least, most) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{what}")),
        (Some(least), None) => Some(format!("at least {least}{what}")),
        (None, Some(most)) => Some(format!("at most {most}{what}")),
        (None, None) => None,
    }
}

/// What a JSON Schema asks of a value, and of what is within it.
fn rules(input: &Input) -> Vec<String> {
    let shown = input.rules.iter().filter(|rule| !(rule.path.is_empty() && matches!(rule.demand, Demand::Type(_))));
    let shown = shown.filter(|rule| rule.demand != Demand::Required(None));
    let mut rules: Vec<_> = shown
        .map(|rule| format!("{} {}", rule.path.join("."), rule.demand.describe()).trim_start().to_owned())
        .collect();
    let more = rules.len().saturating_sub(MOST_SHOWN);
    rules.truncate(MOST_SHOWN);
    rules.extend((more > 0).then(|| format!("and {more} more")));
    rules
}

fn alternatives(sets: &Alternatives) -> String {
    sets.0.iter().map(|set| set.join(" with ")).collect::<Vec<_>>().join(", or ")
}

/// The requirements that are about this operation and not about all.
fn requirements(suite: &Suite, operation: &Operation) -> String {
    let own = suite.requirements.values().filter(|requirement| match &requirement.applies_to {
        AppliesTo::All => false,
        AppliesTo::Operations(names) => names.len() == 1 && names.contains(&operation.name.value),
    });
    let lines: Vec<_> = own
        .map(|requirement| vec![format!("  {}", requirement.id.value), requirement.text.replace('\n', " ")])
        .collect();
    match lines.len() {
        0 => String::new(),
        count if count > MOST_SHOWN => {
            let shown = aligned(&lines[..MOST_SHOWN]);
            format!("\nrequirements:\n{shown}  and {} more: `assay list requirements`\n", count - MOST_SHOWN)
        }
        _ => format!("\nrequirements:\n{}", aligned(&lines)),
    }
}

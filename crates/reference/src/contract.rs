//! What the document says about the parameters of an operation, held against a request.

use assay_suite::{Alternatives, Operation, Paging, Parameter, Presence};

use super::arguments::Arguments;
use super::fault::{Fault, Faults};
use super::policy::{Checks, MisspeltBoolean, Policy, Surface};
use super::refusal::ApiError;

/// Parameters whose value is a selection of several of the documented values, separated by commas.
const SELECTIONS: [&str; 1] = ["details"];

/// Parameters that hold more than a name or an id, with the number of characters they may have.
const LONG: [(&str, usize); 7] = [
    ("userdata", 16_384),
    ("cidrlist", 4_096),
    ("securitygroupids", 4_096),
    ("securitygroupnames", 4_096),
    ("description", 4_096),
    ("displaytext", 4_096),
    ("url", 2_048),
];

/// The number of characters that any other value may have.
const LENGTH: usize = 255;

/// What to do with a request that was held against its contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Carry it out.
    CarryOut,
    /// Only pretend: a fault let it through, although there is nothing to carry out.
    Pretend,
}

/// Holds a request against what its operation documents.
pub fn check(
    operation: &Operation,
    arguments: &Arguments,
    paging: Option<&Paging>,
    (policy, faults): (&Policy, &Faults),
) -> Result<Verdict, ApiError> {
    check_texts(arguments, policy)?;
    let mut verdict = Verdict::CarryOut;
    if let Err(refusal) = check_required(operation, arguments, policy) {
        faults.check(Fault::MissingParameterAccepted, || Err(refusal))?;
        verdict = Verdict::Pretend;
    }
    for parameter in operation.parameters.values().filter(|parameter| arguments.gives(&parameter.name.value)) {
        check_companions(parameter, arguments, faults)?;
        faults.check(Fault::UnknownValueAccepted, || check_value(parameter, arguments, policy))?;
    }
    if let Some(alternatives) = &operation.exactly_one {
        faults.check(Fault::BothAlternativesAccepted, || check_not_several(alternatives, arguments))?;
    }
    for alternatives in operation.exactly_one.iter().chain(&operation.at_least_one) {
        if let Err(refusal) = check_some(alternatives, arguments) {
            faults.check(Fault::NoAlternativeAccepted, || Err(refusal))?;
            verdict = Verdict::Pretend;
        }
    }
    if let Some(paging) = paging.filter(|_| operation.list.is_some()) {
        super::page::check_pair(arguments, paging, policy, faults)?;
    }
    Ok(verdict)
}

fn check_texts(arguments: &Arguments, policy: &Policy) -> Result<(), ApiError> {
    for (name, value) in arguments.iter() {
        if policy.surface == Surface::Source && value.chars().any(|letter| !(' '..='~').contains(&letter)) {
            return Err(ApiError::parameter(format!(
                "Received value {value} for parameter {} is invalid, contains illegal ASCII non-printable characters",
                name.to_lowercase()
            )));
        }
        if value.chars().any(char::is_control) {
            return Err(ApiError::parameter(format!("the value of {name} contains control characters")));
        }
        let long = LONG.iter().find(|(long, _)| name.eq_ignore_ascii_case(long));
        let limit = long.map_or(LENGTH, |(_, limit)| *limit);
        if value.chars().count() > limit {
            return Err(ApiError::parameter(format!("the value of {name} is longer than {limit} characters")));
        }
    }
    Ok(())
}

fn check_required(operation: &Operation, arguments: &Arguments, policy: &Policy) -> Result<(), ApiError> {
    let required = operation.parameters.values().filter(|parameter| parameter.presence == Presence::Required);
    // The server looks at a map as a whole, and not for what its entries hold.
    let by_key = |name: &str| policy.checks == Checks::Server && name.ends_with("].value");
    let required = required.filter(|parameter| !by_key(&parameter.name.value));
    match required.map(|parameter| &parameter.name.value).find(|name| !arguments.gives(name)) {
        Some(name) => Err(ApiError::parameter(format!("{} needs the parameter {name}", operation.name.value))),
        None => Ok(()),
    }
}

fn check_companions(parameter: &Parameter, arguments: &Arguments, faults: &Faults) -> Result<(), ApiError> {
    let name = &parameter.name.value;
    faults.check(Fault::UnpairedAccepted, || match parameter.with.iter().find(|other| !arguments.gives(other)) {
        Some(other) => Err(ApiError::parameter(format!("{name} must be given together with {other}"))),
        None => Ok(()),
    })?;
    faults.check(Fault::ExcludedPairAccepted, || match parameter.excludes.iter().find(|other| arguments.gives(other)) {
        Some(other) => Err(ApiError::parameter(format!("{name} can't be given together with {other}"))),
        None => Ok(()),
    })
}

fn check_value(parameter: &Parameter, arguments: &Arguments, policy: &Policy) -> Result<(), ApiError> {
    let name = parameter.name.value.as_str();
    let Some(value) = arguments.get(name).filter(|_| !parameter.values.is_empty()) else { return Ok(()) };
    let boolean = parameter.values == ["true", "false"];
    if boolean && policy.misspelt_boolean == MisspeltBoolean::False {
        return Ok(());
    }
    let given = if SELECTIONS.contains(&name) { arguments.items(name) } else { vec![value] };
    // CloudStack's own clients send protocols in upper case.
    let is = |known: &str, item: &str| known == item || (name == "protocol" && known.eq_ignore_ascii_case(item));
    match given.into_iter().find(|item| !parameter.values.iter().any(|known| is(known, item))) {
        Some(item) => {
            let known = parameter.values.join(", ");
            Err(ApiError::value(format!("{name} can't be {item}; it is one of: {known}")))
        }
        None => Ok(()),
    }
}

/// No parameter of an alternative may be given next to a complete other one.
fn check_not_several(alternatives: &Alternatives, arguments: &Arguments) -> Result<(), ApiError> {
    let touched = alternatives.0.iter().filter(|set| set.iter().any(|name| arguments.gives(name)));
    if touched.count() > 1 {
        return Err(ApiError::parameter(format!("give exactly one of: {}", listed(alternatives))));
    }
    Ok(())
}

/// At least one alternative must be given completely.
fn check_some(alternatives: &Alternatives, arguments: &Arguments) -> Result<(), ApiError> {
    if alternatives.0.iter().any(|set| set.iter().all(|name| arguments.gives(name))) {
        return Ok(());
    }
    Err(ApiError::parameter(format!("one of these must be given: {}", listed(alternatives))))
}

fn listed(alternatives: &Alternatives) -> String {
    let sets: Vec<_> = alternatives.0.iter().map(|set| set.join(" with ")).collect();
    sets.join(", ")
}

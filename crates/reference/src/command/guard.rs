//! What is looked at before a command does anything, as data has it.

use serde_json::Value;

use crate::fault::Fault;
use crate::model::{Check, From, Question};
use crate::refusal::{ApiError, Reason};
use crate::world::{Kind, Record, World, kind};

use super::call::Call;

/// Makes the checks of a command, in their order. Where it is about a resource that is there, they may look at that.
pub fn check_all(world: &World, call: &Call<'_>, record: Option<&Record>) -> Result<(), ApiError> {
    for check in &call.command.checks {
        let look = || look(world, call, record, check);
        match check.unless {
            Some(fault) => world.rules.faults.check(fault, look)?,
            None => look()?,
        }
    }
    Ok(())
}

/// Refuses what can only be done to resources in other states.
pub fn check_from(world: &World, call: &Call<'_>, kind: Kind, record: &Record) -> Result<(), ApiError> {
    let Some(from) = &call.command.from else { return Ok(()) };
    let look = || {
        let state = record.text("state");
        if is_from(from, call, state) {
            return Ok(());
        }
        Err(ApiError::state(format!("the {kind} {} is {state} and can't be {}", record.id(), from.called)))
    };
    match from.unless {
        Some(fault) => world.rules.faults.check(fault, look),
        None => look(),
    }
}

fn is_from(from: &From, call: &Call<'_>, state: &str) -> bool {
    let further =
        |(parameter, further): &(String, String)| further == state && call.arguments.get(parameter) == Some("true");
    from.states.iter().any(|known| known == state) || from.further.as_ref().is_some_and(further)
}

fn look(world: &World, call: &Call<'_>, record: Option<&Record>, check: &Check) -> Result<(), ApiError> {
    let refused = || Err(ApiError::new(check.reason, check.says.clone()));
    match &check.question {
        Question::Own(kind, by) | Question::Usable(kind, by) if is_taken_unknown(world, call, *kind, by) => Ok(()),
        Question::Own(kind, by) => match call.arguments.get(by) {
            Some(id) => world.own(*kind, id, call.account).map(|_| ()),
            None => Ok(()),
        },
        Question::Usable(kind, by) => match call.arguments.get(by) {
            Some(id) => world.usable(*kind, id, call.account).map(|_| ()),
            None => Ok(()),
        },
        Question::Holds { of, field, hidden, values, wanted } => {
            let record = match of {
                Some((kind, by)) => Some(world.store.existing(*kind, call.arguments.need(by)?)?),
                None => record,
            };
            let Some(record) = record else { return Ok(()) };
            let known = if *hidden { &record.hidden } else { &record.fields };
            let value = written(known.get(field));
            if values.contains(&value) == *wanted { Ok(()) } else { refused() }
        }
        Question::Ports(first, last) => check_ports(call, first, last),
        Question::Free { rule, at, by, address } => {
            let address = call.arguments.get(address).unwrap_or_default();
            check_free(world, call, rule, (at, address), call.arguments.get(by).unwrap_or_default())
        }
        Question::OneOf(values, by, what) => match call.arguments.get(by) {
            Some(given) if !values.iter().any(|value| value.eq_ignore_ascii_case(given)) => {
                Err(ApiError::value(format!("there is no {what} {given}")))
            }
            _ => Ok(()),
        },
        Question::Number(by, least, most) => match call.arguments.get(by) {
            Some(given) if !given.parse::<u64>().is_ok_and(|number| (*least..=*most).contains(&number)) => {
                Err(ApiError::value(format!("{by} is a number from {least} to {most}, not {given}")))
            }
            _ => Ok(()),
        },
        Question::Does(guard) => guard.look(world, call),
    }
}

/// Whether a parameter names nothing that there is, and that is taken all the same.
fn is_taken_unknown(world: &World, call: &Call<'_>, kind: Kind, by: &str) -> bool {
    let is_unknown = call.arguments.get(by).is_some_and(|id| world.store.get(kind, id).is_none());
    is_unknown && world.rules.faults.has(Fault::CloudstackUnknownNamesTaken)
}

/// A value as data writes it.
fn written(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.as_str().map_or_else(|| value.to_string(), str::to_owned),
    }
}

fn check_ports(call: &Call<'_>, first: &str, last: &str) -> Result<(), ApiError> {
    let port = |name: &str| match call.arguments.get(name) {
        Some(text) => match text.parse::<u16>() {
            Ok(port) => Ok(Some(port)),
            Err(_) => Err(ApiError::value(format!("{name} is a port from 0 to 65535, not {text}"))),
        },
        None => Ok(None),
    };
    match (port(first)?, port(last)?) {
        (Some(first), Some(last)) if last < first => Err(ApiError::value("the range of ports ends before it begins")),
        _ => Ok(()),
    }
}

/// Refuses a rule that gives a port of an address away a second time.
fn check_free(
    world: &World,
    call: &Call<'_>,
    (kind, port_field): &(Kind, String),
    (address_field, address): (&str, &str),
    port: &str,
) -> Result<(), ApiError> {
    // On the addresses that the cloud begins with everybody tries rules; who wants to see a conflict takes another.
    if world.store.get(kind::PUBLIC_ADDRESS, address).is_some_and(|known| known.hidden.contains_key("common")) {
        return Ok(());
    }
    let protocol = call.arguments.get("protocol").unwrap_or("tcp");
    let same = |rule: &&Record| {
        let of_protocol = rule.text("protocol").is_empty() || rule.text("protocol").eq_ignore_ascii_case(protocol);
        let taken = !address.is_empty() && rule.text(address_field) == address;
        !port.is_empty() && taken && rule.text(port_field) == port && of_protocol
    };
    match world.store.of(*kind).find(same) {
        Some(rule) => {
            let text = format!("the port {port} is taken by the rule {}", rule.id());
            Err(ApiError::new(Reason::Conflict, text))
        }
        None => Ok(()),
    }
}

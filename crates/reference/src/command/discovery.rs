//! `listApis`: the commands that the caller's role may call, as a server describes itself (`CloudStack` developer's guide
//! 4.1, 8.3).

use serde_json::{Value, json};

use crate::model::{Model, Shape};
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::world::{Fields, Kind, World};
use assay_suite::{Availability, Operation, Parameter, Presence, Suite, ValueType};

use super::audience;
use super::call::Call;

/// `listApis`.
#[expect(clippy::unnecessary_wraps, reason = "commands may refuse; this one never does")]
pub fn list(world: &World, suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let offered = suite.operations.values().filter(|operation| {
        operation.availability == Availability::Offered
            && audience::may_call(world, call.account, &operation.name.value.0)
            && call.arguments.get("name").is_none_or(|name| operation.name.value.0 == name)
    });
    Ok(offered.map(|operation| described(world, suite, operation)).collect())
}

fn described(world: &World, suite: &Suite, operation: &Operation) -> Fields {
    let name = &operation.name.value.0;
    let related = suite
        .operations
        .values()
        .filter(|other| other.group == operation.group && other.name.value != operation.name.value);
    let related: Vec<_> = related.map(|other| other.name.value.0.as_str()).collect();
    fields(json!({
        "name": name,
        "description": in_words(name),
        "since": "4.1",
        "isasync": operation.asynchronous,
        "related": related.join(","),
        "params": parameters(suite, operation),
        "response": response(world, suite, operation),
    }))
}

/// A name of a command as words: `listVirtualMachines` is "list virtual machines".
fn in_words(name: &str) -> String {
    let mut words = String::new();
    let mut before = 'A';
    for letter in name.chars() {
        if letter.is_uppercase() && !before.is_uppercase() {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        before = letter;
    }
    words
}

/// The parameters. A map is one parameter, however many of its entries the document names.
fn parameters(suite: &Suite, operation: &Operation) -> Vec<Value> {
    let mut described: Vec<Fields> = Vec::new();
    for parameter in operation.parameters.values() {
        let written = parameter.name.value.as_str();
        let name = written.split('[').next().unwrap_or(written);
        if described.iter().any(|known| known.get("name").is_some_and(|known| known == name)) {
            continue;
        }
        let kind = if name == written { type_of(parameter) } else { "map" };
        let required = parameter.presence == Presence::Required;
        let length = parameter.bounds.maximum_length.unwrap_or(255);
        described.push(fields(parameter_of(operation, name, kind, required, length)));
    }
    let paging = suite.paging_of(operation).filter(|_| operation.list.is_some());
    for name in paging.iter().flat_map(|paging| [paging.start.parameter(), paging.size.as_str()]) {
        if !described.iter().any(|known| known.get("name").is_some_and(|known| known == name)) {
            described.push(fields(parameter_of(operation, name, "integer", false, 255)));
        }
    }
    described.into_iter().map(Value::Object).collect()
}

fn parameter_of(operation: &Operation, name: &str, kind: &str, required: bool, length: impl Into<Value>) -> Value {
    json!({
        "name": name,
        "description": format!("the {name} of {}", in_words(&operation.name.value.0)),
        "type": kind,
        "length": length.into(),
        "required": required,
    })
}

/// A type as CloudStack names it. Where the document gives none, it follows from the name.
fn type_of(parameter: &Parameter) -> &'static str {
    let name = parameter.name.value.as_str();
    match parameter.value_type {
        Some(ValueType::Integer) if name.ends_with("port") || name.ends_with("size") => "integer",
        Some(ValueType::Integer) => "long",
        Some(ValueType::Number) => "float",
        Some(ValueType::Boolean) => "boolean",
        Some(ValueType::Array) => "list",
        Some(ValueType::Object) => "map",
        None if parameter.values == ["true", "false"] => "boolean",
        None if matches!(name, "page" | "pagesize") => "integer",
        None if name.ends_with("ids") => "list",
        Some(ValueType::Text) | None if name.ends_with("date") => "date",
        Some(ValueType::Text) | None if name.ends_with("id") => "uuid",
        Some(ValueType::Text) | None => "string",
    }
}

/// The fields of an answer: those of the kind that a command is about, or whether it succeeded.
fn response(world: &World, suite: &Suite, operation: &Operation) -> Vec<Value> {
    let name = &operation.name.value.0;
    let of_kind = kind_of(world.rules.model, suite, name).map(|kind| fields_of(world, kind)).unwrap_or_default();
    let mut names = if of_kind.is_empty() { vec![("displaytext", "string"), ("success", "boolean")] } else { of_kind };
    if operation.asynchronous {
        names.extend([("jobid", "uuid"), ("jobstatus", "integer")]);
    }
    let shown = names.into_iter().map(|(field, kind)| {
        json!({"name": field, "description": format!("the {field} of {}", in_words(name)), "type": kind})
    });
    shown.collect()
}

/// The kind that a command shows: its own, or that of the list of the same resources.
fn kind_of(model: &Model, suite: &Suite, name: &str) -> Option<Kind> {
    let shown = |name: &str| match &model.command(name)?.shape {
        Shape::List(kind) | Shape::ListOf(kind, _) | Shape::Items(kind, ..) => Some(*kind),
        Shape::Create(kind) | Shape::Update(kind) | Shape::Change(kind) => Some(*kind),
        Shape::Delete(_) | Shape::Does(_) | Shape::Shows(_) => None,
    };
    if name.starts_with("delete") || name.starts_with("remove") {
        return None;
    }
    let resource = name.trim_start_matches(char::is_lowercase);
    let list = suite.operations.keys().map(|known| known.0.as_str()).find(|known| {
        let listed = known.strip_prefix("list").unwrap_or_default();
        !resource.is_empty() && (listed == resource || listed.strip_suffix('s') == Some(resource))
    });
    shown(name).or_else(|| shown(list?))
}

/// The fields of a kind with their types: as its table says, or as one that is there shows.
fn fields_of(world: &World, kind: Kind) -> Vec<(&str, &'static str)> {
    let one = world.store.of(kind).next();
    let described = &world.rules.model.row(kind).fields;
    if !described.is_empty() {
        let value = |name: &str| one.and_then(|record| record.fields.get(name));
        let described = described.iter().map(|field| field.name.as_str());
        return described.map(|name| (name, value(name).map_or("string", type_of_value))).collect();
    }
    let fields = one.into_iter().flat_map(|record| &record.fields);
    fields.map(|(name, value)| (name.as_str(), type_of_value(value))).collect()
}

fn type_of_value(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "long",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
        Value::String(_) | Value::Null => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn names_are_written_as_words() {
        assert_eq!(in_words("listVirtualMachines"), "list virtual machines");
        assert_eq!(in_words("createSSHKeyPair"), "create sshkey pair");
    }
}

//! `listApis`: the commands that the caller's role may call, with their parameters (`CloudStack` developer's guide 4.1, 8.3).

use serde_json::{Value, json};

use crate::reference::refusal::Refusal;
use crate::reference::resource::fields;
use crate::reference::world::{Fields, World};
use crate::suite::{Availability, Operation, Presence, Suite, ValueType};

use super::kinds::row;
use super::table::verb;
use super::{Call, Verb, audience};

/// `listApis`.
pub fn list(world: &World, suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, Refusal> {
    let offered = suite.operations.values().filter(|operation| {
        operation.availability == Availability::Offered
            && audience::may_call(world, call.account, &operation.name.value.0)
            && call.arguments.get("name").is_none_or(|name| operation.name.value.0 == name)
    });
    Ok(offered.map(|operation| described(suite, operation)).collect())
}

fn described(suite: &Suite, operation: &Operation) -> Fields {
    let name = &operation.name.value.0;
    let parameters: Vec<_> = operation
        .parameters
        .values()
        .map(|parameter| {
            json!({
                "name": parameter.name.value,
                "description": "",
                "type": parameter.value_type.map_or("string", ValueType::name),
                "length": parameter.bounds.maximum_length.unwrap_or(255),
                "required": parameter.presence == Presence::Required,
            })
        })
        .collect();
    let response: Vec<Value> = match verb(name) {
        Some(Verb::List(kind) | Verb::Create(kind) | Verb::Update(kind) | Verb::Set(kind, _, _)) => {
            let fields = row(kind).map_or(&[][..], |row| row.fields);
            fields.iter().map(|field| json!({"name": field.name, "type": "string", "description": ""})).collect()
        }
        _ => Vec::new(),
    };
    let related = suite
        .operations
        .values()
        .filter(|other| other.group == operation.group && other.name.value != operation.name.value);
    let related: Vec<_> = related.map(|other| other.name.value.0.as_str()).collect();
    fields(json!({
        "name": name,
        "description": operation.group,
        "isasync": operation.asynchronous,
        "related": related.join(","),
        "params": parameters,
        "response": response,
    }))
}

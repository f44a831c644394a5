//! How a resource looks when it is new: its documented fields, in the document's order.
//!
//! A field that has no value yet is there, but blank. `present` decides how that is shown.

pub mod machine;
pub mod security_group;
pub mod snapshot;
pub mod template;
pub mod volume;

use serde_json::{Value, json};

use super::world::Fields;

/// The fields of an object that was written with `json!`.
pub fn fields(object: Value) -> Fields {
    match object {
        Value::Object(fields) => fields,
        _ => Fields::new(),
    }
}

/// A tag, as resources show it.
pub fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "value": value})
}

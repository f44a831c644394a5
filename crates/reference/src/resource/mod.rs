//! What is known of resources besides what data says of their kinds.

pub mod machine;
pub mod security_group;
pub mod volume;

use serde_json::{Value, json};

use super::world::{Fields, Record};

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

/// Whether machines can be made from a template in a zone.
pub fn is_in_zone(template: &Record, zone: &str) -> bool {
    template.is_true("crossZones")
        || template.text("zoneid") == zone
        || template.hidden_text("zones").split(',').any(|known| known == zone)
}

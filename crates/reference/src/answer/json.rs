//! Answers in JSON.

use serde_json::Value;

use crate::policy::Blanks;
use crate::world::Fields;

/// The document with these fields. A field without a value is left out (CloudStack developer's guide 4.1, 5.5.1).
pub fn write(fields: &Fields, blanks: Blanks) -> String {
    Value::Object(without_blanks(fields, blanks)).to_string()
}

fn without_blanks(fields: &Fields, blanks: Blanks) -> Fields {
    let kept = fields.iter().filter(|(_, value)| !is_blank(value, blanks));
    kept.map(|(name, value)| (name.clone(), within(value, blanks))).collect()
}

fn within(value: &Value, blanks: Blanks) -> Value {
    match value {
        Value::Object(fields) => Value::Object(without_blanks(fields, blanks)),
        Value::Array(items) => items.iter().map(|item| within(item, blanks)).collect(),
        _ => value.clone(),
    }
}

fn is_blank(value: &Value, blanks: Blanks) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Null => blanks == Blanks::LeftOut,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::resource::fields;

    #[test]
    fn blank_fields_are_left_out_at_every_depth() {
        let document = fields(json!({"a": "", "b": [{"c": "", "d": 0}], "e": null, "f": []}));
        assert_eq!(write(&document, Blanks::EmptyInXml), r#"{"b":[{"d":0}],"e":null,"f":[]}"#);
        assert_eq!(write(&document, Blanks::LeftOut), r#"{"b":[{"d":0}],"f":[]}"#);
    }
}

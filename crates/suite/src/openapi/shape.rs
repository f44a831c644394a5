//! The parts of a schema that is complete in itself.

use serde_json::Value;

/// A part of a bundled schema.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub root: &'a Value,
    pub schema: &'a Value,
}

impl<'a> Shape<'a> {
    /// A schema that is complete in itself.
    pub fn of(schema: &'a Value) -> Self {
        Self { root: schema, schema }
    }

    /// The schemas that hold here: itself, what it refers to, and what it combines.
    fn parts(self) -> Vec<&'a Value> {
        let (mut parts, mut waiting) = (Vec::new(), vec![self.schema]);
        while let Some(schema) = waiting.pop() {
            if parts.len() > 32 {
                break;
            }
            parts.push(schema);
            let referred = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
            waiting.extend(referred.and_then(|pointer| self.root.pointer(pointer)));
            for keyword in ["allOf", "oneOf", "anyOf"] {
                let all = schema.get(keyword).and_then(Value::as_array).into_iter().flatten();
                // What may be null besides is of the other alternative's type.
                waiting.extend(all.filter(|part| part.get("type").is_none_or(|name| name != "null")));
            }
        }
        parts
    }

    pub fn properties(self) -> Vec<(&'a str, Self)> {
        let of_parts = self.parts().into_iter().filter_map(|part| part.get("properties")?.as_object());
        of_parts.flatten().map(|(name, schema)| (name.as_str(), Self { root: self.root, schema })).collect()
    }

    pub fn property(self, name: &str) -> Option<Self> {
        self.properties().into_iter().find(|(known, _)| *known == name).map(|(_, property)| property)
    }

    pub fn is_array(self) -> bool {
        self.items().is_some()
    }

    pub fn items(self) -> Option<Self> {
        let schema = self.parts().into_iter().find_map(|part| part.get("items"))?;
        Some(Self { root: self.root, schema })
    }

    /// The first value that a keyword has here.
    pub fn keyword(self, name: &str) -> Option<&'a Value> {
        self.parts().into_iter().find_map(|part| part.get(name))
    }

    /// The type of its values, if it is one besides null.
    pub fn value_type(self) -> Option<&'a str> {
        match self.keyword("type")? {
            Value::String(name) => Some(name),
            Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
            _ => None,
        }
    }

    /// Whether its values are single ones.
    pub fn is_scalar(self) -> bool {
        let is_listed = || self.keyword("enum").is_some() || self.keyword("const").is_some();
        self.value_type().map_or_else(is_listed, |name| matches!(name, "string" | "integer" | "number" | "boolean"))
    }
}

//! Whether the schemas know a field: it is one thing not to name it, and another to allow any.

use serde_json::Value;

use crate::shape::Shape;

use super::shape::{Kinds, View};

/// What the schemas say of something within a value.
#[derive(Debug)]
pub enum Field<'s> {
    /// This.
    Known(Shape<'s>),
    /// They allow it, and say no more.
    Open,
    /// They describe other fields, whose names these are; none where a value is described that has no fields.
    Missing(Vec<&'s str>),
}

impl<'s> Shape<'s> {
    /// What is said of a field.
    pub fn field(&self, name: &str) -> Field<'s> {
        if let Some(shape) = self.property(name) {
            return Field::Known(shape);
        }
        let is_grafted = self.graft.as_ref().is_some_and(|(grafted, _)| grafted == name);
        if is_grafted || self.is_open() || self.views.iter().any(|view| view.may_have(name)) {
            return Field::Open;
        }
        let names = self.views.iter().filter_map(|view| view.schema.get("properties")?.as_object());
        let mut names: Vec<_> = names.flat_map(|fields| fields.keys().map(String::as_str)).collect();
        names.dedup();
        let kinds = self.kinds();
        if names.is_empty() && (kinds == Kinds::NONE || kinds.has(Kinds::OBJECT)) {
            return Field::Open;
        }
        Field::Missing(names)
    }

    /// What is said of the items of a list.
    pub fn element(&self) -> Field<'s> {
        let has = |keyword| self.views.iter().any(|view| view.schema.get(keyword).is_some());
        let may_be_list = self.is_list() || self.kinds() == Kinds::NONE;
        match may_be_list {
            _ if self.is_open() || has("prefixItems") => Field::Open,
            true if has("items") => Field::Known(self.items()),
            true => Field::Open,
            false => Field::Missing(Vec::new()),
        }
    }

    /// Whether a field of this name is described anywhere within the value, however deep; more than so many levels may be.
    pub fn has_somewhere(&self, name: &str) -> bool {
        const DEEPEST: usize = 6;
        self.has_within(name, DEEPEST)
    }

    fn has_within(&self, name: &str, levels: usize) -> bool {
        let Some(levels) = levels.checked_sub(1) else { return true };
        let names = self.views.iter().filter_map(|view| view.schema.get("properties")?.as_object());
        let mut names = names.flat_map(|fields| fields.keys());
        !matches!(self.field(name), Field::Missing(_))
            || names.any(|within| self.property(within).is_some_and(|shape| shape.has_within(name, levels)))
            || matches!(self.element(), Field::Known(items) if items.has_within(name, levels))
    }

    /// Whether something is said of the value that nothing here looks at.
    fn is_open(&self) -> bool {
        let leads_nowhere =
            |view: &View<'s>| view.schema.get("$ref").is_some() && view.referred(self.documents).is_none();
        let is_open = |view: &View<'s>| view.is_open() || leads_nowhere(view) || self.has_open_branch(view);
        self.views.is_empty() || self.views.iter().any(is_open)
    }

    /// Whether one of several choices is any object.
    fn has_open_branch(&self, view: &View<'s>) -> bool {
        let choices = ["anyOf", "oneOf"].into_iter().filter_map(|keyword| view.schema.get(keyword)?.as_array());
        choices.flatten().any(|schema| {
            let branch = Self::of_schema(self.documents, view.path, schema);
            let any = schema.as_object().is_some_and(serde_json::Map::is_empty);
            any || (branch.is_object() && !branch.names_fields())
        })
    }
}

impl View<'_> {
    /// Whether it says more than can be read off its names.
    fn is_open(&self) -> bool {
        const CONDITIONAL: [&str; 5] = ["$dynamicRef", "$recursiveRef", "if", "dependentSchemas", "dependencies"];
        const OTHERS: [&str; 2] = ["additionalProperties", "unevaluatedProperties"];
        let allows_others = |keyword| self.schema.get(keyword).is_some_and(|others| *others != Value::Bool(false));
        *self.schema == Value::Bool(true)
            || CONDITIONAL.into_iter().any(|keyword| self.schema.get(keyword).is_some())
            || OTHERS.into_iter().any(allows_others)
    }

    /// Whether a pattern of names fits one.
    fn may_have(&self, name: &str) -> bool {
        let patterns = self.schema.get("patternProperties").and_then(Value::as_object);
        let fits = |pattern: &String| regex::Regex::new(pattern).map_or(true, |pattern| pattern.is_match(name));
        patterns.is_some_and(|patterns| patterns.keys().any(fits))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_missing_only_where_the_schema_leaves_no_room_for_it() {
        let named = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        let documents = |schema: &Value| {
            BTreeMap::from([("x/a.json".to_owned(), schema.clone()), ("x/named.json".to_owned(), named.clone())])
        };
        for (schema, expected) in [
            (named.clone(), "missing"),
            (json!({"$ref": "named.json"}), "missing"),
            (json!({"allOf": [{"$ref": "named.json"}, {"required": ["id"]}]}), "missing"),
            (json!({"oneOf": [{"$ref": "named.json"}, {"type": "null"}]}), "missing"),
            (json!({"properties": {"id": {}}, "anyOf": [{"required": ["id"]}, {"required": ["x"]}]}), "missing"),
            (json!({"properties": {"id": {}}, "additionalProperties": false}), "missing"),
            (json!({"properties": {"id": {}}, "patternProperties": {"^x-": {}}}), "missing"),
            (json!({"type": "string"}), "missing"),
            (json!({"type": "array", "items": {}}), "missing"),
            (json!({"properties": {"name": {}}}), "known"),
            (json!({"anyOf": [{"$ref": "named.json"}, {"properties": {"name": {}}}]}), "known"),
            (json!({}), "open"),
            (json!(true), "open"),
            (json!({"type": "object"}), "open"),
            (json!({"properties": {"id": {}}, "additionalProperties": {"type": "string"}}), "known"),
            (json!({"properties": {"id": {}}, "unevaluatedProperties": true}), "open"),
            (json!({"properties": {"id": {}}, "patternProperties": {"^n": {}}}), "known"),
            (json!({"anyOf": [{"$ref": "named.json"}, {"type": "object"}]}), "open"),
            (json!({"anyOf": [{"$ref": "named.json"}, {}]}), "open"),
            (json!({"oneOf": [{"$ref": "named.json"}, {"$ref": "gone.json"}]}), "open"),
            (json!({"$ref": "named.json", "if": {"required": ["id"]}, "then": {"properties": {"name": {}}}}), "known"),
            (json!({"properties": {"id": {}}, "$dynamicRef": "#node"}), "open"),
        ] {
            let documents = documents(&schema);
            let found = match Shape::of(&documents, "x/a.json").field("name") {
                Field::Known(_) => "known",
                Field::Open => "open",
                Field::Missing(_) => "missing",
            };
            assert_eq!(found, expected, "{schema}");
        }
    }
}

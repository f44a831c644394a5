//! One schema, and what it says of its parts.

use std::collections::BTreeMap;

use regex::Regex;
use serde_json::Value;

use crate::reference::Reference;

/// One schema, and the file that relative references in it start from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'s> {
    pub(crate) path: &'s str,
    pub(crate) schema: &'s Value,
}

/// How deep references between schemas may lead; deeper is a circle.
pub(super) const DEEPEST: usize = 16;

impl<'s> View<'s> {
    pub(super) fn at(&self, keys: &[&str]) -> Option<Self> {
        let schema = keys.iter().try_fold(self.schema, |schema, key| schema.get(key))?;
        Some(Self { path: self.path, schema })
    }

    /// What the schema refers to.
    pub(crate) fn referred(&self, documents: &'s BTreeMap<String, Value>) -> Option<Self> {
        let target = self.schema.get("$ref").and_then(Value::as_str)?;
        let (path, part) = match Reference::parse(self.path, target) {
            Reference::Same(part) => (self.path.to_owned(), part),
            Reference::File(path, part) => (path, part),
            Reference::Outside | Reference::Elsewhere => return None,
        };
        let (path, schema) = documents.get_key_value(&path)?;
        let schema =
            if part.is_empty() || part.starts_with('/') { schema.pointer(&part) } else { anchored(schema, &part, 0) };
        Some(Self { path, schema: schema? })
    }

    /// The schemas that it is combined of, and those that hold under a condition.
    pub(super) fn parts(&self) -> Vec<Self> {
        let lists = ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|keyword| self.schema.get(keyword)?.as_array());
        let single = ["if", "then", "else"].into_iter().filter_map(|keyword| self.schema.get(keyword));
        let dependent = self.schema.get("dependentSchemas").and_then(Value::as_object);
        let all = lists.flatten().chain(single).chain(dependent.into_iter().flat_map(serde_json::Map::values));
        all.map(|schema| Self { path: self.path, schema }).collect()
    }

    /// What it says of a field: by its name, by a pattern, or as of all others.
    pub(super) fn field(&self, name: &str) -> Vec<Self> {
        let mut found: Vec<_> = self.at(&["properties", name]).into_iter().collect();
        let patterns = self.schema.get("patternProperties").and_then(Value::as_object);
        let patterns = patterns.into_iter().flatten();
        let matching = patterns.filter(|(pattern, _)| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(name)));
        found.extend(matching.map(|(_, schema)| Self { path: self.path, schema }));
        if found.is_empty() {
            let others = ["additionalProperties", "unevaluatedProperties"].into_iter();
            let says_something = |found: &Self| found.schema.as_object().is_some_and(|schema| !schema.is_empty());
            found.extend(others.filter_map(|keyword| self.at(&[keyword])).filter(says_something));
        }
        found
    }

    /// The schemas of a list's first items.
    pub(super) fn first_items(&self) -> Vec<Self> {
        let items = self.schema.get("prefixItems").and_then(Value::as_array);
        items.into_iter().flatten().map(|schema| Self { path: self.path, schema }).collect()
    }

    /// The values that it lists.
    pub(super) fn listed(&self) -> Vec<&'s Value> {
        let several = self.schema.get("enum").and_then(Value::as_array);
        several.into_iter().flatten().chain(self.schema.get("const")).collect()
    }
}

/// The part of a schema with an `$anchor`.
fn anchored<'s>(schema: &'s Value, name: &str, depth: usize) -> Option<&'s Value> {
    if depth > DEEPEST {
        return None;
    }
    match schema {
        Value::Object(fields) if fields.get("$anchor").and_then(Value::as_str) == Some(name) => Some(schema),
        Value::Object(fields) => fields.values().find_map(|part| anchored(part, name, depth + 1)),
        Value::Array(items) => items.iter().find_map(|part| anchored(part, name, depth + 1)),
        _ => None,
    }
}

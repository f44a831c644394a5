//! Schemas of `OpenAPI` as JSON Schemas (2020-12) that are complete in themselves.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::source::{Diagnostic, Diagnostics, Node, NodeKind};

use super::Version;
use super::files::{Resolver, reference};

/// Schemas within each other beyond this depth allow anything.
const DEEPEST: usize = 64;
/// What one schema refers to beyond so many schemas allows anything.
const MOST_SCHEMAS: usize = 20_000;

/// Whether a value is sent or answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// It is sent: what is `readOnly` has no place in it.
    Request,
    /// It is answered: what is `writeOnly` need not be in it.
    Response,
}

/// Keywords that hold a schema.
const ONE: [&str; 11] = [
    "items",
    "additionalProperties",
    "additionalItems",
    "unevaluatedItems",
    "unevaluatedProperties",
    "not",
    "contains",
    "propertyNames",
    "if",
    "then",
    "else",
];
/// Keywords that hold a list of schemas.
const SEVERAL: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords that hold schemas by name.
const NAMED: [&str; 3] = ["properties", "patternProperties", "dependentSchemas"];
/// Keywords whose value is taken as it is.
const PLAIN: [&str; 24] = [
    "type",
    "enum",
    "const",
    "default",
    "pattern",
    "format",
    "contentEncoding",
    "contentMediaType",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minProperties",
    "maxProperties",
    "required",
    "dependentRequired",
    "minContains",
    "maxContains",
];

/// Makes schemas complete.
pub(super) struct Bundler<'a, 'n> {
    resolver: &'a Resolver<'n>,
    version: Version,
    direction: Direction,
    mistakes: &'a mut Diagnostics,
    /// The names under which schemas that are referred to be in the bundle, by where they are written.
    names: HashMap<*const Node, String>,
    taken: HashSet<String>,
    waiting: Vec<(String, &'n Node)>,
    schemas: usize,
}

impl<'a, 'n> Bundler<'a, 'n> {
    pub fn new(
        resolver: &'a Resolver<'n>,
        version: Version,
        direction: Direction,
        mistakes: &'a mut Diagnostics,
    ) -> Self {
        let (names, taken) = (HashMap::new(), HashSet::new());
        Self { resolver, version, direction, mistakes, names, taken, waiting: Vec::new(), schemas: 0 }
    }

    /// A schema with all that it refers to.
    pub fn bundle(mut self, node: &'n Node) -> Value {
        let mut root = self.schema(node, 0);
        let mut definitions = Map::new();
        while let Some((name, node)) = self.waiting.pop() {
            let schema = self.schema(node, 0);
            definitions.insert(name, schema);
        }
        if !definitions.is_empty() {
            if !root.is_object() {
                root = json!({});
            }
            root["$defs"] = Value::Object(definitions);
        }
        root
    }

    fn schema(&mut self, node: &'n Node, depth: usize) -> Value {
        self.schemas += 1;
        let entries = match &node.kind {
            NodeKind::Map(entries) if depth < DEEPEST && self.schemas < MOST_SCHEMAS => entries,
            NodeKind::Boolean(allows) => return Value::Bool(*allows),
            NodeKind::Map(_) => return Value::Bool(true),
            _ => {
                let mistake = Diagnostic::error(&node.place, "a schema is a mapping of keys and values");
                self.mistakes.add(mistake.help("write `type: object`, or {} where anything goes"));
                return Value::Bool(true);
            }
        };
        let referred = reference(node).map(|(text, place)| self.referred(text, place));
        if let Some(referred) = &referred
            && self.version.is_before_31()
        {
            return referred.clone();
        }
        let mut schema = Map::new();
        for (key, value) in entries {
            let name = key.value.as_str();
            let converted = match name {
                // A list of schemas is that of OpenAPI 3.1's `prefixItems` in older drafts.
                "items" if matches!(value.kind, NodeKind::List(_)) => continue,
                _ if ONE.contains(&name) => self.schema(value, depth + 1),
                _ if SEVERAL.contains(&name) => {
                    value.one_or_many().iter().map(|part| self.schema(part, depth + 1)).collect()
                }
                _ if NAMED.contains(&name) => self.named(value, depth),
                // Swagger 2.0 and parameters say by a truth value whether they are required.
                "required" if !matches!(value.kind, NodeKind::List(_)) => continue,
                // A file of Swagger 2.0 is what later versions call binary.
                "type" if value.leaves().iter().any(|name| name.value == "file") => {
                    schema.insert("format".to_owned(), json!("binary"));
                    json!("string")
                }
                _ if PLAIN.contains(&name) => value.to_json(),
                "example" => json!([value.to_json()]),
                "examples" if matches!(value.kind, NodeKind::List(_)) => value.to_json(),
                _ => continue,
            };
            let name = if name == "example" { "examples" } else { name };
            schema.insert(name.to_owned(), converted);
        }
        if let Some(referred) = referred {
            if schema.is_empty() {
                return referred;
            }
            schema.entry("allOf").or_insert_with(|| json!([])).as_array_mut().into_iter().for_each(|all| {
                all.push(referred.clone());
            });
        }
        self.without_hidden(node, &mut schema);
        if self.version.is_before_31() {
            exclusive_bounds(&mut schema);
            if is_true(node, "nullable") || is_true(node, "x-nullable") {
                return nullable(schema);
            }
        }
        Value::Object(schema)
    }

    fn named(&mut self, node: &'n Node, depth: usize) -> Value {
        let named = node.pairs().iter().map(|(key, value)| (key.value.clone(), self.schema(value, depth + 1)));
        Value::Object(named.collect())
    }

    fn referred(&mut self, text: &str, place: &'n crate::source::Place) -> Value {
        let target = match self.resolver.target(text, place) {
            Ok(target) => target,
            Err(mistake) => {
                self.mistakes.add(mistake);
                return Value::Bool(true);
            }
        };
        let known = self.names.get(&std::ptr::from_ref(target)).cloned();
        let name = known.unwrap_or_else(|| {
            let stem = text.rsplit(['/', '#']).find(|part| !part.is_empty()).unwrap_or("schema");
            let stem: String =
                stem.chars().map(|c| if c.is_alphanumeric() || "_-.".contains(c) { c } else { '_' }).collect();
            let mut name = stem.clone();
            let mut number = 2;
            while !self.taken.insert(name.clone()) {
                name = format!("{stem}_{number}");
                number += 1;
            }
            self.names.insert(std::ptr::from_ref(target), name.clone());
            self.waiting.push((name.clone(), target));
            name
        });
        json!({"$ref": format!("#/$defs/{name}")})
    }

    /// Leaves out what has no place in this direction.
    fn without_hidden(&self, node: &'n Node, schema: &mut Map<String, Value>) {
        let keyword = match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let properties = node.field("properties").map(Node::pairs).unwrap_or_default();
        let hidden = properties.iter().filter(|(_, property)| {
            let resolved = self.resolver.resolve(property).unwrap_or(property);
            is_true(property, keyword) || is_true(resolved, keyword)
        });
        for (name, _) in hidden {
            if let Some(Value::Array(required)) = schema.get_mut("required") {
                required.retain(|required| *required != name.value);
            }
            if self.direction == Direction::Request
                && let Some(Value::Object(properties)) = schema.get_mut("properties")
            {
                properties.shift_remove(&name.value);
            }
        }
    }
}

pub(super) fn is_true(node: &Node, name: &str) -> bool {
    node.field(name).is_some_and(|value| matches!(value.kind, NodeKind::Boolean(true)))
}

/// `exclusiveMinimum: true` is of JSON Schema before draft 6.
fn exclusive_bounds(schema: &mut Map<String, Value>) {
    for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => {
                schema.shift_remove(exclusive);
                if let Some(value) = schema.shift_remove(bound) {
                    schema.insert(exclusive.to_owned(), value);
                }
            }
            Some(Value::Bool(false)) => drop(schema.shift_remove(exclusive)),
            _ => {}
        }
    }
}

/// A schema of `OpenAPI` 3.0 that allows null, too.
fn nullable(mut schema: Map<String, Value>) -> Value {
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    match schema.get("type").cloned() {
        Some(Value::String(name)) => {
            schema.insert("type".to_owned(), json!([name, "null"]));
            Value::Object(schema)
        }
        _ if schema.is_empty() => Value::Bool(true),
        _ => json!({"anyOf": [Value::Object(schema), {"type": "null"}]}),
    }
}

//! Schemas of `OpenAPI` as JSON Schemas (2020-12) that are complete in themselves.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use crate::source::{Diagnostic, Diagnostics, Node, NodeKind, closest};

use super::files::{Resolver, reference};
use super::values::{is_true, lenient_text};
use super::version::Version;

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

/// The types of JSON Schema.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];
/// Keywords that count something.
const COUNTS: [&str; 8] =
    ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"];

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
                "type" => match self.types(value) {
                    Some(types) => types,
                    None => continue,
                },
                _ if PLAIN.contains(&name) && !self.is_possible(name, value) => continue,
                _ if PLAIN.contains(&name) => value.to_json(),
                // It says what a field refers to.
                "description" => match lenient_text(value) {
                    Some(text) => Value::from(text),
                    None => continue,
                },
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

    /// What `type` says. With a type that there is not, no answer could be judged, so any value is taken.
    fn types(&mut self, value: &'n Node) -> Option<Value> {
        let Some(names) = type_names(value) else {
            let unknown = value.one_or_many().iter().find(|one| type_names(one).is_none()).unwrap_or(value);
            let name = lenient_text(unknown).unwrap_or_default();
            let mistake = Diagnostic::warning(&unknown.place, format!("there is no type `{name}`: any value is taken"));
            self.mistakes.add(mistake.help(meant_type(&name)));
            return None;
        };
        Some(if matches!(value.kind, NodeKind::List(_)) { json!(names) } else { json!(names.first()?) })
    }

    /// Whether a keyword can have this value. One that can't is left out: it would spoil the whole schema.
    fn is_possible(&mut self, name: &str, value: &'n Node) -> bool {
        let least = match name {
            "multipleOf" => "above 0",
            _ if COUNTS.contains(&name) => "0 or more",
            _ => return true,
        };
        let is_possible = match value.kind {
            NodeKind::Integer(number) => number > 0 || (number == 0 && name != "multipleOf"),
            NodeKind::Number(number) => number > 0.0,
            _ => true,
        };
        if !is_possible {
            let mistake = Diagnostic::warning(&value.place, format!("`{name}` is {least}: this one is left out"));
            self.mistakes.add(mistake.help("correct it, or remove it"));
        }
        is_possible
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

    /// Whether a property, or what it refers to, has a mark.
    fn is_marked(&self, property: &'n Node, keyword: &str) -> bool {
        is_true(property, keyword) || is_true(self.resolver.resolve(property).unwrap_or(property), keyword)
    }

    /// Leaves out what has no place in this direction.
    fn without_hidden(&self, node: &'n Node, schema: &mut Map<String, Value>) {
        let keyword = match self.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let properties = node.field("properties").map(Node::pairs).unwrap_or_default();
        let mut mark = |name: &str, keyword: &str| {
            if let Some(Value::Object(property)) = schema.get_mut("properties").and_then(|all| all.get_mut(name)) {
                property.insert(keyword.to_owned(), Value::Bool(true));
            }
        };
        if self.direction == Direction::Response {
            for (name, property) in properties {
                let marks = ["readOnly", "writeOnly"].into_iter().filter(|keyword| self.is_marked(property, keyword));
                marks.for_each(|keyword| mark(&name.value, keyword));
            }
        }
        let hidden = properties.iter().filter(|(_, property)| self.is_marked(property, keyword));
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

/// The types that `type` names; nothing where one of them is none. YAML reads `null` without quotes as nothing.
pub(super) fn type_names(value: &Node) -> Option<Vec<String>> {
    let name = |one: &Node| match &one.kind {
        NodeKind::Text(name) if TYPES.contains(&name.as_str()) => Some(name.clone()),
        NodeKind::Null => Some("null".to_owned()),
        _ => None,
    };
    let names: Option<Vec<_>> = value.one_or_many().iter().map(name).collect();
    names.filter(|names| !names.is_empty())
}

/// What other languages call a type, and how JSON Schema says it.
fn meant_type(name: &str) -> String {
    let meant = match name.to_lowercase().as_str() {
        "int" | "int32" | "int64" | "long" | "short" => "type: integer",
        "float" | "double" | "decimal" => "type: number",
        "bool" => "type: boolean",
        "str" | "text" | "char" => "type: string",
        "date" => "type: string, format: date",
        "datetime" | "date-time" | "timestamp" => "type: string, format: date-time",
        "uuid" | "guid" => "type: string, format: uuid",
        "list" | "set" => "type: array",
        "map" | "dict" | "hash" => "type: object",
        other => {
            let near = closest(other, TYPES).map(|near| format!("did you mean `{near}`?"));
            return near.unwrap_or_else(|| format!("write one of {}, or leave it out", TYPES.join(", ")));
        }
    };
    format!("write `{meant}`")
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

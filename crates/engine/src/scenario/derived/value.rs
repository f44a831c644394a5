//! Good values of a schema: the same document always gives the same ones.

use std::cell::Cell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::scenario::Template;
use crate::scenario::template::Part;
use assay_schema::decimal;
use assay_suite::Variable;

/// Schemas within each other beyond this depth get no value.
const DEEPEST: usize = 12;
/// Optional fields within each other beyond this depth are left out.
const DEEPEST_OPTIONAL: usize = 4;
/// So many schemas are looked at for one value.
pub(super) const BUDGET: usize = 3_000;
/// So many schemas are put together as one.
const MOST_PARTS: usize = 500;

/// How much of what may be left out a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// None.
    Required,
    /// All.
    All,
}

/// Which of two values that have as little in common as can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variant {
    First,
    Second,
}

/// The variables that name things of other kinds, by the names of the fields that hold their identities.
pub(super) type Links = BTreeMap<String, Variable>;

/// A name as it is compared with others: `pet_id` is `petId`.
pub(super) fn comparable(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// The variable by which a target gives what nothing else does.
pub(super) fn own_name(argument: &str) -> Variable {
    let mut name: String = argument.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if let Some(first) = name.get(..1) {
        name = format!("{}{}", first.to_ascii_lowercase(), &name[1..]);
    }
    if Variable::is_name(&name) { Variable(name) } else { Variable(format!("v_{name}")) }
}

/// A hash of a text.
pub(super) fn seed(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
}

/// Makes values of one schema.
pub(super) struct Generator<'a> {
    /// The schema with the definitions.
    pub root: &'a Value,
    pub extent: Extent,
    pub variant: Variant,
    /// What distinguishes the values of one case from those of others, where they can't hold `${unique}`.
    pub seed: u64,
    pub links: &'a Links,
    /// What is created with the value: it has no link to itself.
    pub own: Option<&'a Variable>,
    /// How many schemas may still be looked at.
    pub budget: &'a Cell<usize>,
}

impl Generator<'_> {
    /// A value of the schema; none where none can be made.
    pub fn value(&self, name: &str) -> Option<Template> {
        self.of(self.root, name, 0)
    }

    fn of(&self, schema: &Value, name: &str, depth: usize) -> Option<Template> {
        let left = self.budget.get().checked_sub(1).filter(|_| depth <= DEEPEST)?;
        self.budget.set(left);
        let schema = flattened(self.root, schema)?;
        if let Some(value) = schema.get("const") {
            return Some(literal(value));
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.listed(&schema, values).map(literal);
        }
        match kind(&schema) {
            "object" => self.object(&schema, depth),
            "array" => self.array(&schema, name, depth),
            "integer" => self.link(name).or_else(|| self.number(&schema, Whole::Yes)),
            "number" => self.number(&schema, Whole::No),
            "boolean" => {
                let first = schema.get("default") != Some(&Value::Bool(true));
                Some(Template::Literal(Value::Bool((self.variant == Variant::First) == first)))
            }
            "null" => Some(Template::Literal(Value::Null)),
            _ => self.link(name).or_else(|| self.text(&schema, name)),
        }
    }

    /// One of the listed values. The first is none that a server gives by itself, the second differs from it.
    fn listed<'v>(&self, schema: &Map<String, Value>, values: &'v [Value]) -> Option<&'v Value> {
        let values: Vec<_> = values.iter().filter(|value| !value.is_null()).collect();
        let default = schema.get("default");
        let first = values.iter().find(|value| Some(**value) != default).or(values.first()).copied();
        match self.variant {
            Variant::First => first,
            Variant::Second => values.into_iter().rev().find(|value| Some(*value) != first).or(first),
        }
    }

    fn object(&self, schema: &Map<String, Value>, depth: usize) -> Option<Template> {
        let empty = Map::new();
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&empty);
        let required = names(schema, "required");
        let mut fields = Vec::new();
        for (name, property) in properties {
            let is_required = required.contains(&name.as_str());
            let is_wanted = self.extent == Extent::All && depth < DEEPEST_OPTIONAL && self.link(name).is_none();
            if !is_required && !is_wanted {
                continue;
            }
            match self.of(property, name, depth + 1) {
                Some(value) => fields.push((name.clone(), value)),
                None if is_required => return None,
                None => {}
            }
        }
        let additional = schema.get("additionalProperties");
        for name in required.into_iter().filter(|name| !properties.contains_key(*name)) {
            let schema =
                additional.filter(|schema| schema.is_object()).cloned().unwrap_or_else(|| json!({"type": "string"}));
            fields.push((name.to_owned(), self.of(&schema, name, depth + 1)?));
        }
        let least = schema.get("minProperties").and_then(Value::as_u64).unwrap_or_default();
        for number in 0..least.min(20) {
            if fields.len() as u64 >= least {
                break;
            }
            let optional = properties.iter().find(|(name, _)| !fields.iter().any(|(known, _)| known == *name));
            let (name, schema) = match (optional, additional.filter(|schema| schema.is_object())) {
                (Some((name, schema)), _) => (name.clone(), schema.clone()),
                (None, Some(schema)) => (format!("assay{number}"), schema.clone()),
                (None, None) => (format!("assay{number}"), json!({"type": "string"})),
            };
            let value = self.of(&schema, &name, depth + 1)?;
            fields.push((name, value));
        }
        Some(Template::Map(fields))
    }

    fn array(&self, schema: &Map<String, Value>, name: &str, depth: usize) -> Option<Template> {
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or_default();
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let count = least.max(1).min(most).min(200);
        let first = schema.get("prefixItems").and_then(Value::as_array);
        let any = json!({"type": "string"});
        let singular = name.strip_suffix('s').unwrap_or(name);
        let item = |number: u64| {
            let position = usize::try_from(number).ok()?;
            let of_place = first.and_then(|first| first.get(position));
            let items = of_place.or_else(|| schema.get("items")).filter(|items| !items.is_boolean()).unwrap_or(&any);
            let generator = Generator { seed: self.seed.wrapping_add(number), ..*self };
            let value = generator.of(items, singular, depth + 1)?;
            // Items that must differ have a number each, where they are text.
            Some(if number > 0 { numbered(value, number) } else { value })
        };
        let items: Option<Vec<_>> = (0..count).map(item).collect();
        match items {
            Some(items) => Some(Template::List(items)),
            None if least == 0 => Some(Template::List(Vec::new())),
            None => None,
        }
    }

    /// What names a thing of another kind.
    fn link(&self, name: &str) -> Option<Template> {
        let variable = self.links.get(&comparable(name)).filter(|variable| Some(*variable) != self.own)?;
        Some(Template::Variable(variable.clone()))
    }

    fn number(&self, schema: &Map<String, Value>, whole: Whole) -> Option<Template> {
        let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
        let step = bound("multipleOf").unwrap_or(if whole == Whole::Yes { 1.0 } else { 0.01 });
        let nearest = if whole == Whole::Yes { 1.0 } else { step };
        let least = bound("minimum").or_else(|| bound("exclusiveMinimum").map(|above| above + nearest));
        let most = bound("maximum").or_else(|| bound("exclusiveMaximum").map(|below| below - nearest));
        let fits = |number: f64| {
            least.is_none_or(|least| number >= least)
                && most.is_none_or(|most| number <= most)
                && bound("multipleOf").is_none_or(|factor| is_multiple(number, factor))
        };
        let example = examples(schema).into_iter().filter_map(Value::as_f64).find(|number| fits(*number));
        let start = example.unwrap_or_else(|| {
            let wanted: f64 = if whole == Whole::Yes { 1.0 } else { 1.5 };
            wanted.max(least.unwrap_or(f64::MIN)).min(most.unwrap_or(f64::MAX))
        });
        let start = bound("multipleOf").map_or(start, |factor| (start / factor).ceil() * factor);
        let default = schema.get("default").and_then(Value::as_f64);
        let is_default = |number: f64| default.is_some_and(|default| (default - number).abs() < f64::EPSILON);
        let steps = [step.max(1.0), -step.max(1.0), step, 2.0 * step.max(1.0), -2.0 * step.max(1.0)];
        let others: Vec<_> = steps.into_iter().map(|step| start + step).filter(|number| fits(*number)).collect();
        // What a server gives by itself would not show that it kept what it was sent.
        let first = Some(start).filter(|start| !is_default(*start)).or(others.first().copied()).unwrap_or(start);
        let differs = |number: &&f64| (**number - first).abs() > f64::EPSILON;
        let second =
            others.iter().find(|number| differs(number) && !is_default(**number)).or(others.iter().find(differs));
        let chosen = if self.variant == Variant::First { first } else { second.copied().unwrap_or(start) };
        fits(chosen).then(|| Template::Literal(within_exact_bounds(schema, number_value(chosen))))
    }
}

/// A number that floating point moved beyond a bound, moved back to it.
fn within_exact_bounds(schema: &Map<String, Value>, value: Value) -> Value {
    let Value::Number(number) = &value else { return value };
    let beyond = |key: &str, wrong: Ordering| {
        let bound = schema.get(key).and_then(Value::as_number)?;
        (decimal::compare(number, bound) == wrong).then(|| Value::Number(bound.clone()))
    };
    beyond("minimum", Ordering::Less).or_else(|| beyond("maximum", Ordering::Greater)).unwrap_or(value)
}

/// Whether a number is whole.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Yes,
    No,
}

fn numbered(value: Template, number: u64) -> Template {
    match value {
        // Each of those that are chosen is another anyhow.
        Template::Text(mut parts) if !parts.iter().any(|part| matches!(part, Part::Chosen(_))) => {
            parts.push(Part::Literal(format!("-{number}")));
            Template::Text(parts)
        }
        other => other,
    }
}

pub(super) fn examples(schema: &Map<String, Value>) -> Vec<&Value> {
    let listed = schema.get("examples").and_then(Value::as_array).into_iter().flatten();
    listed.filter(|value| !value.is_null() && schema.get("default") != Some(*value)).collect()
}

pub(super) fn names<'v>(schema: &'v Map<String, Value>, key: &str) -> Vec<&'v str> {
    schema.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Whether a number is a multiple of another, but for what binary fractions lose.
fn is_multiple(number: f64, factor: f64) -> bool {
    let share = number / factor;
    (share - share.round()).abs() < 1e-9 * share.abs().max(1.0)
}

/// A number as documents write it: whole where it is.
pub(super) fn number_value(number: f64) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "only whole numbers that fit are written as such")]
    let whole = number as i64;
    #[allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "compares what came of the conversion")]
    if whole as f64 == number { Value::from(whole) } else { Value::from((number * 1e6).round() / 1e6) }
}

/// A value of the document, in which nothing is a variable.
pub(super) fn literal(value: &Value) -> Template {
    match value {
        Value::Array(items) => Template::List(items.iter().map(literal).collect()),
        Value::Object(fields) => {
            Template::Map(fields.iter().map(|(name, value)| (name.clone(), literal(value))).collect())
        }
        other => Template::Literal(other.clone()),
    }
}

/// The type that values have, by what the schema says.
fn kind(schema: &Map<String, Value>) -> &str {
    let named = match schema.get("type") {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        _ => None,
    };
    let has = |keys: &[&str]| keys.iter().any(|key| schema.contains_key(*key));
    named.unwrap_or_else(|| match () {
        () if has(&["properties", "required", "minProperties"]) => "object",
        () if has(&["items", "prefixItems", "minItems"]) => "array",
        () if has(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]) => "integer",
        () => "string",
    })
}

/// A schema with what it refers to and combines, as one; of alternatives the first. None where nothing is allowed.
pub(super) fn flattened(root: &Value, schema: &Value) -> Option<Map<String, Value>> {
    let mut budget = MOST_PARTS;
    flatten(root, schema, 0, &mut budget)
}

fn flatten(root: &Value, schema: &Value, depth: usize, budget: &mut usize) -> Option<Map<String, Value>> {
    *budget = budget.checked_sub(1)?;
    let own = match schema {
        Value::Bool(true) => return Some(Map::new()),
        Value::Object(own) if depth <= DEEPEST => own,
        _ => return None,
    };
    let mut whole = Map::new();
    for (key, value) in own {
        if !matches!(key.as_str(), "$ref" | "allOf" | "anyOf" | "oneOf" | "$defs") {
            whole.insert(key.clone(), value.clone());
        }
    }
    if let Some(target) = own.get("$ref").and_then(Value::as_str) {
        let referred = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer))?;
        merge(&mut whole, flatten(root, referred, depth + 1, budget)?);
    }
    for part in own.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        merge(&mut whole, flatten(root, part, depth + 1, budget)?);
    }
    for key in ["oneOf", "anyOf"] {
        let Some(parts) = own.get(key).and_then(Value::as_array) else { continue };
        let is_null = |part: &Map<String, Value>| part.get("type").and_then(Value::as_str) == Some("null");
        let mut parts = parts.iter().filter_map(|part| flatten(root, part, depth + 1, budget));
        merge(&mut whole, parts.find(|part| !is_null(part))?);
    }
    Some(whole)
}

/// Schemas that allow each one of the alternatives that a schema has, but for the first.
pub(super) fn other_alternatives(root: &Value) -> Vec<Value> {
    const MOST: usize = 8;
    let referred = root.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
    let schema = referred.and_then(|pointer| root.pointer(pointer)).unwrap_or(root);
    let only = |part: &Value| {
        let (mut narrowed, definitions) = (schema.clone(), root.get("$defs").cloned());
        let fields = narrowed.as_object_mut()?;
        fields.remove("anyOf");
        fields.insert("oneOf".to_owned(), Value::Array(vec![part.clone()]));
        fields.extend(definitions.map(|definitions| ("$defs".to_owned(), definitions)));
        Some(narrowed)
    };
    let parts = ["oneOf", "anyOf"].into_iter().find_map(|key| schema.get(key)?.as_array());
    let is_null = |part: &&Value| part.get("type").is_some_and(|kind| kind == "null");
    parts.into_iter().flatten().filter(|part| !is_null(part)).skip(1).take(MOST).filter_map(only).collect()
}

/// Adds what another schema asks for besides.
fn merge(whole: &mut Map<String, Value>, other: Map<String, Value>) {
    for (key, value) in other {
        match (whole.get_mut(&key), value) {
            (Some(Value::Object(known)), Value::Object(more)) if key == "properties" => {
                for (name, schema) in more {
                    match known.get_mut(&name) {
                        // Both hold: one says what type it has, and the other what it is.
                        Some(other) if *other != schema => *other = json!({"allOf": [other.take(), schema]}),
                        Some(_) => {}
                        None => drop(known.insert(name, schema)),
                    }
                }
            }
            (Some(Value::Array(known)), Value::Array(more)) if key == "required" => {
                known.extend(more.into_iter().filter(|name| !known.contains(name)).collect::<Vec<_>>());
            }
            (Some(_), _) => {}
            (None, value) => drop(whole.insert(key, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Bindings;

    fn made(schema: &Value, extent: Extent, variant: Variant) -> Value {
        let links = Links::from([("petid".to_owned(), Variable("petId".to_owned()))]);
        let generator =
            Generator { root: schema, extent, variant, seed: 7, links: &links, own: None, budget: &Cell::new(BUDGET) };
        let bindings =
            Bindings::from([(Variable::unique(), json!("0123456789ab")), (Variable("petId".to_owned()), json!(5))]);
        generator.value("thing").unwrap().resolve(&bindings).unwrap()
    }

    #[test]
    fn values_are_good_by_their_schema_and_the_second_differs() {
        let schemas = [
            json!({"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 30},
                "price": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5}, "tags": {"type": "array", "minItems": 2,
                "uniqueItems": true, "items": {"type": "string"}}}}),
            json!({"type": "integer", "minimum": 5, "maximum": 9}),
            json!({"type": "string", "pattern": "^[A-Z]{3}-[0-9]{4}$"}),
            json!({"type": "string", "pattern": "^[a-zA-Z0-9_-]+$", "minLength": 2, "maxLength": 30}),
            json!({"type": "string", "pattern": "^[a-z]+$", "minLength": 8, "maxLength": 9}),
            json!({"type": "string", "maxLength": 3}),
            json!({"enum": ["a", "b"]}),
            json!({"type": "string", "format": "uuid"}),
            json!({"type": ["null", "boolean"]}),
            json!({"oneOf": [{"allOf": [{"$ref": "#/$defs/kind"}, {"type": "object", "required": ["size"], "properties":
                {"kind": {"const": "file"}, "size": {"type": "integer"}}}]}], "$defs": {"kind": {"type": "object", "required": ["kind"],
                "properties": {"kind": {"type": "string"}}}}}),
            json!({"allOf": [{"$ref": "#/$defs/a"}, {"type": "object", "required": ["b"], "properties": {"b": {"type": "integer"}}}],
                "$defs": {"a": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string", "format": "email"}}}}}),
        ];
        for schema in &schemas {
            let validator = assay_schema::SingleSchema::new(schema).unwrap();
            let values =
                [(Extent::Required, Variant::First), (Extent::All, Variant::First), (Extent::All, Variant::Second)];
            let values = values.map(|(extent, variant)| made(schema, extent, variant));
            for value in &values {
                assert!(validator.accepts(value), "{schema}: {value}");
            }
            assert_ne!(values[1], values[2], "{schema}");
        }
    }

    #[test]
    fn a_field_that_names_a_thing_of_another_kind_has_its_variable() {
        let schema = json!({"type": "object", "required": ["pet_id", "petIds"], "properties": {"pet_id": {"type": "integer"},
            "petIds": {"type": "array", "items": {"type": "integer"}}}});
        assert_eq!(made(&schema, Extent::Required, Variant::First), json!({"pet_id": 5, "petIds": [5]}));
    }

    #[test]
    fn schemas_that_hold_themselves_end() {
        let schema = json!({"$ref": "#/$defs/node", "$defs": {"node": {"type": "object", "properties":
            {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}}}}});
        assert!(made(&schema, Extent::All, Variant::First)["next"].is_object());
        let endless = json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}});
        let links = Links::new();
        let generator = Generator {
            root: &endless,
            extent: Extent::All,
            variant: Variant::First,
            seed: 7,
            links: &links,
            own: None,
            budget: &Cell::new(BUDGET),
        };
        assert!(generator.value("x").is_none());
    }
}

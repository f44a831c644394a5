//! What each keyword of a schema asks of a value, with its place.

use std::collections::HashSet;

use serde_json::{Number, Value};

use crate::source::{Node, NodeKind, Place};
use crate::{Demand, RequirementId, Rule};

use super::files::Resolver;
use super::schema::type_names;
use super::values::is_true;

/// Fields within each other beyond this depth are not tested one by one.
const DEEPEST: usize = 4;
/// So many rules of one input are tested at the most.
const MOST_RULES: usize = 200;
/// So many schemas are looked at for the rules of one input.
const MOST_SCHEMAS: usize = 5_000;

/// All that is asked of the values of an input. `prefix` begins the names of the requirements.
pub(super) fn of_schema<'n>(resolver: &Resolver<'n>, schema: &'n Node, prefix: &str) -> Vec<Rule> {
    let mut rules =
        Rules { resolver, prefix, found: Vec::new(), seen: HashSet::new(), taken: HashSet::new(), left: MOST_SCHEMAS };
    rules.walk(schema, &mut Vec::new(), Nullable::No);
    rules.found
}

/// Whether null is allowed besides what a schema says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Nullable {
    Yes,
    No,
}

struct Rules<'a, 'n> {
    resolver: &'a Resolver<'n>,
    prefix: &'a str,
    found: Vec<Rule>,
    /// The schemas that the walk is in.
    seen: HashSet<*const Node>,
    taken: HashSet<String>,
    /// How many schemas may still be looked at.
    left: usize,
}

impl<'n> Rules<'_, 'n> {
    fn walk(&mut self, node: &'n Node, path: &mut Vec<String>, nullable: Nullable) {
        // What is wrong with a reference is reported where it is bundled.
        let Ok(node) = self.resolver.resolve(node) else { return };
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        if path.len() > DEEPEST || is_true(node, "readOnly") || !self.seen.insert(std::ptr::from_ref(node)) {
            return;
        }
        for (key, value) in node.pairs() {
            for demand in demands(node, &key.value, value) {
                self.add(path, with_null(demand, nullable), &key.place);
            }
        }
        for part in node.field("allOf").map(Node::one_or_many).unwrap_or_default() {
            self.walk(part, path, nullable);
        }
        // Of several alternatives a good value is one of the first that is not null: what breaks a rule of that is held against them all.
        if let Some((first, nullable)) =
            ["anyOf", "oneOf"].into_iter().find_map(|key| self.first_alternative(node.field(key)?))
        {
            self.walk(first, path, nullable);
        }
        for (name, property) in node.field("properties").map(Node::pairs).unwrap_or_default() {
            path.push(name.value.clone());
            self.walk(property, path, Nullable::No);
            path.pop();
        }
        if let Some(items) = node.field("items").filter(|items| matches!(items.kind, NodeKind::Map(_))) {
            path.push("*".to_owned());
            self.walk(items, path, Nullable::No);
            path.pop();
        }
        self.seen.remove(&std::ptr::from_ref(node));
    }

    /// The first alternative besides null, and whether that is one.
    fn first_alternative(&self, alternatives: &'n Node) -> Option<(&'n Node, Nullable)> {
        let is_null = |node: &&'n Node| {
            let node = self.resolver.resolve(node).unwrap_or(node);
            node.field("type").is_some_and(|node| text(node).as_deref() == Some("null"))
        };
        let (nulls, others): (Vec<_>, Vec<_>) = alternatives.one_or_many().iter().partition(is_null);
        let nullable = if nulls.is_empty() { Nullable::No } else { Nullable::Yes };
        others.first().map(|first| (*first, nullable))
    }

    fn add(&mut self, path: &[String], demand: Demand, place: &Place) {
        if self.found.len() >= MOST_RULES {
            return;
        }
        let mut name = self.prefix.to_owned();
        path.iter().for_each(|part| name = format!("{name}.{part}"));
        name = match &demand {
            Demand::Required(Some(field)) => format!("{name}.{field}.required"),
            demand => format!("{name}.{}", demand.keyword()),
        };
        if self.taken.insert(name.clone()) {
            let (path, requirement, place) = (path.to_vec(), RequirementId(name), place.clone());
            self.found.push(Rule { path, demand, requirement, place });
        }
    }
}

/// What is asked for where null is allowed, too.
fn with_null(demand: Demand, nullable: Nullable) -> Demand {
    match demand {
        Demand::Type(mut types) if nullable == Nullable::Yes => {
            types.push("null".to_owned());
            Demand::Type(types)
        }
        Demand::OneOf(mut values) if nullable == Nullable::Yes => {
            values.push(Value::Null);
            Demand::OneOf(values)
        }
        demand => demand,
    }
}

/// What one keyword asks for.
fn demands(schema: &Node, key: &str, value: &Node) -> Vec<Demand> {
    let number = || exact(value);
    let length = || match value.kind {
        NodeKind::Integer(number) => u64::try_from(number).ok(),
        _ => None,
    };
    let demand = match key {
        "required" => {
            let readable = |name: &str| {
                let property = schema.field("properties").and_then(|properties| properties.field(name));
                property.is_some_and(|property| is_true(property, "readOnly"))
            };
            let names = value.leaves().into_iter().filter(|name| !readable(&name.value));
            return names.map(|name| Demand::Required(Some(name.value))).collect();
        }
        "type" => type_names(value).map(|names| {
            let null = is_true(schema, "nullable").then(|| "null".to_owned());
            Demand::Type(names.into_iter().chain(null).collect())
        }),
        "enum" => Some(Demand::OneOf(values(value))),
        "const" => Some(Demand::OneOf(vec![value.to_json()])),
        "minimum" if is_true(schema, "exclusiveMinimum") => number().map(Demand::Above),
        "maximum" if is_true(schema, "exclusiveMaximum") => number().map(Demand::Below),
        "minimum" => number().map(Demand::Minimum),
        "maximum" => number().map(Demand::Maximum),
        "exclusiveMinimum" => number().map(Demand::Above),
        "exclusiveMaximum" => number().map(Demand::Below),
        "multipleOf" => {
            number().and_then(|factor| factor.as_f64()).filter(|factor| *factor > 0.0).map(Demand::MultipleOf)
        }
        "minLength" => length().filter(|least| *least > 0).map(Demand::MinLength),
        "maxLength" => length().map(Demand::MaxLength),
        "minItems" => length().filter(|least| *least > 0).map(Demand::MinItems),
        "maxItems" => length().map(Demand::MaxItems),
        "minProperties" => length().filter(|least| *least > 0).map(Demand::MinFields),
        "uniqueItems" => is_true(schema, "uniqueItems").then_some(Demand::UniqueItems),
        "additionalProperties" => matches!(value.kind, NodeKind::Boolean(false)).then_some(Demand::NoOtherFields),
        "pattern" => text(value).map(Demand::Pattern),
        "format" => text(value).filter(|format| CHECKED_FORMATS.contains(&format.as_str())).map(Demand::Format),
        _ => None,
    };
    demand.into_iter().collect()
}

/// A number with all of its digits; a whole one without a point, which says nothing.
fn exact(value: &Node) -> Option<Number> {
    let Value::Number(number) = value.to_json() else { return None };
    let whole = number.as_f64().filter(|whole| number.is_f64() && whole.fract() == 0.0 && whole.abs() < LARGEST_EXACT);
    #[allow(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
    Some(whole.map_or(number, |whole| Number::from(whole as i64)))
}

/// Below this, which is 2^53, each whole number has a floating point number of its own.
const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;

/// The formats that values are refused by: the others only describe.
const CHECKED_FORMATS: [&str; 6] = ["date", "date-time", "email", "uuid", "ipv4", "ipv6"];

fn text(value: &Node) -> Option<String> {
    match &value.kind {
        NodeKind::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn values(value: &Node) -> Vec<Value> {
    match &value.kind {
        NodeKind::List(items) => items.iter().map(Node::to_json).collect(),
        _ => Vec::new(),
    }
}

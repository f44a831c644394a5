//! What schemas say about the form of a value: enough to read XML as typed values, and to know a field from an unknown one.

mod kinds;
mod view;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::{Number, Value};

use crate::violation::bounded;

use super::decimal;
use view::DEEPEST;

pub(super) use kinds::Kinds;
pub(super) use view::View;

/// All schemas that apply to one spot of an answer.
#[derive(Clone, Debug)]
pub struct Shape<'s> {
    pub(super) documents: &'s BTreeMap<String, Value>,
    /// The schemas of this spot, each of which holds.
    roots: Vec<View<'s>>,
    /// These, and all that they refer to or combine.
    pub(super) views: Vec<View<'s>>,
    /// What is known of one field besides: the outcome of a job within the answer about the job.
    pub(super) graft: Option<(String, Vec<View<'s>>)>,
}

/// Unknown fields of one value beyond this number are not reported.
const MOST_UNKNOWN: usize = 50;

impl<'s> Shape<'s> {
    pub(super) fn of(documents: &'s BTreeMap<String, Value>, path: &str) -> Self {
        let root = documents.get_key_value(path).map(|(path, schema)| View { path, schema });
        Self::of_views(documents, root.into_iter().collect())
    }

    /// What one schema of a file says, with all that it refers to or combines.
    pub(super) fn of_schema(documents: &'s BTreeMap<String, Value>, path: &'s str, schema: &'s Value) -> Self {
        Self::of_views(documents, vec![View { path, schema }])
    }

    /// The shape of a field, if any schema knows it.
    pub fn property(&self, name: &str) -> Option<Self> {
        let mut found: Vec<_> = self.views.iter().flat_map(|view| view.field(name)).collect();
        found.extend(self.graft.iter().filter(|(grafted, _)| grafted == name).flat_map(|(_, views)| views));
        let within = self.graft.as_ref().and_then(|(grafted, views)| {
            Some((grafted.strip_prefix(name)?.strip_prefix('.')?.to_owned(), views.clone()))
        });
        (!found.is_empty()).then(|| Self { graft: within, ..Self::of_views(self.documents, found) })
    }

    /// The shape of a list's items, wherever they are.
    #[must_use]
    pub fn items(&self) -> Self {
        let first = self.views.iter().flat_map(View::first_items);
        let others = self.views.iter().filter_map(|view| view.at(&["items"]));
        Self::of_views(self.documents, first.chain(others).collect())
    }

    /// The shape of the item at a place of a list, counted from 0.
    #[must_use]
    pub fn item(&self, place: usize) -> Self {
        let of_view = |view: &View<'s>| view.first_items().into_iter().nth(place).or_else(|| view.at(&["items"]));
        Self::of_views(self.documents, self.views.iter().filter_map(of_view).collect())
    }

    /// The same, knowing more of one field; a dot in its name leads into an object.
    #[must_use]
    pub fn with_property(mut self, name: &str, shape: Self) -> Self {
        self.graft = Some((name.to_owned(), shape.roots));
        self
    }

    /// Whether a value is a list here: one may come without anything around it.
    pub fn is_list(&self) -> bool {
        self.kinds().has(Kinds::ARRAY)
    }

    /// Whether a value has named fields here.
    pub fn is_object(&self) -> bool {
        self.kinds().has(Kinds::OBJECT) && !self.is_list()
    }

    /// A text of a format that has texts alone, as the value that the schemas ask for: one of those that they list, or a
    /// truth value or a number where they allow one and it reads as one.
    pub fn value_of(&self, text: &str) -> Value {
        let trimmed = text.trim();
        let listed = self.views.iter().flat_map(View::listed);
        if let Some(listed) = listed.into_iter().find(|listed| reads_as(listed, trimmed)) {
            return listed.clone();
        }
        let kinds = self.kinds();
        if let Some(truth) = trimmed.parse::<bool>().ok().filter(|_| kinds.has(Kinds::BOOLEAN)) {
            return Value::from(truth);
        }
        let number = kinds.has(Kinds::NUMBER).then(|| number(trimmed)).flatten();
        number.map_or_else(|| Value::from(text), Value::Number)
    }

    /// The values that the schemas list, where they list them and allow no other form.
    pub fn listed(&self) -> Option<&'s [Value]> {
        let has_forms = |view: &View<'s>| ["anyOf", "oneOf"].iter().any(|keyword| view.schema.get(keyword).is_some());
        let mut lists = self.views.iter().filter_map(|view| view.schema.get("enum")?.as_array());
        lists.next().filter(|_| !self.views.iter().any(has_forms)).map(Vec::as_slice)
    }

    /// Whether a value has a type that is allowed here.
    pub fn is_of_type(&self, value: &Value) -> bool {
        kinds::allow(self.documents, &self.roots, value)
    }

    pub(super) fn kinds(&self) -> Kinds {
        kinds::of(self.documents, &self.roots, &self.views)
    }

    /// Whether the schemas name any fields: only then can a field be unknown.
    pub fn names_fields(&self) -> bool {
        self.views.iter().any(|view| view.schema.get("properties").is_some())
    }

    /// The fields that the schemas ask for; where they allow several forms, those of all forms.
    pub fn required(&self) -> Vec<&'s str> {
        let lists = self.views.iter().filter_map(|view| view.schema.get("required")?.as_array());
        lists.flatten().filter_map(Value::as_str).collect()
    }

    /// The paths of the first few fields in a value that no schema knows, as JSON Pointers; a list counts once.
    pub fn unknown_fields(&self, value: &Value) -> Vec<String> {
        let mut unknown = Vec::new();
        self.find_unknown(&[value], "", &mut unknown);
        unknown
    }

    /// Looks at all values of one spot together: what the schemas say of a field is looked up once, however long a list is.
    fn find_unknown(&self, values: &[&Value], at: &str, unknown: &mut Vec<String>) {
        let mut fields: IndexMap<&str, Vec<&Value>> = IndexMap::new();
        let named = values.iter().filter_map(|value| value.as_object()).flatten().filter(|_| self.names_fields());
        named.for_each(|(name, value)| fields.entry(name).or_default().push(value));
        for (name, values) in fields {
            // A server may make up as many names as an answer has room for.
            if unknown.len() >= MOST_UNKNOWN {
                return;
            }
            let at = format!("{at}/{name}");
            match self.property(name) {
                Some(shape) => shape.find_unknown(&values, &at, unknown),
                None => unknown.push(bounded(&at)),
            }
        }
        let items: Vec<_> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
        if !items.is_empty() {
            self.items().find_unknown(&items, &format!("{at}/*"), unknown);
        }
    }

    fn of_views(documents: &'s BTreeMap<String, Value>, roots: Vec<View<'s>>) -> Self {
        let mut shape = Self { documents, roots: Vec::new(), views: Vec::new(), graft: None };
        roots.iter().for_each(|view| shape.collect(*view, 0));
        Self { roots, ..shape }
    }

    /// Takes in a schema and all that it refers to or combines.
    fn collect(&mut self, view: View<'s>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        self.views.push(view);
        if let Some(view) = view.referred(self.documents) {
            self.collect(view, depth + 1);
        }
        for part in view.parts() {
            self.collect(part, depth + 1);
        }
    }
}

/// Whether a listed value is what a text says.
fn reads_as(listed: &Value, text: &str) -> bool {
    match listed {
        Value::String(listed) => listed == text,
        Value::Bool(listed) => listed.to_string() == text,
        Value::Number(listed) => number(text).is_some_and(|number| decimal::compare(&number, listed).is_eq()),
        _ => false,
    }
}

/// A number with all of its digits; XML has more ways to write one than JSON.
fn number(text: &str) -> Option<Number> {
    let plain = text.strip_prefix('+').unwrap_or(text);
    serde_json::from_str(plain).ok().or_else(|| {
        if let Ok(number) = text.parse::<i64>() {
            return Some(Number::from(number));
        }
        let digits = |character: char| character.is_ascii_digit() || "+-.eE".contains(character);
        text.parse::<f64>().ok().filter(|_| text.chars().all(digits)).and_then(Number::from_f64)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn documents() -> BTreeMap<String, Value> {
        let list = json!({"type": "object", "properties": {
            "count": {"type": "integer"},
            "zone": {"type": "array", "items": {"$ref": "common/zone.json"}}}});
        let zone = json!({"allOf": [{"$ref": "#/$defs/named"}], "$defs": {"named": {"type": "object",
            "properties": {"name": {"type": ["string", "null"]}}}}});
        BTreeMap::from([("x/list.json".into(), list), ("x/common/zone.json".into(), zone)])
    }

    #[test]
    fn references_and_combinations_are_followed() {
        let documents = documents();
        let list = Shape::of(&documents, "x/list.json");
        let zones = list.property("zone").unwrap();
        assert!(zones.is_list());
        assert!(!zones.items().is_list());
        assert_eq!(zones.items().property("name").unwrap().value_of("4"), json!("4"));
        assert_eq!(list.property("count").unwrap().value_of("4"), json!(4));
    }

    #[test]
    fn what_is_never_there_is_known_where_the_schema_says_so() {
        let schema = json!({"properties": {
            "colour": {"type": "string", "enum": ["red", "blue"]}, "size": {"anyOf": [{"enum": [1]}, {"type": "string"}]}, "free": {}
        }});
        let documents = BTreeMap::from([("a.json".to_owned(), schema)]);
        let field = |name: &str| Shape::of(&documents, "a.json").property(name).unwrap();
        assert_eq!(field("colour").listed(), Some([json!("red"), json!("blue")].as_slice()));
        assert_eq!(field("size").listed(), None);
        assert!(field("colour").is_of_type(&json!("x")) && !field("colour").is_of_type(&json!(1)));
        assert!(field("size").is_of_type(&json!("x")) && !field("size").is_of_type(&json!(true)));
        assert!(field("free").is_of_type(&json!("x")) && field("free").is_of_type(&json!(1)));
    }

    #[test]
    fn more_may_be_known_of_a_field_within_an_object() {
        let job = json!({"properties": {"task": {"properties": {"result": {}}}}});
        let result = json!({"properties": {"size": {"type": "integer"}}});
        let documents = BTreeMap::from([("x/job.json".to_owned(), job), ("x/result.json".to_owned(), result)]);
        let shape = |path| Shape::of(&documents, path);
        for name in ["task.result", "task"] {
            let known = shape("x/job.json").with_property(name, shape("x/result.json"));
            let mut within = name.split('.').try_fold(known, |shape, part| shape.property(part)).unwrap();
            within = within.property("size").unwrap();
            assert_eq!(within.value_of("4"), json!(4), "{name}");
        }
    }

    /// Each way in which a schema can say what a field is.
    #[test]
    fn a_text_becomes_what_the_schema_asks_for() {
        let schema =
            |field: Value| json!({"properties": {"f": field}, "$defs": {"n": {"$anchor": "size", "type": "integer"}}});
        let value = |schema: Value, text: &str| {
            let documents = BTreeMap::from([("x/a.json".to_owned(), schema)]);
            Shape::of(&documents, "x/a.json").property("f").map(|shape| shape.value_of(text))
        };
        let of = |field: Value, text: &str| value(schema(field), text).unwrap();
        for (field, text, wanted) in [
            (json!({"type": "integer"}), " 4 ", json!(4)),
            (json!({"type": "integer"}), "many", json!("many")),
            (json!({"type": "number"}), "NaN", json!("NaN")),
            (json!({"type": "number"}), "+.5", json!(0.5)),
            (json!({"type": "string"}), "4", json!("4")),
            (json!({"type": ["integer", "null"]}), "4", json!(4)),
            (json!({"type": ["boolean", "string"]}), "true", json!(true)),
            (json!({"enum": [1, 2, 3]}), "2", json!(2)),
            (json!({"enum": ["1", "2"]}), "2", json!("2")),
            (json!({"enum": [1, "2"]}), "2", json!("2")),
            (json!({"type": "string", "enum": ["true"]}), "true", json!("true")),
            (json!({"enum": [true, "unknown"]}), "true", json!(true)),
            (json!({"enum": [1, 2]}), "7", json!(7)),
            (json!({"const": 7}), "7", json!(7)),
            (json!({"const": "7"}), "7", json!("7")),
            (json!({"minimum": 1}), "0", json!(0)),
            (json!({"exclusiveMaximum": 1, "type": ["string", "integer"]}), "0", json!(0)),
            (json!({"multipleOf": 5}), "7", json!(7)),
            (json!({"pattern": "^[0-9]+$"}), "7", json!("7")),
            (json!({"$ref": "#/$defs/n"}), "7", json!(7)),
            (json!({"$ref": "#size"}), "7", json!(7)),
            (json!({"allOf": [{"type": ["integer", "string"]}, {"type": "string"}]}), "7", json!("7")),
            (json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}), "7", json!(7)),
            (json!({"anyOf": [{"type": "integer"}, {"type": "string"}]}), "x", json!("x")),
            (json!({"oneOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}), "7", json!(7)),
            (json!({"if": {"minimum": 5}, "then": {"type": "integer"}, "else": {"type": "number"}}), "7", json!(7)),
            (json!({}), "7", json!("7")),
            (json!(true), "7", json!("7")),
        ] {
            assert_eq!(of(field.clone(), text), wanted, "{field} {text}");
        }
        let by = |schema: Value, text: &str| value(schema, text);
        let integer = || json!({"type": "integer"});
        assert_eq!(by(json!({"additionalProperties": integer()}), "4"), Some(json!(4)));
        assert_eq!(by(json!({"additionalProperties": true}), "4"), None);
        assert_eq!(by(json!({"unevaluatedProperties": integer()}), "4"), Some(json!(4)));
        assert_eq!(by(json!({"patternProperties": {"^[a-f]$": integer()}}), "4"), Some(json!(4)));
        assert_eq!(by(json!({"patternProperties": {"^[x-z]$": integer()}}), "4"), None);
        assert_eq!(by(json!({"dependentSchemas": {"g": {"properties": {"f": integer()}}}}), "4"), Some(json!(4)));
        assert_eq!(by(json!({"then": {"properties": {"f": integer()}}}), "4"), Some(json!(4)));
        let two =
            json!({"allOf": [{"properties": {"f": {"type": "string"}}}, {"properties": {"f": {"minLength": 1}}}]});
        assert_eq!(by(two, "4"), Some(json!("4")));
    }

    #[test]
    fn items_have_the_form_of_their_place() {
        let schema = json!({"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": {"type": "boolean"}});
        let documents = BTreeMap::from([("x/a.json".to_owned(), json!({"properties": {"f": schema}}))]);
        let list = Shape::of(&documents, "x/a.json").property("f").unwrap();
        assert!(list.is_list());
        assert_eq!([0, 1].map(|place| list.item(place).value_of("4")), [json!(4), json!("4")]);
        assert_eq!(list.item(2).value_of("true"), json!(true));
    }

    #[test]
    fn a_field_that_no_schema_knows_is_named_once() {
        let documents = documents();
        let answer = json!({"count": 2, "zone": [{"name": "a", "new": 1}, {"new": 2}], "more": {}});
        assert_eq!(Shape::of(&documents, "x/list.json").unknown_fields(&answer), ["/zone/*/new", "/more"]);
    }
}

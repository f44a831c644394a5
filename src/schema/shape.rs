//! What schemas say about the form of a value: enough to read XML as typed values, and to know a field from an unknown one.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::reference::Reference;

/// All schemas that speak about one spot of an answer.
#[derive(Clone, Debug)]
pub struct Shape<'s> {
    pub(super) documents: &'s BTreeMap<String, Value>,
    pub(super) views: Vec<View<'s>>,
    /// What is known of one field besides: the outcome of a job within the answer about the job.
    pub(super) graft: Option<(String, Vec<View<'s>>)>,
}

/// One schema, and the file that relative references in it start from.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'s> {
    pub(super) path: &'s str,
    pub(super) schema: &'s Value,
}

/// The form a schema asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShapeKind {
    /// A list.
    Array,
    /// Named fields.
    Object,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Text.
    Text,
    /// The schemas don't say.
    Unknown,
}

/// How deep references between schemas may lead; deeper is a circle.
const DEEPEST: usize = 16;

/// Unknown fields of one value beyond this number are not told.
const MOST_UNKNOWN: usize = 50;

impl<'s> Shape<'s> {
    pub(super) fn of(documents: &'s BTreeMap<String, Value>, path: &str) -> Self {
        let mut shape = Self { documents, views: Vec::new(), graft: None };
        if let Some((path, schema)) = documents.get_key_value(path) {
            shape.collect(View { path, schema }, 0);
        }
        shape
    }

    /// What one schema of a file says, with all that it refers to or combines.
    pub(super) fn of_schema(documents: &'s BTreeMap<String, Value>, path: &'s str, schema: &'s Value) -> Self {
        let mut shape = Self { documents, views: Vec::new(), graft: None };
        shape.collect(View { path, schema }, 0);
        shape
    }

    /// The shape of a field, if any schema knows it.
    pub fn property(&self, name: &str) -> Option<Self> {
        let mut found: Vec<_> = self.views.iter().filter_map(|view| view.at(&["properties", name])).collect();
        found.extend(self.graft.iter().filter(|(grafted, _)| grafted == name).flat_map(|(_, views)| views));
        (!found.is_empty()).then(|| self.of_views(found))
    }

    /// The shape of a list's items.
    #[must_use]
    pub fn items(&self) -> Self {
        self.of_views(self.views.iter().filter_map(|view| view.at(&["items"])).collect())
    }

    /// The same, knowing more of one field.
    #[must_use]
    pub fn with_property(mut self, name: &str, shape: Self) -> Self {
        self.graft = Some((name.to_owned(), shape.views));
        self
    }

    /// The form asked for; where several are allowed, the most particular.
    pub fn kind(&self) -> ShapeKind {
        const KINDS: [(&str, ShapeKind); 6] = [
            ("array", ShapeKind::Array),
            ("object", ShapeKind::Object),
            ("boolean", ShapeKind::Boolean),
            ("integer", ShapeKind::Integer),
            ("number", ShapeKind::Number),
            ("string", ShapeKind::Text),
        ];
        let allows = |name: &str| self.views.iter().any(|view| view.allows(name));
        KINDS.iter().find(|(name, _)| allows(name)).map_or(ShapeKind::Unknown, |(_, kind)| *kind)
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
                None => unknown.push(super::bounded(&at)),
            }
        }
        let items: Vec<_> = values.iter().filter_map(|value| value.as_array()).flatten().collect();
        if !items.is_empty() {
            self.items().find_unknown(&items, &format!("{at}/*"), unknown);
        }
    }

    fn of_views(&self, views: Vec<View<'s>>) -> Self {
        let mut shape = Self { documents: self.documents, views: Vec::new(), graft: None };
        views.into_iter().for_each(|view| shape.collect(view, 0));
        shape
    }

    /// Takes in a schema and all that it refers to or combines.
    fn collect(&mut self, view: View<'s>, depth: usize) {
        if depth > DEEPEST {
            return;
        }
        self.views.push(view);
        let target = view.schema.get("$ref").and_then(Value::as_str);
        if let Some(view) = target.and_then(|target| self.resolve(view.path, target)) {
            self.collect(view, depth + 1);
        }
        for keyword in ["allOf", "anyOf", "oneOf"] {
            let parts = view.schema.get(keyword).and_then(Value::as_array);
            for schema in parts.into_iter().flatten() {
                self.collect(View { path: view.path, schema }, depth + 1);
            }
        }
    }

    /// What a reference leads to, seen from a file.
    pub(super) fn resolve(&self, from: &'s str, target: &str) -> Option<View<'s>> {
        let (path, part) = match Reference::parse(from, target) {
            Reference::Same(part) => (from.to_owned(), part),
            Reference::File(path, part) => (path, part),
            Reference::Outside | Reference::Elsewhere => return None,
        };
        let (path, schema) = self.documents.get_key_value(&path)?;
        Some(View { path, schema: schema.pointer(&part)? })
    }
}

impl<'s> View<'s> {
    fn at(&self, keys: &[&str]) -> Option<Self> {
        let schema = keys.iter().try_fold(self.schema, |schema, key| schema.get(key))?;
        Some(Self { path: self.path, schema })
    }

    fn allows(&self, name: &str) -> bool {
        match self.schema.get("type") {
            Some(Value::String(kind)) => kind == name,
            Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == name),
            _ => false,
        }
    }
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
        assert_eq!(zones.kind(), ShapeKind::Array);
        assert_eq!(zones.items().kind(), ShapeKind::Object);
        assert_eq!(zones.items().property("name").unwrap().kind(), ShapeKind::Text);
    }

    #[test]
    fn a_field_that_no_schema_knows_is_named_once() {
        let documents = documents();
        let answer = json!({"count": 2, "zone": [{"name": "a", "new": 1}, {"new": 2}], "more": {}});
        assert_eq!(Shape::of(&documents, "x/list.json").unknown_fields(&answer), ["/zone/*/new", "/more"]);
    }
}

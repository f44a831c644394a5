//! Which kinds of value schemas allow.

use std::collections::BTreeMap;

use serde_json::Value;

use super::view::{DEEPEST, View};

/// A set of kinds of value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kinds(u8);

impl Kinds {
    pub const ARRAY: Self = Self(1);
    pub const BOOLEAN: Self = Self(2);
    pub const NUMBER: Self = Self(4);
    pub const OBJECT: Self = Self(8);
    const TEXT: Self = Self(16);
    const NULL: Self = Self(32);
    pub const NONE: Self = Self(0);
    const ALL: Self = Self(63);

    /// Whether all of these are among them.
    pub fn has(self, kinds: Self) -> bool {
        self.0 & kinds.0 == kinds.0
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn named(name: &str) -> Self {
        match name {
            "array" => Self::ARRAY,
            "boolean" => Self::BOOLEAN,
            "integer" | "number" => Self::NUMBER,
            "object" => Self::OBJECT,
            "string" => Self::TEXT,
            "null" => Self::NULL,
            _ => Self::NONE,
        }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            Value::Array(_) => Self::ARRAY,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(_) => Self::NUMBER,
            Value::Object(_) => Self::OBJECT,
            Value::String(_) => Self::TEXT,
            Value::Null => Self::NULL,
        }
    }
}

/// What schemas that hold together allow. Where they allow anything, the keywords for one type alone say
/// which is meant; none where there are none.
pub(super) fn of(documents: &BTreeMap<String, Value>, roots: &[View<'_>], views: &[View<'_>]) -> Kinds {
    let allowed = roots.iter().map(|root| allowed(documents, *root, 0));
    let together = allowed.clone().fold(Kinds::ALL, Kinds::and);
    match together {
        Kinds::ALL => views.iter().map(hinted).fold(Kinds::NONE, Kinds::or),
        // Fields of alternatives of an object need not agree.
        Kinds::NONE => allowed.filter(|kinds| *kinds != Kinds::ALL).fold(Kinds::NONE, Kinds::or),
        some => some,
    }
}

/// Whether schemas that hold together allow a kind of value; where they contradict each other, that is not known.
pub(super) fn allow(documents: &BTreeMap<String, Value>, roots: &[View<'_>], value: &Value) -> bool {
    let together = roots.iter().map(|root| allowed(documents, *root, 0)).fold(Kinds::ALL, Kinds::and);
    together == Kinds::NONE || together.has(Kinds::of_value(value))
}

fn allowed(documents: &BTreeMap<String, Value>, view: View<'_>, depth: usize) -> Kinds {
    if depth > DEEPEST {
        return Kinds::ALL;
    }
    let within = |schema| allowed(documents, View { path: view.path, schema }, depth + 1);
    let named = |names: &[Value]| names.iter().filter_map(Value::as_str).map(Kinds::named).fold(Kinds::NONE, Kinds::or);
    let mut kinds = match view.schema.get("type") {
        Some(Value::String(name)) => Kinds::named(name),
        Some(Value::Array(names)) => named(names),
        _ => Kinds::ALL,
    };
    let listed = view.listed();
    if !listed.is_empty() {
        kinds = kinds.and(listed.into_iter().map(Kinds::of_value).fold(Kinds::NONE, Kinds::or));
    }
    if let Some(referred) = view.referred(documents) {
        kinds = kinds.and(allowed(documents, referred, depth + 1));
    }
    for (keyword, schemas) in ["allOf", "anyOf", "oneOf"].map(|keyword| (keyword, view.schema.get(keyword))) {
        let Some(schemas) = schemas.and_then(Value::as_array) else { continue };
        kinds = match keyword {
            "allOf" => schemas.iter().map(within).fold(kinds, Kinds::and),
            _ => kinds.and(schemas.iter().map(within).fold(Kinds::NONE, Kinds::or)),
        };
    }
    if let (Some(then), Some(otherwise)) = (view.schema.get("then"), view.schema.get("else")) {
        kinds = kinds.and(within(then).or(within(otherwise)));
    }
    kinds
}

/// The type that a schema's other keywords constrain; they say nothing of any other.
fn hinted(view: &View<'_>) -> Kinds {
    const KEYWORDS: [(Kinds, &[&str]); 3] = [
        (
            Kinds::ARRAY,
            &["items", "prefixItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems"],
        ),
        (Kinds::NUMBER, &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
        (Kinds::TEXT, &["pattern", "minLength", "maxLength", "format", "contentEncoding", "contentMediaType"]),
    ];
    let has = |keywords: &[&str]| keywords.iter().any(|keyword| view.schema.get(keyword).is_some());
    let hinted = KEYWORDS.iter().filter(|(_, keywords)| has(keywords)).map(|(kinds, _)| *kinds);
    let own = hinted.fold(Kinds::NONE, Kinds::or);
    // What holds under a condition alone, such as a type behind `then`.
    match view.schema.get("type").and_then(Value::as_str) {
        Some(name) => own.or(Kinds::named(name)),
        None => own,
    }
}

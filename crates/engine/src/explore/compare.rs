//! An answer of the deployment against that of the model, but for what may differ.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use assay_suite::{List, plain};

use super::freedom::{TextKind, is_free_number, kind_of, without_numbers};
use super::identities::{Identities, Relation};

/// Where two answers differ though they may not.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Difference {
    /// Where in the answer, for all items of a list alike.
    pub path: String,
    /// How.
    pub kind: DifferenceKind,
    /// What the model answers.
    pub expected: Value,
    /// What the deployment answers.
    pub observed: Value,
    /// Which item of the list it is about, by the model's identifier.
    pub item: Option<String>,
}

/// How two answers differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum DifferenceKind {
    /// They have other values there.
    Value,
    /// Only the model has a value there.
    Missing,
    /// Only the deployment has a value there.
    Unexpected,
    /// Only the model lists an item.
    ItemMissing,
    /// Only the deployment lists an item.
    ItemUnexpected,
}

/// Compares two answers to the same request.
pub(super) struct Comparison<'a> {
    /// What the identifiers of both mean.
    pub identities: &'a mut Identities,
    /// What the walk has given values to: these are repeated as they are.
    pub sent: &'a BTreeSet<String>,
    /// The paths at which the model has shown a value in answers of this operation. What is elsewhere is an extension.
    pub shown: &'a BTreeSet<String>,
    /// What the operation lists, if it is a list.
    pub list: Option<&'a List>,
}

impl Comparison<'_> {
    /// All differences, in the model's order. Identifiers that appear for the first time are related.
    pub fn differences(&mut self, deployment: &Value, model: &Value) -> Vec<Difference> {
        let mut found = Vec::new();
        self.value("$", "", deployment, model, &mut found);
        found
    }

    fn value(&mut self, path: &str, field: &str, deployment: &Value, model: &Value, found: &mut Vec<Difference>) {
        match (deployment, model) {
            (Value::Object(deployment), Value::Object(model)) => self.object(path, deployment, model, found),
            (Value::Array(deployment), Value::Array(model)) => self.items(path, field, deployment, model, found),
            (Value::String(one), Value::String(other)) => {
                if !self.is_same_text(field, one, other) {
                    found.push(differ(path, DifferenceKind::Value, model, deployment));
                }
            }
            (Value::Number(_), Value::Number(_)) if deployment == model || is_free_number(field) => {}
            _ if deployment == model => {}
            // Some write numbers as texts; the form is no matter of behaviour.
            _ if !deployment.is_array() && !model.is_array() && plain(deployment) == plain(model) => {}
            _ => found.push(differ(path, DifferenceKind::Value, model, deployment)),
        }
    }

    fn object(
        &mut self,
        path: &str,
        deployment: &Map<String, Value>,
        model: &Map<String, Value>,
        found: &mut Vec<Difference>,
    ) {
        // What a list holds that is not the walk's own is not compared, nor how much it is.
        let is_list = path == "$" && self.list.is_some();
        for (name, expected) in model {
            let below = below(path, name);
            match deployment.get(name) {
                _ if self.names_another(name, model) => {}
                Some(observed) => self.value(&below, name, observed, expected, found),
                None if is_blank(expected) || is_list || self.holds_only_others(&below, expected) => {}
                None => found.push(differ(&below, DifferenceKind::Missing, expected, &Value::Null)),
            }
        }
        let empty = Value::Array(Vec::new());
        if let Some(list) = self.list.filter(|_| is_list) {
            let (in_deployment, in_model) = (deployment.get(&list.items), model.get(&list.items));
            match (in_deployment, in_model) {
                (Some(observed), None) => self.value(&below(path, &list.items), &list.items, observed, &empty, found),
                (None, Some(expected)) => self.value(&below(path, &list.items), &list.items, &empty, expected, found),
                _ => {}
            }
        }
        for (name, observed) in deployment.iter().filter(|(name, _)| !model.contains_key(*name)) {
            let below = below(path, name);
            if !is_list && !is_blank(observed) && self.shown.contains(&below) {
                found.push(differ(&below, DifferenceKind::Unexpected, &Value::Null, observed));
            }
        }
    }

    /// Whether a field, such as `zonename`, names what the walk did not create: only its identifier, `zoneid`, is compared.
    fn names_another(&self, field: &str, model: &Map<String, Value>) -> bool {
        let Some(of) = field.strip_suffix("name").filter(|of| !of.is_empty()) else { return false };
        let identifier = model.get(&format!("{of}id")).and_then(Value::as_str);
        identifier.is_some_and(|identifier| !self.identities.is_own(identifier))
    }

    fn holds_only_others(&self, path: &str, value: &Value) -> bool {
        self.is_list_of_all(path) && !self.concerns_own(value, Side::Model)
    }

    fn is_list_of_all(&self, path: &str) -> bool {
        self.list.is_some_and(|list| list_path(list) == path)
    }

    fn items(&mut self, path: &str, field: &str, deployment: &[Value], model: &[Value], found: &mut Vec<Difference>) {
        let of_all = self.is_list_of_all(path);
        let key = self.list.filter(|_| of_all).and_then(|list| list.key.as_deref()).unwrap_or("id");
        let path = format!("{path}[*]");
        let mut observed: Vec<&Value> = deployment.iter().collect();
        let mut expected: Vec<&Value> = model.iter().collect();
        // Those whose identifiers are known mean the same.
        expected.retain(|item| {
            let known = key_of(item, key);
            let same = observed.iter().position(|other| {
                let other = key_of(other, key).and_then(|other| self.identities.model_of(&other));
                other.is_some() && other == known.as_deref()
            });
            let Some(position) = same else { return true };
            let other = observed.remove(position);
            if of_all && !self.concerns_own(item, Side::Model) {
                return false;
            }
            let before = found.len();
            self.value(&path, field, other, item, found);
            if of_all {
                found.iter_mut().skip(before).for_each(|one| one.item.clone_from(&known));
            }
            false
        });
        if of_all {
            expected.retain(|item| self.concerns_own(item, Side::Model));
            observed.retain(|item| self.concerns_own(item, Side::Deployment));
        }
        // Those that differ in nothing are taken for the same.
        expected.retain(|item| {
            let same = observed.iter().position(|other| {
                let before = self.identities.clone();
                let mut differences = Vec::new();
                self.value(&path, field, other, item, &mut differences);
                if !differences.is_empty() {
                    *self.identities = before;
                }
                differences.is_empty()
            });
            same.map(|position| observed.remove(position)).is_none()
        });
        // What is known by its identifier on one side only is not there on the other.
        let is_known = |item: &Value| key_of(item, key).is_some_and(|key| self.identities.knows(&key));
        let (lacking, mut expected): (Vec<_>, Vec<_>) = expected.into_iter().partition(|item| is_known(item));
        let is_known = |item: &Value| key_of(item, key).is_some_and(|key| self.identities.model_of(&key).is_some());
        let (extra, mut observed): (Vec<_>, Vec<_>) = observed.into_iter().partition(|item| is_known(item));
        while !expected.is_empty() && !observed.is_empty() {
            self.value(&path, field, observed.remove(0), expected.remove(0), found);
        }
        for item in lacking.into_iter().chain(expected) {
            let difference = differ(&path, DifferenceKind::ItemMissing, item, &Value::Null);
            found.push(Difference { item: key_of(item, key), ..difference });
        }
        for item in extra.into_iter().chain(observed) {
            let difference = differ(&path, DifferenceKind::ItemUnexpected, &Value::Null, item);
            let known = key_of(item, key).and_then(|key| self.identities.model_of(&key).map(str::to_owned));
            found.push(Difference { item: known, ..difference });
        }
    }

    /// Whether something that the walk created is named in a value.
    fn concerns_own(&self, value: &Value, side: Side) -> bool {
        match value {
            Value::Object(fields) => fields.values().any(|value| self.concerns_own(value, side)),
            Value::Array(items) => items.iter().any(|value| self.concerns_own(value, side)),
            Value::String(text) => {
                let known = if side == Side::Model { Some(text.as_str()) } else { self.identities.model_of(text) };
                known.is_some_and(|known| self.identities.is_own(known))
            }
            _ => false,
        }
    }

    fn is_same_text(&mut self, field: &str, deployment: &str, model: &str) -> bool {
        let kind = kind_of(field, model);
        if deployment == model {
            let is_known = self.identities.model_of(deployment).is_some() || self.identities.knows(model);
            return !(is_known || kind == TextKind::Identifier)
                || self.identities.relate(deployment, model) != Relation::Different;
        }
        if let Some(known) = self.identities.model_of(deployment) {
            return known == model;
        }
        if self.identities.knows(model) || self.sent.contains(model) {
            return false;
        }
        match (kind_of(field, deployment), kind) {
            (TextKind::Identifier, TextKind::Identifier) => {
                self.identities.relate(deployment, model) != Relation::Different
            }
            (TextKind::Free, TextKind::Free) => true,
            _ => without_numbers(deployment) == without_numbers(model),
        }
    }
}

/// Whose answer a value is of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Deployment,
    Model,
}

/// Where an answer has its items; a dot leads into an object.
fn list_path(list: &List) -> String {
    list.items.split('.').fold("$".to_owned(), |path, name| below(&path, name))
}

/// All paths of a value, for all items of a list alike.
pub(super) fn paths_of(value: &Value, found: &mut BTreeSet<String>) {
    paths_below("$", value, found);
}

fn paths_below(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, value)| paths_below(&below(path, name), value, found)),
        Value::Array(items) => items.iter().for_each(|item| paths_below(&format!("{path}[*]"), item, found)),
        _ => {}
    }
    if !found.contains(path) {
        found.insert(path.to_owned());
    }
}

fn below(path: &str, name: &str) -> String {
    let is_plain = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_');
    if is_plain { format!("{path}.{name}") } else { format!("{path}['{name}']") }
}

fn key_of(item: &Value, key: &str) -> Option<String> {
    item.get(key).map(plain)
}

fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn differ(path: &str, kind: DifferenceKind, expected: &Value, observed: &Value) -> Difference {
    Difference { path: path.to_owned(), kind, expected: expected.clone(), observed: observed.clone(), item: None }
}

#[cfg(test)]
#[path = "compare/tests.rs"]
mod tests;

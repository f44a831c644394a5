//! What a walk has made so far, as the model has it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use assay_suite::{Variable, plain};

use super::atlas::Kind;

/// Something that a walk can name.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub variable: Variable,
    pub kind: Kind,
    /// By what the model identifies it.
    pub id: String,
    pub owner: Owner,
}

/// Whose a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// The target's: it is neither changed nor removed.
    Target,
    /// The walk's.
    Walk,
}

/// Whether a thing was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Existence {
    /// Not that the walk knows.
    There,
    /// By the walk.
    Gone,
}

/// What a walk has made so far.
#[derive(Clone, Debug, Default)]
pub(super) struct World {
    things: Vec<Thing>,
    gone: BTreeSet<String>,
    states: BTreeMap<String, String>,
    /// What the last step wrote to.
    pub touched: Option<Variable>,
    /// How many things were named.
    pub named: usize,
}

/// Fields that say in which state something is.
const STATES: [&str; 4] = ["state", "status", "instanceState", "allocationstate"];

impl World {
    /// Notes a thing that a variable means.
    pub fn add(&mut self, thing: Thing) {
        self.things.retain(|known| known.variable != thing.variable);
        self.things.push(thing);
    }

    /// The thing that a variable means.
    pub fn thing(&self, variable: &Variable) -> Option<&Thing> {
        self.things.iter().find(|thing| thing.variable == *variable)
    }

    /// Whether the walk made what the model identifies so.
    pub fn is_own(&self, id: &str) -> bool {
        self.things.iter().any(|thing| thing.id == id && thing.owner == Owner::Walk)
    }

    /// The things of a kind, the latest last.
    pub fn of_kind<'a>(&'a self, kind: &'a Kind, existence: Existence) -> impl Iterator<Item = &'a Thing> {
        self.things.iter().filter(move |thing| thing.kind == *kind && self.existence(&thing.id) == existence)
    }

    fn existence(&self, id: &str) -> Existence {
        if self.gone.contains(id) { Existence::Gone } else { Existence::There }
    }

    /// Notes that a thing was removed.
    pub fn remove(&mut self, id: &str) {
        self.gone.insert(id.to_owned());
        self.states.insert(id.to_owned(), "removed".to_owned());
    }

    /// The state in which something was seen last.
    pub fn state_of(&self, id: &str) -> Option<&str> {
        self.states.get(id).map(String::as_str)
    }

    /// Notes the states that an answer shows.
    pub fn see(&mut self, answer: &Value) {
        match answer {
            Value::Object(fields) => {
                let state = STATES.iter().find_map(|name| fields.get(*name)).filter(|state| !state.is_object());
                if let (Some(id), Some(state)) = (fields.get("id"), state) {
                    self.states.insert(plain(id), plain(state));
                }
                fields.values().for_each(|value| self.see(value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.see(item)),
            _ => {}
        }
    }
}

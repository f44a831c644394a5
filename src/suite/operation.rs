//! One documented operation: what it does, what it takes, how it is undone.

use std::borrow::Borrow;
use std::fmt;

use indexmap::IndexMap;

use crate::source::{Located, Node, Place};

/// The name of an operation as the document spells it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct OperationName(pub String);

impl fmt::Display for OperationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for OperationName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// One documented operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name.
    pub name: Located<OperationName>,
    /// The heading under which the document lists it.
    pub group: String,
    /// Where the document describes it.
    pub cites: String,
    /// What it does to the deployment.
    pub effect: Effect,
    /// Whether the document says more than the name.
    pub detailed: bool,
    /// Whether it answers at once with a job.
    pub asynchronous: bool,
    /// What it lists, if it is a list.
    pub list: Option<List>,
    /// Its parameters besides the common ones.
    pub parameters: IndexMap<String, Parameter>,
    /// Sets of parameters of which exactly one must be given.
    pub exactly_one: Option<Alternatives>,
    /// Sets of parameters of which at least one must be given.
    pub at_least_one: Option<Alternatives>,
    /// The element around its answer, where that departs from the suite's rule; the documented one first.
    pub envelopes: Vec<String>,
    /// How what it created is removed again.
    pub undo: Option<Undo>,
}

/// What an operation does to a deployment. A target allows effects, not operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Nothing.
    Reads,
    /// Something comes into being.
    Creates,
    /// Something that exists is altered.
    Changes,
    /// Something ceases to be.
    Removes,
}

impl Effect {
    /// All effects, with the names documents give them.
    pub const NAMES: [(&'static str, Self); 4] =
        [("reads", Self::Reads), ("creates", Self::Creates), ("changes", Self::Changes), ("removes", Self::Removes)];
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::NAMES.iter().find(|(_, effect)| effect == self).map_or("", |(name, _)| name);
        f.write_str(name)
    }
}

/// What a list operation lists.
#[derive(Clone, Debug)]
pub struct List {
    /// The field of the answer that holds the items.
    pub items: String,
    /// The field of an item that tells it from all others.
    pub key: String,
}

/// A documented parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: Located<String>,
    /// Whether it must be given.
    pub presence: Presence,
    /// A value that a request may give it: a literal, or a variable such as `$zone`.
    pub value: Option<Node>,
    /// The only values it takes, where the document lists them.
    pub values: Vec<String>,
    /// Parameters that must be given with it.
    pub with: Vec<String>,
    /// Parameters that must not be given with it.
    pub excludes: Vec<String>,
    /// How it narrows a list.
    pub filter: Option<Filter>,
}

impl Parameter {
    /// Where it is written.
    pub fn place(&self) -> &Place {
        &self.name.place
    }
}

/// Whether a parameter must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// Always.
    Required,
    /// Not always; alternatives may still ask for it.
    Optional,
}

/// How a parameter narrows a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    /// To the items with this value in a field.
    Equals(String),
    /// To the items with this text within a field.
    Contains(String),
}

impl Filter {
    /// The field of an item that the filter looks at.
    pub fn field(&self) -> &str {
        match self {
            Self::Equals(field) | Self::Contains(field) => field,
        }
    }
}

/// Sets of parameters between which a request chooses.
#[derive(Clone, Debug)]
pub struct Alternatives(pub Vec<Vec<String>>);

/// How what an operation created is removed again.
#[derive(Clone, Debug)]
pub struct Undo {
    /// The operation that removes it.
    pub call: Located<OperationName>,
    /// Its arguments: literals, variables, or paths into the answer (`$.id`) or the job's result.
    pub with: Vec<(String, Located<String>)>,
}

//! What an operation says of the schemas of its answers that have no files of their own.

use indexmap::IndexMap;

use crate::source::{Located, Node, Place};

/// Stands in a shape for the field that holds what is answered.
pub(crate) const NAME: &str = "{name}";
/// Stands in a shape for the file of the schema of that.
pub(crate) const SCHEMA: &str = "{schema}";

/// The forms that several answers of a suite have, by name: schemas with `{name}` and `{schema}` in the place of what differs.
pub type Shapes = IndexMap<String, Node>;

/// What an operation says of the schema of an answer that has no file of the operation's name.
#[derive(Clone, Debug)]
pub enum AnswerSchema {
    /// It is this file, seen from the suite's folder of schemas: `common/job.json`.
    File(Located<String>),
    /// It is a shape of the suite.
    Shaped(Shaped),
}

/// A shape, and what an operation puts into it.
#[derive(Clone, Debug)]
pub struct Shaped {
    /// The name of the shape.
    pub shape: Located<String>,
    /// The field that holds what is answered; that of the operation's list when nothing is said.
    pub name: Option<Located<String>>,
    /// The file of the schema of that, seen from the suite's folder of schemas; `common/<name>.json` when nothing is said.
    pub of: Option<Located<String>>,
}

impl AnswerSchema {
    /// Where it is said.
    pub fn place(&self) -> &Place {
        match self {
            Self::File(file) => &file.place,
            Self::Shaped(shaped) => &shaped.shape.place,
        }
    }
}

//! Where the schemas of answers are: in files of an operation's name, or named by the operation.

use crate::answer::{AnswerSchema, NAME, SCHEMA, Shaped, Shapes};
use crate::name::SuiteName;
use crate::operation::Operation;
use crate::source::{Located, Node};
use crate::suite::Suite;

/// A schema that an operation names. It counts as if it were written in a file of the operation's name.
#[derive(Clone, Debug)]
pub struct NamedSchema {
    /// Where that file would be, below `schemas/`.
    pub path: String,
    /// The schema. What it has of a shape keeps its places there.
    pub schema: Node,
    /// The file that it refers to, below `schemas/`.
    pub file: Located<String>,
    /// The name of the shape, where the operation says it; none if it is the file as it is.
    pub shape: Option<Located<String>>,
}

impl NamedSchema {
    /// Where a person finds what it says: `schemas/cloudn/common/job.json`, `suites/cloudn/operations.yaml:12`.
    pub fn written_at(&self) -> String {
        match &self.shape {
            Some(shape) => format!("{}:{}", shape.place.file.path, shape.place.line),
            None => format!("schemas/{}", self.file.value),
        }
    }
}

impl Shaped {
    fn fill(&self, shapes: &Shapes, operation: &Operation) -> Option<(Node, Located<String>)> {
        let of_list = || {
            let list = operation.list.as_ref()?;
            Some(Located { value: list.items.clone(), place: self.shape.place.clone() })
        };
        let name = self.name.clone().or_else(of_list)?;
        let usual = || Located { value: format!("common/{}.json", name.value), place: name.place.clone() };
        let file = self.of.clone().unwrap_or_else(usual);
        let filled = shapes.get(&self.shape.value)?.with_texts(&|text| match text.value.as_str() {
            // What is wrong with the file is wrong where it is named.
            SCHEMA => file.clone(),
            other => Located {
                value: other.replace(NAME, &name.value).replace(SCHEMA, &file.value),
                place: text.place.clone(),
            },
        });
        Some((filled, file))
    }
}

impl AnswerSchema {
    fn named(&self, path: String, suite: &Suite, operation: &Operation) -> Option<NamedSchema> {
        let (schema, file, shape) = match self {
            Self::File(file) => (Node::reference_to(file), file.clone(), None),
            Self::Shaped(shaped) => {
                let (schema, file) = shaped.fill(&suite.shapes, operation)?;
                (schema, file, Some(shaped.shape.clone()))
            }
        };
        let file = file.map(|file| from_folder(&suite.name.value, &file));
        Some(NamedSchema { path, schema, file, shape })
    }
}

/// The path of a file below `schemas/` that is seen from a suite's folder there.
fn from_folder(suite: &SuiteName, file: &str) -> String {
    let mut path = vec![suite.0.as_str()];
    for part in file.split('/') {
        match part {
            "." => {}
            ".." if !path.is_empty() => drop(path.pop()),
            name => path.push(name),
        }
    }
    path.join("/")
}

impl SuiteName {
    /// The path of the schema of an operation's answer, below `schemas/`.
    pub fn answer_schema(&self, operation: &str) -> String {
        format!("{self}/{operation}.json")
    }

    /// The path of the schema of what a finished job of an operation holds, below `schemas/`.
    pub fn result_schema(&self, operation: &str) -> String {
        format!("{self}/{operation}.result.json")
    }

    /// The path of the schema of a refusal, below `schemas/`.
    pub fn refusal_schema(&self) -> String {
        format!("{self}/common/error.json")
    }
}

impl Suite {
    /// The path of the schema of an operation's answer, below `schemas/`, whether it is a file or [named](Self::named_schemas).
    pub fn answer_schema(&self, operation: &str) -> String {
        self.name.value.answer_schema(operation)
    }

    /// The path of the schema of what a finished job of an operation holds, below `schemas/`.
    pub fn result_schema(&self, operation: &str) -> String {
        self.name.value.result_schema(operation)
    }

    /// The path of the schema of a refusal, below `schemas/`.
    pub fn refusal_schema(&self) -> String {
        self.name.value.refusal_schema()
    }

    /// The schemas that its operations name.
    pub fn named_schemas(&self) -> Vec<NamedSchema> {
        let of_operation = |operation: &Operation| {
            let name = operation.name.value.0.as_str();
            let said = [(&operation.answer, self.answer_schema(name)), (&operation.result, self.result_schema(name))];
            said.into_iter().filter_map(|(said, path)| said.as_ref()?.named(path, self, operation)).collect::<Vec<_>>()
        };
        self.operations.values().flat_map(of_operation).collect()
    }
}

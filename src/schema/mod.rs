//! The JSON Schemas of an API's answers: compiled when first needed, used to decode XML and to validate answers.

mod shape;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

use crate::source::{Diagnostic, Diagnostics, Documents, Place, SourceFile};

pub use shape::{Shape, ShapeKind};

/// Schemas live at addresses below this one, which nothing ever resolves.
const ROOT: &str = "https://assay.invalid/schemas/";

/// The schemas of all suites, by their path below `schemas/`.
#[derive(Clone, Debug)]
pub struct Schemas {
    documents: Arc<BTreeMap<String, Value>>,
    compiled: Arc<BTreeMap<String, OnceLock<Option<Validator>>>>,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where in the value, as a JSON Pointer; empty for the whole.
    pub pointer: String,
    /// What the schema asks for there, against what is there.
    pub message: String,
}

impl Schemas {
    /// Reads all schemas; each file that is not JSON is a mistake.
    pub fn read(documents: &Documents, mistakes: &mut Diagnostics) -> Self {
        let mut parsed = BTreeMap::new();
        for file in documents.below("schemas/").filter(|file| file.path.ends_with(".json")) {
            match serde_json::from_str(&file.text) {
                Ok(value) => {
                    parsed.insert(file.path["schemas/".len()..].to_owned(), value);
                }
                Err(error) => mistakes.add(syntax_error(file, &error)),
            }
        }
        let compiled = parsed.keys().map(|path| (path.clone(), OnceLock::new())).collect();
        Self { documents: Arc::new(parsed), compiled: Arc::new(compiled) }
    }

    /// Compiles every schema, to find those that are not one or refer to nothing.
    pub fn check(&self, documents: &Documents, mistakes: &mut Diagnostics) {
        for path in self.documents.keys() {
            if let Err(message) = self.compile(path)
                && let Some(file) = documents.get(&format!("schemas/{path}"))
            {
                let place = Place::start_of(file);
                mistakes.add(Diagnostic::error(&place, format!("this schema can't be used: {message}")));
            }
        }
    }

    /// Whether there is a schema at a path such as `cloudn/listZones.json`.
    pub fn contains(&self, path: &str) -> bool {
        self.documents.contains_key(path)
    }

    /// The paths of all schemas.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.documents.keys().map(String::as_str)
    }

    /// What a schema says about the form of values; unknown where there is no such schema.
    pub fn shape(&self, path: &str) -> Shape<'_> {
        Shape::of(&self.documents, path)
    }

    /// Validates a value. Without a schema at that path nothing is wrong.
    pub fn validate(&self, path: &str, value: &Value) -> Vec<Mismatch> {
        let Some(slot) = self.compiled.get(path) else { return Vec::new() };
        let Some(validator) = slot.get_or_init(|| self.compile(path).ok()) else {
            return vec![Mismatch { pointer: String::new(), message: format!("schemas/{path} can't be compiled") }];
        };
        let mismatches = validator
            .iter_errors(value)
            .map(|error| Mismatch { pointer: error.instance_path().to_string(), message: bounded(&error.to_string()) });
        mismatches.collect()
    }

    fn compile(&self, path: &str) -> Result<Validator, String> {
        let schema = self.documents.get(path).ok_or_else(|| format!("there is no schemas/{path}"))?;
        jsonschema::options()
            .with_base_uri(format!("{ROOT}{path}"))
            .with_retriever(Library(Arc::clone(&self.documents)))
            .build(schema)
            .map_err(|error| error.to_string())
    }
}

/// A server's value can be of any length; a message is not.
fn bounded(message: &str) -> String {
    const LONGEST: usize = 300;
    if message.chars().count() <= LONGEST {
        return message.to_owned();
    }
    let (start, end): (String, String) = (
        message.chars().take(LONGEST / 2).collect(),
        message.chars().rev().take(LONGEST / 2).collect::<Vec<_>>().into_iter().rev().collect(),
    );
    format!("{start} […] {end}")
}

fn syntax_error(file: &Arc<SourceFile>, error: &serde_json::Error) -> Diagnostic {
    let line = u32::try_from(error.line()).unwrap_or(1).max(1);
    let column = u32::try_from(error.column()).unwrap_or(1).max(1);
    let before: usize = file.text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
    let start = (before + column as usize - 1).min(file.text.len());
    let start = (0..=start).rev().find(|at| file.text.is_char_boundary(*at)).unwrap_or(0);
    let place = Place { file: Arc::clone(file), line, column, bytes: start..start };
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or("this is not JSON").to_owned();
    Diagnostic::error(&place, format!("this is not JSON: {message}"))
}

/// Resolves references between schemas from memory; nothing is ever fetched.
struct Library(Arc<BTreeMap<String, Value>>);

impl Retrieve for Library {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.as_str().strip_prefix(ROOT).unwrap_or(uri.as_str());
        self.0.get(path).cloned().ok_or_else(|| format!("there is no schemas/{path}").into())
    }
}

//! The schemas of all suites.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

use crate::reference;
use crate::shape::Shape;
use crate::violation::{SchemaViolation, bounded};
use assay_suite::NamedSchema;
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Place, SourceFile};

/// The schemas of all suites, by their path below `schemas/`.
#[derive(Clone, Debug)]
pub struct Schemas {
    pub(crate) documents: Arc<BTreeMap<String, Value>>,
    compiled: Arc<BTreeMap<String, OnceLock<Option<Validator>>>>,
    /// The paths of those by which formats count, too.
    strict: Arc<BTreeSet<String>>,
    /// Those that operations name instead of having a file of their own, by the paths of such files.
    pub(crate) named: Arc<BTreeMap<String, NamedSchema>>,
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
        let compiled = Arc::new(uncompiled(&parsed));
        Self { documents: Arc::new(parsed), compiled, strict: Arc::default(), named: Arc::default() }
    }

    /// Takes in schemas that operations name. A file of an operation's own goes before.
    pub fn add_named(&mut self, named: Vec<NamedSchema>, documents: &Documents) {
        let schemas = Arc::make_mut(&mut self.documents);
        let known = Arc::make_mut(&mut self.named);
        for schema in named.into_iter().filter(|schema| documents.get(&format!("schemas/{}", schema.path)).is_none()) {
            if documents.get(&format!("schemas/{}", schema.file.value)).is_some() {
                schemas.insert(schema.path.clone(), schema.schema.to_json());
            }
            known.insert(schema.path.clone(), schema);
        }
        self.compiled = Arc::new(uncompiled(schemas));
    }

    /// Takes in schemas that a document holds, by their paths. The formats of their texts count.
    pub fn extend(&mut self, more: &[(String, Value)]) {
        let documents = Arc::make_mut(&mut self.documents);
        documents.extend(more.iter().cloned());
        let strict = Arc::make_mut(&mut self.strict);
        strict.extend(more.iter().map(|(path, _)| path.clone()));
        self.compiled = Arc::new(uncompiled(documents));
    }

    /// Whether values can be judged by the schema at a path.
    pub fn is_usable(&self, path: &str) -> bool {
        let slot = self.compiled.get(path);
        slot.is_some_and(|slot| slot.get_or_init(|| self.compile(path).ok()).is_some())
    }

    /// Whether there is a schema at a path such as `cloudn/listZones.json`.
    pub fn contains(&self, path: &str) -> bool {
        self.documents.contains_key(path)
    }

    /// Where a person finds what the schema at a path says: the file, or the place where an operation names another.
    pub fn written_at(&self, path: &str) -> String {
        self.named.get(path).map_or_else(|| format!("schemas/{path}"), NamedSchema::written_at)
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
    pub fn validate(&self, path: &str, value: &Value) -> Vec<SchemaViolation> {
        let Some(slot) = self.compiled.get(path) else { return Vec::new() };
        let Some(validator) = slot.get_or_init(|| self.compile(path).ok()) else {
            return vec![SchemaViolation {
                pointer: String::new(),
                message: format!("{} can't be compiled", self.written_at(path)),
            }];
        };
        let mismatches = validator.iter_errors(value).map(|error| SchemaViolation {
            pointer: error.instance_path().to_string(),
            message: bounded(&error.to_string()),
        });
        mismatches.take(MOST_MISMATCHES).collect()
    }

    pub(crate) fn compile(&self, path: &str) -> Result<Validator, SchemaViolation> {
        let absent = || SchemaViolation { pointer: String::new(), message: format!("there is no schemas/{path}") };
        let schema = self.documents.get(path).ok_or_else(absent)?;
        jsonschema::options()
            .with_base_uri(reference::address(path))
            .should_validate_formats(self.strict.contains(path))
            .with_retriever(Library(Arc::clone(&self.documents)))
            .build(schema)
            .map_err(|error| SchemaViolation {
                pointer: error.instance_path().to_string(),
                message: bounded(&error.to_string()),
            })
    }
}

fn uncompiled(documents: &BTreeMap<String, Value>) -> BTreeMap<String, OnceLock<Option<Validator>>> {
    documents.keys().map(|path| (path.clone(), OnceLock::new())).collect()
}

/// Mismatches of one value beyond this number repeat what the first say.
const MOST_MISMATCHES: usize = 20;

fn syntax_error(file: &Arc<SourceFile>, error: &serde_json::Error) -> Diagnostic {
    let line = u32::try_from(error.line()).unwrap_or(1).max(1);
    let before: usize = file.text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
    // serde_json counts bytes.
    let start = (before + error.column().saturating_sub(1)).min(file.text.len());
    let start = (0..=start).rev().find(|at| file.text.is_char_boundary(*at)).unwrap_or(0);
    let column = u32::try_from(file.text[before.min(start)..start].chars().count() + 1).unwrap_or(1);
    let place = Place { file: Arc::clone(file), line, column, bytes: start..start };
    let message = error.to_string();
    let message = message.split(" at line ").next().unwrap_or("this is not JSON").to_owned();
    let help = match message.as_str() {
        _ if file.text.trim().is_empty() => "write {} if nothing is to be said of an answer",
        "trailing comma" => "remove the last comma before } or ]",
        "trailing characters" => "close every { and [ once, and write nothing after the last",
        cut if cut.starts_with("EOF") => "close every { and [",
        _ => "put keys and texts in double quotes and one comma between two entries",
    };
    Diagnostic::error(&place, format!("this is not JSON: {message}")).help(help)
}

/// Resolves references between schemas from memory; nothing is ever fetched.
struct Library(Arc<BTreeMap<String, Value>>);

impl Retrieve for Library {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = reference::path_of(uri.as_str());
        self.0.get(&path).cloned().ok_or_else(|| format!("there is no schemas/{path}").into())
    }
}

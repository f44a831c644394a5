//! The JSON Schemas of an API's answers: compiled when first needed, used to decode XML and to validate answers.

pub mod decimal;
mod shape;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

use crate::source::{Diagnostic, Diagnostics, Documents, Node, Place, SourceFile};

pub use shape::Shape;

/// Schemas live at addresses below this one, which nothing ever resolves.
const ROOT: &str = "https://assay.invalid/schemas/";

/// The schemas of all suites, by their path below `schemas/`.
#[derive(Clone, Debug)]
pub struct Schemas {
    documents: Arc<BTreeMap<String, Value>>,
    compiled: Arc<BTreeMap<String, OnceLock<Option<Validator>>>>,
}

/// The schemas of JSON Schema itself are known.
const KNOWN: &str = "https://json-schema.org/";

/// What a reference leads to, and is not there.
enum Missing {
    /// A file, by its path below `schemas/`.
    File(String),
    /// A part of the same file, as the reference names it.
    Part(String),
    /// Something on the net.
    Elsewhere,
}

impl Missing {
    /// What is wrong, and what to write instead.
    fn told(&self) -> (String, &'static str) {
        match self {
            Self::File(path) => (
                format!("there is no schemas/{path}"),
                "write the path from the folder of this file: common/error.json, ../other/x.json",
            ),
            Self::Part(part) => (format!("there is no {part} in this file"), "write it there, or the path of a file"),
            Self::Elsewhere => (
                "schemas are not fetched from elsewhere".to_owned(),
                "copy it into the folder of this file, and write its path",
            ),
        }
    }
}

/// Gives each reference of a schema, with where it stands.
fn find_references(schema: &Value, pointer: &mut String, found: &mut dyn FnMut(&str, &str)) {
    let length = pointer.len();
    let mut within = |key: &str, value: &Value| {
        pointer.push('/');
        pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        if let (Some(reference), "$ref") = (value.as_str(), key) {
            found(pointer, reference);
        }
        find_references(value, pointer, found);
        pointer.truncate(length);
    };
    match schema {
        Value::Object(fields) => fields.iter().for_each(|(key, value)| within(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(index, value)| within(&index.to_string(), value)),
        _ => {}
    }
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

    /// Compiles every schema that is not known to be sound, to find those that are none or refer to nothing.
    pub fn check(&self, documents: &Documents, mistakes: &mut Diagnostics) {
        for (path, schema) in &*self.documents {
            let Some(file) = documents.get(&format!("schemas/{path}")) else { continue };
            if documents.is_sound(&file.path) {
                continue;
            }
            let missing = self.missing(path, schema);
            // JSON is YAML, and so its places are known.
            let at = |pointer: &str| {
                let node = Node::parse(file).ok();
                let place = node.and_then(|node| node.at_pointer(pointer).map(|found| found.place.clone()));
                place.unwrap_or_else(|| Place::start_of(file))
            };
            for (pointer, missing) in &missing {
                let (message, help) = missing.told();
                mistakes.add(Diagnostic::error(&at(pointer), message).help(help));
            }
            // JSON's reader takes the last of two keys.
            if let Err(mistake) = Node::parse(file) {
                mistakes.add(mistake);
            }
            if missing.is_empty()
                && let Err(unusable) = self.compile(path)
            {
                let message = format!("this is no JSON Schema: {}", unusable.message);
                let mistake = Diagnostic::error(&at(&unusable.pointer), message);
                mistakes.add(mistake.help("json-schema.org, 2020-12, says what can stand here"));
            }
        }
    }

    /// Every reference of a schema that leads nowhere: where it stands, and what is missing.
    fn missing(&self, path: &str, schema: &Value) -> Vec<(String, Missing)> {
        let mut missing = Vec::new();
        find_references(schema, &mut String::new(), &mut |pointer, reference| {
            let (file, part) = reference.split_once('#').unwrap_or((reference, ""));
            let meant = shape::join(path, file);
            let found = if file.contains("://") {
                (!file.starts_with(KNOWN)).then_some(Missing::Elsewhere)
            } else if file.is_empty() {
                let is_there = !part.starts_with('/') || schema.pointer(part).is_some();
                (!is_there).then(|| Missing::Part(reference.to_owned()))
            } else {
                (!self.contains(&meant)).then_some(Missing::File(meant))
            };
            missing.extend(found.map(|found| (pointer.to_owned(), found)));
        });
        missing
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
        mismatches.take(MOST_MISMATCHES).collect()
    }

    fn compile(&self, path: &str) -> Result<Validator, Mismatch> {
        let absent = || Mismatch { pointer: String::new(), message: format!("there is no schemas/{path}") };
        let schema = self.documents.get(path).ok_or_else(absent)?;
        jsonschema::options()
            .with_base_uri(format!("{ROOT}{path}"))
            .with_retriever(Library(Arc::clone(&self.documents)))
            .build(schema)
            .map_err(|error| Mismatch {
                pointer: error.instance_path().to_string(),
                message: bounded(&error.to_string()),
            })
    }
}

/// Mismatches of one value beyond this number repeat what the first say.
const MOST_MISMATCHES: usize = 20;

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
        _ => "keys and texts stand in double quotes, a comma between two entries, and nothing else",
    };
    Diagnostic::error(&place, format!("this is not JSON: {message}")).help(help)
}

/// Resolves references between schemas from memory; nothing is ever fetched.
struct Library(Arc<BTreeMap<String, Value>>);

impl Retrieve for Library {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let path = uri.as_str().strip_prefix(ROOT).unwrap_or(uri.as_str());
        self.0.get(path).cloned().ok_or_else(|| format!("there is no schemas/{path}").into())
    }
}

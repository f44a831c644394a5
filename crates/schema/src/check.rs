//! What is wrong with schemas: references that lead nowhere, keywords that JSON Schema does not have, fields that are required and
//! not described.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::field::Field;
use crate::schemas::Schemas;
use crate::shape::Shape;
use assay_suite::NamedSchema;
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Node, Place, SourceFile, closest};

use super::reference::Reference;

/// The schemas of JSON Schema itself are known.
const KNOWN: &str = "https://json-schema.org/";

/// Keywords that hold a schema for something within the value.
const WITHIN: [&str; 8] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "contentSchema",
    "items",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];
/// Keywords that hold schemas, by name or in a list, for something within the value or for others to refer to.
const SEVERAL_WITHIN: [&str; 5] = ["$defs", "definitions", "patternProperties", "prefixItems", "properties"];
/// Keywords that hold a schema for the same value.
const SAME: [&str; 4] = ["else", "if", "not", "then"];
/// Keywords that hold schemas, by name or in a list, for the same value.
const SEVERAL_SAME: [&str; 4] = ["allOf", "anyOf", "dependentSchemas", "oneOf"];
/// Keywords that hold no schema: those of JSON Schema, and those of `OpenAPI` that only describe.
const PLAIN: [&str; 43] = [
    "$anchor",
    "$comment",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "$vocabulary",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "dependencies",
    "dependentRequired",
    "deprecated",
    "description",
    "discriminator",
    "enum",
    "example",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "externalDocs",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
    "xml",
];
/// The formats of JSON Schema (validation 7.3), and those of `OpenAPI`.
const FORMATS: [&str; 26] = [
    "binary",
    "byte",
    "date",
    "date-time",
    "double",
    "duration",
    "email",
    "float",
    "hostname",
    "idn-email",
    "idn-hostname",
    "int32",
    "int64",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "password",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

fn keywords() -> impl Iterator<Item = &'static str> {
    PLAIN.into_iter().chain(WITHIN).chain(SEVERAL_WITHIN).chain(SAME).chain(SEVERAL_SAME)
}

impl Schemas {
    /// Finds what is wrong with every schema that is not known to be sound.
    pub fn check(&self, documents: &Documents, mistakes: &mut Diagnostics) {
        let combined = self.combined();
        for (path, schema) in &*self.documents {
            let Some(file) = documents.get(&format!("schemas/{path}")) else { continue };
            if documents.is_sound(&file.path) {
                continue;
            }
            // JSON is YAML, and so its places are known. JSON's reader takes the last of two keys.
            let node = Node::parse(file).map_err(|mistake| mistakes.add(mistake)).ok();
            let (combined, mistakes) = (&combined, &mut *mistakes);
            let folder = Folder::OfFile;
            let check = Check { schemas: self, path, file, node, folder, combined, mistakes, led_nowhere: false };
            check.all_of(schema);
        }
        self.check_named(documents, &combined, mistakes);
    }

    /// Finds what is wrong with the schemas that operations name: files that are not there, and shapes of no use.
    fn check_named(&self, documents: &Documents, combined: &BTreeSet<(String, String)>, mistakes: &mut Diagnostics) {
        let mut seen = BTreeSet::new();
        for (path, named) in &*self.named {
            let operations = &named.file.place.file;
            if documents.get(&format!("schemas/{}", named.file.value)).is_none() {
                mistakes.add(self.no_such_file(named));
                continue;
            }
            let Some(schema) = self.documents.get(path) else { continue };
            let file = &named.schema.place.file;
            let is_sound = documents.is_sound(&file.path) && documents.is_sound(&operations.path);
            // Each operation that names the same has the same of it.
            let name = named.shape.as_ref().unwrap_or(&named.file);
            if is_sound || !seen.insert((file.path.as_str(), name.value.as_str())) {
                continue;
            }
            // Of a file that is of no use its own mistake is reported, and that is enough.
            if !self.is_usable(&named.file.value) {
                continue;
            }
            let (node, folder) = (Some(named.schema.clone()), Folder::OfSuite);
            let mistakes = &mut *mistakes;
            Check { schemas: self, path, file, node, folder, combined, mistakes, led_nowhere: false }.all_of(schema);
        }
    }

    fn no_such_file(&self, named: &NamedSchema) -> Diagnostic {
        let file = &named.file.value;
        let folder = file.split_inclusive('/').next().unwrap_or_default();
        let known = self.documents.keys().filter(|path| !self.named.contains_key(*path));
        let near = closest(file, known.map(String::as_str)).and_then(|near| near.strip_prefix(folder));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("write it, or the path of another file below schemas/{folder}"),
        };
        Diagnostic::error(&named.file.place, format!("there is no schemas/{file}")).help(help)
    }

    /// The schemas that others combine with more, by file and part: of these alone it can't be said what a value has.
    fn combined(&self) -> BTreeSet<(String, String)> {
        let mut combined = BTreeSet::new();
        for (path, schema) in &*self.documents {
            find_combined(schema, &mut |text| match Reference::parse(path, text) {
                Reference::File(path, part) => drop(combined.insert((path, part))),
                Reference::Same(part) => drop(combined.insert((path.clone(), part))),
                Reference::Outside | Reference::Elsewhere => {}
            });
        }
        combined
    }
}

/// Gives each reference that is a part of an `allOf`, or has fields or choices next to it.
fn find_combined(schema: &Value, found: &mut dyn FnMut(&str)) {
    const MORE: [&str; 5] = ["properties", "patternProperties", "allOf", "anyOf", "oneOf"];
    match schema {
        Value::Object(fields) => {
            let parts = fields.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let combined = parts.chain(MORE.iter().any(|keyword| fields.contains_key(*keyword)).then_some(schema));
            combined.filter_map(|part| part.get("$ref")?.as_str()).for_each(&mut *found);
            fields.values().for_each(|value| find_combined(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| find_combined(item, found)),
        _ => {}
    }
}

/// The folder that references start from.
#[derive(Clone, Copy)]
enum Folder {
    /// That of the file that they are in.
    OfFile,
    /// That of the schemas of the suite whose shape they are in.
    OfSuite,
}

/// Goes through one file, or one shape.
struct Check<'a, 'm> {
    schemas: &'a Schemas,
    path: &'a str,
    file: &'a Arc<SourceFile>,
    node: Option<Node>,
    folder: Folder,
    combined: &'m BTreeSet<(String, String)>,
    mistakes: &'m mut Diagnostics,
    /// Whether a reference in it leads nowhere.
    led_nowhere: bool,
}

impl<'a> Check<'a, '_> {
    fn all_of(mut self, schema: &'a Value) {
        self.schema_of_name(schema, &mut String::new());
        if !self.led_nowhere {
            self.compile();
        }
    }

    fn place(&self, pointer: &str) -> Place {
        let found = self.node.as_ref().and_then(|node| node.at_pointer(pointer));
        found.map_or_else(|| Place::start_of(self.file), |found| found.place.clone())
    }

    /// Where the key of a field is.
    fn place_of_key(&self, pointer: &str, key: &str) -> Place {
        let found = self.node.as_ref().and_then(|node| node.at_pointer(pointer));
        let found = found.and_then(|node| node.pairs().iter().find(|(known, _)| known.value == key));
        found.map_or_else(|| self.place(pointer), |(key, _)| key.place.clone())
    }

    /// Looks at a schema and at those within. `spot` is all that is said of the same value; it is not known where other files may say
    /// more.
    fn schema(&mut self, schema: &'a Value, pointer: &mut String, spot: Option<&Shape<'a>>) {
        let Value::Object(fields) = schema else { return };
        self.keywords(fields, pointer);
        if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
            self.reference(reference, pointer);
        }
        if let (Some(required), Some(spot)) = (fields.get("required").and_then(Value::as_array), spot) {
            self.required(required, pointer, spot);
        }
        let length = pointer.len();
        for (key, value) in fields {
            pointer.push('/');
            pointer.push_str(&escaped(key));
            match key.as_str() {
                key if SAME.contains(&key) => self.schema(value, pointer, spot),
                key if SEVERAL_SAME.contains(&key) => {
                    self.several(value, pointer, |check, value, pointer| check.schema(value, pointer, spot));
                }
                key if WITHIN.contains(&key) && value.is_array() => {
                    self.several(value, pointer, Self::schema_of_name);
                }
                key if WITHIN.contains(&key) => self.schema_of_name(value, pointer),
                key if SEVERAL_WITHIN.contains(&key) => self.several(value, pointer, Self::schema_of_name),
                _ => {}
            }
            pointer.truncate(length);
        }
    }

    /// Looks at a schema that alone says what its value has, unless others combine it with more.
    fn schema_of_name(&mut self, schema: &'a Value, pointer: &mut String) {
        let is_combined = self.combined.contains(&(self.path.to_owned(), pointer.clone()));
        let spot = (!is_combined).then(|| Shape::of_schema(&self.schemas.documents, self.path, schema));
        self.schema(schema, pointer, spot.as_ref());
    }

    /// Looks at all schemas of a list, or by their names.
    fn several(
        &mut self,
        schemas: &'a Value,
        pointer: &mut String,
        mut look: impl FnMut(&mut Self, &'a Value, &mut String),
    ) {
        let named: Vec<(String, &Value)> = match schemas {
            Value::Object(fields) => fields.iter().map(|(name, schema)| (escaped(name), schema)).collect(),
            Value::Array(items) => (0_usize..).map(|index| index.to_string()).zip(items).collect(),
            _ => Vec::new(),
        };
        let length = pointer.len();
        for (name, schema) in named {
            pointer.push('/');
            pointer.push_str(&name);
            look(self, schema, pointer);
            pointer.truncate(length);
        }
    }

    /// JSON Schema ignores keywords and formats that it does not have: with a slip in one, nothing is asked for.
    fn keywords(&mut self, fields: &Map<String, Value>, pointer: &str) {
        let unknown = fields.keys().filter(|key| !key.starts_with("x-") && keywords().all(|known| known != *key));
        for key in unknown {
            let message = format!("JSON Schema has no keyword `{key}`");
            let place = self.place_of_key(pointer, key);
            // A short word that is a letter longer may well be another.
            let near = closest(key, keywords()).filter(|near| key.len() > 4 || near.len() == key.len());
            self.mistakes.add(match near {
                Some(near) => Diagnostic::error(&place, message).help(format!("did you mean `{near}`?")),
                None if key == "nullable" => Diagnostic::warning(&place, message)
                    .help("it is ignored: write `\"type\": [\"string\", \"null\"]`, with the type that is meant"),
                None => Diagnostic::warning(&place, message)
                    .help("it is ignored: remove it, or begin it with `x-` if it is a note"),
            });
        }
        let format = fields.get("format").and_then(Value::as_str).filter(|format| !FORMATS.contains(format));
        if let Some(format) = format {
            let message = format!("JSON Schema has no format `{format}`");
            let place = self.place(&format!("{pointer}/format"));
            self.mistakes.add(match closest(format, FORMATS) {
                Some(near) => Diagnostic::error(&place, message).help(format!("did you mean `{near}`?")),
                None => Diagnostic::warning(&place, message).help("it is ignored: write a `pattern`, or remove it"),
            });
        }
    }

    fn reference(&mut self, text: &str, pointer: &str) {
        let documents = &self.schemas.documents;
        let leads_to = |path: &str, part: &str| {
            documents.get(path).is_some_and(|schema| !part.starts_with('/') || schema.pointer(part).is_some())
        };
        let elsewhere = match self.folder {
            Folder::OfFile => "write the path from the folder of this file: common/error.json, ../other/x.json",
            Folder::OfSuite => "write the path from the suite's folder of schemas: common/error.json, ../other/x.json",
        };
        let (message, help) = match Reference::parse(self.path, text) {
            Reference::Same(part) if leads_to(self.path, &part) => return,
            Reference::Same(_) => (format!("there is no {text} in this file"), "write it there, or the path of a file"),
            Reference::File(path, part) if leads_to(&path, &part) => return,
            Reference::File(path, part) if documents.contains_key(&path) => {
                (format!("there is no {part} in schemas/{path}"), "write it there, or another part of it after the #")
            }
            Reference::File(path, _) => (format!("there is no schemas/{path}"), elsewhere),
            Reference::Outside => ("this leads out of the folder `schemas`".to_owned(), elsewhere),
            Reference::Elsewhere if text.starts_with(KNOWN) => return,
            Reference::Elsewhere => (
                "schemas are not fetched from elsewhere".to_owned(),
                "copy it into the folder of this file, and write its path",
            ),
        };
        self.led_nowhere = true;
        let place = self.place(&format!("{pointer}/$ref"));
        self.mistakes.add(Diagnostic::error(&place, message).help(help));
    }

    /// A field that is required and not described is a slip in one of the two.
    fn required(&mut self, required: &[Value], pointer: &str, spot: &Shape<'a>) {
        for (index, name) in required.iter().enumerate() {
            let Some(name) = name.as_str() else { continue };
            let Field::Missing(known) = spot.field(name) else { continue };
            let help = match closest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "describe it under `properties`".to_owned(),
            };
            let place = self.place(&format!("{pointer}/required/{index}"));
            self.mistakes.add(Diagnostic::error(&place, format!("`{name}` is required and not described")).help(help));
        }
    }

    fn compile(&mut self) {
        if let Err(unusable) = self.schemas.compile(self.path) {
            let message = format!("this is no JSON Schema: {}", unusable.message);
            let mistake = Diagnostic::error(&self.place(&unusable.pointer), message);
            self.mistakes.add(mistake.help("json-schema.org, 2020-12, says what is allowed here"));
        }
    }
}

/// A name as a part of a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

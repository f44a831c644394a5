//! A server whose things are named by who creates them, whose numbers are as large as JSON has them, and whose changes rest on versions.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::small::{self, Answer, Serves};

/// What a server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Sizes are rounded as floating point rounds them.
    SizesAreRounded,
    /// What is to be more than nothing may be nothing.
    NothingIsSomething,
    /// What is to be more than nothing has to be one at least.
    SomethingIsOne,
    /// What is put where nothing was is not kept.
    LabelsAreLost,
    /// A database is there after its removal.
    DatabasesStay,
    /// A change may rest on any version.
    AnyVersion,
    /// What is removed once more is answered with a status that is not documented.
    RemovalsConflict,
    /// A replacement of what is not there is answered with such a status.
    ReplacementsFindNothing,
}

/// Each of them, with the requirement that it breaks.
pub const FAULTS: [(Fault, &str); 8] = [
    (Fault::SizesAreRounded, "createNote.body.size.maximum"),
    (Fault::NothingIsSomething, "createNote.body.share.exclusiveMinimum"),
    (Fault::SomethingIsOne, "createNote.body.share.exclusiveMinimum"),
    (Fault::LabelsAreLost, "label.read-back"),
    (Fault::DatabasesStay, "database.gone"),
    (Fault::AnyVersion, "note_id.guarded"),
    (Fault::RemovalsConflict, "deleteDatabase.status"),
    (Fault::ReplacementsFindNothing, "replaceNote.status"),
];

pub const DOCUMENT: &str = r##"
openapi: 3.1.0
info: {title: Named, version: "1"}
paths:
  /databases:
    post:
      operationId: createDatabase
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Database"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {type: object}}}}
        "400": {description: wrong}
  /databases/{database}:
    parameters: [{name: database, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readDatabase
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Database"}}}}
        "404": {description: none}
    delete: {operationId: deleteDatabase, responses: {"204": {description: gone}, "404": {description: none}}}
  /labels/{label}:
    parameters: [{name: label, in: path, required: true, schema: {type: string, pattern: "^[a-z][a-z0-9-]{0,39}$"}}]
    get:
      operationId: readLabel
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Label"}}}}
        "400": {description: wrong}
        "404": {description: none}
    put:
      operationId: putLabel
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Label"}}}}
      responses: {"200": {description: replaced}, "201": {description: made}, "400": {description: wrong}}
    delete: {operationId: deleteLabel, responses: {"204": {description: gone}, "400": {description: wrong}, "404": {description: none}}}
  /notes:
    get:
      operationId: listNotes
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}}}
    post:
      operationId: createNote
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Input"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "400": {description: wrong}
  /notes/{note_id}:
    parameters: [{name: note_id, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: readNote
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "400": {description: wrong}
        "404": {description: none}
    put:
      operationId: replaceNote
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Change"}}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "400": {description: wrong, or there is none}
        "409": {description: it has another version}
    delete: {operationId: deleteNote, responses: {"204": {description: gone}, "400": {description: wrong}, "404": {description: none}}}
components:
  schemas:
    Database: {type: object, required: [name], properties: {name: {type: string, minLength: 1}}}
    Label: {type: object, required: [color], properties: {color: {type: string}}}
    Input:
      type: object
      required: [text, size, share]
      properties:
        text: {type: string}
        size: {type: integer, minimum: -9223372036854775807, maximum: 9007199254740993}
        share: {type: number, exclusiveMinimum: 0}
    Change:
      allOf: [{$ref: "#/components/schemas/Input"}, {type: object, required: [version], properties: {version: {type: integer}}}]
    Note:
      allOf: [{$ref: "#/components/schemas/Change"}, {type: object, required: [id], properties: {id: {type: integer}}}]
"##;

#[derive(Default)]
struct Kept {
    things: BTreeMap<String, Value>,
    numbers: u32,
}

pub struct Server {
    fault: Option<Fault>,
    kept: Mutex<Kept>,
}

pub type Running = small::Running<Server>;

impl Running {
    pub fn start(fault: Option<Fault>) -> Self {
        Self::of(Server { fault, kept: Mutex::default() })
    }

    /// What is there.
    pub fn things(&self) -> Vec<String> {
        self.server.kept.lock().unwrap().things.keys().cloned().collect()
    }
}

impl Serves for Server {
    fn answer(&self, method: &str, path: &str, _: &str, body: Option<Value>) -> Answer {
        let (status, value) = self.come_to(method, path, body);
        (status, value, (status == 405).then(|| ("allow", "GET, POST, PUT, DELETE".to_owned())))
    }
}

impl Server {
    fn come_to(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let mut kept = self.kept.lock().unwrap();
        let is_note = path.starts_with("/notes/");
        let is_wrong = match path.split_once('/').and_then(|(_, rest)| rest.split_once('/')) {
            Some(("labels", label)) => !is_label(label),
            Some(("notes", number)) => number.parse::<i64>().is_err(),
            _ => false,
        };
        if is_wrong && method != "TRACE" {
            return (400, Value::Null);
        }
        match (method, path) {
            ("POST", "/databases") => match body.as_ref().and_then(|body| body["name"].as_str()) {
                Some(name) if !name.is_empty() => {
                    kept.things.insert(format!("/databases/{name}"), json!({"name": name}));
                    (201, json!({}))
                }
                _ => (400, Value::Null),
            },
            ("GET", "/notes") => {
                let notes = kept.things.iter().filter(|(path, _)| path.starts_with("/notes/"));
                (200, notes.map(|(_, note)| note.clone()).collect())
            }
            ("POST", "/notes") => {
                let Some(mut note) = body.filter(|body| self.is_input(body)) else { return (400, Value::Null) };
                kept.numbers += 1;
                // A whole number is one however it is written.
                note["id"] = json!(f64::from(kept.numbers));
                note["version"] = json!(1.0);
                let path = format!("/notes/{}", kept.numbers);
                kept.things.insert(path, note.clone());
                (201, note)
            }
            ("GET", path) => kept.things.get(path).map_or((404, Value::Null), |thing| (200, thing.clone())),
            ("PUT", path) if path.starts_with("/labels/") => {
                let Some(body) = body.filter(|body| body["color"].is_string()) else { return (400, Value::Null) };
                let is_new = !kept.things.contains_key(path);
                if self.fault != Some(Fault::LabelsAreLost) {
                    kept.things.insert(path.to_owned(), body);
                }
                (if is_new { 201 } else { 200 }, Value::Null)
            }
            ("PUT", path) if is_note => self.replace(&mut kept, path, body),
            ("DELETE", path) => {
                if self.fault == Some(Fault::DatabasesStay) && path.starts_with("/databases/") {
                    return (204, Value::Null);
                }
                let conflicts = self.fault == Some(Fault::RemovalsConflict) && path.starts_with("/databases/");
                let missing = if conflicts { 402 } else { 404 };
                kept.things.remove(path).map_or((missing, Value::Null), |_| (204, Value::Null))
            }
            _ => (405, Value::Null),
        }
    }

    fn replace(&self, kept: &mut Kept, path: &str, body: Option<Value>) -> (u16, Value) {
        let missing = if self.fault == Some(Fault::ReplacementsFindNothing) { 404 } else { 400 };
        let is_version = |body: &Value| body["version"].is_i64();
        let Some(body) = body.filter(|body| self.is_input(body) && is_version(body)) else { return (400, Value::Null) };
        let Some(note) = kept.things.get_mut(path) else { return (missing, Value::Null) };
        if note["version"].as_f64() != body["version"].as_f64() && self.fault != Some(Fault::AnyVersion) {
            return (409, Value::Null);
        }
        for field in ["text", "size", "share"] {
            note[field] = body[field].clone();
        }
        note["version"] = json!(note["version"].as_f64().unwrap() + 1.0);
        (200, note.clone())
    }

    fn is_input(&self, body: &Value) -> bool {
        const MOST: i64 = 9_007_199_254_740_993;
        let most = if self.fault == Some(Fault::SizesAreRounded) { MOST + 1 } else { MOST };
        let fits = |size: i64| (-i64::MAX..=most).contains(&size);
        let share = body["share"].as_f64().unwrap_or(-1.0);
        let is_some = match self.fault {
            Some(Fault::NothingIsSomething) => share >= 0.0,
            Some(Fault::SomethingIsOne) => share >= 1.0,
            _ => share > 0.0,
        };
        body["text"].is_string() && body["size"].as_i64().is_some_and(fits) && is_some
    }
}

fn is_label(label: &str) -> bool {
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    label.len() <= 40 && label.starts_with(|letter: char| letter.is_ascii_lowercase()) && label.chars().all(is_letter)
}

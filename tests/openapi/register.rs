//! A server within a tenant: codes that only their pattern tells apart, with labels, states and settings; and notes that their
//! addresses name.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::{Value, json};

use super::small::{self, Answer, Serves};

/// What a server does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Large capacities are rounded as floating point rounds them.
    CapacitiesAreRounded,
    /// What is allowed is always said to be the same.
    AllowsNothingElse,
    /// The number of all items is that of a page.
    TotalIsOfThePage,
    /// A removal takes the one that was created before with it.
    RemovesAnotherToo,
    /// A hint, which is only written, is shown as it was sent.
    HintsAreShown,
    /// The address of what is created is that of a note that was there before.
    NamesAnother,
}

/// Each that breaks a requirement, with that.
pub const FAULTS: [(Fault, &str); 5] = [
    (Fault::CapacitiesAreRounded, "createCode.body.capacity.maximum"),
    (Fault::AllowsNothingElse, "/tenants/{tenant}/codes.methods"),
    (Fault::TotalIsOfThePage, "listCodes.total"),
    (Fault::RemovesAnotherToo, "code_code.removed-alone"),
    (Fault::HintsAreShown, "code_code.read-back"),
];

pub const DOCUMENT: &str = r##"
openapi: 3.1.0
info: {title: Register, version: "1"}
paths:
  /tenants/{tenant}/codes:
    parameters: [{$ref: "#/components/parameters/tenant"}]
    get:
      operationId: listCodes
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 5, default: 2}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0, default: 0}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                required: [items, total]
                properties: {items: {type: array, items: {$ref: "#/components/schemas/Code"}}, total: {type: integer}}
        "400": {description: wrong}
    post:
      operationId: createCode
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Input"}}}}
      responses:
        "201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Code"}}}}
        "400": {description: wrong}
        "409": {description: the code is taken}
  /tenants/{tenant}/codes/{code}:
    parameters: [{$ref: "#/components/parameters/tenant"}, {$ref: "#/components/parameters/code"}]
    get:
      operationId: readCode
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Code"}}}}
        "404": {description: none}
    delete: {operationId: deleteCode, responses: {"204": {description: gone}, "404": {description: none}}}
  /tenants/{tenant}/codes/{code}/labels/{label}:
    parameters:
      - {$ref: "#/components/parameters/tenant"}
      - {$ref: "#/components/parameters/code"}
      - {name: label, in: path, required: true, schema: {type: string}}
    put: {operationId: putLabel, responses: {"201": {description: made}, "204": {description: there}, "404": {description: none}}}
    delete: {operationId: deleteLabel, responses: {"204": {description: gone}, "404": {description: none}}}
  /tenants/{tenant}/codes/{code}/moves:
    parameters: [{$ref: "#/components/parameters/tenant"}, {$ref: "#/components/parameters/code"}]
    post:
      operationId: moveCode
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [to], properties: {to: {type: string, enum: [new, closed, open]}}}
      responses:
        "200": {description: moved, content: {application/json: {schema: {$ref: "#/components/schemas/Code"}}}}
        "400": {description: wrong}
        "404": {description: none}
        "409": {description: not from here}
  /tenants/{tenant}/settings:
    parameters: [{$ref: "#/components/parameters/tenant"}]
    get:
      operationId: readSettings
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}}
    put:
      operationId: putSettings
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Settings"}}}}
        "400": {description: wrong}
  /tenants/{tenant}/notes:
    parameters: [{$ref: "#/components/parameters/tenant"}]
    get:
      operationId: listNotes
      parameters:
        - {name: per_page, in: query, schema: {type: integer, minimum: 1, maximum: 2, default: 2}}
        - {name: page, in: query, schema: {type: integer, minimum: 1, default: 1}}
      responses:
        "200":
          description: ok
          headers: {Link: {schema: {type: string}}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Note"}}}}
        "400": {description: wrong}
    post:
      operationId: createNote
      requestBody:
        required: true
        content: {application/json: {schema: {type: object, required: [text], properties: {text: {type: integer}}}}}
      responses:
        "201": {description: made, headers: {Location: {schema: {type: string}}}}
        "400": {description: wrong}
  /tenants/{tenant}/notes/{note}:
    parameters: [{$ref: "#/components/parameters/tenant"}, {name: note, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: readNote
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
        "400": {description: wrong}
        "404": {description: none}
    delete: {operationId: deleteNote, responses: {"204": {description: gone}, "400": {description: wrong}, "404": {description: none}}}
components:
  parameters:
    tenant: {name: tenant, in: path, required: true, schema: {type: string}}
    code: {name: code, in: path, required: true, schema: {type: string}}
  schemas:
    Input:
      type: object
      required: [code, capacity]
      properties:
        code: {type: string, pattern: "^[A-Z]{2}$"}
        capacity: {type: integer, minimum: 1, maximum: 9.223372036854776e+18}
        hint: {type: string, writeOnly: true}
    Code:
      allOf: [{$ref: "#/components/schemas/Input"}, {type: object, required: [state], properties: {state: {type: string}}}]
    Settings:
      type: object
      required: [theme]
      additionalProperties: false
      properties: {theme: {type: string, enum: [dark, light]}, changed: {type: integer, readOnly: true}}
    Note: {type: object, required: [id, text], properties: {id: {type: integer}, text: {type: integer}}}
"##;

struct Kept {
    things: BTreeMap<String, Value>,
    /// The codes, the latest last.
    codes: Vec<String>,
    numbers: u64,
}

pub struct Server {
    fault: Option<Fault>,
    kept: Mutex<Kept>,
}

pub type Running = small::Running<Server>;

/// The number of the note that was there before, on the second page.
const OLD: u64 = 3;

impl Running {
    pub fn start(fault: Option<Fault>) -> Self {
        let mut things = BTreeMap::from([("/t/acme/settings".to_owned(), json!({"theme": "light", "changed": 7}))]);
        things.extend((1..=OLD).map(|id| (format!("/t/acme/notes/{id}"), json!({"id": id, "text": 5}))));
        let kept = Kept { things, codes: Vec::new(), numbers: OLD };
        Self::of(Server { fault, kept: Mutex::new(kept) })
    }

    /// What is there, but for the count of changes.
    pub fn things(&self) -> Vec<String> {
        let kept = self.server.kept.lock().unwrap();
        kept.things.iter().map(|(path, thing)| format!("{path} {}", thing["theme"])).collect()
    }
}

fn said(status: u16, value: Value) -> Answer {
    (status, value, None)
}

impl Serves for Server {
    fn answer(&self, method: &str, path: &str, query: &str, body: Option<Value>) -> Answer {
        let path = path.replacen("/tenants/acme", "/t/acme", 1);
        let path = path.as_str();
        let mut kept = self.kept.lock().unwrap();
        let parts: Vec<&str> = path.split('/').skip(3).collect();
        if !path.starts_with("/t/acme/") {
            return said(404, Value::Null);
        }
        match (method, parts.as_slice()) {
            ("GET", ["codes"]) => self.codes(&kept, query),
            ("POST", ["codes"]) => self.create_code(&mut kept, path, body),
            ("GET", ["codes", _] | ["settings"]) => {
                kept.things.get(path).map_or(said(404, Value::Null), |thing| said(200, thing.clone()))
            }
            ("DELETE", ["codes", code]) => self.remove_code(&mut kept, path, code),
            (method @ ("PUT" | "DELETE"), ["codes", code, "labels", _]) => {
                if !kept.things.contains_key(&format!("/t/acme/codes/{code}")) {
                    return said(404, Value::Null);
                }
                match method {
                    "PUT" if kept.things.insert(path.to_owned(), json!({})).is_some() => said(204, Value::Null),
                    "PUT" => said(201, Value::Null),
                    _ => said(kept.things.remove(path).map_or(404, |_| 204), Value::Null),
                }
            }
            ("POST", ["codes", code, "moves"]) => {
                let to = body.as_ref().and_then(|body| body["to"].as_str()).map(str::to_owned);
                let Some(to) = to.filter(|to| ["new", "open", "closed"].contains(&to.as_str())) else {
                    return said(400, Value::Null);
                };
                let Some(thing) = kept.things.get_mut(&format!("/t/acme/codes/{code}")) else {
                    return said(404, Value::Null);
                };
                let is_next = [("new", "open"), ("open", "closed"), ("closed", "open")]
                    .contains(&(thing["state"].as_str().unwrap(), to.as_str()));
                if !is_next {
                    return said(409, Value::Null);
                }
                thing["state"] = json!(to);
                said(200, thing.clone())
            }
            ("PUT", ["settings"]) => {
                let fields = body.as_ref().and_then(Value::as_object).cloned().unwrap_or_default();
                let theme = fields.get("theme").and_then(Value::as_str).unwrap_or_default().to_owned();
                if !["dark", "light"].contains(&theme.as_str()) || fields.keys().any(|name| name != "theme") {
                    return said(400, Value::Null);
                }
                let settings = kept.things.get_mut(path).unwrap();
                let changed = settings["changed"].as_u64().unwrap() + 1;
                *settings = json!({"theme": theme, "changed": changed});
                said(200, settings.clone())
            }
            ("GET", ["notes"]) => notes(&kept, query),
            ("POST", ["notes"]) => self.create_note(&mut kept, body.as_ref()),
            (method @ ("GET" | "DELETE"), ["notes", note]) => match (method, note.parse::<u64>()) {
                (_, Err(_)) => said(400, Value::Null),
                ("GET", _) => kept.things.get(path).map_or(said(404, Value::Null), |note| said(200, note.clone())),
                _ => said(kept.things.remove(path).map_or(404, |_| 204), Value::Null),
            },
            (_, parts) => {
                let allow = match parts {
                    _ if self.fault == Some(Fault::AllowsNothingElse) => "PATCH",
                    ["codes" | "notes"] => "GET, POST",
                    ["settings"] => "GET, PUT",
                    ["codes", _, "labels", _] => "PUT, DELETE",
                    ["codes", _, "moves"] => "POST",
                    _ => "GET, DELETE",
                };
                (405, Value::Null, Some(("allow", allow.to_owned())))
            }
        }
    }
}

impl Server {
    fn codes(&self, kept: &Kept, query: &str) -> Answer {
        let (Some(limit @ 1..=5), Some(offset)) = (number(query, "limit", 2), number(query, "offset", 0)) else {
            return said(400, Value::Null);
        };
        let of = |code: &String| kept.things[&format!("/t/acme/codes/{code}")].clone();
        let page: Vec<_> = kept.codes.iter().skip(offset).take(limit).map(of).collect();
        let all = if self.fault == Some(Fault::TotalIsOfThePage) { page.len() } else { kept.codes.len() };
        said(200, json!({"items": page, "total": all}))
    }

    fn create_code(&self, kept: &mut Kept, path: &str, body: Option<Value>) -> Answer {
        let is_code = |code: &str| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
        let Some(mut thing) = body.filter(|body| {
            let is_hint = body.get("hint").is_none_or(Value::is_string);
            is_hint
                && body["code"].as_str().is_some_and(is_code)
                && body["capacity"].as_i64().is_some_and(|number| number > 0)
        }) else {
            return said(400, Value::Null);
        };
        let code = thing["code"].as_str().unwrap().to_owned();
        // Some are taken by others.
        if code.starts_with(['A', 'B', 'C']) || kept.codes.contains(&code) {
            return said(409, Value::Null);
        }
        if self.fault == Some(Fault::CapacitiesAreRounded) {
            thing["capacity"] = json!(thing["capacity"].as_f64().unwrap());
        }
        thing["state"] = json!("new");
        if self.fault != Some(Fault::HintsAreShown) {
            thing.as_object_mut().unwrap().remove("hint");
        }
        kept.things.insert(format!("{path}/{code}"), thing.clone());
        kept.codes.push(code);
        said(201, thing)
    }

    fn remove_code(&self, kept: &mut Kept, path: &str, code: &str) -> Answer {
        let Some(place) = kept.codes.iter().position(|known| known == code) else { return said(404, Value::Null) };
        kept.codes.remove(place);
        // Labels go with what they are of.
        kept.things.retain(|known, _| known != path && !known.starts_with(&format!("{path}/")));
        if self.fault == Some(Fault::RemovesAnotherToo) && place > 0 {
            let other = kept.codes.remove(place - 1);
            kept.things.retain(|known, _| !known.starts_with(&format!("/t/acme/codes/{other}")));
        }
        said(204, Value::Null)
    }

    fn create_note(&self, kept: &mut Kept, body: Option<&Value>) -> Answer {
        let Some(text) = body.and_then(|body| body["text"].as_i64()) else { return said(400, Value::Null) };
        kept.numbers += 1;
        let id = kept.numbers;
        kept.things.insert(format!("/t/acme/notes/{id}"), json!({"id": id, "text": text}));
        let named = if self.fault == Some(Fault::NamesAnother) { OLD } else { id };
        (201, Value::Null, Some(("location", format!("/tenants/acme/notes/{named}"))))
    }
}

/// A page of two notes.
fn notes(kept: &Kept, query: &str) -> Answer {
    let (Some(size @ 1..=2), Some(page @ 1..)) = (number(query, "per_page", 2), number(query, "page", 1)) else {
        return said(400, Value::Null);
    };
    let of_notes = kept.things.iter().filter(|(path, _)| path.starts_with("/t/acme/notes/"));
    let mut notes: Vec<_> = of_notes.map(|(_, note)| note.clone()).collect();
    notes.sort_by_key(|note| note["id"].as_u64());
    let next = (notes.len() > page * size)
        .then(|| ("link", format!("</tenants/acme/notes?page={}&per_page={size}>; rel=\"next\"", page + 1)));
    (200, notes.into_iter().skip((page - 1) * size).take(size).collect(), next)
}

fn number(query: &str, wanted: &str, usual: usize) -> Option<usize> {
    let given = query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == wanted);
    given.map_or(Some(usual), |(_, value)| value.parse().ok())
}

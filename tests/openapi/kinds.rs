//! Small servers, each of which is a kind that documents and servers are of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::shop::serve;

/// What a server is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The path of the collection ends with `/`, and a header of its list is an object, written as JSON.
    Slash,
    /// What it creates has no name, and refers to what was created before.
    Runs,
    /// It takes files of a multipart body.
    Files,
    /// Names have a pattern, and a least length.
    Patterns,
    /// Its answers leave out what is false, zero or empty, and its list comes in pages.
    Sparse,
    /// It takes everything, and answers `{}`.
    Everything,
    /// It sends everyone to its login page.
    Login,
}

impl Kind {
    /// Its document.
    pub fn document(self) -> &'static str {
        match self {
            Self::Slash | Self::Everything | Self::Login => SLASH,
            Self::Runs => RUNS,
            Self::Files => FILES,
            Self::Patterns => PATTERNS,
            Self::Sparse => SPARSE,
        }
    }
}

const SLASH: &str = r##"
openapi: 3.0.3
info: {title: Pets, version: "1"}
paths:
  /pets/:
    get:
      operationId: listPets
      responses:
        "200":
          description: ok
          headers:
            X-Pages: {schema: {type: object, properties: {total: {type: integer}}, required: [total]}}
            X-Sizes: {schema: {type: array, items: {type: integer}}}
          content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}
    post:
      operationId: createPet
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Input"}}}}
      responses:
        "201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
        "400": {description: wrong}
  /stats:
    get:
      operationId: readStats
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
  /pets/{petId}:
    parameters: [{name: petId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readPet
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
        "404": {description: no}
    delete:
      operationId: removePet
      responses: {"204": {description: gone}, "404": {description: no}}
components:
  schemas:
    Input: {type: object, required: [name], properties: {name: {type: string}, tags: {type: array, items: {type: string}}}}
    Thing: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}, tags: {type: array, items: {type: string}}}}
"##;

const RUNS: &str = r#"
openapi: 3.1.0
info: {title: Runs, version: "1"}
paths:
  /projects:
    post:
      operationId: createProject
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}}}
      responses:
        "201": {description: ok, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string, format: uuid}, name: {type: string}}}}}}
        "400": {description: wrong}
  /projects/{project_id}:
    parameters: [{name: project_id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {operationId: readProject, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}, "404": {description: no}}}
    delete: {operationId: removeProject, responses: {"204": {description: gone}, "404": {description: no}}}
  /runs:
    post:
      operationId: startRun
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [project_id], properties: {project_id: {type: string, format: uuid}}}}}}
      responses:
        "202": {description: ok, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string, format: uuid}, project_id: {type: string}}}}}}
        "400": {description: wrong}
  /runs/{run_id}:
    parameters: [{name: run_id, in: path, required: true, schema: {type: string, format: uuid}}]
    get: {operationId: readRun, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}, "404": {description: no}}}
    delete: {operationId: removeRun, responses: {"204": {description: gone}, "404": {description: no}}}
"#;

const FILES: &str = r#"
openapi: 3.1.0
info: {title: Files, version: "1"}
paths:
  /files:
    get:
      operationId: listFiles
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array, items: {type: object, properties: {id: {type: string}}}}}}}}
    post:
      operationId: createFile
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: {type: object, required: [file], properties: {file: {anyOf: [{type: string, contentMediaType: application/octet-stream}, {type: "null"}]}}}
      responses:
        "201": {description: ok, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}}}}}}
        "400": {description: wrong}
  /files/{fileId}:
    parameters: [{name: fileId, in: path, required: true, schema: {type: string}}]
    get: {operationId: readFile, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}, "404": {description: no}}}
    delete: {operationId: removeFile, responses: {"204": {description: gone}, "404": {description: no}}}
"#;

const PATTERNS: &str = r#"
openapi: 3.1.0
info: {title: Tags, version: "1"}
paths:
  /tags:
    post:
      operationId: createTag
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, secret]
              properties:
                name: {type: string, minLength: 4, maxLength: 30, pattern: "^[a-zA-Z0-9_-]+$"}
                secret: {type: string, minLength: 8, pattern: "^(?=.*[A-Z])(?=.*[0-9]).+$", writeOnly: true}
      responses:
        "201": {description: ok, content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}}}}
        "400": {description: wrong}
  /tags/{tagId}:
    parameters: [{name: tagId, in: path, required: true, schema: {type: string}}]
    get: {operationId: readTag, responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}, "404": {description: no}}}
    delete: {operationId: removeTag, responses: {"204": {description: gone}, "404": {description: no}}}
"#;

const SPARSE: &str = r##"
openapi: 3.1.0
info: {title: Lamps, version: "1"}
paths:
  /lamps:
    get:
      operationId: listLamps
      parameters:
        - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Lamp"}}}}}
        "400": {description: wrong}
    post:
      operationId: createLamp
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Input"}}}}
      responses:
        "201": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Lamp"}}}}
        "400": {description: wrong}
  /lamps/{lampId}:
    parameters: [{name: lampId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: readLamp
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Lamp"}}}}
        "404": {description: no}
    delete: {operationId: removeLamp, responses: {"204": {description: gone}, "404": {description: no}}}
components:
  schemas:
    Input:
      type: object
      required: [name]
      properties:
        name: {type: string, minLength: 1}
        is_on: {type: boolean, default: true}
        level: {type: integer, minimum: 0, default: 0}
        tags: {type: array, items: {type: string}}
    Lamp:
      type: object
      required: [id, name]
      properties:
        id: {type: string}
        name: {type: string}
        is_on: {type: boolean}
        level: {type: integer}
        tags: {type: array, items: {type: string}}
"##;

type Things = BTreeMap<String, Value>;

struct Server {
    kind: Kind,
    things: Mutex<Things>,
}

/// A server that runs until this is dropped.
pub struct Running {
    pub url: String,
    server: Arc<Server>,
    _runtime: tokio::runtime::Runtime,
}

impl Running {
    pub fn start(kind: Kind) -> Self {
        let server = Arc::new(Server { kind, things: Mutex::default() });
        let (url, runtime) = serve(Router::new().fallback(answer).with_state(Arc::clone(&server)));
        Self { url, server, _runtime: runtime }
    }

    /// How many things are there.
    pub fn things(&self) -> usize {
        self.server.things.lock().unwrap().len()
    }
}

async fn answer(State(server): State<Arc<Server>>, parts: Parts, body: Bytes) -> Response {
    let mut response = Response::builder();
    match server.kind {
        Kind::Everything => return response.header("content-type", "application/json").body(Body::from("{}")).unwrap(),
        Kind::Login => return response.status(302).header("location", "/login?next=x").body(Body::empty()).unwrap(),
        _ => {}
    }
    let (status, value) = server.answer(parts.method.as_str(), parts.uri.path(), &parts, &body);
    response = response.status(status).header("content-type", "application/json");
    if status == 405 {
        response = response.header("allow", "GET, POST, DELETE");
    }
    if server.kind == Kind::Slash && parts.method == "GET" {
        response = response.header("x-pages", r#"{"total": 3}"#).header("x-sizes", "1, 2");
    }
    response.body(if value.is_null() { Body::empty() } else { Body::from(value.to_string()) }).unwrap()
}

impl Server {
    fn answer(&self, method: &str, path: &str, parts: &Parts, body: &[u8]) -> (u16, Value) {
        let mut things = self.things.lock().unwrap();
        let is_collection = ["/pets/", "/projects", "/runs", "/files", "/tags", "/lamps"].contains(&path);
        match (method, is_collection) {
            ("GET", true) if self.kind == Kind::Sparse => page(&things, parts.uri.query().unwrap_or_default()),
            ("GET", true) if matches!(self.kind, Kind::Slash | Kind::Files) => {
                (200, things.values().cloned().collect())
            }
            ("POST", true) => {
                let made =
                    if self.kind == Kind::Files { file(parts, body) } else { Self::checked(path, body, &things) };
                let Some(mut thing) = made else { return (400, json!({"detail": "wrong"})) };
                let id = uuid::Uuid::new_v4().to_string();
                thing["id"] = json!(id);
                if self.kind == Kind::Sparse {
                    sparse(&mut thing);
                }
                things.insert(format!("{}/{id}", path.trim_end_matches('/')), thing.clone());
                if let Some(fields) = thing.as_object_mut() {
                    fields.remove("secret");
                }
                (if path == "/runs" { 202 } else { 201 }, thing)
            }
            ("GET", false) if path == "/stats" => (200, json!({"pets": things.len()})),
            ("GET", false) => things.get(path).map_or((404, Value::Null), |thing| (200, thing.clone())),
            ("DELETE", false) => things.remove(path).map_or((404, Value::Null), |_| (204, Value::Null)),
            _ => (405, Value::Null),
        }
    }

    /// What a body describes, if it is as the document says.
    fn checked(path: &str, body: &[u8], things: &Things) -> Option<Value> {
        let thing: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| thing[name].as_str();
        let length = |name: &str| text(name).map_or(0, |text| text.chars().count());
        let is_good = match path {
            "/runs" => things.contains_key(&format!("/projects/{}", text("project_id")?)),
            "/tags" => {
                let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
                let secret = text("secret")?;
                (4..=30).contains(&length("name"))
                    && text("name")?.chars().all(is_letter)
                    && length("secret") >= 8
                    && secret.contains(|letter: char| letter.is_ascii_uppercase())
                    && secret.contains(|letter: char| letter.is_ascii_digit())
            }
            "/lamps" => {
                let is = |name: &str, holds: fn(&Value) -> bool| thing.get(name).is_none_or(holds);
                length("name") > 0
                    && is("is_on", Value::is_boolean)
                    && is("level", Value::is_u64)
                    && is("tags", |tags| tags.as_array().is_some_and(|tags| tags.iter().all(Value::is_string)))
            }
            _ => {
                let tags = thing.get("tags").unwrap_or(&Value::Null);
                let is_list = tags.is_null() || tags.as_array().is_some_and(|tags| tags.iter().all(Value::is_string));
                text("name").is_some() && is_list && !(thing.get("tags").is_some() && tags.is_null())
            }
        };
        is_good.then_some(thing)
    }
}

/// Adds what has a default, and leaves out what is false, zero or empty.
fn sparse(thing: &mut Value) {
    let fields = thing.as_object_mut().unwrap();
    fields.entry("is_on").or_insert(json!(true));
    fields.retain(|_, value| ![json!(false), json!(0), json!([])].contains(value));
}

/// A page of a list.
fn page(things: &Things, query: &str) -> (u16, Value) {
    let given =
        |wanted: &str| query.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == wanted);
    let number = |name: &str, usual: usize| given(name).map_or(Some(usual), |(_, value)| value.parse().ok());
    match (number("limit", 20), number("offset", 0)) {
        (Some(limit @ 1..=100), Some(offset)) => (200, things.values().skip(offset).take(limit).cloned().collect()),
        _ => (400, json!({"detail": "wrong"})),
    }
}

/// What a multipart body with a file describes.
fn file(parts: &Parts, body: &[u8]) -> Option<Value> {
    let content_type = parts.headers.get("content-type").and_then(|value| value.to_str().ok())?;
    let text = String::from_utf8_lossy(body);
    let has_file = text.contains("name=\"file\"; filename=\"");
    (content_type.starts_with("multipart/form-data; boundary=") && has_file).then(|| json!({}))
}

//! What a run finds on a server of others is as it was afterwards, whatever the server answers and whatever its document has.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use serde_json::{Value, json};

use crate::openapi::shop::serve;

/// How a creation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Creates {
    /// By what it made.
    Truly,
    /// By the thing that has the name already, if one has it.
    WhatHasTheName,
    /// By a thing that no list shows, under the name that was sent.
    WhatIsHidden,
    /// By the same, under its own name.
    WhatIsHiddenAsItIs,
}

/// How a list goes on after its first page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pages {
    /// By a cursor.
    ByCursor,
    /// Not at all: it can only be asked for a longer page.
    No,
}

struct Server {
    creates: Creates,
    pages: Pages,
    things: Mutex<BTreeMap<String, Value>>,
    /// What was asked for that nobody may without the permission to change and to remove.
    harm: Mutex<Vec<String>>,
}

const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Things, version: "1"}
paths:
  /things:
    get:
      operationId: listThings
      parameters:
      - {name: limit, in: query, schema: {type: integer, minimum: 1, maximum: 100}}
      - {name: cursor, in: query, schema: {type: string}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, required: [items], properties: {
        items: {type: array, items: {$ref: "#/components/schemas/Thing"}}, next: {type: string}}}}}}, "400": {description: bad}}
    post:
      operationId: createThing
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [name], properties: {
        name: {type: string, minLength: 1, maxLength: 80}, note: {type: string}}}}}}
      responses: {"201": {description: made, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}, "400": {description: bad}}
  /things/{thingId}:
    parameters: [{name: thingId, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      responses: {"200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}, "404": {description: none}}
    delete:
      operationId: deleteThing
      responses: {"204": {description: gone}, "404": {description: none}}
  /things/bulk-delete:
    post:
      operationId: bulkDelete
      requestBody: {content: {application/json: {schema: {type: object, properties: {ids: {type: array, items: {type: string}}}}}}}
      responses: {"200": {description: "they are gone, or all if none is named"}}
  /reset: {post: {operationId: resetAll, responses: {"200": {description: done}}}}
  /reindex: {post: {operationId: reindex, responses: {"200": {description: done}}}}
  /config:
    put:
      operationId: setConfig
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [mode], properties: {mode: {type: string}}}}}}
      responses: {"200": {description: done}}
    patch:
      operationId: changeConfig
      requestBody: {required: true, content: {application/json: {schema: {type: object, required: [mode], properties: {mode: {type: string}}}}}}
      responses: {"200": {description: done}}
components:
  schemas:
    Thing: {type: object, required: [id, name], properties: {id: {type: string}, name: {type: string}, note: {type: string}}}
"##;

fn before() -> BTreeMap<String, Value> {
    let mut things: BTreeMap<_, _> = (0..300)
        .map(|number| {
            (format!("old-{number:03}"), json!({"id": format!("old-{number:03}"), "name": format!("old {number}")}))
        })
        .collect();
    // A name at the edge of what is allowed is anybody's.
    things.insert("old-250".to_owned(), json!({"id": "old-250", "name": "a"}));
    things.insert("old-251".to_owned(), json!({"id": "old-251", "name": "x".repeat(80)}));
    things.insert("hidden".to_owned(), json!({"id": "hidden", "name": "archived"}));
    things
}

fn answer(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    if body.is_null() {
        return status.into_response();
    }
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

impl Server {
    fn list(&self, query: &str) -> Response {
        let address = format!("http://list/?{query}");
        let asked: BTreeMap<_, _> = reqwest::Url::parse(&address).unwrap().query_pairs().into_owned().collect();
        let number = |name: &str, usual: usize| asked.get(name).map_or(Some(usual), |text| text.parse().ok());
        let (Some(limit @ 1..=100), Some(from)) = (number("limit", 100), number("cursor", 0)) else {
            return answer(400, &Value::Null);
        };
        let from = if self.pages == Pages::ByCursor { from } else { 0 };
        let things = self.things.lock().unwrap();
        let shown: Vec<_> = things.values().filter(|thing| thing["id"] != "hidden").collect();
        let page: Vec<_> = shown.iter().skip(from).take(limit).collect();
        let mut list = json!({ "items": page });
        if self.pages == Pages::ByCursor && from + limit < shown.len() {
            list["next"] = json!((from + limit).to_string());
        }
        answer(200, &list)
    }

    fn create(&self, body: &Value) -> Response {
        let name = body["name"].as_str().unwrap_or_default();
        let is_note = body.get("note").is_none_or(Value::is_string);
        if !is_note || name.is_empty() || name.chars().count() > 80 {
            return answer(400, &Value::Null);
        }
        let mut things = self.things.lock().unwrap();
        let taken = things.values().find(|thing| thing["name"] == name).cloned();
        match (self.creates, taken) {
            (Creates::WhatHasTheName, Some(taken)) => return answer(201, &taken),
            (Creates::WhatIsHidden, _) => return answer(201, &json!({"id": "hidden", "name": name})),
            (Creates::WhatIsHiddenAsItIs, _) => return answer(201, &json!({"id": "hidden", "name": "archived"})),
            _ => {}
        }
        let id = uuid::Uuid::new_v4().to_string();
        let mut thing = json!({"id": id, "name": name});
        if body["note"].is_string() {
            thing["note"] = body["note"].clone();
        }
        things.insert(id, thing.clone());
        answer(201, &thing)
    }

    fn one(&self, method: &str, id: &str) -> Response {
        let mut things = self.things.lock().unwrap();
        match (method, things.get(id).cloned()) {
            (_, None) => answer(404, &Value::Null),
            ("GET", Some(thing)) => answer(200, &thing),
            ("DELETE", Some(_)) => {
                things.remove(id);
                answer(204, &Value::Null)
            }
            _ => answer(405, &Value::Null),
        }
    }
}

async fn serve_one(State(server): State<Arc<Server>>, parts: Parts, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    match (method, path) {
        ("GET", "/things") => server.list(parts.uri.query().unwrap_or_default()),
        ("POST", "/things") if body.is_object() => server.create(&body),
        ("POST", "/things") => answer(400, &Value::Null),
        ("PATCH" | "PUT", _) if path.starts_with("/things/") => answer(405, &Value::Null),
        ("GET" | "DELETE", _) if path.starts_with("/things/") => server.one(method, &path["/things/".len()..]),
        ("HEAD" | "OPTIONS" | "TRACE", _) => {
            (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, POST")]).into_response()
        }
        // Whatever else is asked for is carried out, as a framework may have it.
        _ => {
            server.harm.lock().unwrap().push(format!("{method} {path}"));
            server.things.lock().unwrap().clear();
            answer(200, &Value::Null)
        }
    }
}

/// The server after a run with these permissions, and what the run printed.
fn run(creates: Creates, pages: Pages, allow: &str) -> (Arc<Server>, String) {
    let server = Server { creates, pages, things: Mutex::new(before()), harm: Mutex::default() };
    let server = Arc::new(server);
    let router = Router::new().fallback(routing::any(serve_one)).with_state(Arc::clone(&server));
    let (url, _runtime) = serve(router);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("api.yaml"), DOCUMENT).unwrap();
    let target = format!("target: things\nsuites: {{things: {{url: \"{url}\"}}}}\nallow: {allow}\n");
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_assay"))
        .current_dir(folder.path())
        .args(["test", "--openapi", "api.yaml", "--target", "target.yaml"])
        .output()
        .unwrap();
    let printed = [&output.stdout[..], &output.stderr].concat();
    (server, String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn what_was_there_before_a_run_is_there_after_it() {
    let all = [Creates::Truly, Creates::WhatHasTheName, Creates::WhatIsHidden, Creates::WhatIsHiddenAsItIs];
    for (creates, pages) in all.into_iter().flat_map(|creates| [(creates, Pages::ByCursor), (creates, Pages::No)]) {
        let (server, printed) = run(creates, pages, "[reads, creates]");
        let things = server.things.lock().unwrap();
        let lost: Vec<_> = before().into_iter().filter(|(id, thing)| things.get(id) != Some(thing)).collect();
        assert_eq!(lost, [], "{creates:?}, {pages:?}: {printed}");
        let left: Vec<_> = things.keys().filter(|id| !before().contains_key(*id)).cloned().collect();
        if pages == Pages::ByCursor {
            assert_eq!(left, [""; 0], "{creates:?}: {printed}");
        }
        let unsaid: Vec<_> = left.iter().filter(|id| !printed.contains(*id)).collect();
        assert_eq!(unsaid, [""; 0], "{creates:?}, {pages:?}: {printed}");
    }
}

#[test]
fn what_a_document_does_not_say_to_create_is_not_sent_without_permission() {
    for allow in ["[reads]", "[reads, creates]"] {
        let (server, printed) = run(Creates::Truly, Pages::ByCursor, allow);
        assert_eq!(*server.harm.lock().unwrap(), [""; 0], "{allow}: {printed}");
    }
}

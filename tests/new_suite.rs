//! What `assay new suite` lays out is free of mistakes, tests an API that is as it says, and finds one that is not.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tempfile::TempDir;

const TOKEN: &str = "token-of-a-test";

/// The API that the files describe: notes with titles and colours.
struct Api {
    notes: Mutex<BTreeMap<usize, Value>>,
    /// How many were made so far: no id is given twice.
    made: AtomicUsize,
    /// Whether titles of any length are taken, against the document.
    endless_titles: bool,
}

impl Default for Api {
    /// With a note that was there before: those of other tests come and go.
    fn default() -> Self {
        let kept = json!({"id": "note-0", "title": "kept", "colour": "pink"});
        let notes = Mutex::new(BTreeMap::from([(0, kept)]));
        Self { notes, made: AtomicUsize::new(0), endless_titles: false }
    }
}

type Answer = Result<(u16, Value), (u16, &'static str)>;

impl Api {
    fn list(&self, title: Option<&str>) -> (u16, Value) {
        let notes = self.notes.lock().unwrap();
        let fits = |note: &&Value| title.is_none_or(|title| note["title"] == title);
        (200, json!({"notes": notes.values().filter(fits).collect::<Vec<_>>()}))
    }

    fn read(&self, id: &str) -> Answer {
        let found = number(id).and_then(|number| self.notes.lock().unwrap().get(&number).cloned());
        found.map(|note| (200, note)).ok_or((404, "there is no such note"))
    }

    fn create(&self, title: Option<&str>, colour: Option<&str>) -> Answer {
        let title = title.filter(|title| !title.is_empty()).ok_or((400, "a note needs a title"))?;
        if title.chars().count() > 80 && !self.endless_titles {
            return Err((400, "the title is too long"));
        }
        let colour = colour.unwrap_or("yellow");
        if !["yellow", "pink"].contains(&colour) {
            return Err((400, "there is no such colour"));
        }
        let mut notes = self.notes.lock().unwrap();
        let number = self.made.fetch_add(1, Ordering::Relaxed) + 1;
        let note = json!({"id": format!("note-{number}"), "title": title, "colour": colour});
        notes.insert(number, note.clone());
        Ok((201, note))
    }

    fn remove(&self, id: &str) -> Answer {
        let removed = number(id).and_then(|number| self.notes.lock().unwrap().remove(&number));
        removed.map(|_| (200, json!({"id": id}))).ok_or((404, "there is no such note"))
    }
}

fn number(id: &str) -> Option<usize> {
    id.strip_prefix("note-")?.parse().ok()
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let query = query.split('&').filter_map(|pair| pair.split_once('='));
    query.filter(|(known, _)| *known == name).map(|(_, value)| value.replace("%20", " ")).next()
}

fn reply(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// Each operation has a method and a path.
async fn rest(State(api): State<Arc<Api>>, parts: Parts, body: Bytes) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let answer = if parts.headers.get("x-auth-token").is_none_or(|token| token != TOKEN) {
        Err((401, "who asks?"))
    } else {
        let id = parts.uri.path().strip_prefix("/v1/notes/").filter(|id| !id.is_empty());
        match (parts.method.as_str(), parts.uri.path(), id) {
            ("GET", "/v1/notes", _) => Ok(api.list(parameter(query, "title").as_deref())),
            ("POST", "/v1/notes", _) => api.create(body["title"].as_str(), body["colour"].as_str()),
            ("GET", _, Some(id)) => api.read(id),
            ("DELETE", _, Some(id)) => api.remove(id),
            _ => Err((404, "there is nothing here")),
        }
    };
    match answer {
        Ok((status, body)) => reply(status, &body),
        Err((status, message)) => reply(status, &json!({"message": message})),
    }
}

/// A parameter names the operation.
async fn query(State(api): State<Arc<Api>>, parts: Parts) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    let given = |name| parameter(query, name);
    let (action, id) = (given("action").unwrap_or_default(), given("id").unwrap_or_default());
    let answer = match action.as_str() {
        _ if given("token").as_deref() != Some(TOKEN) => Err((401, "who asks?")),
        "listNotes" => Ok(api.list(given("title").as_deref())),
        "createNote" => api.create(given("title").as_deref(), given("colour").as_deref()),
        "readNote" => api.read(&id),
        "removeNote" => api.remove(&id),
        _ => Err((400, "there is no such action")),
    };
    match answer {
        Ok((_, body)) => reply(200, &json!({format!("{}response", action.to_lowercase()): body})),
        Err((status, message)) => reply(status, &json!({"error": {"message": message}})),
    }
}

/// Serves an API for as long as the test runs.
fn served(style: &str, api: Api) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let router = if style == "rest" { Router::new().fallback(rest) } else { Router::new().fallback(query) };
    let router = router.with_state(Arc::new(api));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
        });
    });
    url
}

fn assay(folder: &Path, arguments: &[&str], url: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.args(arguments).current_dir(folder).env("NOTES_URL", url).env("NOTES_TOKEN", TOKEN);
    command.output().unwrap()
}

fn printed(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn tested(style: &str, api: Api) -> Output {
    let folder = TempDir::new().unwrap();
    let url = served(style, api);
    let run = |arguments: &[&str]| assay(folder.path(), arguments, &url);
    let made = run(&["new", "suite", "notes", "--style", style]);
    assert_eq!(made.status.code(), Some(0), "{}", printed(&made));
    for path in [&[][..], &["notes-target.yaml"]] {
        let checked = run(&[&["check"], path].concat());
        assert!(printed(&checked).contains("no mistakes"), "{}", printed(&checked));
    }
    let called = run(&["call", "notes", "listNotes", "--target", "notes-target.yaml"]);
    assert!(printed(&called).contains("kept"), "{}", printed(&called));
    let covered = run(&["coverage", "--suite", "notes"]);
    assert!(printed(&covered).contains("8 have cases, 1 untestable, 0 open"), "{}", printed(&covered));
    run(&["test", "--suite", "notes", "--target", "notes-target.yaml", "--strict", "--quiet"])
}

#[test]
fn a_new_suite_tests_the_api_that_it_describes() {
    for style in ["rest", "query"] {
        let output = tested(style, Api::default());
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
        let all = "4 of 4 operations tested; 9 requirements: 8 verified, 1 untestable, 0 open";
        assert!(printed(&output).contains(all), "{}", printed(&output));
    }
}

#[test]
fn a_new_suite_finds_a_broken_promise() {
    for style in ["rest", "query"] {
        let output = tested(style, Api { endless_titles: true, ..Api::default() });
        assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
        assert!(printed(&output).contains("NOTES-004"), "{}", printed(&output));
    }
}

#[test]
fn what_is_there_is_not_overwritten() {
    let folder = TempDir::new().unwrap();
    let run = |arguments: &[&str]| assay(folder.path(), arguments, "");
    let schema = folder.path().join("schemas/notes/removeNote.json");
    std::fs::create_dir_all(schema.parent().unwrap()).unwrap();
    std::fs::write(&schema, "{}").unwrap();
    let refused = run(&["new", "suite", "notes"]);
    assert_eq!(refused.status.code(), Some(3));
    assert!(printed(&refused).contains("schemas/notes/removeNote.json is there already"), "{}", printed(&refused));
    assert_eq!(std::fs::read_to_string(&schema).unwrap(), "{}");
    assert!(!folder.path().join("suites").exists(), "nothing else was written");
}

#[test]
fn names_that_would_not_do_are_refused() {
    let folder = TempDir::new().unwrap();
    for name in ["cloudn", "common", "My API", "../elsewhere", ""] {
        let refused = assay(folder.path(), &["new", "suite", name], "");
        assert_eq!(refused.status.code(), Some(2), "{name}: {}", printed(&refused));
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

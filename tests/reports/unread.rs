//! A server whose answers can't be read: nothing is tested by them, and the cause is one.

use std::process::Command;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

use crate::openapi::shop::serve;

/// Longer than a run accepts.
const TOO_LONG: usize = 9 << 20;

const DOCUMENT: &str = r##"
openapi: 3.0.3
info: {title: Things, version: "1"}
security: [{key: []}]
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas: {Thing: {type: object, required: [id], properties: {id: {type: string}, name: {type: string}}}}
paths:
  /things:
    get:
      operationId: listThings
      responses:
        "200": {description: All., content: {application/json: {schema: {type: array, items: {$ref: "#/components/schemas/Thing"}}}}}
        "401": {description: Who is there?}
    post:
      operationId: createThing
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "201": {description: Made., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
        "401": {description: Who is there?}
"##;

/// Who has no key is refused as documented; everybody else gets more than anyone reads.
async fn answer(headers: HeaderMap) -> Response {
    let is_known = headers.get(header::AUTHORIZATION).is_some_and(|key| key == "Bearer the-key-of-the-test");
    if is_known { vec![b' '; TOO_LONG].into_response() } else { StatusCode::UNAUTHORIZED.into_response() }
}

#[test]
fn what_is_not_read_is_not_tested_and_is_one_finding() {
    let (url, _runtime) = serve(Router::new().fallback(answer));
    let folder = tempfile::tempdir().unwrap();
    let target = format!(
        "target: things\nsuites:\n  things: {{url: \"{url}\", credentials: {{key: the-key-of-the-test}}}}\nallow: \
         [reads, creates]\n"
    );
    std::fs::write(folder.path().join("target.yaml"), target).unwrap();
    std::fs::write(folder.path().join("things.yaml"), DOCUMENT).unwrap();
    let arguments = ["test", "--openapi", "things.yaml", "--target", "target.yaml", "--report", "json=report.json"];
    let run = Command::new(env!("CARGO_BIN_EXE_assay")).args(arguments).current_dir(folder.path()).output().unwrap();
    let printed = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(printed.contains("0 of 2 operations of the document were tested."), "{printed}");
    let report = std::fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert!(report["counts"]["inconclusive"].as_u64() > Some(0), "{printed}");
    let causes = report["causes"].as_array().unwrap();
    let unread: Vec<_> = causes.iter().filter(|cause| cause["verdict"] == "could-not-run").collect();
    assert!(unread.len() == 1 && unread[0]["count"].as_u64() > Some(3), "{printed}");
}

//! Credentials that are not written in a target file: each way to have one, from a server that gives them so, and to a server
//! that wants them so.

use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::openapi::shop::serve;

/// What the server knows: what it admits by, and what it gave.
#[derive(Default)]
struct Gate {
    /// The tokens and sessions that it gave, in order.
    given: Mutex<Vec<String>>,
    /// How the first of them ends.
    first: Lasts,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Lasts {
    /// It does not.
    #[default]
    ForEver,
    /// It is refused once three were given.
    UntilTheThird,
}

const CLIENT: &str = "a-client";
const CLIENT_SECRET: &str = "s3cret/of:the client";
/// As a form has it (RFC 6749, 2.3.1).
const CLIENT_SECRET_ENCODED: &str = "s3cret%2Fof%3Athe%20client";
const USER: &str = "ada";
const PASSWORD: &str = "p4ssw0rd&of=ada";
const REFRESH: &str = "refresh-9f2c7d";
const KEY: &str = "key-5b1e8a90";

impl Gate {
    fn give(&self) -> String {
        let mut given = self.given.lock().unwrap();
        let token = format!("given-{}-{}", given.len(), uuid::Uuid::new_v4().simple());
        given.push(token.clone());
        token
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = self.given.lock().unwrap();
        let over = usize::from(self.first == Lasts::UntilTheThird && given.len() >= 3);
        let is_good = |token: &str| token == KEY || given.iter().skip(over).any(|known| known == token);
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let cookies = text("cookie").split("; ").filter_map(|cookie| cookie.strip_prefix("SID="));
        let shown = text("authorization").strip_prefix("Bearer ").into_iter().chain(cookies).chain([text("x-session")]);
        shown.into_iter().any(is_good)
    }

    /// Whether a grant of OAuth 2 is good (RFC 6749, 4.3.2, 4.4.2 and 6).
    fn grants(headers: &HeaderMap, form: &[(String, String)]) -> bool {
        let field = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let proof = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{CLIENT_SECRET_ENCODED}")));
        let is_client = headers.get("authorization").is_some_and(|given| given == proof.as_str());
        match field("grant_type") {
            Some("client_credentials") => is_client && field("scope") == Some("read write"),
            Some("password") => is_client && field("username") == Some(USER) && field("password") == Some(PASSWORD),
            // A public client says who it is.
            Some("refresh_token") => field("client_id") == Some(CLIENT) && field("refresh_token") == Some(REFRESH),
            _ => false,
        }
    }
}

fn fields(form: &Bytes) -> Vec<(String, String)> {
    let address = format!("http://form/?{}", std::str::from_utf8(form).unwrap());
    reqwest::Url::parse(&address).unwrap().query_pairs().into_owned().collect()
}

fn json(value: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

async fn token(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Response {
    let form = fields(&body);
    if !Gate::grants(&headers, &form) {
        return (StatusCode::BAD_REQUEST, json(&json!({"error": "invalid_grant"}))).into_response();
    }
    json(&json!({"access_token": gate.give(), "token_type": "Bearer", "expires_in": 1}))
}

async fn login(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Response {
    let is_json = headers.get("content-type").is_some_and(|kind| kind == "application/json");
    let (user, password) = if is_json {
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        (body["user"].as_str().unwrap_or_default().to_owned(), body["password"].as_str().unwrap_or_default().to_owned())
    } else {
        let mut form = fields(&body).into_iter();
        let mut next = || form.next().unwrap_or_default().1;
        (next(), next())
    };
    if (user.as_str(), password.as_str()) != (USER, PASSWORD) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let session = gate.give();
    let cookie = format!("SID={session}; Path=/; HttpOnly; max-age=3600");
    ([("set-cookie", cookie), ("x-session", session.clone())], json(&json!({"session": {"token": session}})))
        .into_response()
}

/// The API. What is asked for at `/late` is there once three credentials were given.
async fn things(State(gate): State<Arc<Gate>>, method: Method, headers: HeaderMap, uri: Uri) -> Response {
    if method != Method::GET {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET")]).into_response();
    }
    if !gate.admits(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if uri.path() == "/late" && gate.first == Lasts::UntilTheThird {
        for _ in 0..100 {
            if gate.given.lock().unwrap().len() >= 3 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    json(&json!([]))
}

/// A server, and a folder with what a run against it needs.
struct Place {
    folder: TempDir,
    gate: Arc<Gate>,
    _runtime: tokio::runtime::Runtime,
}

impl Place {
    /// `credential` is what the target file says; `SERVER` in it stands for the address of the server.
    fn new(scheme: &str, credential: &str, first: Lasts) -> Self {
        let gate = Arc::new(Gate { first, ..Gate::default() });
        let api = Router::new()
            .route("/token", routing::post(token))
            .route("/login", routing::post(login))
            .fallback(things)
            .with_state(Arc::clone(&gate));
        let (server, runtime) = serve(api);
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: String| std::fs::write(folder.path().join(name), text).unwrap();
        let list = "{type: array, items: {type: object}}";
        let operation = format!(
            "get: {{responses: {{'200': {{description: all, content: {{application/json: {{schema: {list}}}}}}}, '401': \
             {{description: who}}}}}}"
        );
        write(
            "api.yaml",
            format!(
                "openapi: 3.1.0\ninfo: {{title: Things, version: '1'}}\nsecurity: [{{who: []}}]\npaths:\n  /early: \
                 {{{operation}}}\n  /late: {{{operation}}}\ncomponents: {{securitySchemes: {{who: {scheme}}}}}\n"
            ),
        );
        let credential = credential.replace("SERVER", &server);
        write(
            "target.yaml",
            format!("target: things\nsuites:\n  things:\n    url: {server}\n    credentials: {{who: {credential}}}\n"),
        );
        write("key", format!("{KEY}\n"));
        Self { folder, gate, _runtime: runtime }
    }

    /// The exit code of a run, what it printed, and what it recorded.
    fn run(&self) -> (Option<i32>, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_assay"))
            .current_dir(self.folder.path())
            .args(["test", "--openapi", "api.yaml", "--target", "target.yaml"])
            .envs([("CLIENT_SECRET", CLIENT_SECRET), ("PASSWORD", PASSWORD), ("REFRESH", REFRESH)])
            .output()
            .unwrap();
        let record = std::fs::read_to_string(self.folder.path().join("reports/latest/run.jsonl")).unwrap_or_default();
        let printed = [&output.stdout[..], &output.stderr].concat();
        (output.status.code(), String::from_utf8_lossy(&printed).into_owned(), record)
    }
}

const BEARER: &str = "{type: http, scheme: bearer}";
const COOKIE: &str = "{type: apiKey, in: cookie, name: SID}";
const HEADER: &str = "{type: apiKey, in: header, name: X-Session}";

#[test]
fn each_way_to_have_a_credential_leads_into_the_api() {
    let login = |how: &str| format!("{{login: {{url: SERVER/login, {how}}}}}");
    let oauth2 = |how: &str| format!("{{oauth2: {{token_url: SERVER/token, client_id: {CLIENT}, {how}}}}}");
    let secret = r#"client_secret: "${CLIENT_SECRET}""#;
    let user = format!(r#"{{user: {USER}, password: "${{PASSWORD}}"}}"#);
    let ways = [
        (BEARER, "{file: key}".to_owned()),
        (BEARER, "{command: [cat, key]}".to_owned()),
        (BEARER, oauth2(&format!(r#"{secret}, scope: "read write""#))),
        (BEARER, oauth2(&format!(r#"grant: password, username: {USER}, password: "${{PASSWORD}}", {secret}"#))),
        (BEARER, oauth2(r#"grant: refresh_token, refresh_token: "${REFRESH}""#)),
        (BEARER, login(&format!("json: {user}, token: $.session.token"))),
        (COOKIE, login(&format!("json: {user}, cookie: SID"))),
        (HEADER, login(&format!("form: {user}, header: X-Session"))),
    ];
    for (scheme, credential) in ways {
        let place = Place::new(scheme, &credential, Lasts::ForEver);
        let (code, printed, record) = place.run();
        assert_eq!(code, Some(0), "{credential}: {printed}");
        let given = place.gate.given.lock().unwrap().clone();
        let secrets = given.iter().map(String::as_str).chain([CLIENT_SECRET, PASSWORD, REFRESH, KEY]);
        let shown: Vec<_> = secrets.filter(|secret| printed.contains(secret) || record.contains(secret)).collect();
        assert_eq!(shown, [""; 0], "{credential}: {printed}");
    }
}

#[test]
fn a_credential_that_does_not_last_is_had_anew_while_a_run_goes_on() {
    let ways = [
        format!(
            r#"{{oauth2: {{token_url: SERVER/token, grant: refresh_token, refresh_token: "${{REFRESH}}", client_id: {CLIENT}}}}}"#
        ),
        format!(
            r#"{{login: {{url: SERVER/login, json: {{user: {USER}, password: "${{PASSWORD}}"}}, token: $.session.token}}, renew_after: 1s}}"#
        ),
    ];
    for credential in ways {
        let place = Place::new(BEARER, &credential, Lasts::UntilTheThird);
        let (code, printed, _) = place.run();
        assert_eq!(code, Some(0), "{credential}: {printed}");
        assert!(place.gate.given.lock().unwrap().len() >= 3, "{printed}");
    }
}

#[test]
fn a_credential_that_can_not_be_had_is_a_message_and_no_verdict() {
    let refused = format!("{{login: {{url: SERVER/login, json: {{user: {USER}, password: wrong}}, cookie: SID}}}}");
    let (code, printed, _) = Place::new(COOKIE, &refused, Lasts::ForEver).run();
    assert_eq!(code, Some(3), "{printed}");
    assert!(printed.contains("target.yaml:5:") && printed.contains("answers with status 401"), "{printed}");
}

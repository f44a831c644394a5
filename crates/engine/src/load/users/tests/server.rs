//! A small server on loopback, which counts what it is asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::IntoResponse;
use tokio::net::TcpListener;

use crate::load::collector::{StopReason, StopSignal};

/// What a server says to a command with a number.
pub(super) type Answer = fn(&str, usize) -> (u16, String);

pub(super) fn good(command: &str, number: usize) -> (u16, String) {
    let inside = match command {
        "createThing" => format!(r#"{{"thing": {{"id": "{number}"}}}}"#),
        _ => r#"{"count": 0}"#.to_owned(),
    };
    (200, format!(r#"{{"{}response": {inside}}}"#, command.to_lowercase()))
}

pub(super) fn refuses(_command: &str, _number: usize) -> (u16, String) {
    (409, r#"{"errorresponse": {"errortext": "no"}}"#.to_owned())
}

pub(super) fn refuses_zones(command: &str, number: usize) -> (u16, String) {
    if command == "listZones" { refuses(command, number) } else { good(command, number) }
}

pub(super) fn throttles(_command: &str, _number: usize) -> (u16, String) {
    (429, r#"{"errorresponse": {"errortext": "later"}}"#.to_owned())
}

/// The command that reports what was created and not removed. It counts for nothing else.
pub(super) const LIST: &str = "listThings";

/// What was created and not removed by what was asked, if that was answered so.
fn things(answer: Answer, asked: &[BTreeMap<String, String>]) -> (u16, String) {
    let all = asked.iter().filter(|query| query["command"] != LIST).zip(1..);
    let done = |command: &str, number| answer(command, number).0 == 200;
    let removed: Vec<_> = all
        .clone()
        .filter(|(query, number)| query["command"] == "deleteThing" && done("deleteThing", *number))
        .map(|(query, _)| query["id"].as_str())
        .collect();
    let there = all
        .filter(|(query, number)| query["command"] == "createThing" && done("createThing", *number))
        .filter(|(_, number)| !removed.contains(&number.to_string().as_str()))
        .map(|(query, number)| format!(r#"{{"id": "{number}", "name": "{}"}}"#, query["name"]));
    (200, format!(r#"{{"listthingsresponse": {{"thing": [{}]}}}}"#, there.collect::<Vec<_>>().join(",")))
}

/// A server on loopback, and what it was asked: each command with its arguments.
pub(super) struct Server {
    pub address: String,
    asked: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
}

impl Server {
    pub async fn new(answer: Answer) -> Self {
        let asked: Arc<Mutex<Vec<BTreeMap<String, String>>>> = Arc::default();
        let seen = Arc::clone(&asked);
        let app = Router::new().fallback(async move |uri: Uri| {
            let arguments = uri.query().unwrap_or_default().split('&').filter_map(|argument| argument.split_once('='));
            let query: BTreeMap<_, _> = arguments.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            let number = {
                let mut seen = seen.lock().unwrap();
                seen.push(query.clone());
                seen.iter().filter(|query| query["command"] != LIST).count()
            };
            let (status, body) = match query["command"].as_str() {
                LIST => things(answer, &seen.lock().unwrap()),
                command => answer(command, number),
            };
            (StatusCode::from_u16(status).unwrap(), [("retry-after", "1")], body).into_response()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, asked }
    }

    /// How often it was asked for an operation.
    pub fn asked(&self, operation: &str) -> u64 {
        self.asked.lock().unwrap().iter().filter(|query| query["command"] == operation).count() as u64
    }

    /// Ends a profile when it was asked so often for an operation.
    pub async fn ends(&self, halt: &StopSignal, operation: &str, times: u64) {
        while self.asked(operation) < times {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        halt.set(StopReason::Interrupted);
    }

    /// What an argument of an operation was, in order.
    pub fn arguments(&self, operation: &str, name: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|query| query["command"] == operation).map(|query| query[name].clone()).collect()
    }
}

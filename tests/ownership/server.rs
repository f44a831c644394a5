//! A server that keeps things as it should, and answers as a seed has it.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The kinds of things, as their lists call them.
pub const KINDS: [&str; 4] = ["notes", "boxes", "disks", "rules"];

/// What a server does wrong, each with its number: a seed chooses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ways {
    /// What a create answers as the identity of what it made.
    pub create: usize,
    /// What a list shows.
    pub list: usize,
    /// What a removal does.
    pub remove: usize,
    /// How a job goes.
    pub job: usize,
    /// What reading one thing shows.
    pub read: usize,
    /// What an id leads to that is not quite that of a thing.
    pub lookup: usize,
}

pub const CREATES: usize = 20;
/// The creates of a server that says it failed, and makes the thing all the same a little later.
pub const LATE: usize = 19;
pub const LISTS: usize = 10;
pub const REMOVALS: usize = 8;
/// The removals of a server whose things are busy for a while, and for ever.
pub const BUSY: usize = 6;
pub const BUSY_FOR_EVER: usize = 7;
pub const JOBS: usize = 7;
pub const READS: usize = 4;
pub const LOOKUPS: usize = 4;

impl Ways {
    /// The ways of a seed; every fifth server is only wrong in how it creates.
    pub fn of(seed: u64) -> Self {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678;
        let mut next = |of: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % of as u64).unwrap()
        };
        let (create, lookup) = (next(CREATES), next(LOOKUPS));
        if seed.is_multiple_of(5) {
            return Self { create, list: 0, remove: 0, job: 0, read: 0, lookup };
        }
        Self { create, list: next(LISTS), remove: next(REMOVALS), job: next(JOBS), read: next(READS), lookup }
    }

    /// Whether it can be known that something is left: its lists show what they have, and what it refuses as documented, or
    /// says to have failed without a word of what was made that has no name either, it did not do.
    pub fn can_be_known(&self, thing: &Value) -> bool {
        let is_disk = thing["id"].as_str().is_some_and(|id| id.starts_with("disks"));
        let says_nothing = self.job == 1 || (self.job == 6 && self.create != 0);
        let fails_in_silence = is_disk && says_nothing && thing["name"].is_null();
        !matches!(self.list, 3 | 6) && self.create != 14 && !fails_in_silence
    }
}

/// What it keeps.
#[derive(Default)]
pub struct Kept {
    pub things: BTreeMap<&'static str, BTreeMap<String, Value>>,
    jobs: BTreeMap<String, (usize, Value)>,
    made: usize,
    asked: usize,
    /// How often the removal of each thing was refused.
    refused: BTreeMap<String, usize>,
}

pub struct Server {
    pub ways: Ways,
    pub kept: Mutex<Kept>,
    pub address: String,
}

/// What was there before the run.
pub fn before() -> BTreeMap<&'static str, BTreeMap<String, Value>> {
    let thing = |kind: &str, number: usize| {
        let id = format!("{kind}-f{number}");
        let (name, order, port) = (format!("kept {number}"), format!("order-f{number}"), "22");
        (id.clone(), json!({"id": id, "name": name, "order": order, "port": port}))
    };
    KINDS.iter().map(|kind| (*kind, (0..3).map(|number| thing(kind, number)).collect())).collect()
}

impl Server {
    pub fn start(ways: Ways) -> Arc<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let kept = Mutex::new(Kept { things: before(), ..Kept::default() });
        let server = Arc::new(Self { ways, kept, address });
        let router = Router::new().fallback(answer).with_state(Arc::clone(&server));
        tokio::spawn(async move {
            axum::serve(tokio::net::TcpListener::from_std(listener).unwrap(), router).await.unwrap();
        });
        server
    }

    pub fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap()
    }

    /// What was made and is still there.
    pub fn left(&self) -> Vec<Value> {
        let kept = self.kept();
        let all = kept.things.values().flatten();
        all.filter(|(id, _)| id.contains("-n")).map(|(_, thing)| thing.clone()).collect()
    }

    fn create(self: &Arc<Self>, kind: &'static str, body: &Value) -> (u16, Value) {
        let mut kept = self.kept();
        kept.made += 1;
        let number = kept.made;
        let (id, order) = (format!("{kind}-n{number}"), format!("order-n{number}"));
        let thing = json!({"id": id, "name": body["name"], "port": body["port"], "order": order});
        if self.ways.create == LATE {
            let server = Arc::clone(self);
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(30)).await;
                server.kept().things.get_mut(kind).unwrap().insert(id, thing);
            });
            return (500, json!({"message": "no"}));
        }
        kept.things.get_mut(kind).unwrap().insert(id.clone(), thing.clone());
        let foreign = format!("{kind}-f{}", number % 3);
        let given = self.given(&id, &foreign);
        let mut answer = match given {
            Some(given) => json!({"id": given, "name": body["name"]}),
            None => json!({"name": body["name"]}),
        };
        match kind {
            "boxes" => {
                let order = match self.ways.create {
                    1 | 9 => json!(format!("order-f{}", number % 3)),
                    2 => json!(""),
                    5 => json!({"of": order}),
                    6 => json!([order, "order-f0"]),
                    _ => json!(order),
                };
                answer = json!({ "order": order });
            }
            "rules" => {
                let all: Vec<_> = kept.things[kind].values().cloned().collect();
                answer = json!({ "rules": all });
            }
            "disks" => {
                let job = format!("job-{number}");
                kept.jobs.insert(job.clone(), (0, json!({ "disk": answer })));
                let first = if self.ways.create.is_multiple_of(2) { Some(answer["id"].clone()) } else { None };
                answer = json!({ "job": job });
                if let Some(first) = first {
                    answer["id"] = first;
                }
            }
            _ => {}
        }
        match self.ways.create {
            13 => (500, json!({"message": "it was made all the same"})),
            14 => (404, json!({"message": "it was made all the same"})),
            _ => (201, answer),
        }
    }

    /// What a create answers as the identity of what it made.
    fn given(&self, own: &str, foreign: &str) -> Option<Value> {
        Some(match self.ways.create {
            1 => json!(foreign),
            2 => json!(""),
            3 => json!("."),
            4 => json!(".."),
            5 => json!({"id": foreign}),
            6 => json!([own, foreign]),
            7 => return None,
            8 => json!("no-such-thing"),
            9 => json!(foreign.to_uppercase()),
            10 => json!(format!(" {foreign} ")),
            11 => json!(format!("{foreign}/")),
            12 => json!(format!("x/../{foreign}")),
            15 => Value::Null,
            16 => json!("*"),
            17 => json!(format!("{own},{foreign}")),
            18 => json!("%2e"),
            _ => json!(own),
        })
    }

    fn list(&self, kind: &'static str, query: &str) -> (u16, Value) {
        let mut kept = self.kept();
        kept.asked += 1;
        let order = query.split('&').find_map(|pair| pair.strip_prefix("order="));
        let order = order.filter(|_| self.ways.list != 1);
        let fits = |thing: &&Value| order.is_none_or(|order| thing["order"] == order);
        let mut shown: Vec<Value> = kept.things[kind].values().filter(fits).cloned().collect();
        let is_foreign = |thing: &Value| thing["id"].as_str().unwrap().contains("-f");
        match self.ways.list {
            // Part of what is not the asker's is hidden.
            2 => shown.retain(|thing| !thing["id"].as_str().unwrap().ends_with("-f1")),
            // All that is the asker's is hidden.
            3 => shown.retain(is_foreign),
            4 => shown.push(json!({"id": "phantom", "name": "phantom", "order": order.unwrap_or("none")})),
            5 => return (403, json!({"message": "no"})),
            6 => return (200, json!({})),
            7 => shown.iter_mut().for_each(|thing| {
                thing.as_object_mut().unwrap().remove("order");
            }),
            8 if kept.asked.is_multiple_of(3) => return (500, json!({"message": "no"})),
            // What is not the asker's is shown where its own is asked for.
            9 if order.is_some() => shown.extend(kept.things[kind].values().filter(|one| is_foreign(one)).cloned()),
            _ => {}
        }
        (200, json!({ kind: shown }))
    }

    /// The things that an id leads to, on a server that reads ids in its own way.
    fn reached(&self, kind: &str, id: &str) -> Vec<String> {
        let kept = self.kept();
        let all = kept.things[kind].keys();
        let parts: Vec<&str> = id.split(',').collect();
        let reaches = |known: &&String| match self.ways.lookup {
            1 => known.eq_ignore_ascii_case(id.trim().trim_end_matches('/')),
            2 => id.is_empty() || id == "*" || id == "." || parts.contains(&known.as_str()),
            3 => id.rsplit('/').next() == Some(known.as_str()) || id == "%2e",
            _ => *known == id,
        };
        all.filter(reaches).cloned().collect()
    }

    fn remove(&self, kind: &'static str, id: &str) -> (u16, Value) {
        let reached = self.reached(kind, id);
        let gone = (404, json!({"message": "there is no such thing"}));
        match self.ways.remove {
            1 => return gone,
            2 => return (200, json!({})),
            3 => return (500, json!({"message": "no"})),
            _ if reached.is_empty() => return gone,
            _ => {}
        }
        let mut kept = self.kept();
        let refused = kept.refused.entry(id.to_owned()).or_default();
        if self.ways.remove == BUSY_FOR_EVER || (self.ways.remove == BUSY && *refused < 2) {
            *refused += 1;
            return (409, json!({"message": "not now: it is busy"}));
        }
        reached.iter().for_each(|id| {
            kept.things.get_mut(kind).unwrap().remove(id);
        });
        match self.ways.remove {
            4 => (500, json!({"message": "it is gone all the same"})),
            5 => gone,
            _ => (200, json!({})),
        }
    }

    fn read(&self, kind: &'static str, id: &str) -> (u16, Value) {
        let reached = self.reached(kind, id);
        let kept = self.kept();
        let found = reached.first().and_then(|id| kept.things[kind].get(id));
        match (self.ways.read, found) {
            (1, _) => (404, json!({"message": "there is no such thing"})),
            (2, _) => (200, kept.things[kind].values().next().cloned().unwrap_or_default()),
            (3, _) => (500, json!({"message": "no"})),
            (_, Some(thing)) => (200, thing.clone()),
            (_, None) => (404, json!({"message": "there is no such thing"})),
        }
    }

    fn job(&self, id: &str) -> (u16, Value) {
        let mut kept = self.kept();
        let Some((asked, result)) = kept.jobs.get_mut(id) else { return (404, json!({"message": "no"})) };
        *asked += 1;
        let running = json!({"job": id, "state": "running"});
        match self.ways.job {
            1 => (200, json!({"job": id, "state": "failed", "result": {"message": "no"}})),
            2 => (200, json!({"job": id, "state": "done"})),
            3 => (200, json!({"job": id, "state": "done", "result": {"disk": {"id": "disks-f0"}}})),
            4 => (200, running),
            5 => (500, json!({"message": "no"})),
            6 => {
                (200, json!({"job": id, "state": "failed", "about": result["disk"]["id"], "result": {"message": "no"}}))
            }
            _ if *asked < 2 => (200, running),
            _ => (200, json!({"job": id, "state": "done", "result": result})),
        }
    }
}

async fn answer(State(server): State<Arc<Server>>, parts: Parts, body: Bytes) -> Response {
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let path = parts.uri.path();
    let (head, id) = path[1..].split_once('/').map_or((&path[1..], None), |(head, id)| (head, Some(id)));
    let id = id.map(decoded);
    let kind = KINDS.iter().find(|kind| **kind == head).copied();
    let (status, body) = match (parts.method.as_str(), kind, id.as_deref()) {
        ("GET", None, Some(job)) if head == "jobs" => server.job(job),
        ("GET", Some(kind), None) => server.list(kind, parts.uri.query().unwrap_or_default()),
        ("GET", Some(kind), Some(id)) => server.read(kind, id),
        ("POST", Some(kind), None) => server.create(kind, &body),
        // The collection itself: what an empty id leads to.
        ("DELETE", Some(kind), None) => server.remove(kind, ""),
        ("DELETE", Some(kind), Some(id)) => server.remove(kind, id),
        _ => (404, json!({"message": "there is nothing here"})),
    };
    let status = StatusCode::from_u16(status).unwrap();
    (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}

/// A part of a path without its percent-encoding.
fn decoded(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let digits = if byte == b'%' { [bytes.next(), bytes.next()] } else { [None, None] };
        match digits {
            [Some(high), Some(low)] => {
                let digits = String::from_utf8(vec![high, low]).unwrap();
                decoded.push(u8::from_str_radix(&digits, 16).unwrap());
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).unwrap()
}

//! Stands between a run and the reference cloud, counts requests, and strikes at one of them.

use std::io;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::net::TcpListener;

use assay_formats::chance::Chance;

/// How a run is ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Interrupt,
    Terminate,
    HangUp,
    Kill,
}

impl Signal {
    pub const ALL: [Self; 4] = [Self::Interrupt, Self::Terminate, Self::Kill, Self::HangUp];

    /// Whether this process ignores it, and so each program that it starts: what `nohup` and a shell's `&` do.
    fn is_ignored(self) -> bool {
        let number = match self {
            Self::HangUp => 1,
            Self::Interrupt => 2,
            Self::Kill => return false,
            Self::Terminate => 15,
        };
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        mask >> (number - 1) & 1 == 1
    }

    /// Sends it to a process that a test started.
    pub fn send(self, process: u32) {
        let name = match self {
            Self::Interrupt => "-INT",
            Self::Terminate => "-TERM",
            Self::HangUp => "-HUP",
            Self::Kill => "-KILL",
        };
        assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
    }
}

/// On which side of the cloud's answer a run is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The cloud does not get the request any more.
    Before,
    /// The cloud has carried it out, and the run does not get the answer any more.
    Between,
    /// The run has got the answer.
    After,
}

impl Side {
    pub const ALL: [Self; 3] = [Self::Before, Self::Between, Self::After];
}

/// When a run is struck: at the request with this number, counted from 1.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub request: u64,
    pub side: Side,
    pub signal: Signal,
}

/// Moments that are the same in every run of the test.
pub fn moments(seed: u64, count: u64, requests: u64) -> Vec<Moment> {
    let mut chance = Chance(seed);
    let mut next = move || chance.bits();
    let moment = |number: u64| {
        let signal = Signal::ALL[usize::try_from(number % 4).unwrap()];
        Moment {
            request: 2 + next() % requests,
            side: Side::ALL[usize::try_from(next() % 3).unwrap()],
            signal: if signal.is_ignored() { Signal::Terminate } else { signal },
        }
    };
    (0..count).map(moment).collect()
}

/// The proxy of one run.
#[derive(Clone)]
pub struct Proxy {
    pub address: String,
    shared: Arc<Shared>,
}

struct Shared {
    cloud: String,
    client: reqwest::Client,
    asked: AtomicU64,
    answered: AtomicU64,
    strike: Mutex<Option<(Moment, Option<u32>)>>,
    /// How many answers had been given when it struck.
    before: AtomicU64,
    /// The answer to each so manieth request that creates something is lost; none where this is 0.
    loses_each: AtomicU64,
    created: AtomicU64,
    /// So many requests that remove something are still to be refused.
    busy: AtomicU64,
}

impl Proxy {
    /// Stands before the cloud at an address.
    pub async fn new(cloud: &str) -> Self {
        // A second provider changes nothing.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let shared = Arc::new(Shared {
            cloud: cloud.to_owned(),
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            asked: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            strike: Mutex::new(None),
            before: AtomicU64::new(0),
            loses_each: AtomicU64::new(0),
            created: AtomicU64::new(0),
            busy: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = Router::new().fallback(pass).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, shared }
    }

    /// Counts from 0, and strikes at a moment as soon as it knows whom.
    pub fn arm(&self, moment: Moment) {
        self.shared.asked.store(0, Ordering::SeqCst);
        self.shared.answered.store(0, Ordering::SeqCst);
        self.shared.before.store(u64::MAX, Ordering::SeqCst);
        *self.shared.strike.lock().unwrap() = Some((moment, None));
    }

    /// The process that is to be struck. It makes no request before its documents are read, so this comes in time.
    pub fn aim(&self, process: u32) {
        if let Some((_, aim)) = self.shared.strike.lock().unwrap().as_mut() {
            *aim = Some(process);
        }
    }

    /// Each so manieth request that creates something is carried out, and the connection breaks within its answer.
    pub fn lose_each(&self, number: u64) {
        self.shared.loses_each.store(number, Ordering::SeqCst);
    }

    /// So many requests that remove something are refused, as by a cloud where something is still under way.
    pub fn refuse_removals(&self, number: u64) {
        self.shared.busy.store(number, Ordering::SeqCst);
    }

    /// Whether all of those were refused.
    pub fn has_refused(&self) -> bool {
        self.shared.busy.load(Ordering::SeqCst) == 0
    }

    /// Whether it has struck.
    pub fn has_struck(&self) -> bool {
        self.shared.before.load(Ordering::SeqCst) != u64::MAX
    }

    /// How many answers had been given when it struck.
    pub fn answered_before(&self) -> u64 {
        self.shared.before.load(Ordering::SeqCst)
    }

    /// How many answers were given so far.
    pub fn answered(&self) -> u64 {
        self.shared.answered.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// Strikes, if this is the moment.
    fn strike(&self, request: u64, side: Side) {
        let mut strike = self.strike.lock().unwrap();
        let Some((moment, Some(process))) = *strike else { return };
        if moment.request == request && moment.side == side {
            *strike = None;
            self.before.store(self.answered.load(Ordering::SeqCst), Ordering::SeqCst);
            moment.signal.send(process);
        }
    }

    fn loses(&self, asked: &str) -> bool {
        const CREATE: [&str; 4] = ["command=deploy", "command=create", "command=upload", "command=recover"];
        let each = self.loses_each.load(Ordering::SeqCst);
        let creates = CREATE.iter().any(|create| asked.contains(create));
        each > 0 && creates && self.created.fetch_add(1, Ordering::SeqCst).is_multiple_of(each)
    }

    fn refuses(&self, asked: &str) -> bool {
        const REMOVE: [&str; 4] = ["command=destroy", "command=delete", "command=revoke", "command=detach"];
        let removes = REMOVE.iter().any(|remove| asked.contains(remove));
        let one_less = |busy: u64| busy.checked_sub(1);
        removes && self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok()
    }
}

async fn pass(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let request = shared.asked.fetch_add(1, Ordering::SeqCst) + 1;
    // The answer to the request before this one has been taken, or another connection is ahead of it.
    shared.strike(request - 1, Side::After);
    shared.strike(request, Side::Before);
    let url = format!("http://{}{}", shared.cloud, uri.path_and_query().unwrap());
    let form = "application/x-www-form-urlencoded";
    let text = format!("{url}&{}", String::from_utf8_lossy(&body));
    if shared.refuses(&text) {
        let busy = r#"{"errorresponse": {"errorcode": 530, "errortext": "it is busy"}}"#;
        return (StatusCode::from_u16(530).unwrap(), busy).into_response();
    }
    let loses = shared.loses(&text);
    let asked = shared.client.request(method, url).header(header::CONTENT_TYPE, form).body(body);
    let Ok(answer) = asked.send().await else { return StatusCode::BAD_GATEWAY.into_response() };
    shared.strike(request, Side::Between);
    let (status, headers) = (answer.status(), answer.headers().clone());
    let kind = headers.get(header::CONTENT_TYPE).cloned();
    let body = answer.bytes().await.unwrap();
    if loses {
        let broken = stream::iter([Ok(body.slice(..body.len() / 2)), Err(io::Error::other("lost"))]);
        return (status, Body::from_stream(broken)).into_response();
    }
    shared.answered.fetch_add(1, Ordering::SeqCst);
    let mut response = (status, body).into_response();
    if let Some(kind) = kind {
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
    }
    response
}

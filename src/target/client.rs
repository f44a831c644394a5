//! The only HTTP client: deadlines, limits, no redirects, bounded bodies.

use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::redirect::Policy;
use tokio::sync::{Mutex, Semaphore};

use crate::http::{Certificates, Exchange, Failure, FailureKind, Method, Request, Response, Timing};

use super::Limits;

/// How a run introduces itself.
pub(super) const USER_AGENT: &str = concat!("assay/", env!("CARGO_PKG_VERSION"));

/// Sends requests within a target's limits.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    limits: Limits,
    started: Instant,
    places: Arc<Semaphore>,
    next: Arc<Mutex<Option<Instant>>>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP client can be made: {0}")]
pub struct ClientError(#[from] reqwest::Error);

impl Client {
    /// A client; `started` is the moment from which the run counts.
    pub fn new(limits: Limits, certificates: Certificates, started: Instant) -> Result<Self, ClientError> {
        // The first to ask for a provider of cryptography decides; a second asking changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            // Other crates of the program have the library decompress: what is judged is what was sent.
            .no_gzip()
            .user_agent(USER_AGENT)
            .connect_timeout(limits.deadline)
            .tls_danger_accept_invalid_certs(certificates == Certificates::NotVerified)
            .build()?;
        let places = Arc::new(Semaphore::new(limits.in_flight));
        Ok(Self { http, limits, started, places, next: Arc::new(Mutex::new(None)) })
    }

    /// Sends a request and reads its whole answer, or says why there is none. Never takes longer than the deadline.
    pub async fn send(&self, request: Request) -> Exchange {
        self.wait_for_turn().await;
        // The semaphore is never closed, so there is always a place in the end.
        let _place = self.places.acquire().await;
        let sent = Instant::now();
        let outcome = match tokio::time::timeout(self.limits.deadline, self.fetch(&request)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Failure::deadline(self.limits.deadline)),
        };
        let timing = Timing { sent_us: micros(sent - self.started), took_us: micros(sent.elapsed()) };
        Exchange { request, outcome, timing }
    }

    /// Spaces requests evenly where the target limits their rate.
    async fn wait_for_turn(&self) {
        let Some(rate) = self.limits.rate else { return };
        let due = {
            let mut next = self.next.lock().await;
            let due = next.map_or_else(Instant::now, |due| due.max(Instant::now()));
            *next = Some(due + Duration::from_secs(1) / rate);
            due
        };
        tokio::time::sleep_until(due.into()).await;
    }

    async fn fetch(&self, request: &Request) -> Result<Response, Failure> {
        let mut builder = self.http.request(method(request.method), &request.url);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(body) = &request.body {
            builder = builder.body(body.clone());
        }
        let mut response = builder.send().await.map_err(|error| failure(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error))? {
            if body.len() + chunk.len() > self.limits.longest_body {
                let message = format!("more than {} bytes", self.limits.longest_body);
                return Err(Failure { kind: FailureKind::TooLong, message });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(plain(&response, &body))
    }
}

pub(super) fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Delete => reqwest::Method::DELETE,
        Method::Patch => reqwest::Method::PATCH,
    }
}

fn plain(response: &reqwest::Response, body: &[u8]) -> Response {
    let headers = response.headers().iter();
    let headers =
        headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let text = String::from_utf8_lossy(body);
    Response {
        status: response.status().as_u16(),
        headers: headers.collect(),
        lossy: matches!(text, std::borrow::Cow::Owned(_)),
        body: text.into_owned(),
    }
}

fn failure(error: &reqwest::Error) -> Failure {
    let mut causes = Vec::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        if let Some(io) = inner.downcast_ref::<std::io::Error>().filter(|_| error.is_connect()) {
            return Failure::to_connect(io);
        }
        causes.push(inner.to_string());
        cause = inner.source();
    }
    // The library's own first sentence holds the whole address, secrets included: the causes say what happened.
    let message = causes.last().cloned().unwrap_or_else(|| "the request could not be sent".to_owned());
    let tls =
        causes.iter().any(|cause| cause.contains("certificate") || cause.contains("TLS") || cause.contains("tls"));
    let kind = match error {
        _ if tls => FailureKind::Tls,
        error if error.is_timeout() => FailureKind::Deadline,
        error if error.is_connect() => FailureKind::Connect,
        _ => FailureKind::Broken,
    };
    Failure { kind, message }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

//! Sends the requests of a run: deadlines, limits, no redirects, bounded bodies.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use rustls::ClientConfig;
use tokio::sync::{Mutex, Semaphore};

use assay_suite::http::{Certificates, Exchange, Failure, FailureKind, Response, Sent, Timing};

use super::connection::{Connection, Endpoint, EndpointError, ResponseHead, security};
use super::limits::Limits;
use super::request::Prepared;
use super::text;

/// Sends requests within a target's limits.
#[derive(Clone)]
pub struct Client {
    pools: Arc<std::sync::Mutex<BTreeMap<String, Pool>>>,
    security: Arc<ClientConfig>,
    limits: Limits,
    started: Instant,
    places: Arc<Semaphore>,
    next: Arc<Mutex<Option<Instant>>>,
}

/// The connections to one host that rest.
struct Pool {
    endpoint: Arc<Endpoint>,
    resting: Vec<Connection>,
}

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
#[error("no connection can be made secure: {0}")]
pub struct ClientError(#[from] rustls::Error);

impl Client {
    /// A client; `started` is the moment from which the run counts.
    pub fn new(limits: Limits, certificates: Certificates, started: Instant) -> Result<Self, ClientError> {
        let (places, security) = (Arc::new(Semaphore::new(limits.in_flight)), Arc::new(security(certificates)?));
        Ok(Self { pools: Arc::default(), security, limits, started, places, next: Arc::default() })
    }

    /// Sends a request and reads its whole answer, or says why there is none. Never takes longer than the deadline.
    pub fn send(&self, prepared: Prepared) -> BoxFuture<'_, Exchange> {
        // Boxed, so that HTTP is compiled here, and not once more in each program that sends a request.
        Box::pin(self.exchange(prepared))
    }

    async fn exchange(&self, prepared: Prepared) -> Exchange {
        self.wait_for_turn().await;
        // The semaphore is never closed, so there is always a place in the end.
        let _place = self.places.acquire().await;
        let begun = Instant::now();
        let Prepared { request, wire, origin, .. } = prepared;
        let (outcome, sent) = match self.connection(&origin) {
            Ok(mut connection) => {
                let mut body = Vec::new();
                let received = connection.send(wire, &mut body, self.limits.deadline).await;
                let sent = connection.sent();
                if received.is_ok() {
                    self.rest(&origin, connection);
                }
                (received.map(|received| received.response(&body)), sent)
            }
            Err(failure) => (Err(failure), Sent::Once),
        };
        let timing = Timing { sent_us: micros(begun - self.started), took_us: micros(begun.elapsed()) };
        Exchange { request, outcome, timing, sent }
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

    /// A connection to a host: the one that has rested for the shortest time, or another.
    fn connection(&self, origin: &str) -> Result<Connection, Failure> {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get_mut(origin) {
            let rested = pool.resting.pop();
            return Ok(rested.unwrap_or_else(|| Connection::new(Arc::clone(&pool.endpoint), self.limits.longest_body)));
        }
        let endpoint = Arc::new(Endpoint::secured(origin, &self.security).map_err(|error| impossible(&error))?);
        let connection = Connection::new(Arc::clone(&endpoint), self.limits.longest_body);
        pools.insert(origin.to_owned(), Pool { endpoint, resting: Vec::new() });
        Ok(connection)
    }

    /// Keeps a connection for the next request, and lets those go that have rested for too long.
    fn rest(&self, origin: &str, connection: Connection) {
        let mut pools = self.pools.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pool) = pools.get_mut(origin) {
            pool.resting.retain(|resting| !resting.is_over());
            pool.resting.push(connection);
        }
    }
}

fn impossible(error: &EndpointError) -> Failure {
    let kind = match error {
        EndpointError::Address(_) => FailureKind::Connect,
        EndpointError::Tls(_) => FailureKind::Tls,
    };
    Failure { kind, message: error.to_string() }
}

impl ResponseHead {
    /// The answer with its body, as text.
    pub fn response(&self, body: &[u8]) -> Response {
        let headers = self.headers.iter();
        let headers: Vec<_> = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let content_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.as_str());
        let (body, lossy) = text::of(body, content_type);
        Response { status: self.status, lossy: lossy == text::Loss::Some, body: body.into_owned(), headers }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

//! Stands between the harness and the reference cloud, and lets a mutant change the answers.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::{HeaderMap, Response, StatusCode};
use reqwest::Url;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use assay_engine::deployment::Target;
use assay_suite::SuiteName;

use super::tamper::Tamper;
use super::wire::Answer;

/// Longer requests and answers than any that the suites have.
const LONGEST: usize = 8 << 20;

/// The way to the reference cloud, for all that is behind proxies.
pub fn upstream() -> reqwest::Client {
    // The first to ask for a provider of cryptography decides; a second asking changes nothing.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().no_gzip().redirect(reqwest::redirect::Policy::none());
    client.pool_max_idle_per_host(8).pool_idle_timeout(std::time::Duration::from_secs(2)).build().unwrap()
}

/// The proxies before one suite's addresses; they end when this is dropped.
pub struct Proxies {
    servers: Vec<JoinHandle<()>>,
    pub target: Arc<Target>,
}

impl Drop for Proxies {
    fn drop(&mut self) {
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl Proxies {
    /// Puts a proxy before each address of a suite; the target then leads to them.
    pub async fn start(
        target: &Target,
        suite: &SuiteName,
        tamper: &Arc<Mutex<Tamper>>,
        upstream: &reqwest::Client,
    ) -> Self {
        let mut target = target.clone();
        let service = target.services.get_mut(suite).unwrap();
        let accounts = service.accounts.values_mut().filter_map(|account| account.url.as_mut());
        let (mut servers, mut known) = (Vec::new(), BTreeMap::new());
        for url in accounts.chain([&mut service.url]) {
            let mut address = Url::parse(url).unwrap();
            let port = address.port().unwrap();
            let proxied = if let Some(proxied) = known.get(&port) {
                *proxied
            } else {
                let (proxied, server) = before(port, upstream, tamper).await;
                servers.push(server);
                known.insert(port, proxied);
                proxied
            };
            address.set_port(Some(proxied)).unwrap();
            // An address without a path gets one by being read.
            let path = if url.ends_with('/') { "/" } else { "" };
            *url = format!("{}{path}", address.as_str().trim_end_matches('/'));
        }
        Self { servers, target: Arc::new(target) }
    }
}

/// A proxy before a port, and the port of its own.
async fn before(port: u16, upstream: &reqwest::Client, tamper: &Arc<Mutex<Tamper>>) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let proxied = listener.local_addr().unwrap().port();
    let origin = format!("http://127.0.0.1:{port}");
    let forwarding = Forwarding { origin, upstream: upstream.clone(), tamper: Arc::clone(tamper) };
    let router = Router::new().fallback(forward).with_state(forwarding);
    (proxied, tokio::spawn(async move { axum::serve(listener, router).await.unwrap() }))
}

#[derive(Clone)]
struct Forwarding {
    origin: String,
    upstream: reqwest::Client,
    tamper: Arc<Mutex<Tamper>>,
}

/// Sends a request on as it came, its host included: that may be signed.
async fn forward(State(forwarding): State<Forwarding>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, LONGEST).await.unwrap();
    let place = parts.uri.path_and_query().map_or("/", |place| place.as_str());
    let mut outgoing = forwarding.upstream.request(parts.method, format!("{}{place}", forwarding.origin));
    outgoing = outgoing.headers(without_framing(parts.headers));
    if !body.is_empty() {
        outgoing = outgoing.body(body);
    }
    let Ok(answered) = outgoing.send().await else { return gone() };
    let (status, headers) = (answered.status(), without_framing(answered.headers().clone()));
    let Ok(body) = answered.bytes().await else { return gone() };
    let answer = Answer { status, headers, body: body.to_vec() };
    let answer = forwarding.tamper.lock().unwrap().answer(answer);
    let mut response = Response::new(Body::from(answer.body));
    *response.status_mut() = answer.status;
    *response.headers_mut() = answer.headers;
    response
}

/// The reference cloud has ended before the proxy.
fn gone() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::BAD_GATEWAY;
    response
}

/// Headers that belong to one connection are not sent on.
fn without_framing(mut headers: HeaderMap) -> HeaderMap {
    for name in [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    headers
}

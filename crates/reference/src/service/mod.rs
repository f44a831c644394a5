//! The running cloud: a listener for every suite.

mod open;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::serve::ListenerExt;
use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use assay_suite::Suite;

use super::api::{Api, Incoming, Outgoing};
use super::demonstration::{Credentials, Demonstration, Service};
use super::fault::{Fault, Faults, consulted_by};
use super::inventory::Held;
use super::model::Model;
use super::opening::{Opened, Opening, StartError};
use super::policy::{Dialect, Policy};
use super::settings::{Exposure, FAULT_TRACE, FaultTrace, Latency, Settings, Shop};
use super::shop;
use super::world::Rules;

/// The greatest length of a request's body, in bytes.
const BODY_LIMIT: usize = 64 * 1024;

/// The reference cloud, to be started.
pub struct Cloud;

/// A reference cloud that is running. Dropped without [`RunningCloud::stop`] it ends as well, but without being awaited.
pub struct RunningCloud {
    demonstration: Demonstration,
    consulted_to_open: BTreeSet<Fault>,
    stop: watch::Sender<()>,
    servers: Vec<JoinHandle<()>>,
    /// The APIs, by the names of their suites.
    apis: Vec<(String, Arc<dyn Api>)>,
}

impl Cloud {
    /// Starts a cloud with one service for each suite.
    pub fn start(
        settings: Settings,
        suites: Vec<Arc<Suite>>,
    ) -> Pin<Box<dyn Future<Output = Result<RunningCloud, StartError>> + Send>> {
        // Boxed, so that the listeners are compiled here, and not once more in each program that starts a cloud.
        Box::pin(Self::open(settings, suites))
    }

    async fn open(settings: Settings, suites: Vec<Arc<Suite>>) -> Result<RunningCloud, StartError> {
        if settings.exposure == Exposure::Loopback && !settings.listen.ip().is_loopback() {
            return Err(StartError::Exposed(settings.listen));
        }
        let (stop, stopped) = watch::channel(());
        let mut cloud = RunningCloud {
            demonstration: Demonstration { services: Vec::new(), server: settings.behaviour.to_string() },
            consulted_to_open: BTreeSet::new(),
            stop,
            servers: Vec::new(),
            apis: Vec::new(),
        };
        let opening = Opening { settings: &settings, rules: rules(&settings), cloudn: OnceLock::new() };
        if settings.shop == Shop::Served {
            cloud.add_service(&settings, shop::NAME, shop::open(&opening), settings.listen, stopped.clone()).await?;
        }
        for suite in suites {
            // A suite that somebody wrote for an API of their own is tested against that.
            let (opened, consulted) = consulted_by(|| open::open(&suite, &opening));
            cloud.consulted_to_open.extend(consulted);
            let Some(opened) = opened? else { continue };
            let address = nth_address(settings.listen, cloud.demonstration.services.len())?;
            cloud.add_service(&settings, &suite.name.value.0, opened, address, stopped.clone()).await?;
        }
        Ok(cloud)
    }
}

/// The address of a suite's listener: each has the port after that of the one before.
fn nth_address(first: SocketAddr, number: usize) -> Result<SocketAddr, StartError> {
    let port = match first.port() {
        0 => Some(0),
        port => u16::try_from(number).ok().and_then(|number| port.checked_add(number)),
    };
    Ok(SocketAddr::new(first.ip(), port.ok_or(StartError::NoPort(first.port()))?))
}

impl RunningCloud {
    /// What a client needs to know to use the cloud.
    pub fn demonstration(&self) -> &Demonstration {
        &self.demonstration
    }

    /// The faults that could have changed with what the cloud began.
    pub fn consulted_to_open(&self) -> &BTreeSet<Fault> {
        &self.consulted_to_open
    }

    /// What the cloud holds, in order: for tests, which compare it with what it held before.
    pub fn inventory(&self) -> Vec<Held> {
        let now = Timestamp::now();
        let of_api = |(suite, api): &(String, Arc<dyn Api>)| -> Vec<Held> {
            api.inventory(now).into_iter().map(|held| Held { suite: suite.clone(), ..held }).collect()
        };
        let mut held: Vec<_> = self.apis.iter().flat_map(of_api).collect();
        held.sort();
        held
    }

    /// Stops listening, and waits until every answer under way is sent.
    pub async fn stop(self) {
        drop(self.stop);
        for server in self.servers {
            // A listener that has panicked has ended, too.
            let _ = server.await;
        }
    }

    async fn add_service(
        &mut self,
        settings: &Settings,
        suite: &str,
        opened: Opened,
        address: SocketAddr,
        stopped: watch::Receiver<()>,
    ) -> Result<(), StartError> {
        self.apis.push((suite.to_owned(), Arc::clone(&opened.api)));
        let address = self.listen(settings, opened.api, address, stopped.clone()).await?;
        let mut accounts = opened.accounts;
        if let Some(further) = opened.further {
            let door = self.listen(settings, further.api, SocketAddr::new(address.ip(), further.port), stopped).await?;
            let url = Some(format!("http://{door}{}", opened.path));
            accounts.push(Credentials { account: further.account.to_owned(), keys: Vec::new(), url });
        }
        self.demonstration.services.push(Service {
            suite: suite.to_owned(),
            url: format!("http://{address}{}", opened.path),
            accounts,
            variables: opened.variables,
        });
        Ok(())
    }

    /// Listens for an API. The address where it does.
    async fn listen(
        &mut self,
        settings: &Settings,
        api: Arc<dyn Api>,
        address: SocketAddr,
        mut stopped: watch::Receiver<()>,
    ) -> Result<SocketAddr, StartError> {
        let listening = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;
        let (latency, fault_trace) = (settings.latency.clone(), settings.fault_trace);
        let service = Shared { api, latency, fault_trace, answers: AtomicU64::new(0) };
        self.servers.push(tokio::spawn(async move {
            // Small answers must not wait for Nagle's algorithm. Without it they are only slower, not wrong.
            let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
            let serving = axum::serve(listener, router(service)).with_graceful_shutdown(async move {
                // Nothing is ever sent: the end of the channel is the sign to stop.
                let _ = stopped.changed().await;
            });
            // By its documentation this never ends in an error.
            let _ = serving.await;
        }));
        Ok(address)
    }
}

fn rules(settings: &Settings) -> Rules {
    Rules {
        dialect: Dialect::Cloudn,
        model: settings.mutant.and_then(|mutant| mutant.model).unwrap_or_else(Model::embedded),
        policy: Policy::of(settings.behaviour),
        faults: Faults::new(&settings.faults),
        job_time: settings.job_time,
        expunge_after: settings.expunge_after,
    }
}

/// What the requests to one listener share.
struct Shared {
    api: Arc<dyn Api>,
    latency: Latency,
    fault_trace: FaultTrace,
    answers: AtomicU64,
}

impl Shared {
    fn answer(&self, request: &Incoming) -> Outgoing {
        let now = Timestamp::now();
        if self.fault_trace == FaultTrace::Off {
            return self.api.answer(request, now);
        }
        let (mut answer, consulted) = consulted_by(|| self.api.answer(request, now));
        let names: Vec<_> = consulted.into_iter().map(Fault::name).collect();
        answer.headers.push((FAULT_TRACE, names.join(" ")));
        answer
    }
}

fn router(service: Shared) -> Router {
    Router::new().fallback(handle).layer(DefaultBodyLimit::max(BODY_LIMIT)).with_state(Arc::new(service))
}

async fn handle(State(service): State<Arc<Shared>>, parts: Parts, body: Bytes) -> Response<Body> {
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    let request = Incoming {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    };
    let answer = service.answer(&request);
    let number = service.answers.fetch_add(1, Ordering::Relaxed);
    let latency = service.latency.of_answer(number) + service.api.latency(&request).of_answer(number);
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    response(answer)
}

fn response(answer: Outgoing) -> Response<Body> {
    let mut response = Response::new(Body::from(answer.body));
    // Every status that an API answers with is a valid one; anything else would be a mistake of the cloud's own.
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}

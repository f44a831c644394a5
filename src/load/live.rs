//! `assay load --live`: a page and metrics of a run while it runs.
//!
//! They are served by a thread of their own. The load hands over what it records, and waits for nothing: neither for a reader of
//! the page nor for whoever scrapes the metrics.

use std::fmt;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::oneshot;

use assay_engine::load::{Sight, Watcher};
use assay_formats::record::load::{Interval, LoadStarted};
use assay_report::{LiveRun, METRICS_TYPE, live_page};

use super::super::{CliError, ExitCode};

/// An address at which a run is to be shown.
pub(super) struct Listening {
    listener: TcpListener,
    address: SocketAddr,
}

/// A run that is shown as long as this is there.
pub(super) struct Live {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the load hands over.
enum News {
    Begins(usize),
    Interval(Box<Interval>),
    Passed { profile: usize, second: u64, in_flight: usize },
    Ended(usize),
}

/// What is served.
struct Shown {
    page: String,
    run: Mutex<Rendered>,
    /// Whether only this machine is to see it.
    is_local: bool,
}

/// A run, and the texts that were made of it since the last news.
struct Rendered {
    run: LiveRun,
    json: Option<Arc<str>>,
    metrics: Option<Arc<str>>,
}

impl Listening {
    /// Listens from now on, so that an address that is taken is reported before there is any load.
    pub fn open(address: SocketAddr) -> Result<Self, CliError> {
        let cannot = |error: std::io::Error| {
            let message = format!(
                "error: the run can't be shown at {address}: {error}\n  help: name another address: `--live=127.0.0.1:0` takes \
                 any free port"
            );
            CliError::new(ExitCode::CouldNotRun, message)
        };
        let listener = TcpListener::bind(address).map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        Ok(Self { listener, address })
    }

    /// Shows a run, and the watcher that sees it, too.
    pub fn serve(self, started: LoadStarted, mut watcher: Watcher) -> Result<(Watcher, Live), CliError> {
        let cannot = |error: &dyn fmt::Display| CliError::could_not("the run can't be shown", error);
        let page = live_page(&started).map_err(|error| cannot(&error))?;
        let run = Mutex::new(Rendered { run: LiveRun::new(started), json: None, metrics: None });
        let shown = Arc::new(Shown { page, run, is_local: self.address.ip().is_loopback() });
        let (tell, news) = unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build();
        let runtime = runtime.map_err(|error| cannot(&error))?;
        let served = move || {
            runtime.block_on(async {
                tokio::select! {
                    served = serve(self.listener, Arc::clone(&shown)) => drop(served),
                    () = follow(news, &shown) => {}
                    _ = stopped => {}
                }
            });
        };
        let thread = std::thread::Builder::new().name("live".to_owned()).spawn(served);
        let thread = thread.map_err(|error| cannot(&error))?;
        let watcher: Watcher = Box::new(move |sight| {
            hand_over(&tell, sight);
            watcher(sight);
        });
        Ok((watcher, Live { stop: Some(stop), thread: Some(thread) }))
    }
}

impl fmt::Display for Listening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "The run is shown at http://{0}/ and, for Prometheus, at http://{0}/metrics", self.address)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        // It may have ended by itself; one that panicked has printed why.
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.thread.take().into_iter().for_each(|thread| drop(thread.join()));
    }
}

fn hand_over(tell: &UnboundedSender<News>, sight: &Sight<'_>) {
    let news = match sight {
        Sight::Begins(profile) => News::Begins(*profile),
        Sight::Interval(interval) => News::Interval(Box::new((*interval).clone())),
        Sight::Progress(progress) => {
            News::Passed { profile: progress.profile, second: progress.second, in_flight: progress.in_flight }
        }
        Sight::Ended(profile) => News::Ended(*profile),
    };
    // Without anybody who shows it the load goes on.
    let _ = tell.send(news);
}

/// Takes in what the load hands over, and goes on when there is no load any more: what was observed is still shown.
async fn follow(mut news: UnboundedReceiver<News>, shown: &Shown) {
    while let Some(news) = news.recv().await {
        let mut rendered = shown.lock();
        (rendered.json, rendered.metrics) = (None, None);
        let run = &mut rendered.run;
        match news {
            News::Begins(profile) => run.begins(profile),
            // What was made here can be read.
            News::Interval(interval) => drop(run.add(&interval)),
            News::Passed { profile, second, in_flight } => run.passed(profile, second, in_flight),
            News::Ended(profile) => run.ended(profile),
        }
    }
    {
        let mut rendered = shown.lock();
        (rendered.json, rendered.metrics) = (None, None);
        rendered.run.finish();
    }
    std::future::pending::<()>().await;
}

async fn serve(listener: TcpListener, shown: Arc<Shown>) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let routes = Router::new()
        .route("/", get(page))
        .route("/live.json", get(json))
        .route("/metrics", get(metrics))
        .layer(middleware::from_fn_with_state(Arc::clone(&shown), only_for_this_machine))
        .with_state(shown);
    axum::serve(listener, routes).await
}

/// Refuses what a page of another site asks for by a name that leads to this machine.
async fn only_for_this_machine(State(shown): State<Arc<Shown>>, request: Request, next: Next) -> Response {
    if shown.is_local && !is_of_this_machine(request.headers()) {
        return (StatusCode::FORBIDDEN, "ask for it by the address that the run names\n").into_response();
    }
    next.run(request).await
}

/// Whether a request names this machine by its address, or as `localhost`.
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

async fn page(State(shown): State<Arc<Shown>>) -> Response {
    answer("text/html; charset=utf-8", shown.page.clone())
}

async fn json(State(shown): State<Arc<Shown>>) -> Response {
    let mut rendered = shown.lock();
    if rendered.json.is_none() {
        rendered.json = rendered.run.json().ok().map(Arc::from);
    }
    match &rendered.json {
        Some(json) => answer("application/json", json.to_string()),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn metrics(State(shown): State<Arc<Shown>>) -> Response {
    let mut rendered = shown.lock();
    if rendered.metrics.is_none() {
        rendered.metrics = Some(rendered.run.metrics().into());
    }
    answer(METRICS_TYPE, rendered.metrics.as_deref().unwrap_or_default().to_owned())
}

fn answer(content_type: &'static str, body: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ];
    (headers, body).into_response()
}

impl Shown {
    /// Only tasks of one thread lock it, and none of them waits meanwhile.
    fn lock(&self) -> MutexGuard<'_, Rendered> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_another_site_may_have_is_not_that_of_this_machine() {
        let named = |host: &str| is_of_this_machine(&HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]));
        for host in ["127.0.0.1:9464", "localhost", "LOCALHOST:1", "[::1]:9464", "127.8.0.1"] {
            assert!(named(host), "{host}");
        }
        for host in ["evil.example:9464", "localhost.evil.example", "192.0.2.1:9464", "127.0.0.1.evil.example", ""] {
            assert!(!named(host), "{host}");
        }
        assert!(!is_of_this_machine(&HeaderMap::new()));
    }
}

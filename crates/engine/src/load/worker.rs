//! One thread with a runtime of its own: connections that take turns in waiting for the next request.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender};
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::future::{Either, join_all, select};
use futures_util::stream::FuturesUnordered;

use crate::deployment::{Connection, Endpoint, EndpointError, Redactor, Wire};
use crate::interpreter::Session;
use crate::plan::pace::{Due, Pace, Share};
use crate::plan::{PlannedArrivals, PlannedProfile};
use crate::scenario::Bindings;
use assay_formats::record::load::{Outcome, Phase};
use assay_formats::record::load_reader::Totals;
use assay_suite::OperationName;
use assay_suite::http::{Failure, FailureKind, own_limit};

use super::collector::{BatchReporter, Gathered, StopSignal, every_second, second_of};
use super::creations::{Came, Created, CreationSender, creates};
use super::dates::Dates;
use super::inspector::{Inspector, text_of};
use super::lifo_mutex::LifoMutex;
use super::recorder::{Observation, ObservationBuffer, Reply, count};
use super::requests::{Requests, RequestsError};
use super::timer::Timer;

/// What is under way when a run is stopped has this long to end.
pub(super) const DRAIN_TIMEOUT: Duration = Duration::from_secs(3);
/// A wait shorter than this is not given up when the run is stopped: it is over soon.
const SHORT_WAIT: Duration = Duration::from_millis(20);

/// What all workers share.
#[derive(Clone)]
pub(super) struct Common<'a> {
    pub session: &'a Session,
    pub gathered: Sender<Gathered>,
    pub created: CreationSender,
}

/// A profile that a worker has a part in.
pub(super) struct Part<'a> {
    /// Its place in the run.
    pub place: usize,
    pub profile: &'a PlannedProfile,
    pub arrivals: &'a PlannedArrivals,
    /// The values of variables when it begins.
    pub bindings: &'a Bindings,
    pub operations: &'a [OperationName],
    pub halt: Arc<StopSignal>,
    pub share: Share,
    /// How many connections the worker has for it.
    pub connections: usize,
}

/// Why a worker can't begin.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// There is no runtime, or no timer.
    #[error("the system gives no thread or timer: {error}: {}", own_limit(.error).unwrap_or("end other programs"))]
    System {
        /// What the system said.
        #[from]
        error: io::Error,
    },
    /// The requests can't be made.
    #[error(transparent)]
    Requests(#[from] RequestsError),
    /// The address can't be connected to.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// No server answers there.
    #[error("{url} can't be reached: {}: {}", failure.kind, failure.message)]
    Unreachable {
        /// The address, as the target file has it.
        url: String,
        /// What happened.
        failure: Failure,
    },
    /// The target says nothing of the suite.
    #[error(transparent)]
    Request(#[from] crate::deployment::RequestSpecError),
}

/// Opens the connections, reports that they are open, waits for the moment of the start, and makes the requests.
pub(super) fn work(
    common: &Common<'_>,
    parts: &[Part<'_>],
    ready: &Sender<Result<(), WorkerError>>,
    start: &Receiver<Instant>,
) {
    let opened = runtime().map_err(WorkerError::from).and_then(|runtime| {
        let lanes = runtime.block_on(open(common, parts))?;
        Ok((runtime, lanes))
    });
    let (runtime, mut lanes) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            // The receiver exists until all have reported.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    // Without a moment of the start there is none: another worker can't begin.
    let Ok(started) = start.recv() else { return };
    lanes.iter_mut().for_each(|(lane, _)| lane.begins(started));
    runtime.block_on(tokio::task::unconstrained(run(started, lanes)));
}

fn runtime() -> io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}

/// A connection to each address that the requests of a lane go to.
type Connections = Vec<Connection>;

async fn open<'a>(
    common: &Common<'a>,
    parts: &'a [Part<'a>],
) -> Result<Vec<(ProfileWorker<'a>, Vec<Connections>)>, WorkerError> {
    let mut lanes = Vec::new();
    let mut endpoints = BTreeMap::new();
    for part in parts {
        let lane = ProfileWorker::new(common, part)?;
        let mut all: Vec<Connections> = (0..part.connections).map(|_| Vec::new()).collect();
        for url in &lane.urls {
            if !endpoints.contains_key(url) {
                endpoints.insert(url.clone(), Arc::new(Endpoint::of(url, common.session.target().certificates)?));
            }
            let opened = connect(common, part, url, &endpoints[url]).await?;
            all.iter_mut().zip(opened).for_each(|(doors, connection)| doors.push(connection));
        }
        lanes.push((lane, all));
    }
    Ok(lanes)
}

/// Opens a lane's connections to one address: one after another, for a storm of them slows everything, the server first.
async fn connect(
    common: &Common<'_>,
    part: &Part<'_>,
    url: &str,
    endpoint: &Arc<Endpoint>,
) -> Result<Vec<Connection>, WorkerError> {
    let longest = common.session.target().limits.longest_body;
    let mut connections = Vec::new();
    let (mut last, mut opened) = (None, 0_usize);
    for place in 0..part.connections {
        let mut connection = Connection::new(Arc::clone(endpoint), longest);
        // What is not answered is not asked again and again.
        if opened == place {
            match tokio::time::timeout(part.profile.deadline, connection.open()).await {
                Ok(Ok(())) => opened += 1,
                Ok(Err(failure)) => last = Some(failure),
                Err(_) => last = Some(Failure::deadline(part.profile.deadline)),
            }
        }
        connections.push(connection);
    }
    match last.filter(|_| opened == 0) {
        Some(failure) => Err(WorkerError::Unreachable { url: url.to_owned(), failure }),
        None => Ok(connections),
    }
}

/// Makes all requests, and once a second hands over what was gathered.
async fn run(started: Instant, lanes: Vec<(ProfileWorker<'_>, Vec<Connections>)>) {
    let (lanes, connections): (Vec<_>, Vec<_>) = lanes.into_iter().unzip();
    let lanes = &lanes;
    let carried = join_all(lanes.iter().zip(connections).map(|(lane, connections)| lane.carry(connections)));
    let hand_over = |second| lanes.iter().for_each(|lane| lane.hand_over(second));
    let handing_over = every_second(started, hand_over);
    if let Either::Left((_, _)) = select(std::pin::pin!(carried), std::pin::pin!(handing_over)).await {
        hand_over(second_of(started, Instant::now()));
    }
}

/// One profile's requests, as far as one worker makes them.
struct ProfileWorker<'a> {
    part: &'a Part<'a>,
    started: Instant,
    turnstile: LifoMutex,
    timer: Timer,
    pace: RefCell<Pace<'a>>,
    requests: RefCell<Requests>,
    inspectors: Vec<Inspector>,
    /// Whether the requests of each portion create something, and who receives it.
    creates: Vec<bool>,
    created: CreationSender,
    /// The place of each portion's operation among the operations.
    operation_of: Vec<usize>,
    /// The addresses that requests go to, and the place of each portion's among them.
    urls: Vec<String>,
    url_of: Vec<usize>,
    redactor: Arc<Redactor>,
    book: RefCell<ObservationBuffer>,
    post: BatchReporter,
    in_flight: Cell<usize>,
    under_way: RefCell<Vec<Option<Taken>>>,
    dates: Dates,
}

/// A request that is due and taken.
#[derive(Clone, Copy)]
struct Taken {
    number: u64,
    portion: usize,
    due: Instant,
    phase: Phase,
}

impl WorkerError {
    /// Whether this machine, and not the deployment, is at a limit: what it says names the limit.
    pub fn is_own_limit(&self) -> bool {
        match self {
            Self::System { .. } => true,
            Self::Unreachable { failure, .. } => failure.kind == FailureKind::OwnLimit,
            Self::Requests(_) | Self::Endpoint(_) | Self::Request(_) => false,
        }
    }
}

impl<'a> ProfileWorker<'a> {
    fn new(common: &Common<'_>, part: &'a Part<'a>) -> Result<Self, WorkerError> {
        let (profile, arrivals) = (part.profile, part.arrivals);
        let pace = Pace::of(arrivals, part.share);
        let (schemas, redactor) = (common.session.schemas(), common.session.redactor());
        let inspector = |call| Inspector::new(&profile.suite, call, schemas, redactor, profile.checked);
        let place = |name: &OperationName| part.operations.iter().position(|known| known == name).unwrap_or_default();
        let mut urls: Vec<String> = Vec::new();
        let mut url_of = Vec::new();
        for portion in &profile.portions {
            let url = common.session.target().url(&profile.suite, portion.call.account.as_deref())?;
            url_of.push(urls.iter().position(|known| *known == url).unwrap_or(urls.len()));
            if !urls.contains(&url) {
                urls.push(url);
            }
        }
        Ok(Self {
            part,
            started: Instant::now(),
            turnstile: LifoMutex::default(),
            timer: Timer::new()?,
            pace: RefCell::new(pace),
            requests: RefCell::new(Requests::new(profile, arrivals, part.bindings, common.session)?),
            inspectors: profile.portions.iter().map(|portion| inspector(&portion.call)).collect(),
            creates: profile.portions.iter().map(|portion| creates(profile, portion)).collect(),
            created: common.created.clone(),
            operation_of: profile.portions.iter().map(|portion| place(&portion.operation)).collect(),
            urls,
            url_of,
            redactor: Arc::clone(redactor),
            book: RefCell::new(ObservationBuffer::new(part.operations.len())),
            post: BatchReporter::new(part.place, part.operations.len(), common.gathered.clone()),
            in_flight: Cell::new(0),
            under_way: RefCell::new(vec![None; part.connections]),
            dates: Dates::default(),
        })
    }

    fn begins(&mut self, started: Instant) {
        self.started = started;
    }

    /// Makes the requests over these connections, until all are made or the profile is stopped.
    async fn carry(&self, all: Vec<Connections>) {
        let all: FuturesUnordered<_> =
            all.into_iter().enumerate().map(|(who, doors)| self.use_connections(who, doors)).collect();
        let stopped = async {
            self.part.halt.wait().await;
            tokio::time::sleep(DRAIN_TIMEOUT).await;
        };
        let carried = all.for_each(|()| async {});
        select(std::pin::pin!(carried), std::pin::pin!(stopped)).await;
        // What has not ended by now has failed: left out, it would improve the figures.
        let taken: Vec<_> = self.under_way.borrow_mut().iter_mut().filter_map(Option::take).collect();
        let now = Instant::now();
        for taken in taken {
            self.failed(taken, (Outcome::TimedOut, Reply::Failure(FailureKind::Deadline)), now);
            if self.creates[taken.portion] {
                self.report_created(taken, Some(Came::Lost));
            }
        }
    }

    fn report_created(&self, taken: Taken, came: Option<Came>) {
        let Taken { number, portion, .. } = taken;
        let created = came.map(|came| Created { place: self.part.place, portion, number, came });
        // Whoever gathers this is there as long as anything is sent.
        created.into_iter().for_each(|created| drop(self.created.send(created)));
    }

    async fn use_connections(&self, who: usize, mut doors: Connections) {
        let mut body = Vec::new();
        let mut free_since = self.started;
        while let Some((taken, wire)) = self.take(who).await {
            self.count(taken, |totals| totals.due += 1);
            let wire = match wire {
                Ok(wire) => wire,
                Err(error) => {
                    self.not_written(taken, &error);
                    // There may be many of them, and none waits for anything.
                    tokio::task::yield_now().await;
                    continue;
                }
            };
            self.under_way.borrow_mut()[who] = Some(taken);
            self.in_flight.set(self.in_flight.get() + 1);
            let sent = Instant::now();
            let connection = &mut doors[self.url_of[taken.portion]];
            let received = connection.send(wire, &mut body, self.part.profile.deadline).await;
            let ended = Instant::now();
            if let Ok(head) = &received {
                let shown = self.dates.look(&head.headers, ended, ended - sent);
                self.book.borrow_mut().note_clock(shown);
            }
            self.in_flight.set(self.in_flight.get() - 1);
            self.under_way.borrow_mut()[who] = None;
            self.count(taken, |totals| {
                let inspector = &self.inspectors[taken.portion];
                let (text, loss) = text_of(&received, &body);
                let inspected = inspector.inspect(taken.number, &received, (&text, loss), || totals.wants_mistakes());
                let observation = Observation {
                    outcome: inspected.outcome,
                    reply: Reply::of(&received),
                    response: ended - taken.due,
                    service: ended - sent,
                    lateness: sent.saturating_duration_since(taken.due.max(free_since)),
                    check: inspected.check,
                    mistake: inspected.mistake,
                };
                count(totals, observation);
            });
            if self.creates[taken.portion] {
                self.report_created(taken, Came::of(&received, &body));
            }
            // That the answer was looked at before the next request is the generator's own affair.
            free_since = ended;
        }
    }

    /// Waits for a turn, and then until the next request is due. Nothing when there is none any more.
    async fn take(&self, who: usize) -> Option<(Taken, Result<Wire, RequestsError>)> {
        let _turn = self.turnstile.turn(who).await;
        if self.part.halt.reason().is_some() {
            return None;
        }
        let arrival = self.pace.borrow_mut().next()?;
        let now = Instant::now();
        let due = match arrival.due {
            Due::At(due) => self.started + due,
            Due::AtOnceUntil(end) if now < self.started + end => now.max(self.started),
            Due::AtOnceUntil(_) => return None,
        };
        if now > self.ends() + self.part.profile.deadline {
            self.give_up(arrival.number, due);
            return None;
        }
        let taken = self.taken(arrival.number, due);
        // Made before it is due: nothing is left to do then but to send it.
        let wire = self.requests.borrow_mut().wire(taken.portion, taken.number);
        // The timer is as old as the worker, and waits have no other way to fail.
        self.wait_until(due, now).await.ok()?;
        if self.part.halt.reason().is_some() && Instant::now() < due {
            return None;
        }
        Some((taken, wire))
    }

    fn taken(&self, number: u64, due: Instant) -> Taken {
        Taken { number, portion: self.requests.borrow().portion(number), due, phase: self.phase(due) }
    }

    /// Counts something about a request's operation in its phase.
    fn count(&self, taken: Taken, counted: impl FnOnce(&mut Totals)) {
        counted(self.book.borrow_mut().of(self.operation_of[taken.portion], taken.phase));
    }

    /// A request whose values HTTP has no place for: what else can't be written was found out when the lane was made.
    fn not_written(&self, taken: Taken, error: &RequestsError) {
        let mistake = self.redactor.text(&format!("it can't be written: {error}"));
        let unsent = Observation::of(Outcome::NotSent, Reply::Unsent, Duration::ZERO);
        let observation = Observation { mistake: Some(mistake), ..unsent };
        self.count(taken, |totals| count(totals, observation));
    }

    async fn wait_until(&self, due: Instant, now: Instant) -> io::Result<()> {
        let left = due.saturating_duration_since(now);
        if left.is_zero() {
            return Ok(());
        }
        if left < SHORT_WAIT {
            return self.timer.wait_until(due).await;
        }
        let halted = std::pin::pin!(self.part.halt.wait());
        match select(std::pin::pin!(self.timer.wait_until(due)), halted).await {
            Either::Left((waited, _)) => waited,
            Either::Right(_) => Ok(()),
        }
    }

    /// All that is left could not be sent in time.
    fn give_up(&self, number: u64, due: Instant) {
        let now = Instant::now();
        let mut left = vec![(number, due)];
        left.extend(self.pace.borrow_mut().by_ref().filter_map(|arrival| match arrival.due {
            Due::At(due) => Some((arrival.number, self.started + due)),
            Due::AtOnceUntil(_) => None,
        }));
        for (number, due) in left {
            let taken = self.taken(number, due);
            self.count(taken, |totals| totals.due += 1);
            self.failed(taken, (Outcome::NotSent, Reply::Unsent), now);
        }
    }

    /// A request has ended without an answer.
    fn failed(&self, taken: Taken, (outcome, reply): (Outcome, Reply), now: Instant) {
        let observation = Observation::of(outcome, reply, now.saturating_duration_since(taken.due));
        self.count(taken, |totals| count(totals, observation));
    }

    fn phase(&self, due: Instant) -> Phase {
        if due < self.started + self.part.arrivals.warm_up { Phase::WarmUp } else { Phase::Judged }
    }

    /// When the last request is due.
    fn ends(&self) -> Instant {
        self.started + self.part.profile.recorded.lasts
    }

    fn hand_over(&self, second: u64) {
        self.post.hand_over(second, self.in_flight.get(), |empty| self.book.replace(empty));
    }
}

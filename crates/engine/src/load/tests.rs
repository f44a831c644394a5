//! Load on small servers on loopback. No test depends on how quick anything is, only on what is counted.

use std::io::Write;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use indexmap::IndexMap;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::LoadRun;
use crate::deployment::Target;
use crate::interpreter::Session;
use crate::plan::{
    LoadPlan, PlannedArrivals, PlannedCall, PlannedDue, PlannedLoad, PlannedPortion, PlannedProfile, Readiness,
};
use crate::profile::{Abort, Data, Form, Rate, SearchBounds, Segment, Shape, Spacing};
use crate::scenario::Template;
use assay_formats::record::RecordWriter;
use assay_formats::record::load::{
    Level, LevelPromise, LoadEvent, Model, ObservedOperation, Outcome, Phase, ProfileEnding, RecordedProfile, Shard,
};
use assay_schema::Schemas;
use assay_suite::Quantile;
use assay_suite::Variable;
use assay_suite::source::{Diagnostics, Documents, Paint, Place, SourceFile};
use assay_suite::{Encoding, OperationName, Suite, SuiteFiles};

const GOOD: &str = r#"{"listzonesresponse": {"count": 0}}"#;

fn suite() -> Arc<Suite> {
    let file = |name: &str, text: &str| SourceFile::new(format!("suites/t/{name}"), text);
    let suite = file(
        "suite.yaml",
        "suite: t\ntitle: T\ndocument: {title: D}\nrequest: {style: query, operation_parameter: command}\n\
         signing: cloudstack\nanswers: {formats: {json: {response: json}}, envelope: \"{operation}response\", refusals: [4xx]}\n",
    );
    let operations = file("operations.yaml", "operations:\n  listZones: {group: Z, source: a, effect: reads}\n");
    let requirements = file("requirements.yaml", "requirements: {}\n");
    let files = SuiteFiles {
        suite: &suite,
        operations: &operations,
        requirements: &requirements,
        deviations: Vec::new(),
        variables: None,
    };
    let mut mistakes = Diagnostics::new();
    let read = Suite::read(&files, &mut mistakes);
    Arc::new(read.unwrap_or_else(|| panic!("{}", mistakes.render(Paint::Plain))))
}

fn target(address: &str) -> Arc<Target> {
    let text = format!("target: t\nsuites: {{t: {{url: \"http://{address}/api\", api_key: K, secret_key: geheim}}}}\n");
    let mut mistakes = Diagnostics::new();
    Arc::new(Target::read(&SourceFile::new("t.yaml", text), &|_| None, &mut mistakes).unwrap())
}

/// Requests at a rate for a second, each with a number of its own.
fn profile(rate: u32) -> PlannedProfile {
    let operation = OperationName("listZones".to_owned());
    let n = Variable("n".to_owned());
    let place = Place::start_of(&SourceFile::new("p.yaml", ""));
    let arguments = vec![("n".to_owned(), Template::Variable(n.clone()))];
    let call = PlannedCall::plain(&operation, arguments, Encoding::Json, place);
    let lasts = Duration::from_secs(1);
    let shape = Shape(vec![Segment { form: Form::Constant(Rate::per_second(rate.into())), lasts }]);
    PlannedProfile {
        recorded: RecordedProfile {
            name: "t::p".to_owned(),
            title: "p".to_owned(),
            suite: suite().name.value.clone(),
            place: "p.yaml:1:1".to_owned(),
            model: Model::Open { due: Some(rate.into()), peak: Some(rate.into()) },
            warm_up: Duration::ZERO,
            lasts,
            in_flight: 4,
            judged: IndexMap::new(),
            lateness: Vec::new(),
            promises: Vec::new(),
        },
        suite: suite(),
        given: Arc::default(),
        load: PlannedLoad::Open(PlannedArrivals {
            warm_up: Duration::ZERO,
            spacing: Spacing::Even,
            seed: 1,
            due: PlannedDue::Shape(shape),
        }),
        portions: vec![PlannedPortion { operation, call, weight: NonZeroU32::MIN }],
        data: vec![(n, Data::Counter { from: 100 })],
        set_up: None,
        in_flight: 4,
        checked: 0.0,
        deadline: Duration::from_secs(5),
        search: SearchBounds::default(),
        abort: Abort::Never,
        readiness: Readiness::Ready,
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A server, and what it was asked.
struct Server {
    runtime: tokio::runtime::Runtime,
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers the request with each place in the order of their coming.
    fn new<F, A>(answer: F) -> Self
    where
        F: Fn(usize) -> A + Clone + Send + Sync + 'static,
        A: Future<Output = (u16, &'static str)> + Send,
    {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let (seen, count) = (Arc::clone(&asked), Arc::new(AtomicUsize::new(0)));
        let app = Router::new().fallback(move |uri: axum::http::Uri| {
            let place = count.fetch_add(1, Ordering::Relaxed);
            seen.lock().unwrap().push(uri.query().unwrap_or_default().to_owned());
            let answer = answer.clone();
            async move {
                let (status, body) = answer(place).await;
                (StatusCode::from_u16(status).unwrap(), body)
            }
        });
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { runtime, address, asked }
    }

    fn load(&self, profiles: Vec<PlannedProfile>) -> Vec<LoadEvent> {
        let (_stop, stopped) = watch::channel(false);
        run(&self.runtime, &self.address, profiles, Shard::WHOLE, stopped)
    }
}

fn run(
    runtime: &tokio::runtime::Runtime,
    address: &str,
    profiles: Vec<PlannedProfile>,
    shard: Shard,
    stop: watch::Receiver<bool>,
) -> Vec<LoadEvent> {
    let schemas = Schemas::read(&Documents::default(), &mut Diagnostics::new());
    let session = Session::new(target(address), schemas, "run".to_owned(), stop).unwrap();
    let written = Written::default();
    let plan = LoadPlan { rounds: vec![profiles], unknown: Vec::new() };
    let (record, runtime) = (RecordWriter::new(written.clone()), runtime.handle().clone());
    LoadRun { plan: &plan, session, record, shard, start_at: None, runtime }.carry_out(Box::new(|_| {}));
    let lines = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn observed(events: &[LoadEvent], wanted: Phase) -> ObservedOperation {
    let mut sum = ObservedOperation::default();
    for event in events {
        let LoadEvent::Interval(interval) = event else { continue };
        for operation in interval.operations.values().filter(|_| interval.phase == wanted) {
            sum.due += operation.due;
            sum.checked += operation.checked;
            sum.mistakes.extend(operation.mistakes.clone());
            operation.outcomes.iter().for_each(|(outcome, count)| *sum.outcomes.entry(*outcome).or_default() += count);
        }
    }
    sum
}

fn ending(events: &[LoadEvent]) -> &ProfileEnding {
    let ending = events.iter().find_map(|event| match event {
        LoadEvent::ProfileEnded { ending, .. } => Some(ending),
        _ => None,
    });
    ending.unwrap()
}

fn count(observed: &ObservedOperation, outcome: Outcome) -> u64 {
    observed.outcomes.get(&outcome).copied().unwrap_or_default()
}

#[test]
fn each_request_is_made_once_and_signed_with_its_own_number() {
    let server = Server::new(|_| async { (200, GOOD) });
    let events = server.load(vec![profile(200)]);
    let observed = observed(&events, Phase::Judged);
    assert_eq!((observed.due, count(&observed, Outcome::Success)), (200, 200), "{observed:?}");
    let asked = server.asked.lock().unwrap();
    let mut numbers: Vec<u64> = asked
        .iter()
        .map(|query| query.split('&').find_map(|pair| pair.strip_prefix("n=")).unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (100..300).collect::<Vec<_>>());
    let mut signatures: Vec<_> = asked.iter().map(|query| query.split("signature=").nth(1).unwrap()).collect();
    signatures.sort_unstable();
    signatures.dedup();
    assert_eq!(signatures.len(), 200);
    assert_eq!(ending(&events), &ProfileEnding::Completed);
}

#[test]
fn shards_make_together_what_one_generator_would() {
    let server = Server::new(|_| async { (200, GOOD) });
    for number in 1..=3 {
        let (_stop, stopped) = watch::channel(false);
        run(&server.runtime, &server.address, vec![profile(100)], Shard { number, of: 3 }, stopped);
    }
    assert_eq!(server.asked.lock().unwrap().len(), 100);
}

#[test]
fn outcomes_are_distinguished() {
    let server = Server::new(|place| async move {
        match place % 5 {
            0 => (200, GOOD),
            1 => (200, r#"{"errorresponse": {}}"#),
            2 => (429, "slow down, geheim"),
            3 => (500, "<b>broken</b>"),
            _ => {
                std::future::pending::<()>().await;
                (200, GOOD)
            }
        }
    });
    let slow = PlannedProfile { deadline: Duration::from_millis(200), in_flight: 64, ..profile(50) };
    let events = server.load(vec![slow]);
    let observed = observed(&events, Phase::Judged);
    let outcomes = [Outcome::Success, Outcome::WrongAnswer, Outcome::Throttled, Outcome::Refused, Outcome::TimedOut];
    assert_eq!(outcomes.map(|outcome| count(&observed, outcome)), [10; 5], "{observed:?}");
    assert!(observed.mistakes.iter().any(|mistake| mistake.starts_with("status 429: slow down, [redacted]")));
    assert!(!format!("{events:?}").contains("geheim"));
}

#[test]
fn what_could_not_be_sent_before_the_run_was_over_is_counted() {
    let server = Server::new(|_| async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        (200, GOOD)
    });
    let mut narrow = PlannedProfile { in_flight: 1, deadline: Duration::from_secs(1), ..profile(20) };
    narrow.recorded.in_flight = 1;
    let events = server.load(vec![narrow]);
    let observed = observed(&events, Phase::Judged);
    assert_eq!(observed.due, 20);
    assert_eq!(observed.outcomes.values().sum::<u64>(), 20, "{observed:?}");
    // In two seconds one connection carries at most seven requests of 300 ms.
    assert!(count(&observed, Outcome::NotSent) >= 13, "{observed:?}");
}

#[test]
fn a_warm_up_is_observed_apart() {
    let server = Server::new(|_| async { (200, GOOD) });
    let mut warm = profile(100);
    warm.recorded.warm_up = Duration::from_millis(500);
    if let PlannedLoad::Open(arrivals) = &mut warm.load {
        arrivals.warm_up = Duration::from_millis(500);
    }
    let events = server.load(vec![warm]);
    assert_eq!(observed(&events, Phase::WarmUp).due, 50);
    assert_eq!(observed(&events, Phase::Judged).due, 50);
}

#[test]
fn a_target_that_no_one_serves_is_reported_and_nothing_is_observed() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (_stop, stopped) = watch::channel(false);
    let address = format!("127.0.0.1:{port}");
    let events = run(&runtime, &address, vec![profile(10)], Shard::WHOLE, stopped);
    let ProfileEnding::CouldNotRun(reason) = ending(&events) else { panic!("{events:?}") };
    assert!(reason.contains(&format!("http://{address}/api can't be reached: no connection")), "{reason}");
    assert_eq!(observed(&events, Phase::Judged).due, 0);
}

#[test]
fn a_stopped_run_ends_soon_and_counts_what_was_not_answered_as_failed() {
    let server = Server::new(|_| async {
        std::future::pending::<()>().await;
        (200, GOOD)
    });
    let (stop, stopped) = watch::channel(false);
    let mut long = PlannedProfile { deadline: Duration::from_secs(600), ..profile(10) };
    long.recorded.lasts = Duration::from_secs(600);
    let asked = Arc::clone(&server.asked);
    server.runtime.spawn(async move {
        while asked.lock().unwrap().len() < 4 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        stop.send(true)
    });
    let events = run(&server.runtime, &server.address, vec![long], Shard::WHOLE, stopped);
    assert_eq!(ending(&events), &ProfileEnding::Interrupted);
    let observed = observed(&events, Phase::Judged);
    assert_eq!((observed.due, count(&observed, Outcome::TimedOut)), (4, 4), "{observed:?}");
}

#[test]
fn a_profile_ends_early_once_a_promise_is_certainly_broken() {
    let server = Server::new(|_| async { (500, "no") });
    let mut bad = PlannedProfile { abort: Abort::Certain(Duration::from_secs(1)), ..profile(100) };
    let limit = Duration::from_millis(1);
    bad.recorded.promises = vec![LevelPromise {
        operation: Some(OperationName("listZones".to_owned())),
        level: Level::Latency { quantile: Quantile::P50, limit },
        requirements: Vec::new(),
    }];
    bad.recorded.lasts = Duration::from_secs(60);
    if let PlannedLoad::Open(arrivals) = &mut bad.load {
        let form = Form::Constant(Rate::per_second(100.0));
        arrivals.due = PlannedDue::Shape(Shape(vec![Segment { form, lasts: Duration::from_secs(60) }]));
    }
    let events = server.load(vec![bad]);
    let ProfileEnding::Aborted(reason) = ending(&events) else { panic!("{:?}", ending(&events)) };
    assert!(reason.contains("listZones: TP50 within 1 ms"), "{reason}");
    assert!(observed(&events, Phase::Judged).due < 6_000);
}

#[test]
fn the_dates_of_answers_show_that_both_clocks_of_this_machine_are_the_same() {
    let server = Server::new(|_| async { (200, GOOD) });
    let events = server.load(vec![profile(40)]);
    let clocks = events.iter().filter_map(|event| match event {
        LoadEvent::Interval(interval) => interval.clock,
        _ => None,
    });
    let shown = clocks.reduce(assay_formats::record::ClockOffset::and).unwrap();
    assert_eq!(shown.apart(), None, "{shown:?}");
}

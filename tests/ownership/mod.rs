//! Against servers that answer creates, finds, lists and removals in any wrong way, nothing that was there before a run is gone
//! after it, and what is left of the run is reported: for whole runs, for stopped ones, and for killed ones that are undone.

mod documents;
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use serde_json::Value;
use server::{BUSY, BUSY_FOR_EVER, LATE, Server, Ways, before};
use tokio::sync::watch;

use crate::support;
use crate::support::Written;
use assay_engine::conformance::RecordedSession;
use assay_engine::deployment::{RequestSpec, Target};
use assay_engine::interpreter::{Exchanger, Inventories, NoExchange, Session, Waits, undo_open};
use assay_engine::plan::{Choice, ConformancePlan, Library};
use assay_formats::record::{Change, Event, FORMAT, Gates, Part, Record, RecordWriter, RecordedTarget, RunStarted};
use assay_suite::http::Exchange;
use assay_suite::source::{Diagnostics, Paint};

/// So many servers are tried; `ASSAY_SERVERS` may say more.
const SERVERS: u64 = 400;

/// How a run ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// By itself.
    Whole,
    /// Somebody stops it.
    Stopped,
    /// It is killed, and undone.
    Killed,
}

fn target(address: &str) -> Arc<Target> {
    let text = format!(
        "target: attic\nallow: [reads, creates, changes, removes]\nlimits: {{longest_job: 60ms}}\n\
         suites:\n  attic: {{url: '{address}'}}\n"
    );
    support::target(&text)
}

fn started(target: &Target) -> RunStarted {
    RunStarted {
        format: FORMAT,
        assay: "0".to_owned(),
        run: "run".to_owned(),
        started: jiff::Timestamp::UNIX_EPOCH,
        target: RecordedTarget {
            name: target.name.clone(),
            services: BTreeMap::new(),
            allow: target.allow.clone(),
            variables: BTreeMap::new(),
            certificates: target.certificates,
            longest_job: target.limits.longest_job,
            server: None,
        },
        suites: Vec::new(),
        tags: Vec::new(),
        strictness: assay_formats::record::Strictness::Documented,
        shard: assay_formats::record::load::Shard::WHOLE,
        repeat: Vec::new(),
        gates: Gates::default(),
    }
}

/// What was informed of each case: what is left over, not proven, or not known.
type Told = Vec<(String, String)>;

async fn run(library: &Library, server: &Arc<Server>, end: End, seed: u64) -> Told {
    let target = target(&server.address);
    let mut mistakes = Diagnostics::new();
    let plan = ConformancePlan::new(library, &target, &Choice::default(), &mut mistakes);
    assert!(!mistakes.has_errors(), "{}", mistakes.render(Paint::Plain));
    let (stop, stopped) = watch::channel(false);
    let sink = Written::default();
    let record = RecordWriter::new(sink.clone());
    record.write(&Event::RunStarted(Box::new(started(&target))));
    let schemas = library.schemas.clone();
    let session = RecordedSession::new(Arc::clone(&target), schemas, record, "run".into(), stopped).unwrap();
    let cases = async {
        for case in &plan.cases {
            session.run(case).await;
        }
        session.remove_postponed(&library.suites).await.unwrap();
    };
    match end {
        End::Whole => cases.await,
        End::Stopped => {
            let after = Duration::from_millis(seed % 40);
            let stopping = async {
                tokio::time::sleep(after).await;
                stop.send(true).unwrap();
            };
            tokio::join!(cases, stopping);
        }
        End::Killed => {
            // A killed run makes no more requests; what is under way is carried out.
            let _ = tokio::time::timeout(Duration::from_millis(5 + seed % 60), cases).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
            return undone(library, &target, &sink).await;
        }
    }
    let mut printed = session.left_over();
    printed.extend(session.unproven());
    printed
}

/// Undoes what a killed run left, by its record.
async fn undone(library: &Library, target: &Arc<Target>, sink: &Written) -> Told {
    let record = Record::read(sink.bytes().as_slice()).unwrap();
    let (_stop, stopped) = watch::channel(false);
    let session = Session::new(Arc::clone(target), library.schemas.clone(), "run".to_owned(), stopped).unwrap();
    let session = session.after(Inventories::of_record(record.ledger.inventories()));
    let mut printed: Told = record.left_over.clone();
    printed.extend(record.unproven.clone());
    for (owner, open_obligations) in record.ledger.open_obligations() {
        let mut undoing = Undoing { session: session.clone(), case: owner.name.clone(), printed: Vec::new() };
        let waits = Waits { longest_job: target.limits.longest_job, patience: Duration::from_millis(20) };
        undo_open(&library.suites, &library.schemas, open_obligations, waits, Box::new(&mut undoing)).await.unwrap();
        printed.extend(undoing.printed);
    }
    printed
}

struct Undoing {
    session: Session,
    case: String,
    printed: Told,
}

impl Exchanger for &mut Undoing {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.session.exchange(part, ask).await })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.session.pause(duration).await;
        })
    }

    fn changed(&mut self, _: Change) {}

    fn left_over(&mut self, what: &str) {
        self.printed.push((self.case.clone(), what.to_owned()));
    }

    fn unproven(&mut self, what: &str) {
        self.left_over(what);
    }

    fn inventories(&self) -> &Inventories {
        self.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.session.survey(ask).await })
    }
}

/// What was there before and is not, or not as it was.
fn lost(server: &Server) -> Vec<Value> {
    let kept = server.kept();
    let before = before();
    let all = before.iter().flat_map(|(kind, things)| things.iter().map(move |(id, thing)| (*kind, id, thing)));
    all.filter(|(kind, id, thing)| kept.things[kind].get(*id) != Some(*thing)).map(|(_, _, one)| one.clone()).collect()
}

/// The word by which a report describes a kind of thing.
fn is_reported(thing: &Value, printed: &Told) -> bool {
    let (id, name) = (thing["id"].as_str().unwrap(), thing["name"].as_str().unwrap_or("no name"));
    let (kind, unique) = (id.split('-').next().unwrap(), name.rsplit('-').next().unwrap());
    let noun = match kind {
        "boxes" => "Box",
        "notes" => "Note",
        "disks" => "Disk",
        _ => "Rule",
    };
    printed.iter().any(|(_, what)| what.contains(id) || what.contains(unique) || what.contains(noun))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_that_was_there_before_a_run_is_gone_and_what_is_left_is_reported() {
    let library = Arc::new(documents::library());
    let servers = std::env::var("ASSAY_SERVERS").ok().and_then(|number| number.parse().ok()).unwrap_or(SERVERS);
    let (mut removed, mut left_over) = (0, 0);
    let all = futures_util::stream::iter((0..servers).map(|seed| {
        let library = Arc::clone(&library);
        async move {
            let end = [End::Whole, End::Stopped, End::Killed][usize::try_from(seed % 3).unwrap()];
            let server = Server::start(Ways::of(seed));
            let printed = run(&library, &server, end, seed).await;
            (seed, end, server, printed)
        }
    }));
    let outcomes: Vec<_> = futures_util::StreamExt::collect(futures_util::StreamExt::buffer_unordered(all, 16)).await;
    let mut wrong = Vec::new();
    for (seed, end, server, printed) in outcomes {
        let of = format!("seed {seed}, {end:?}, {:?}", server.ways);
        wrong.extend(lost(&server).into_iter().map(|thing| format!("{of}: gone: {thing}")));
        let left = server.left();
        removed += usize::from(left.is_empty());
        left_over += left.len();
        let untold = left.iter().filter(|thing| server.ways.can_be_known(thing) && !is_reported(thing, &printed));
        wrong.extend(untold.map(|thing| format!("{of}: not printed: {thing}")));
    }
    let shown = wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "{} things gone or not printed:\n{shown}", wrong.len());
    println!("{servers} servers: nothing foreign gone; {removed} left clean, {left_over} things left and reported");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_honest_server_is_left_as_it_was_and_nothing_is_reported() {
    let honest = Ways { create: 0, list: 0, remove: 0, job: 0, read: 0, lookup: 0 };
    let server = Server::start(honest);
    let printed = run(&documents::library(), &server, End::Whole, 0).await;
    assert_eq!((server.left(), printed), (Vec::new(), Vec::new()));
    assert_eq!(server.kept().things, before());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_busy_when_its_case_is_over_is_removed_when_the_run_is() {
    let library = documents::library();
    let busy = |remove| Ways { create: 0, list: 0, remove, job: 0, read: 0, lookup: 0 };
    let server = Server::start(busy(BUSY));
    let printed = run(&library, &server, End::Whole, 0).await;
    assert_eq!((server.left(), printed), (Vec::new(), Vec::new()));
    let server = Server::start(busy(BUSY_FOR_EVER));
    let printed = run(&library, &server, End::Whole, 0).await;
    let left = server.left();
    assert_eq!(left.len(), printed.len(), "{printed:?}");
    assert!(left.iter().all(|thing| is_reported(thing, &printed)) && printed[0].1.contains("not now"), "{printed:?}");
    assert_eq!(lost(&server), Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_made_after_its_request_failed_is_removed_or_told() {
    let late = Ways { create: LATE, list: 0, remove: 0, job: 0, read: 0, lookup: 0 };
    let server = Server::start(late);
    let printed = run(&documents::library(), &server, End::Whole, 0).await;
    tokio::time::sleep(Duration::from_millis(60)).await;
    let untold: Vec<_> = server.left().into_iter().filter(|thing| !is_reported(thing, &printed)).collect();
    assert_eq!(untold, Vec::<Value>::new(), "{printed:?}");
}

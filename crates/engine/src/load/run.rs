//! A run: one round after another, each with its workers.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::interpreter::Session;
use crate::plan::pace::Share;
use crate::plan::{LoadPlan, PlannedArrivals, PlannedLoad, PlannedProfile, Readiness};
use crate::scenario::Bindings;
use assay_formats::record::load::{LoadEvent, Model, ProfileEnding, Shard};
use assay_formats::record::{Change, RecordWriter, RunEnding};
use assay_suite::OperationName;

use super::collector::{Sight, StopReason, StopSignal, Watched, Watcher, collect};
use super::creations::{self, Creations};
use super::set_up::SetUp;
use super::users::{UsersError, Visit, operations, run_users};
use super::worker::{Common, Part, WorkerError, work};

/// Requests of a round are made by one thread up to this rate: a second one would only take time from the deployment, where
/// both share a machine.
const RATE_OF_A_WORKER: f64 = 10_000.0;
/// Between the opening of the connections and the first request.
const BREATH: Duration = Duration::from_millis(100);

/// A load run.
pub struct LoadRun<'a> {
    /// What is to be run.
    pub plan: &'a LoadPlan,
    /// The way to the deployment; its clock is the run's.
    pub session: Session,
    /// Where everything is recorded.
    pub record: RecordWriter,
    /// Which part of the requests is made here.
    pub shard: Shard,
    /// When the first round begins, for generators that are to begin together; at once when nothing is said.
    pub start_at: Option<Instant>,
    /// Where set-up and users run.
    pub runtime: Handle,
}

/// A profile of a round that can begin.
struct Ready<'a> {
    place: usize,
    profile: &'a PlannedProfile,
    operations: Vec<OperationName>,
    bindings: Bindings,
    halt: Arc<StopSignal>,
    /// What was set up for it, and is torn down after it.
    set_up: Option<SetUp<'a>>,
}

/// Why a profile can't be run to its end.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    /// Requests that are due at moments of their own can't be made.
    #[error(transparent)]
    Worker(#[from] WorkerError),
    /// Users can't come.
    #[error(transparent)]
    Users(#[from] UsersError),
}

impl RoundError {
    fn is_own_limit(&self) -> bool {
        matches!(self, Self::Worker(error) if error.is_own_limit())
    }
}

impl LoadRun<'_> {
    /// Runs all rounds and records what is observed.
    pub fn carry_out(&self, mut watcher: Watcher) -> RunEnding {
        let mut place = 0;
        for (index, round) in self.plan.rounds.iter().enumerate() {
            let numbered = round.iter().enumerate().map(|(offset, profile)| (place + offset, profile)).collect();
            if self.session.is_stopped() {
                break;
            }
            self.round(numbered, if index == 0 { self.start_at } else { None }, &mut watcher);
            place += round.len();
        }
        let ending = if self.session.is_stopped() { RunEnding::Interrupted } else { RunEnding::Completed };
        self.record.write(&LoadEvent::LoadEnded { at_us: self.session.elapsed_us(), ending });
        ending
    }

    fn round<'p>(
        &'p self,
        profiles: Vec<(usize, &'p PlannedProfile)>,
        start_at: Option<Instant>,
        watcher: &mut Watcher,
    ) {
        let mut ready = Vec::new();
        for (place, profile) in profiles {
            match self.prepared(place, profile) {
                Ok(prepared) => ready.push(prepared),
                Err(reason) => self.ended(place, ProfileEnding::CouldNotRun(reason), watcher),
            }
        }
        let halts = ready.iter().map(|ready| Arc::clone(&ready.halt)).collect();
        let stopping = self.runtime.spawn(halt_on_stop(self.session.clone(), halts));
        let of_mix = |ready: &Ready<'p>| Creations::begin(ready.place, ready.profile, &self.session, &self.record);
        let mut creations: Vec<_> = ready.iter().filter_map(of_mix).collect();
        creations.iter().for_each(|creations| self.runtime.block_on(creations.survey()));
        let began = Instant::now();
        self.put_load_on(&ready, start_at, watcher, &mut creations);
        stopping.abort();
        let took = began.elapsed();
        creations.into_iter().for_each(|creations| self.runtime.block_on(creations.remove(took)));
        for ready in ready {
            let left_over = ready.set_up.map(|set_up| self.runtime.block_on(set_up.tear_down())).unwrap_or_default();
            left_over.into_iter().for_each(|what| self.left_over(ready.profile, what));
        }
    }

    /// What a profile needs, or why it can't be had.
    fn prepared<'p>(&'p self, place: usize, profile: &'p PlannedProfile) -> Result<Ready<'p>, String> {
        if let Readiness::Skipped(reason) = &profile.readiness {
            return Err(reason.clone());
        }
        let mut ready = Ready::new(place, profile);
        if let Some(case) = &profile.set_up {
            let preparing = SetUp::prepare(case, &self.session, self.changes(profile));
            let prepared = self.runtime.block_on(preparing).map_err(|failed| {
                failed.left_over.iter().for_each(|what| self.left_over(profile, what.clone()));
                failed.to_string()
            });
            let (bindings, set_up) = prepared?;
            ready.bindings.extend(bindings);
            ready.set_up = Some(set_up);
        }
        Ok(ready)
    }

    fn put_load_on(
        &self,
        ready: &[Ready<'_>],
        start_at: Option<Instant>,
        watcher: &mut Watcher,
        creations: &mut [Creations<'_>],
    ) {
        let open: Vec<_> = ready.iter().filter_map(|ready| Some((ready, ready.arrivals()?))).collect();
        let workers = self.workers(&open);
        let (gather, gathered) = channel();
        let (report_created, created) = channel();
        let common = Common { session: &self.session, gathered: gather, created: report_created };
        let parts: Vec<Vec<Part<'_>>> = (0..workers)
            .map(|worker| open.iter().map(|(ready, arrivals)| self.part(ready, arrivals, worker, workers)).collect())
            .collect();
        let watched = ready.iter().map(|ready| {
            let tellers = if ready.arrivals().is_some() { workers } else { 1 };
            let watched = Watched::new(ready.profile, ready.operations.clone(), Arc::clone(&ready.halt), tellers);
            (ready.place, watched)
        });
        let mut watched: Vec<_> = watched.collect();
        let outcome = thread::scope(|scope| {
            let record = &self.record;
            thread::Builder::new()
                .spawn_scoped(scope, move || creations::gather(&created, creations, record))
                .map_err(WorkerError::from)?;
            let (tell_ready, told_ready) = channel();
            let mut starts = Vec::new();
            for parts in &parts {
                let (start, started) = channel();
                starts.push(start);
                let (common, tell_ready) = (common.clone(), tell_ready.clone());
                thread::Builder::new()
                    .spawn_scoped(scope, move || work(&common, parts, &tell_ready, &started))
                    .map_err(WorkerError::from)?;
            }
            drop(tell_ready);
            let all: Result<(), WorkerError> = told_ready.iter().take(workers).collect();
            // Dropped unsent, the moments of the start send the other workers home.
            all?;
            let at = start_at.unwrap_or_else(|| Instant::now() + BREATH).max(Instant::now());
            ready.iter().for_each(|ready| self.began(ready.place, at, watcher));
            for start in starts {
                // A worker that reported ready waits for this.
                let _ = start.send(at);
            }
            let visits: Vec<_> = ready.iter().filter_map(|ready| self.visit(ready, &common)).collect();
            let visits = visits.into_iter().map(|visit| {
                thread::Builder::new().spawn_scoped(scope, move || self.runtime.block_on(run_users(visit, at)))
            });
            let visits = visits.collect::<Result<Vec<_>, _>>().map_err(WorkerError::from)?;
            drop(common);
            collect(&gathered, &mut watched, &self.record, watcher);
            // A thread that panicked has printed why.
            let ended = visits.into_iter().filter_map(|visit| visit.join().ok());
            ended.collect::<Result<(), _>>().map_err(RoundError::from)
        });
        for (place, watched) in watched {
            let ending = match (&outcome, watched.broken(), watched.halt.reason()) {
                (Err(error), _, _) if error.is_own_limit() => {
                    ProfileEnding::GeneratorLimit(self.session.without_secrets(&error.to_string()))
                }
                (Err(error), _, _) => ProfileEnding::CouldNotRun(self.session.without_secrets(&error.to_string())),
                (Ok(()), Some(broken), _) => ProfileEnding::Aborted(broken.to_owned()),
                (Ok(()), None, Some(StopReason::Interrupted)) => ProfileEnding::Interrupted,
                (Ok(()), None, _) => ProfileEnding::Completed,
            };
            self.ended(place, ending, watcher);
        }
    }

    /// The users of a profile, if it has any.
    fn visit<'p>(&'p self, ready: &'p Ready<'_>, common: &Common<'_>) -> Option<Visit<'p>> {
        let PlannedLoad::Closed(users) = &ready.profile.load else { return None };
        let (record, profile) = (self.record.clone(), ready.profile.recorded.name.clone());
        let left_over = move |what| record.write(&LoadEvent::LeftOver { profile: profile.clone(), what });
        let (record, profile) = (self.record.clone(), ready.profile.recorded.name.clone());
        let known = Mutex::new(BTreeSet::new());
        let changes = move |journey, change: Change| {
            if let Change::NotRemovable { what } = &change
                && !known.lock().unwrap_or_else(PoisonError::into_inner).insert(what.clone())
            {
                return;
            }
            record.write_change(change, |change| LoadEvent::of_change(&profile, Some(journey), change));
        };
        Some(Visit {
            place: ready.place,
            profile: ready.profile,
            users,
            operations: &ready.operations,
            bindings: &ready.bindings,
            halt: Arc::clone(&ready.halt),
            shard: self.shard,
            session: &self.session,
            gathered: common.gathered.clone(),
            left_over: Box::new(left_over),
            changes: Box::new(changes),
        })
    }

    /// Records what a profile's set-up has to remove, or has removed.
    fn changes(&self, profile: &PlannedProfile) -> impl Fn(Change) + Send + Sync + 'static {
        let (record, profile) = (self.record.clone(), profile.recorded.name.clone());
        move |change| record.write_change(change, |change| LoadEvent::of_change(&profile, None, change))
    }

    fn left_over(&self, profile: &PlannedProfile, what: String) {
        self.record.write(&LoadEvent::LeftOver { profile: profile.recorded.name.clone(), what });
    }

    fn part<'p>(&self, ready: &'p Ready<'_>, arrivals: &'p PlannedArrivals, worker: usize, workers: usize) -> Part<'p> {
        let of_shard = ready.profile.in_flight.div_ceil(self.shard.of.max(1)) as usize;
        let connections = of_shard / workers + usize::from(worker < of_shard % workers);
        Part {
            place: ready.place,
            profile: ready.profile,
            arrivals,
            bindings: &ready.bindings,
            operations: &ready.operations,
            halt: Arc::clone(&ready.halt),
            share: Share::new(self.shard, worker, workers),
            connections: connections.max(1),
        }
    }

    /// How many threads make the requests of a round: as many as its rate asks for, and no more than there are cores.
    fn workers(&self, open: &[(&Ready<'_>, &PlannedArrivals)]) -> usize {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let peak = |ready: &Ready<'_>| match ready.profile.recorded.model {
            Model::Open { peak, .. } => peak,
            Model::Closed { .. } => Some(0.0),
        };
        let peak: Option<f64> = open.iter().map(|(ready, _)| peak(ready)).sum();
        let most = open.iter().map(|(ready, _)| ready.profile.in_flight as usize).min().unwrap_or(1);
        let enough = |peak: f64, workers: &usize| real(*workers) * RATE_OF_A_WORKER >= peak / f64::from(self.shard.of);
        let wanted = peak.map_or(cores, |peak| (1..cores).find(|workers| enough(peak, workers)).unwrap_or(cores));
        if open.is_empty() { 0 } else { wanted.clamp(1, cores.min(most.max(1))) }
    }

    fn began(&self, profile: usize, at: Instant, watcher: &mut Watcher) {
        let from_start = at.saturating_duration_since(self.session.started());
        let at_us = u64::try_from(from_start.as_micros()).unwrap_or(u64::MAX);
        self.record.write(&LoadEvent::ProfileStarted { profile, at_us });
        watcher(&Sight::Begins(profile));
    }

    fn ended(&self, profile: usize, ending: ProfileEnding, watcher: &mut Watcher) {
        self.record.write(&LoadEvent::ProfileEnded { profile, at_us: self.session.elapsed_us(), ending });
        watcher(&Sight::Ended(profile));
    }
}

impl<'a> Ready<'a> {
    fn new(place: usize, profile: &'a PlannedProfile) -> Self {
        let operations = match &profile.load {
            PlannedLoad::Open(_) => {
                let named: BTreeSet<_> = profile.portions.iter().map(|portion| portion.operation.clone()).collect();
                named.into_iter().collect()
            }
            PlannedLoad::Closed(users) => operations(&users.journey),
        };
        let bindings = (*profile.given).clone();
        Self { place, profile, operations, bindings, halt: Arc::default(), set_up: None }
    }

    fn arrivals(&self) -> Option<&'a PlannedArrivals> {
        match &self.profile.load {
            PlannedLoad::Open(arrivals) => Some(arrivals),
            PlannedLoad::Closed(_) => None,
        }
    }
}

async fn halt_on_stop(session: Session, halts: Vec<Arc<StopSignal>>) {
    session.stopped().await;
    halts.iter().for_each(|halt| halt.set(StopReason::Interrupted));
}

#[allow(clippy::cast_precision_loss, reason = "no machine has 2^52 cores")]
fn real(number: usize) -> f64 {
    number as f64
}

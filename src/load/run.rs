//! A run: one round after another, each with its workers.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::plan::{LoadPlan, PlannedArrivals, PlannedLoad, PlannedProfile, Readiness};
use crate::record::load::{LoadEvent, Model, ProfileEnding, Shard};
use crate::record::{RecordWriter, RunEnding};
use crate::scenario::Bindings;
use crate::schema::Schemas;
use crate::suite::OperationName;
use crate::target::{Redactor, Target};

use super::collector::{Halt, HaltReason, Watched, Watcher, collect};
use super::pace::Share;
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
    /// The deployment.
    pub target: Arc<Target>,
    /// The schemas of its answers.
    pub schemas: Schemas,
    /// What keeps secrets out of the record.
    pub redactor: Arc<Redactor>,
    /// Where everything is recorded.
    pub record: RecordWriter,
    /// Which part of the requests is made here.
    pub shard: Shard,
    /// When the first round begins, for generators that are to begin together; at once when nothing is said.
    pub start_at: Option<Instant>,
    /// Becomes true when somebody wants the run to end.
    pub stop: watch::Receiver<bool>,
    /// The moment from which the run counts.
    pub started: Instant,
    /// Where set-up and users run.
    pub runtime: Handle,
}

/// A profile of a round that can begin.
struct Ready<'a> {
    place: usize,
    profile: &'a PlannedProfile,
    operations: Vec<OperationName>,
    bindings: Bindings,
    halt: Arc<Halt>,
}

impl LoadRun<'_> {
    /// Runs all rounds and records what is observed.
    pub fn carry_out(&self, mut watcher: Watcher) -> RunEnding {
        let mut place = 0;
        for (index, round) in self.plan.rounds.iter().enumerate() {
            let numbered = round.iter().enumerate().map(|(offset, profile)| (place + offset, profile)).collect();
            if self.is_stopped() {
                break;
            }
            self.round(numbered, if index == 0 { self.start_at } else { None }, &mut watcher);
            place += round.len();
        }
        let ending = if self.is_stopped() { RunEnding::Interrupted } else { RunEnding::Completed };
        self.record.write(&LoadEvent::LoadEnded { at_us: self.elapsed_us(), ending });
        ending
    }

    fn round(&self, profiles: Vec<(usize, &PlannedProfile)>, start_at: Option<Instant>, watcher: &mut Watcher) {
        let mut ready = Vec::new();
        for (place, profile) in profiles {
            match &profile.readiness {
                Readiness::Ready => ready.push(Ready::new(place, profile)),
                Readiness::Skipped(reason) => self.ended(place, ProfileEnding::CouldNotRun(reason.clone())),
            }
        }
        let halts = ready.iter().map(|ready| Arc::clone(&ready.halt)).collect();
        let stopping = self.runtime.spawn(halt_on_stop(self.stop.clone(), halts));
        self.put_load_on(&ready, start_at, watcher);
        stopping.abort();
    }

    fn put_load_on(&self, ready: &[Ready<'_>], start_at: Option<Instant>, watcher: &mut Watcher) {
        let open: Vec<_> = ready.iter().filter_map(|ready| Some((ready, ready.arrivals()?))).collect();
        let workers = self.workers(&open);
        let (gather, gathered) = channel();
        let common =
            Common { target: &self.target, schemas: &self.schemas, redactor: &self.redactor, gathered: gather };
        let parts: Vec<Vec<Part<'_>>> = (0..workers)
            .map(|worker| open.iter().map(|(ready, arrivals)| self.part(ready, arrivals, worker, workers)).collect())
            .collect();
        let watched = |ready: &&Ready<'_>| {
            let watched = Watched::new(self.plan_of(ready.place), ready.operations.clone(), Arc::clone(&ready.halt));
            (ready.place, watched)
        };
        let mut watched: Vec<_> = ready.iter().collect::<Vec<_>>().iter().map(watched).collect();
        let outcome = thread::scope(|scope| {
            let (tell_ready, told_ready) = channel();
            let mut starts = Vec::new();
            for parts in &parts {
                let (start, started) = channel();
                starts.push(start);
                let (common, tell_ready) = (common.clone(), tell_ready.clone());
                scope.spawn(move || work(&common, parts, &tell_ready, &started));
            }
            drop((common, tell_ready));
            let all: Result<(), WorkerError> = told_ready.iter().take(workers).collect();
            // Dropped unsent, the moments of the start send the other workers home.
            all?;
            let at = start_at.unwrap_or_else(|| Instant::now() + BREATH).max(Instant::now());
            ready.iter().for_each(|ready| self.began(ready.place, at));
            starts.into_iter().for_each(|start| drop(start.send(at)));
            collect(&gathered, &mut watched, &self.record, watcher);
            Ok(())
        });
        for (place, watched) in watched {
            let ending = match (&outcome, watched.broken(), watched.halt.reason()) {
                (Err(error), _, _) => {
                    let error: &WorkerError = error;
                    ProfileEnding::CouldNotRun(self.redactor.text(&error.to_string()))
                }
                (Ok(()), Some(broken), _) => ProfileEnding::Aborted(broken.to_owned()),
                (Ok(()), None, Some(HaltReason::Interrupted)) => ProfileEnding::Interrupted,
                (Ok(()), None, _) => ProfileEnding::Completed,
            };
            self.ended(place, ending);
        }
    }

    fn plan_of(&self, place: usize) -> &PlannedProfile {
        let mut profiles = self.plan.rounds.iter().flatten();
        // A place is counted over the same rounds.
        profiles.nth(place).unwrap_or_else(|| unreachable!("a profile of the plan"))
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
            share: Share::new(self.shard, worker as u32, workers as u32),
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
        let wanted = peak.map_or(cores, |peak| (peak / f64::from(self.shard.of) / RATE_OF_A_WORKER).ceil() as usize);
        if open.is_empty() { 0 } else { wanted.clamp(1, cores.min(most.max(1))) }
    }

    fn began(&self, profile: usize, at: Instant) {
        let at_us = micros(at.saturating_duration_since(self.started));
        self.record.write(&LoadEvent::ProfileStarted { profile, at_us });
    }

    fn ended(&self, profile: usize, ending: ProfileEnding) {
        self.record.write(&LoadEvent::ProfileEnded { profile, at_us: self.elapsed_us(), ending });
    }

    fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    fn elapsed_us(&self) -> u64 {
        micros(self.started.elapsed())
    }
}

impl<'a> Ready<'a> {
    fn new(place: usize, profile: &'a PlannedProfile) -> Self {
        let named: BTreeSet<_> = profile.portions.iter().map(|portion| portion.operation.clone()).collect();
        let bindings = (*profile.given).clone();
        Self { place, profile, operations: named.into_iter().collect(), bindings, halt: Arc::default() }
    }

    fn arrivals(&self) -> Option<&'a PlannedArrivals> {
        match &self.profile.load {
            PlannedLoad::Open(arrivals) => Some(arrivals),
            PlannedLoad::Closed(_) => None,
        }
    }
}

async fn halt_on_stop(mut stop: watch::Receiver<bool>, halts: Vec<Arc<Halt>>) {
    // An error means that nobody can want it to end any more.
    if stop.wait_for(|stop| *stop).await.is_ok() {
        halts.iter().for_each(|halt| halt.set(HaltReason::Interrupted));
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

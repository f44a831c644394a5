//! Takes what workers gather once a second: into the record, into totals, and before the eyes of whoever watches.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::plan::PlannedProfile;
use crate::profile::Abort;
use crate::verdict::{certainly_violated, is_late};
use assay_formats::record::RecordWriter;
use assay_formats::record::load::{Interval, LevelPromise, LoadEvent, Phase};
use assay_formats::record::load_reader::{PromiseBlocks, Totals};
use assay_suite::OperationName;

use super::recorder::ObservationBuffer;

/// Hands over what was gathered of a profile.
pub(super) struct BatchReporter {
    profile: usize,
    operations: usize,
    gathered: Sender<Gathered>,
    /// Books that come back, emptied.
    books: (Sender<ObservationBuffer>, Receiver<ObservationBuffer>),
}

impl BatchReporter {
    /// For a profile, by its place in the run, of so many operations.
    pub fn new(profile: usize, operations: usize, gathered: Sender<Gathered>) -> Self {
        Self { profile, operations, gathered, books: channel() }
    }

    /// Hands over a second's book; `swap` takes an empty one in its place.
    pub fn hand_over(&self, second: u64, in_flight: usize, swap: impl FnOnce(ObservationBuffer) -> ObservationBuffer) {
        let empty = self.books.1.try_recv().unwrap_or_else(|_| ObservationBuffer::new(self.operations));
        let (book, back) = (swap(empty), self.books.0.clone());
        // While anything is gathered there is a collector.
        let _ = self.gathered.send(Gathered { profile: self.profile, second, book, in_flight, back });
    }
}

/// Calls at the end of every second of a profile, and never returns.
pub(super) async fn every_second(started: Instant, mut call: impl FnMut(u64)) {
    for second in 0.. {
        tokio::time::sleep_until((started + Duration::from_secs(second + 1)).into()).await;
        call(second);
    }
}

/// What a worker has gathered in a second.
pub(super) struct Gathered {
    /// Which profile, by its place in the run.
    pub profile: usize,
    /// Which second.
    pub second: u64,
    pub book: ObservationBuffer,
    /// How many requests of the worker are under way.
    pub in_flight: usize,
    /// Where the emptied book is sent, to be used again.
    pub back: Sender<ObservationBuffer>,
}

/// What is known of a profile while it runs.
#[derive(Clone, Debug)]
pub struct Progress<'a> {
    /// Which profile, by its place in the run.
    pub profile: usize,
    /// How many seconds of it have passed.
    pub second: u64,
    /// Whether requests are judged yet.
    pub phase: Phase,
    /// How many requests were due in the last second.
    pub due: u64,
    /// How many were answered well in the last second.
    pub answered: u64,
    /// How many are under way.
    pub in_flight: usize,
    /// What was observed so far of the judged requests of all operations together.
    pub totals: &'a Totals,
}

/// What whoever watches a run sees of it.
#[derive(Clone, Debug)]
pub enum Sight<'a> {
    /// The requests of a profile begin, by its place in the run.
    Begins(usize),
    /// What one worker observed of a profile in a second, as it is recorded.
    Interval(&'a Interval),
    /// All workers have reported a second of a profile.
    Progress(Progress<'a>),
    /// A profile is over, by its place in the run.
    Ended(usize),
}

/// Sees how far a run is. It is called between the seconds of a run, and has to return soon.
pub type Watcher = Box<dyn FnMut(&Sight<'_>) + Send>;

/// Whether, and why, a profile is to end early.
#[derive(Debug, Default)]
pub(super) struct StopSignal {
    reason: AtomicU8,
    changed: Notify,
}

/// Why a profile is to end early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// Somebody stopped the run.
    Interrupted = 1,
    /// A promise is certainly broken.
    Aborted = 2,
}

impl StopSignal {
    /// Ends a profile; the first reason counts.
    pub fn set(&self, reason: StopReason) {
        // If there is a reason already, it stays.
        let _ = self.reason.compare_exchange(0, reason as u8, Ordering::AcqRel, Ordering::Acquire);
        self.changed.notify_waiters();
    }

    /// Why it is to end, if it is.
    pub fn reason(&self) -> Option<StopReason> {
        match self.reason.load(Ordering::Acquire) {
            1 => Some(StopReason::Interrupted),
            2 => Some(StopReason::Aborted),
            _ => None,
        }
    }

    /// Returns when it is to end.
    pub async fn wait(&self) {
        loop {
            let changed = self.changed.notified();
            if self.reason().is_some() {
                return;
            }
            changed.await;
        }
    }
}

/// A profile that is being watched.
pub(super) struct Watched<'a> {
    pub profile: &'a PlannedProfile,
    pub operations: Vec<OperationName>,
    pub halt: Arc<StopSignal>,
    /// What was observed so far of each operation, warm-up left out.
    totals: Vec<Totals>,
    /// How the requests of each promise lie in time.
    blocks: Vec<PromiseBlocks>,
    /// The same of all together.
    together: Totals,
    /// Which promise is certainly broken.
    broken: Option<String>,
    /// How many report each second.
    tellers: usize,
    /// What was reported of the latest second.
    second: Second,
}

/// What all workers have reported of a second.
#[derive(Debug, Default)]
struct Second {
    number: u64,
    tellers: usize,
    due: u64,
    answered: u64,
    in_flight: usize,
}

impl<'a> Watched<'a> {
    /// A profile of which nothing was observed yet; so many will report each second.
    pub fn new(
        profile: &'a PlannedProfile,
        operations: Vec<OperationName>,
        halt: Arc<StopSignal>,
        tellers: usize,
    ) -> Self {
        let totals = vec![Totals::default(); operations.len()];
        let (together, second) = (Totals::default(), Second::default());
        let blocks = vec![PromiseBlocks::default(); profile.recorded.promises.len()];
        Self { profile, operations, halt, totals, blocks, together, broken: None, tellers, second }
    }

    /// Why it was ended before its time, if we ended it.
    pub fn broken(&self) -> Option<&str> {
        self.broken.as_deref()
    }

    fn add(&mut self, gathered: &Gathered) {
        let observed = self.operations.iter().zip(self.totals.iter_mut()).zip(gathered.book.judged());
        for ((operation, totals), more) in observed {
            totals.add(more);
            self.together.add(more);
            let promises = self.profile.recorded.promises.iter().zip(&mut self.blocks);
            for (promise, blocks) in promises.filter(|(promise, _)| promise.is_about(operation)) {
                blocks.add(gathered.second, promise.level, more);
            }
        }
    }

    /// How far the profile is, once all have reported a second.
    fn progress(&mut self, gathered: &Gathered) -> Option<Progress<'_>> {
        if gathered.second > self.second.number {
            self.second = Second { number: gathered.second, ..Second::default() };
        }
        let second = &mut self.second;
        if gathered.second == second.number {
            let (due, answered) = gathered.book.last_second();
            second.tellers += 1;
            second.due += due;
            second.answered += answered;
            second.in_flight += gathered.in_flight;
        }
        let judging = Duration::from_secs(second.number) >= self.profile.recorded.warm_up;
        (second.tellers == self.tellers).then_some(Progress {
            profile: gathered.profile,
            second: second.number,
            phase: if judging { Phase::Judged } else { Phase::WarmUp },
            due: second.due,
            answered: second.answered,
            in_flight: second.in_flight,
            totals: &self.together,
        })
    }

    /// Ends the profile once a promise is certainly broken, and not by a generator that was late.
    fn abort_if_broken(&mut self, second: u64) {
        let Abort::Certain(after) = self.profile.abort else { return };
        let judged = Duration::from_secs(second).saturating_sub(self.profile.recorded.warm_up);
        if judged < after || self.broken.is_some() || is_late(&self.profile.recorded, &self.together) {
            return;
        }
        let promises = self.profile.recorded.promises.iter().zip(&self.blocks);
        let mut broken = promises.filter(|(promise, blocks)| {
            let place = promise.operation.as_ref().map(|name| self.operations.iter().position(|known| known == name));
            match place {
                None => certainly_violated(promise, &self.together, Some(blocks)),
                Some(place) => {
                    place.is_some_and(|place| certainly_violated(promise, &self.totals[place], Some(blocks)))
                }
            }
        });
        if let Some((promise, _)) = broken.next() {
            self.broken = Some(describe(promise));
            self.halt.set(StopReason::Aborted);
        }
    }
}

/// Says that a promise is certainly not kept.
fn describe(promise: &LevelPromise) -> String {
    match &promise.operation {
        Some(operation) => format!("{operation}: {} is certainly not kept", promise.level),
        None => format!("{} is certainly not kept", promise.level),
    }
}

/// Takes what is gathered until all workers are done.
pub(super) fn collect(
    gathered: &Receiver<Gathered>,
    profiles: &mut [(usize, Watched<'_>)],
    record: &RecordWriter,
    watcher: &mut Watcher,
) {
    while let Ok(gathered) = gathered.recv() {
        let Some((_, watched)) = profiles.iter_mut().find(|(place, _)| *place == gathered.profile) else { continue };
        for phase in [Phase::WarmUp, Phase::Judged] {
            let operations = gathered.book.observed(phase, &watched.operations);
            if !operations.is_empty() {
                let (profile, second, clock) = (gathered.profile, gathered.second, gathered.book.clock());
                let interval = Box::new(Interval { profile, second, phase, operations, clock });
                watcher(&Sight::Interval(&interval));
                record.write(&LoadEvent::Interval(interval));
            }
        }
        watched.add(&gathered);
        watched.abort_if_broken(gathered.second);
        if let Some(progress) = watched.progress(&gathered) {
            watcher(&Sight::Progress(progress));
        }
        let mut book = gathered.book;
        book.clear();
        // A worker that is done needs it no more.
        let _ = gathered.back.send(book);
    }
}

/// Which second of a profile a moment is in, from 0.
pub(super) fn second_of(started: Instant, moment: Instant) -> u64 {
    moment.saturating_duration_since(started).as_secs()
}

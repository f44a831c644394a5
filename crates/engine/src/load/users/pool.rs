//! What the users of a profile share.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::deployment::{Limits, RequestSpec};
use crate::interpreter::Session;
use crate::plan::chance;
use crate::plan::{Case, PlannedUsers};
use crate::profile::Data;
use crate::scenario::Bindings;
use assay_formats::record::load::Phase;
use assay_formats::record::{Change, ClockOffset};
use assay_suite::Encoding;
use assay_suite::Variable;

use super::super::collector::StopSignal;
use super::super::inspector::Inspector;
use super::super::recorder::{Observation, ObservationBuffer, count};
use super::super::requests::drawn;
use super::super::worker::DRAIN_TIMEOUT;
use super::visit::{Changes, LeftOver, UsersError, Visit, calls};

/// Chance has one seed for each use.
const THINK: u64 = 0x7468_696e;

/// What the users of a profile share.
pub(super) struct UserPool {
    /// The way to the deployment; it is stopped when the profile is over.
    pub session: Session,
    users: PlannedUsers,
    bindings: Bindings,
    data: Vec<(Variable, Data)>,
    counted: Vec<Counted>,
    halt: Arc<StopSignal>,
    started: Instant,
    /// Of this generator, counted from 0; the other generators' users have the numbers between.
    first_user: u64,
    every: u64,
    /// How many have come.
    came: watch::Sender<u64>,
    /// How many are to come from here.
    wanted: u64,
    asked: AtomicU64,
    in_flight: AtomicUsize,
    present: watch::Sender<usize>,
    book: Mutex<ObservationBuffer>,
    left_over: LeftOver,
    changes: Changes,
    failure: OnceLock<String>,
}

/// An operation that is counted, in one of the formats that the journey asks for.
pub(super) struct Counted {
    /// Its place among the operations.
    pub place: usize,
    pub inspector: Inspector,
    suite: String,
    operation: String,
    format: Option<Encoding>,
}

impl UserPool {
    /// The world of so many users; `closed` becomes true when the profile is over.
    pub fn new(
        visit: Visit<'_>,
        users: u32,
        started: Instant,
        closed: watch::Receiver<bool>,
    ) -> Result<Self, UsersError> {
        let profile = visit.profile;
        let target = visit.session.target();
        let in_flight = usize::try_from(users).unwrap_or(usize::MAX).max(1);
        let limits = Limits { in_flight, deadline: profile.deadline, ..target.limits };
        Ok(Self {
            session: visit.session.within(limits, closed)?,
            users: visit.users.clone(),
            bindings: visit.bindings.clone(),
            data: profile.data.clone(),
            counted: counted(&visit),
            halt: visit.halt,
            started,
            first_user: u64::from(visit.shard.number.saturating_sub(1)),
            every: u64::from(visit.shard.of.max(1)),
            came: watch::Sender::new(0),
            wanted: u64::from(users),
            asked: AtomicU64::new(0),
            in_flight: AtomicUsize::new(0),
            present: watch::Sender::new(0),
            book: Mutex::new(ObservationBuffer::new(visit.operations.len())),
            left_over: visit.left_over,
            changes: visit.changes,
            failure: OnceLock::new(),
        })
    }

    /// The journey with a number, with the values of its variables.
    pub fn journey(&self, number: u64) -> Case {
        let mut given = self.bindings.clone();
        given.extend(self.data.iter().map(|(variable, data)| (variable.clone(), drawn(data, number))));
        Case { given: Arc::new(given), ..(*self.users.journey).clone() }
    }

    /// How long a user thinks after the journey with a number.
    pub fn thinks(&self, number: u64) -> Duration {
        let (from, to) = self.users.think_time;
        from + to.saturating_sub(from).mul_f64(chance::share(self.users.seed ^ THINK, number))
    }

    /// The number of a user who comes: no other user of any generator has it. Nothing if enough are there.
    pub fn welcome(&self) -> Option<u64> {
        let mut place = 0;
        self.came.send_modify(|came| {
            place = *came;
            *came += 1;
        });
        (place < self.wanted).then(|| self.first_user + place * self.every)
    }

    /// Returns when all users have come.
    pub async fn all_came(&self) {
        // The sender is in the same place: it can't be gone.
        let _ = self.came.subscribe().wait_for(|came| *came >= self.wanted).await;
    }

    /// How many users there are, of all generators together.
    pub fn all_users(&self) -> u64 {
        u64::from(self.users.count.get())
    }

    /// What is counted of a request; nothing if the journey does not name its operation.
    pub fn counted(&self, ask: &RequestSpec<'_>) -> Option<&Counted> {
        self.counted.iter().find(|counted| {
            counted.operation == ask.operation
                && counted.format == ask.format
                && counted.suite == ask.suite.name.value.0
        })
    }

    /// The number of a request that is counted.
    pub fn number(&self) -> u64 {
        self.asked.fetch_add(1, Ordering::Relaxed)
    }

    /// Whether a request that is sent at a moment is judged.
    pub fn phase(&self, sent: Instant) -> Phase {
        if sent < self.started + self.users.warm_up { Phase::WarmUp } else { Phase::Judged }
    }

    /// A request is sent.
    pub fn sent(&self, operation: usize, phase: Phase) {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        self.book().of(operation, phase).due += 1;
    }

    /// A request is under way no more.
    pub fn request_finished(&self) {
        self.in_flight.fetch_sub(1, Ordering::Relaxed);
    }

    /// Notes what an answer shows of the clocks.
    pub fn note_clock(&self, shown: Option<ClockOffset>) {
        self.book().note_clock(shown);
    }

    /// What came of a request is known.
    pub fn count(&self, operation: usize, phase: Phase, observation: Observation) {
        count(self.book().of(operation, phase), observation);
    }

    /// Takes what was observed, and leaves an empty book.
    pub fn take(&self, empty: ObservationBuffer) -> ObservationBuffer {
        std::mem::replace(&mut *self.book(), empty)
    }

    fn book(&self) -> MutexGuard<'_, ObservationBuffer> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many requests are under way.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// Reports what could not be removed.
    pub fn left_over(&self, what: &str) {
        (self.left_over)(self.session.without_secrets(what));
    }

    /// Reports what a journey has to remove, or has removed.
    pub fn changed(&self, journey: u64, change: Change) {
        (self.changes)(journey, change);
    }

    /// The journey can't be made; the first reason counts.
    pub fn fails(&self, reason: String) {
        // If there is a reason already, it stays.
        let _ = self.failure.set(reason);
    }

    /// Why the journey can't be made, if it can't.
    pub fn failure(&self) -> Option<String> {
        self.failure.get().cloned()
    }

    /// Returns when the profile is over: its time is up, or it is ended early.
    pub async fn over(&self) {
        tokio::select! {
            () = self.halt.wait() => {}
            () = tokio::time::sleep_until((self.started + self.users.stays).into()) => {}
        }
    }

    /// Returns when requests that are under way get no more time: some while after the profile was ended early. One whose
    /// time is up waits for its answers.
    pub async fn parted(&self) {
        self.halt.wait().await;
        tokio::time::sleep(DRAIN_TIMEOUT).await;
    }

    /// Waits, but not longer than the profile lasts.
    pub async fn rest(&self, duration: Duration) {
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            () = self.session.stopped() => {}
        }
    }

    /// Returns when no user is there.
    pub async fn deserted(&self) {
        // The sender is in the same place: it can't be gone.
        let _ = self.present.subscribe().wait_for(|present| *present == 0).await;
    }
}

/// What is counted of a journey.
fn counted(visit: &Visit<'_>) -> Vec<Counted> {
    let journey = &visit.users.journey;
    let mut counted: Vec<Counted> = Vec::new();
    for step in &journey.steps {
        let suite = step.suite.as_ref().unwrap_or(&journey.suite);
        for call in calls(step) {
            let (schemas, redactor) = (visit.session.schemas(), visit.session.redactor());
            let place = visit.operations.iter().position(|known| known.0 == call.operation);
            counted.extend(place.map(|place| Counted {
                place,
                inspector: Inspector::new(suite, call, schemas, redactor, visit.profile.checked),
                suite: suite.name.value.0.clone(),
                operation: call.operation.clone(),
                format: call.asked,
            }));
        }
    }
    counted
}

/// A user who is there.
pub(super) struct UserGuard<'w>(&'w UserPool);

impl<'w> UserGuard<'w> {
    /// One more.
    pub fn new(world: &'w UserPool) -> Self {
        world.present.send_modify(|present| *present += 1);
        Self(world)
    }
}

impl Drop for UserGuard<'_> {
    fn drop(&mut self) {
        self.0.present.send_modify(|present| *present -= 1);
    }
}

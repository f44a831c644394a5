//! A run of cases against a deployment, with its record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::{BoxFuture, join_all};
use tokio::sync::{RwLock, watch};

use crate::deployment::{RequestSpec, Target};
use crate::interpreter::{
    CaseOutcome, CaseSecrets, Exchanger, Inventories, Later, NOT_BEGUN, NoExchange, Postponed, Question, Session,
    SessionError, Unknown, Waits, run_case, undo_open,
};
use crate::plan::{Case, Isolation, Readiness};
use crate::verdict::{Verdict, is_throttled};
use assay_formats::record::{Change, Event, OpenObligation, Part, RecordWriter};
use assay_schema::Schemas;
use assay_suite::http::Exchange;
use assay_suite::{Suite, SuiteName};

use super::attempts::{self, AtFailure, NOT_BEGUN_AFTER_FAILURE, RunOptions};
use super::judgement::{GivenAsWritten, Kept, as_written};

/// After so many answers in a row that ask for fewer requests no further case is begun.
const MOST_THROTTLED: usize = 24;

/// What the cases that use a variable one after another pass on.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// A run of cases against a deployment. They share its session, its record and the world that they change.
#[derive(Clone)]
pub struct RecordedSession {
    session: Session,
    record: RecordWriter,
    left_over: Arc<Mutex<Vec<(String, String)>>>,
    /// What cases showed, or are asking.
    settled: Arc<Mutex<BTreeSet<Question>>>,
    unproven: Arc<Mutex<Vec<(String, String)>>>,
    /// What can be removed later, by case: it was busy.
    postponed: Arc<Mutex<BTreeMap<String, Vec<Postponed>>>>,
    given: GivenAsWritten,
    /// How many answers in a row only asked for fewer requests.
    throttled: Arc<AtomicUsize>,
    /// Held shared by cases that change things, alone by those that look at whole lists.
    world: Arc<RwLock<()>>,
    /// Held by the case that changes things by a variable which cases use one after another.
    turns: Arc<Mutex<BTreeMap<String, Turn>>>,
    options: RunOptions,
    /// Whether a case failed after which no other is begun.
    has_failed: Arc<AtomicBool>,
}

impl RecordedSession {
    /// A session named `run`; `stop` becomes true when somebody wants it to end.
    pub fn new(
        target: Arc<Target>,
        schemas: Schemas,
        record: RecordWriter,
        run: String,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, SessionError> {
        let session = Session::new(target, schemas, run, stop)?;
        Ok(Self {
            session,
            record,
            left_over: Arc::default(),
            unproven: Arc::default(),
            postponed: Arc::default(),
            given: GivenAsWritten::default(),
            settled: Arc::default(),
            throttled: Arc::default(),
            world: Arc::default(),
            turns: Arc::default(),
            options: RunOptions::default(),
            has_failed: Arc::default(),
        })
    }

    /// The way to the deployment.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What could not be removed so far: the case, and what is left.
    pub fn left_over(&self) -> Vec<(String, String)> {
        self.left_over.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was removed so far, though nothing shows that it is gone: the case, and what.
    pub fn unproven(&self) -> Vec<(String, String)> {
        self.unproven.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The same, with what is done about cases that fail.
    #[must_use]
    pub fn with_options(self, options: RunOptions) -> Self {
        Self { options, ..self }
    }

    /// Runs one case; again if it fails and may be retried.
    pub fn run<'a>(&'a self, case: &'a Case) -> BoxFuture<'a, CaseOutcome> {
        Box::pin(async move {
            let outcome = self.run_until_settled(case).await;
            if self.options.at_failure == AtFailure::Stop && attempts::is_failed(&outcome) {
                self.has_failed.store(true, Ordering::Relaxed);
            }
            outcome
        })
    }

    async fn run_until_settled(&self, case: &Case) -> CaseOutcome {
        let first = self.run_in_its_turn(case).await;
        if self.options.retries == 0 || !attempts::is_failed(&first) {
            return first;
        }
        let mut outcomes = vec![first];
        for attempt in 2..=self.options.retries.saturating_add(1) {
            let outcome = self.run_in_its_turn(&attempts::of_case(case, attempt)).await;
            // What was not begun is no attempt.
            if outcome.verdict == Verdict::Skipped {
                break;
            }
            let is_over = !attempts::is_failed(&outcome);
            outcomes.push(outcome);
            if is_over {
                break;
            }
        }
        attempts::settle(&case.name, outcomes).unwrap_or_else(|| CaseOutcome::skipped(&case.name, NOT_BEGUN.to_owned()))
    }

    async fn run_in_its_turn(&self, case: &Case) -> CaseOutcome {
        if let Readiness::Skipped(reason) = &case.readiness {
            return self.skipped(case, reason.clone());
        }
        // Before the world, and in one order: a case that holds the world waits for no turn.
        let turns: Vec<_> = case.in_turn.iter().map(|variable| self.turn(variable)).collect();
        let mut held = Vec::new();
        for turn in turns {
            held.push(turn.lock_owned().await);
        }
        let (mut shared, mut alone) = (None, None);
        match case.isolation {
            Isolation::None => {}
            Isolation::Shared => shared = Some(self.world.read().await),
            Isolation::Exclusive => alone = Some(self.world.write().await),
        }
        if self.session.is_stopped() {
            return self.skipped(case, NOT_BEGUN.to_owned());
        }
        if self.has_failed.load(Ordering::Relaxed) {
            return self.skipped(case, NOT_BEGUN_AFTER_FAILURE.to_owned());
        }
        if self.throttled.load(Ordering::Relaxed) >= MOST_THROTTLED {
            let reason = format!(
                "the deployment asked for fewer requests {MOST_THROTTLED} times in a row: lower `limits.rate` in the target \
                 file"
            );
            return self.skipped(case, reason);
        }
        self.record.write(&self.started(case));
        let (secrets, kept) = (self.session.case_secrets(), Kept::default());
        let (case_name, own) = (case.name.clone(), (secrets.clone(), kept.clone()));
        let live =
            Live { run: self.clone(), case: case_name.clone(), secrets: own.0, kept: own.1, round: Round::OfTheCase };
        let (schemas, run) = (self.session.schemas(), self.session.run());
        let outcome = run_case(case, schemas, run, live).await;
        drop((shared.take(), alone.take(), held));
        let (outcome, judged) = as_written(&self.session, case, outcome, &kept, &secrets, &self.given).await;
        self.record.write(&Event::CaseEnded { case: case_name, at_us: self.session.elapsed_us(), judged });
        outcome
    }

    /// The way of a case whose steps are decided while it runs. Its exchanges, and what it has to remove, are recorded.
    pub fn open(&self, case: &Case) -> Box<dyn Exchanger> {
        self.record.write(&self.started(case));
        let (secrets, kept) = (self.session.case_secrets(), Kept::default());
        Box::new(Live { run: self.clone(), case: case.name.clone(), secrets, kept, round: Round::OfTheCase })
    }

    /// Records that such a case is over.
    pub fn close(&self, case: &Case) {
        let (case, at_us) = (case.name.clone(), self.session.elapsed_us());
        self.record.write(&Event::CaseEnded { case, at_us, judged: None });
    }

    fn started(&self, case: &Case) -> Event {
        Event::CaseStarted { case: case.name.clone(), at_us: self.session.elapsed_us(), vlan_user: case.vlan_user }
    }

    /// How many things were busy when their cases were over.
    pub fn postponed(&self) -> usize {
        self.lock_postponed().values().map(Vec::len).sum()
    }

    /// Removes what was busy when its case was over, all at once: each is asked for again until `longest_job` is over.
    ///
    /// # Errors
    ///
    /// If one of them is of a suite that is not among these; it is left over.
    pub async fn remove_postponed(&self, suites: &BTreeMap<SuiteName, Arc<Suite>>) -> Result<(), Unknown> {
        let longest_job = self.session.target().limits.longest_job;
        let waits = Waits { longest_job, patience: longest_job };
        let postponed = std::mem::take(&mut *self.lock_postponed());
        let of_cases = postponed.into_iter().map(|(case, postponed)| async move {
            let (secrets, kept) = (self.session.case_secrets(), Kept::default());
            let mut live = Live { run: self.clone(), case, secrets, kept, round: Round::OfTheRun };
            if self.session.is_stopped() {
                postponed.iter().for_each(|one| live.left_over(&one.what));
                return Ok(());
            }
            let open_obligations = postponed
                .into_iter()
                .map(|one| (one.number, OpenObligation { obligation: one.obligation, answered: None }))
                .collect();
            undo_open(suites, self.session.schemas(), &open_obligations, waits, Box::new(live)).await
        });
        join_all(of_cases).await.into_iter().collect()
    }

    fn lock_postponed(&self) -> MutexGuard<'_, BTreeMap<String, Vec<Postponed>>> {
        self.postponed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn report_left_over(&self, case: &str, what: &str) {
        let mut left_over = self.left_over.lock().unwrap_or_else(PoisonError::into_inner);
        left_over.push((case.to_owned(), what.to_owned()));
    }

    fn turn(&self, variable: &str) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(turns.entry(variable.to_owned()).or_default())
    }

    fn skipped(&self, case: &Case, reason: String) -> CaseOutcome {
        self.record.write(&Event::CaseSkipped { case: case.name.clone(), reason: reason.clone() });
        CaseOutcome::skipped(&case.name, reason)
    }
}

/// When a case removes what it created.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Round {
    /// When it is over.
    OfTheCase,
    /// When the run is over: there is no later.
    OfTheRun,
}

/// One case's way to the deployment.
struct Live {
    run: RecordedSession,
    case: String,
    secrets: CaseSecrets,
    kept: Kept,
    round: Round,
}

impl Exchanger for Live {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            let exchange = self.run.session.exchange(part, ask).await?;
            let status = exchange.outcome.as_ref().map_or(0, |response| response.status);
            if is_throttled(ask.suite, &[], status) {
                self.run.throttled.fetch_add(1, Ordering::Relaxed);
            } else {
                self.run.throttled.store(0, Ordering::Relaxed);
            }
            let recorded = self.secrets.exchange(&exchange, ask);
            self.kept.add(part, &exchange, &recorded);
            self.run.record.write(&Event::Exchanged { case: self.case.clone(), part, exchange: Box::new(recorded) });
            Ok(exchange)
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.run.session.pause(duration).await;
        })
    }

    fn shown(&mut self, answers: &[Question]) {
        let mut settled = self.run.settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.extend(answers.iter().cloned());
    }

    fn wants(&mut self, _part: Part, question: &Question) -> bool {
        self.run.settled.lock().unwrap_or_else(PoisonError::into_inner).insert(question.clone())
    }

    fn changed(&mut self, change: Change) {
        let change = self.secrets.change(change);
        if let Change::NotRemovable { what } = &change {
            self.run.report_left_over(&self.case, what);
        }
        self.run.record.write_change(change, |change| Event::of_change(&self.case, change));
    }

    fn left_over(&mut self, what: &str) {
        let what = self.secrets.text(what);
        self.run.report_left_over(&self.case, &what);
        self.run.record.write(&Event::LeftOver { case: self.case.clone(), what });
    }

    fn later(&self) -> Later {
        match self.round {
            Round::OfTheCase if self.run.session.is_stopped() => Later::Now,
            Round::OfTheCase => Later::Comes,
            Round::OfTheRun => Later::Now,
        }
    }

    fn postponed(&mut self, postponed: Vec<Postponed>) {
        match self.round {
            Round::OfTheCase => {
                self.run.lock_postponed().insert(self.case.clone(), postponed);
            }
            Round::OfTheRun => postponed.iter().for_each(|one| self.left_over(&one.what)),
        }
    }

    fn unproven(&mut self, what: &str) {
        let what = self.secrets.text(what);
        self.run.unproven.lock().unwrap_or_else(PoisonError::into_inner).push((self.case.clone(), what.clone()));
        self.run.record.write(&Event::Unproven { case: self.case.clone(), what });
    }

    fn inventories(&self) -> &Inventories {
        self.run.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.run.session.survey(ask).await })
    }
}

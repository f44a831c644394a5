//! A run of cases against a deployment, with its record.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{RwLock, watch};

use crate::http::Exchange;
use crate::interpreter::{CaseOutcome, Exchanger, NOT_BEGUN, NoExchange, Question, Session, SessionError, run_case};
use crate::plan::{Case, Isolation, Readiness};
use crate::record::{Change, Event, Part, RecordWriter};
use crate::schema::Schemas;
use crate::target::{Ask, Target};

/// A run of cases against a deployment. They share its session, its record and the world that they change.
#[derive(Clone)]
pub struct RecordedSession {
    session: Session,
    record: RecordWriter,
    left_over: Arc<Mutex<Vec<(String, String)>>>,
    /// What cases showed, or are asking.
    settled: Arc<Mutex<BTreeSet<Question>>>,
    /// Held shared by cases that change things, alone by those that look at whole lists.
    world: Arc<RwLock<()>>,
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
        Ok(Self { session, record, left_over: Arc::default(), settled: Arc::default(), world: Arc::default() })
    }

    /// The way to the deployment.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What could not be removed so far: the case, and what is left.
    pub fn left_over(&self) -> Vec<(String, String)> {
        self.left_over.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs one case.
    pub async fn run(&self, case: &Case) -> CaseOutcome {
        if let Readiness::Skipped(reason) = &case.readiness {
            return self.skipped(case, reason.clone());
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
        self.record.write(&Event::CaseStarted { case: case.name.clone(), at_us: self.session.elapsed_us() });
        let live = Live { run: self.clone(), case: case.name.clone() };
        let outcome = run_case(case, self.session.schemas(), self.session.run(), live).await;
        drop((shared.take(), alone.take()));
        self.record.write(&Event::CaseEnded { case: case.name.clone(), at_us: self.session.elapsed_us() });
        outcome
    }

    fn skipped(&self, case: &Case, reason: String) -> CaseOutcome {
        self.record.write(&Event::CaseSkipped { case: case.name.clone(), reason: reason.clone() });
        CaseOutcome::skipped(&case.name, reason)
    }
}

/// One case's way to the deployment.
struct Live {
    run: RecordedSession,
    case: String,
}

impl Exchanger for Live {
    async fn exchange(&mut self, part: Part, ask: &Ask<'_>) -> Result<Exchange, NoExchange> {
        let exchange = self.run.session.exchange(part, ask).await?;
        let event = Event::Exchanged { case: self.case.clone(), part, exchange: Box::new(exchange.clone()) };
        self.run.record.write(&event);
        Ok(exchange)
    }

    async fn pause(&mut self, duration: Duration) {
        self.run.session.pause(duration).await;
    }

    fn shown(&mut self, answers: &[Question]) {
        let mut settled = self.run.settled.lock().unwrap_or_else(PoisonError::into_inner);
        settled.extend(answers.iter().cloned());
    }

    fn wants(&mut self, _part: Part, question: &Question) -> bool {
        self.run.settled.lock().unwrap_or_else(PoisonError::into_inner).insert(question.clone())
    }

    fn changed(&mut self, change: Change) {
        self.run.record.write_change(change, |change| Event::of_change(&self.case, change));
    }

    fn left_over(&mut self, what: &str) {
        let what = self.run.session.without_secrets(what);
        let mut left_over = self.run.left_over.lock().unwrap_or_else(PoisonError::into_inner);
        left_over.push((self.case.clone(), what.clone()));
        drop(left_over);
        self.run.record.write(&Event::LeftOver { case: self.case.clone(), what });
    }
}

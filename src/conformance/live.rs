//! A run against a deployment: sends, records, and can be stopped.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{RwLock, watch};

use crate::http::Exchange;
use crate::plan::{Case, Isolation, Readiness};
use crate::record::{Event, Part, RecordWriter};
use crate::schema::Schemas;
use crate::target::{Ask, Client, ClientError, Redactor, Target};

use super::{CaseOutcome, Exchanger, NoExchange, run_case};

/// A run against a deployment. Cases of one session share its client, its record and its limits.
#[derive(Clone)]
pub struct Session {
    target: Arc<Target>,
    schemas: Schemas,
    client: Client,
    redactor: Arc<Redactor>,
    record: RecordWriter,
    started: Instant,
    run: String,
    stop: watch::Receiver<bool>,
    left_over: Arc<Mutex<Vec<(String, String)>>>,
    /// Held shared by cases that change things, alone by those that look at whole lists.
    world: Arc<RwLock<()>>,
}

/// Why a session can't begin.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SessionError(#[from] ClientError);

impl Session {
    /// A session named `run`; `stop` becomes true when somebody wants it to end.
    pub fn new(
        target: Arc<Target>,
        schemas: Schemas,
        record: RecordWriter,
        run: String,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, SessionError> {
        let started = Instant::now();
        let client = Client::new(target.limits, started)?;
        let redactor = Arc::new(Redactor::new(&target, *uuid::Uuid::new_v4().as_bytes()));
        Ok(Self {
            target,
            schemas,
            client,
            redactor,
            record,
            started,
            run,
            stop,
            left_over: Arc::default(),
            world: Arc::default(),
        })
    }

    /// From the start of the run until now, in microseconds.
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// Whether somebody wants the run to end.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// What could not be removed so far: the case, and what is left.
    pub fn left_over(&self) -> Vec<(String, String)> {
        self.left_over.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Runs one case.
    pub async fn run(&self, case: &Case) -> CaseOutcome {
        if let Readiness::Skipped(reason) = &case.readiness {
            let event = Event::CaseSkipped { case: case.name.clone(), reason: reason.clone() };
            self.record.write(&event);
            return CaseOutcome::skipped(&case.name, reason.clone());
        }
        let (mut shared, mut alone) = (None, None);
        match case.isolation {
            Isolation::None => {}
            Isolation::Shared => shared = Some(self.world.read().await),
            Isolation::Exclusive => alone = Some(self.world.write().await),
        }
        if self.is_stopped() {
            let reason = "the run was interrupted before it";
            self.record.write(&Event::CaseSkipped { case: case.name.clone(), reason: reason.to_owned() });
            return CaseOutcome::skipped(&case.name, reason.to_owned());
        }
        self.record.write(&Event::CaseStarted { case: case.name.clone(), at_us: self.elapsed_us() });
        let live = Live { session: self.clone(), case: case.name.clone() };
        let outcome = run_case(case, &self.schemas, &self.run, live).await;
        drop((shared.take(), alone.take()));
        self.record.write(&Event::CaseEnded { case: case.name.clone(), at_us: self.elapsed_us() });
        outcome
    }

    /// Sends one request outside of any case.
    pub async fn ask(&self, ask: &Ask<'_>) -> Result<Exchange, NoExchange> {
        let prepared = self.target.prepare(ask, Timestamp::now())?;
        Ok(self.redactor.exchange(&self.client.send(prepared.request).await))
    }

    /// The target of the session.
    pub fn target(&self) -> &Target {
        &self.target
    }
}

/// One case's way to the deployment.
struct Live {
    session: Session,
    case: String,
}

/// Returns when somebody wants the run to end, and never if nobody can want that any more.
async fn stopped(mut stop: watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

impl Exchanger for Live {
    async fn exchange(&mut self, part: Part, ask: &Ask<'_>) -> Result<Exchange, NoExchange> {
        let stop = self.session.stop.clone();
        let asked = self.session.ask(ask);
        let exchange = match part {
            // What was created is removed even when the run is to end.
            Part::Undo => asked.await?,
            Part::Step(_) => tokio::select! {
                biased;
                () = stopped(stop) => return Err(NoExchange::Interrupted),
                exchange = asked => exchange?,
            },
        };
        let event = Event::Exchanged { case: self.case.clone(), part, exchange: Box::new(exchange.clone()) };
        self.session.record.write(&event);
        Ok(exchange)
    }

    async fn pause(&mut self, duration: Duration) {
        let stop = self.session.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            // A stopped run waits a little all the same: what is removed may take several questions.
            () = stopped(stop) => tokio::time::sleep(duration.min(Duration::from_millis(200))).await,
        }
    }

    fn left_over(&mut self, what: &str) {
        let what = self.session.redactor.text(what);
        let mut left_over = self.session.left_over.lock().unwrap_or_else(PoisonError::into_inner);
        left_over.push((self.case.clone(), what.clone()));
        drop(left_over);
        self.session.record.write(&Event::LeftOver { case: self.case.clone(), what });
    }
}

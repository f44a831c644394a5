//! A run's way to a deployment: sends, and can be stopped.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::deployment::{Client, ClientError, Limits, Prepared, Redactor, RequestSpec, Target};
use assay_formats::record::Part;
use assay_schema::Schemas;
use assay_suite::Effect;
use assay_suite::http::Exchange;

use super::exchanger::NoExchange;
use super::inventories::Inventories;
use super::secrets::CaseSecrets;

/// A run's way to a deployment. Clones share its client and its limits.
#[derive(Clone)]
pub struct Session {
    target: Arc<Target>,
    schemas: Schemas,
    client: Client,
    redactor: Arc<Redactor>,
    started: Instant,
    run: Arc<str>,
    inventories: Inventories,
    stop: watch::Receiver<bool>,
}

/// Why a session can't begin.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SessionError(#[from] ClientError);

impl Session {
    /// A session of the run named `run`; `stop` becomes true when somebody wants it to end.
    pub fn new(
        target: Arc<Target>,
        schemas: Schemas,
        run: String,
        stop: watch::Receiver<bool>,
    ) -> Result<Self, SessionError> {
        let started = Instant::now();
        let client = Client::new(target.limits, target.certificates, started)?;
        let redactor = Arc::new(Redactor::of(&target));
        let inventories = Inventories::default();
        Ok(Self { target, schemas, client, redactor, started, run: run.into(), inventories, stop })
    }

    /// The target of the session.
    pub fn target(&self) -> &Arc<Target> {
        &self.target
    }

    /// The schemas by which answers are read and judged.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// The same, after a run that noted these: it is too late for others.
    #[must_use]
    pub fn after(self, inventories: Inventories) -> Self {
        Self { inventories, ..self }
    }

    /// What was there before the run created anything.
    pub fn inventories(&self) -> &Inventories {
        &self.inventories
    }

    /// One request of an inventory; none when the run is to end: nothing more is created then.
    pub async fn survey(&self, ask: &RequestSpec<'_>) -> Result<Exchange, NoExchange> {
        if self.is_stopped() {
            return Err(NoExchange::Interrupted);
        }
        tokio::select! {
            biased;
            () = self.stopped() => Err(NoExchange::Interrupted),
            exchange = self.ask(ask) => exchange,
        }
    }

    /// The name of the run.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// From the start of the run until now, in microseconds.
    pub fn elapsed_us(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// The moment from which the run counts.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// What takes the secrets of the target out.
    pub fn redactor(&self) -> &Arc<Redactor> {
        &self.redactor
    }

    /// The same run's way to the same deployment, within other limits, over connections of its own, and with an end of its
    /// own.
    pub fn within(&self, limits: Limits, stop: watch::Receiver<bool>) -> Result<Self, SessionError> {
        Ok(Self { client: Client::new(limits, self.target.certificates, self.started)?, stop, ..self.clone() })
    }

    /// Whether somebody wants the run to end.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// Returns when the run is to end, and never once that can no longer be requested.
    pub async fn stopped(&self) {
        let mut stop = self.stop.clone();
        if stop.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Builds and signs a request.
    pub fn prepare(&self, ask: &RequestSpec<'_>) -> Result<Prepared, NoExchange> {
        Ok(self.target.prepare(ask, Timestamp::now())?)
    }

    /// Sends a request. What comes of it may hold secrets.
    pub async fn send(&self, prepared: Prepared) -> Exchange {
        self.client.send(prepared).await
    }

    /// What takes secrets out of what is written of a case.
    pub fn case_secrets(&self) -> CaseSecrets {
        CaseSecrets::new(&self.redactor)
    }

    /// Sends one request, whatever the run is about. What comes of it may hold secrets.
    pub async fn ask(&self, ask: &RequestSpec<'_>) -> Result<Exchange, NoExchange> {
        let request = self.prepare(ask)?;
        Ok(self.send(request).await)
    }

    /// Sends a request of a case. A step's is given up when the run is to end, unless it may have done something by then: its
    /// answer names what is to be removed. What was created is removed even then.
    pub async fn exchange(&self, part: Part, ask: &RequestSpec<'_>) -> Result<Exchange, NoExchange> {
        let asked = self.ask(ask);
        match part {
            Part::Undo => asked.await,
            Part::Step(_) | Part::Witness(_) if self.is_stopped() => Err(NoExchange::Interrupted),
            Part::Step(_) | Part::Witness(_) if writes(ask) => asked.await,
            Part::Step(_) | Part::Witness(_) => tokio::select! {
                biased;
                () = self.stopped() => Err(NoExchange::Interrupted),
                exchange = asked => exchange,
            },
        }
    }

    /// Waits before asking again. A stopped run waits a little all the same: what is removed may take several questions.
    pub async fn pause(&self, duration: Duration) {
        tokio::select! {
            () = tokio::time::sleep(duration) => {}
            () = self.stopped() => tokio::time::sleep(duration.min(Duration::from_millis(200))).await,
        }
    }

    /// A text without the secrets of the target.
    pub fn without_secrets(&self, text: &str) -> String {
        self.redactor.text(text)
    }
}

/// Whether a request does more than read; what is not documented is only asked for to be refused.
fn writes(ask: &RequestSpec<'_>) -> bool {
    ask.suite.operations.get(ask.operation).is_some_and(|operation| operation.effect != Effect::Reads)
}

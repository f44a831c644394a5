//! What is done before a measurement, and undone after it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::deployment::RequestSpec;
use crate::interpreter::{CaseSecrets, Exchanger, Inventories, NoExchange, Prepared, Session, prepare_case};
use crate::plan::Case;
use crate::scenario::Bindings;
use assay_formats::record::{Change, Part};
use assay_suite::http::Exchange;

/// What was set up for a measurement, and has to be removed after it.
#[must_use = "what was set up stays until it is torn down"]
pub struct SetUp<'a> {
    prepared: Prepared<'a>,
    left_over: LeftOver,
}

/// Why a measurement can't be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the set-up failed: {reason}")]
pub struct NotSetUp {
    /// What was not as expected.
    pub reason: String,
    /// What had been created by then and could not be removed.
    pub left_over: Vec<String>,
}

impl<'a> SetUp<'a> {
    /// Runs the steps of a case, and hands out the values of its variables. After a failure, or when the run is
    /// stopped, what was created by then is removed at once. `changes` receives what has to be removed, or was.
    pub async fn prepare(
        case: &'a Case,
        session: &'a Session,
        changes: impl Fn(Change) + Send + Sync + 'static,
    ) -> Result<(Bindings, Self), NotSetUp> {
        let left_over = LeftOver::default();
        let secrets = session.case_secrets();
        let way = Way {
            session: session.clone(),
            left_over: left_over.clone(),
            secrets: secrets.clone(),
            changes: Box::new(changes),
        };
        let prepared = prepare_case(case, session.schemas(), session.run(), Box::new(way)).await;
        let failure = prepared.failure().map(|failure| secrets.text(&failure));
        let bindings = prepared.bindings().clone();
        let set_up = Self { prepared, left_over };
        match failure {
            None => Ok((bindings, set_up)),
            Some(reason) => Err(NotSetUp { reason, left_over: set_up.tear_down().await }),
        }
    }

    /// Removes what was created, last first, when the run is stopped too. Each text says what is left, and how to remove it.
    pub async fn tear_down(self) -> Vec<String> {
        self.prepared.undo().await;
        self.left_over.take()
    }
}

/// What could not be removed.
#[derive(Clone, Default)]
struct LeftOver(Arc<Mutex<Vec<String>>>);

impl LeftOver {
    fn add(&self, what: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(what);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The way to the deployment of what is not measured. Of what comes of it only what has to be removed is recorded.
struct Way {
    session: Session,
    left_over: LeftOver,
    secrets: CaseSecrets,
    changes: Box<dyn Fn(Change) + Send + Sync>,
}

impl Exchanger for Way {
    fn exchange<'a>(&'a mut self, part: Part, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move {
            let exchange = self.session.exchange(part, ask).await?;
            // The secrets that it reveals are taken out of what is written later.
            let _ = self.secrets.exchange(&exchange, ask);
            Ok(exchange)
        })
    }

    fn pause(&mut self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.session.pause(duration).await;
        })
    }

    fn changed(&mut self, change: Change) {
        (self.changes)(self.secrets.change(change));
    }

    fn left_over(&mut self, what: &str) {
        self.left_over.add(self.secrets.text(what));
    }

    fn unproven(&mut self, what: &str) {
        self.left_over.add(self.secrets.text(what));
    }

    fn inventories(&self) -> &Inventories {
        self.session.inventories()
    }

    fn survey<'a>(&'a mut self, ask: &'a RequestSpec<'_>) -> BoxFuture<'a, Result<Exchange, NoExchange>> {
        Box::pin(async move { self.session.survey(ask).await })
    }
}

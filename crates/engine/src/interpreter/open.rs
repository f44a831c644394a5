//! A case whose steps are decided while it runs.

use std::sync::Arc;

use crate::plan::{Case, PlannedAction, PlannedStep};
use crate::scenario::Bindings;
use assay_formats::record::Part;
use assay_schema::Schemas;
use assay_suite::http::Exchange;

use super::exchanger::{Exchanger, NoExchange};
use super::outcome::CaseOutcome;
use super::state::{Interpreter, Stop};

/// A case whose steps are decided while it runs. What they create stays until it is undone.
#[must_use = "what the case created stays until it is undone"]
pub struct OpenCase<'c> {
    interpreter: Interpreter<'c>,
    steps: usize,
}

impl<'c> OpenCase<'c> {
    /// Begins a case without steps.
    pub fn begin(case: &'c Case, schemas: &'c Schemas, run: &str, exchanger: Box<dyn Exchanger + 'c>) -> Self {
        Self { interpreter: Interpreter::new(case, schemas, run, exchanger), steps: 0 }
    }

    /// The values of the variables.
    pub fn bindings(&self) -> &Bindings {
        &self.interpreter.bindings
    }

    /// Does one step, and returns the exchange that decides it: of a job, the last about it. None if nothing was asked, since
    /// the step would act on what is not the run's own.
    ///
    /// # Errors
    ///
    /// If the run is over.
    pub async fn take(&mut self, step: &PlannedStep) -> Result<Option<Exchange>, NoExchange> {
        let interpreter = &mut self.interpreter;
        let before = interpreter.exchanges.len();
        interpreter.at = self.steps;
        self.steps += 1;
        interpreter.suite = Arc::clone(step.suite.as_ref().unwrap_or(&interpreter.case.suite));
        let done = match &step.action {
            PlannedAction::Call { calls, until } => interpreter.call_each(step, calls, until.as_ref()).await,
            PlannedAction::Await { .. } => interpreter.await_job(step).await,
            PlannedAction::Paginate(call) => interpreter.paginate(step, call).await,
        };
        if let Err(Stop::Over(none)) = done {
            return Err(none);
        }
        let mut of_step = interpreter.exchanges.drain(before..).filter(|(part, _)| matches!(part, Part::Step(_)));
        Ok(of_step.next_back().map(|(_, exchange)| exchange))
    }

    /// Removes what the steps created, last first. The exchanger receives what can't be removed.
    pub async fn undo(mut self) -> CaseOutcome {
        self.interpreter.undo_all().await;
        self.interpreter.outcome(None)
    }
}

//! Makes the request that a command line says, and shows what came of it.

use assay_suite::http::{Exchange, Response};

use super::caller::{Caller, rows_of};
use super::filter::Filter;
use super::rows::Shown;
use super::{job, pages};
use crate::arguments::{CallOutput, CallRequest};
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::request;

impl Caller<'_> {
    /// Sends a request, and shows its answer.
    pub async fn call(&self, request: &CallRequest) -> Result<ExitCode, CliError> {
        let Some(name) = request.operation.as_deref() else {
            return Err(CliError::new(ExitCode::Usage, "error: no operation is named"));
        };
        // What can't be shown need not be asked for.
        let filter = request.filter.as_deref().map(Filter::parse).transpose()?;
        let operation = self.suite.operations.get(name);
        let asked = self.asked(request, name, operation)?;
        if request.all {
            let items = pages::fetch(self, &asked).await?;
            let shown = Shown::new(items.items, filter.as_ref(), &request.columns);
            self.print(&shown.render(form_of(request)));
            return Ok(items.code);
        }
        let prepared = request::prepare(self.target, &asked.spec)?;
        self.announce(request, &asked, &prepared);
        let mut exchange = request::send(self.target, prepared).await?;
        let mut code = ExitCode::Conforms;
        if let (Some(longest), Some(jobs)) = (request.wait, &self.suite.jobs) {
            let started = self.read(&asked, name, &exchange).ok();
            if let Some(id) = started.as_ref().and_then(|answer| jobs.id_in(answer)) {
                let read = |exchange: &Exchange| self.read(&asked, &jobs.poll.0, exchange);
                (exchange, code) = job::follow(self.target, (&asked.spec, jobs), id, longest, read).await?;
            }
        }
        let exchange = self.seen(&asked, exchange);
        let is_done = |response: &Response| self.is_done(name, response.status);
        let is_refused = !exchange.outcome.as_ref().is_ok_and(is_done);
        let is_plain = request.columns.is_empty() && filter.is_none();
        if is_refused || (is_plain && request.output.unwrap_or(CallOutput::Body) == CallOutput::Body) {
            let shown = self.show(name, &exchange)?;
            return Ok(if code == ExitCode::Conforms { shown } else { code });
        }
        let items = rows_of(&self.read(&asked, name, &exchange)?, operation, self.suite.jobs.as_ref());
        let shown = Shown::new(items, filter.as_ref(), &request.columns);
        self.print(&shown.render(form_of(request)));
        Ok(code)
    }
}

/// The form in which items are shown: columns alone ask for a table.
fn form_of(request: &CallRequest) -> CallOutput {
    match request.output {
        None | Some(CallOutput::Body) if !request.columns.is_empty() => CallOutput::Table,
        None | Some(CallOutput::Body) => CallOutput::Json,
        Some(form) => form,
    }
}

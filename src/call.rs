//! `assay call`: one signed request, its answer, and why it is signed as it is.

mod job;
mod rows;

use serde_json::Value;

use crate::output::{Sink, stderr, stdout};
use assay_engine::deployment::{Prepared, Redactor, RequestSpec, Seen, decode};
use assay_engine::plan::Library;
use assay_reference::Settings;
use assay_suite::Suite;
use assay_suite::http::{Exchange, Method};
use assay_suite::source::harmless;

use super::arguments::{CallArguments, CallOutput, Common, Encoding};
use super::runtime::runtime;
use super::{CliContext, CliError, ExitCode, documents, request, target};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &CallArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let opened = runtime.block_on(target::open(surroundings, &library, &command.target, Settings::default()))?;
    let suite = target::suite_of(&opened.target, &library, &command.suite)?;
    let format = command.format.map(|format| match format {
        Encoding::Json => assay_suite::Encoding::Json,
        Encoding::Xml => assay_suite::Encoding::Xml,
    });
    let ask = RequestSpec {
        suite,
        operation: &command.operation,
        arguments: command.arguments.clone(),
        withheld: &[],
        format: format.or(suite.formats.first().map(|format| format.encoding)),
        method: command.post.then_some(Method::Post),
        account: command.account.as_deref(),
        traits: &[],
    };
    let (prepared, redactor) = (request::prepare(&opened.target, &ask)?, Redactor::of(&opened.target));
    let request = redactor.request_of(&prepared.request, suite, &command.operation);
    if command.explain {
        Sink::Err.write(harmless::lines(&explained(&prepared, &redactor)).as_bytes());
    }
    stderr!("{} {}", request.method, harmless::line(&request.url));
    let mut exchange = runtime.block_on(request::send(&opened.target, prepared))?;
    let mut code = ExitCode::Conforms;
    let read = |operation: &str, exchange: &Exchange| {
        read(&library, suite, operation, ask.format, exchange).map_err(|why| {
            // What fails, and what can't be read, may repeat a key.
            CliError::new(ExitCode::CouldNotRun, format!("error: {}", redactor.text(&why)))
        })
    };
    if let (Some(longest), Some(jobs)) = (command.wait, &suite.jobs) {
        let started = read(&command.operation, &exchange).ok();
        if let Some(id) = started.as_ref().and_then(|answer| jobs.id_in(answer)) {
            let read = |exchange: &Exchange| read(&jobs.poll.0, exchange);
            (exchange, code) = runtime.block_on(job::follow(&opened.target, (&ask, jobs), id, longest, read))?;
        }
    }
    let exchange = if command.hide_secrets {
        redactor.exchange(&exchange, suite, &command.operation, &mut Seen::default())
    } else {
        redactor.for_its_asker(exchange)
    };
    let is_refused = exchange.outcome.as_ref().map_or(true, |response| response.status >= 400);
    if is_refused || (command.output == CallOutput::Body && command.columns.is_empty()) {
        let shown = show(&exchange, surroundings)?;
        return Ok(if code == ExitCode::Conforms { shown } else { code });
    }
    let mut answer = read(&command.operation, &exchange)?;
    if let Some(result) = suite.jobs.as_ref().and_then(|jobs| jobs.result_in(&answer)) {
        answer = result.clone();
    }
    let rows = rows::Rows::of(&answer, suite.operations.get(command.operation.as_str()), &command.columns);
    let text = rows.render(command.output);
    Sink::Out.write(if surroundings.terminal { harmless::lines(&text) } else { text }.as_bytes());
    Ok(code)
}

/// What is in the answer to an operation.
fn read(
    library: &Library,
    suite: &Suite,
    operation: &str,
    format: Option<assay_suite::Encoding>,
    exchange: &Exchange,
) -> Result<Value, String> {
    let response = exchange.outcome.as_ref().map_err(|failure| format!("{}: {}", failure.kind, failure.message))?;
    let path = format!("{}/{operation}.json", suite.name.value);
    let format = format.unwrap_or(assay_suite::Encoding::Json);
    let answer = decode(&response.body, format, &suite.envelope, &library.schemas.shape(&path));
    answer.map(|answer| answer.value).map_err(|malformed| format!("the answer can't be read: {malformed}"))
}

fn explained(prepared: &Prepared, redactor: &Redactor) -> String {
    let Some(signed) = &prepared.signed else { return "The request is not signed.\n\n".to_owned() };
    let mut text = "The request, signed with the secret key of the account (not shown):\n\n".to_owned();
    for (number, step) in (1..).zip(&signed.steps) {
        text += &format!("{number}. {}\n   {}\n\n", step.what, redactor.text(&step.result));
    }
    text
}

fn show(exchange: &Exchange, surroundings: &CliContext<'_>) -> Result<ExitCode, CliError> {
    match &exchange.outcome {
        Ok(response) => {
            stderr!(
                "{} in {:.1} ms",
                response.status,
                f64::from(u32::try_from(exchange.timing.took_us).unwrap_or(u32::MAX)) / 1000.0
            );
            let body = pretty(&response.body);
            // Only a terminal obeys what is in it; a program gets what there was.
            stdout!("{}", if surroundings.terminal { harmless::lines(&body) } else { body });
            Ok(if response.status < 400 { ExitCode::Conforms } else { ExitCode::Violates })
        }
        Err(failure) => {
            Err(CliError::new(ExitCode::CouldNotRun, format!("error: {}: {}", failure.kind, failure.message)))
        }
    }
}

/// JSON with line breaks; anything else as it is.
fn pretty(body: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(body);
    parsed.map_or_else(|_| body.to_owned(), |value| format!("{value:#}"))
}

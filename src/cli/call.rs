//! `assay call`: one signed request, its answer, and why it is signed as it is.

use crate::http::{Exchange, Method, Request};
use crate::reference::Settings;
use crate::suite;
use crate::target::{Ask, Prepared, Redactor};

use super::arguments::{CallArguments, Common, Encoding};
use super::runtime::runtime;
use super::{ExitCode, Refusal, Surroundings, documents, target};

pub(super) fn run(
    surroundings: &Surroundings<'_>,
    common: &Common,
    command: &CallArguments,
) -> Result<ExitCode, Refusal> {
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let opened = runtime.block_on(target::open(surroundings, &library, &command.target, Settings::default()))?;
    let served = target::served(&opened.target, &library, std::slice::from_ref(&command.suite))?;
    let suite = served.first().and_then(|name| library.suites.get(name));
    let Some(suite) = suite else { return Ok(ExitCode::Usage) };
    let format = command.format.map(|format| match format {
        Encoding::Json => suite::Encoding::Json,
        Encoding::Xml => suite::Encoding::Xml,
    });
    let ask = Ask {
        suite,
        operation: &command.operation,
        arguments: command.arguments.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect(),
        withheld: &[],
        format: format.or(suite.formats.first().map(|format| format.encoding)),
        method: command.post.then_some(Method::Post),
        account: command.account.as_deref(),
        traits: &[],
    };
    let (prepared, redactor) = (target::prepare(&opened.target, &ask)?, target::redactor(&opened.target));
    if command.explain {
        explain(&prepared, &redactor);
    }
    show(&runtime.block_on(target::send(&opened.target, &redactor, prepared))?)
}

fn explain(prepared: &Prepared, redactor: &Redactor) {
    let Some(signed) = &prepared.signed else {
        println!("The request is not signed.\n");
        return;
    };
    println!("The request, signed with the secret key of the account (not shown):\n");
    for (number, step) in (1..).zip(&signed.steps) {
        println!("{number}. {}\n   {}\n", step.what, redactor.text(&step.result));
    }
}

fn show(exchange: &Exchange) -> Result<ExitCode, Refusal> {
    let Request { method, url, .. } = &exchange.request;
    eprintln!("{method} {url}");
    match &exchange.outcome {
        Ok(response) => {
            eprintln!(
                "{} in {:.1} ms",
                response.status,
                f64::from(u32::try_from(exchange.timing.took_us).unwrap_or(u32::MAX)) / 1000.0
            );
            println!("{}", pretty(&response.body));
            Ok(if response.status < 400 { ExitCode::Conforms } else { ExitCode::Violates })
        }
        Err(failure) => {
            Err(Refusal::new(ExitCode::CouldNotRun, format!("error: {}: {}", failure.kind, failure.message)))
        }
    }
}

/// JSON with line breaks; anything else as it is.
fn pretty(body: &str) -> String {
    let parsed = serde_json::from_str::<serde_json::Value>(body);
    parsed.map_or_else(|_| body.to_owned(), |value| format!("{value:#}"))
}

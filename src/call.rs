//! `assay call`: one signed request, its answer, and why it is signed as it is.

mod caller;
mod carry_out;
mod filter;
mod input;
mod job;
mod pages;
mod rows;
mod usage;

use assay_engine::plan::Library;
use assay_reference::Settings;
use assay_suite::source::harmless;
use assay_suite::{Suite, SuiteName};

use crate::output::Sink;

use super::arguments::{CallArguments, Common, command};
use super::runtime::runtime;
use super::{CliContext, CliError, ExitCode, documents, target};

pub(super) use caller::Caller;
pub(super) use usage::{of_operation, of_suite};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    arguments: &CallArguments,
) -> Result<ExitCode, CliError> {
    let request = &arguments.request;
    // Without --help there is one: the command line asks for it.
    let Some(name) = arguments.suite.as_deref() else { return Ok(help()) };
    let library = documents::library(surroundings, common)?;
    if request.help {
        let suite = suite_called(&library, name)?;
        let text = match request.operation.as_deref() {
            Some(operation) => of_operation(suite, operation)?,
            None => of_suite(suite),
        };
        Sink::Out.write(text.as_bytes());
        return Ok(ExitCode::Conforms);
    }
    let runtime = runtime()?;
    let opened = runtime.block_on(target::open(surroundings, &library, &arguments.target, Settings::default()))?;
    let suite = target::suite_of(&opened.target, &library, name)?;
    let caller = Caller::new(surroundings, &library, &opened.target, suite);
    runtime.block_on(caller.call(request))
}

/// What `call` takes.
fn help() -> ExitCode {
    let mut program = command();
    program.build();
    if let Some(call) = program.find_subcommand_mut("call") {
        Sink::Out.write(call.render_long_help().to_string().as_bytes());
    }
    ExitCode::Conforms
}

/// The suite with a name, whatever the target serves.
fn suite_called<'l>(library: &'l Library, name: &str) -> Result<&'l Suite, CliError> {
    library.suites.get(&SuiteName(name.to_owned())).map(AsRef::as_ref).ok_or_else(|| {
        let known: Vec<_> = library.suites.keys().map(|name| name.0.as_str()).collect();
        let message = format!("error: there is no suite `{}`: {}", harmless::line(name), known.join(", "));
        CliError::new(ExitCode::Usage, message)
    })
}

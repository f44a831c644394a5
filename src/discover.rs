//! `assay discover`: the operations that a deployment says it has, against the documented ones.

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::{Sink, stdout};
use assay_engine::deployment::{Redactor, RequestSpec, Target, decode};
use assay_engine::plan::Library;
use assay_engine::verdict::{Difference, Discovery, discover};
use assay_reference::Settings;
use assay_suite::source::harmless;
use assay_suite::{Encoding, Suite};

use super::arguments::{Common, DiscoverArguments, OutputFormat};
use super::runtime::runtime;
use super::{documents, request, target};

/// The command by which a CloudStack server describes its API. Not every document knows it.
const LISTS_OPERATIONS: &str = "listApis";

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &DiscoverArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let opened = runtime.block_on(target::open(surroundings, &library, &command.target, Settings::default()))?;
    let suite = target::suite_of(&opened.target, &library, &command.suite)?;

    let redactor = Redactor::of(&opened.target);
    let discovery = runtime.block_on(ask(&opened.target, &library, suite))?;
    match command.format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&discovery);
            let json = json.map_err(|error| CliError::could_not("what was found can't be written", error))?;
            stdout!("{}", harmless::lines(&redactor.without_keys(&json)));
        }
        OutputFormat::Text => {
            Sink::Out.write(harmless::lines(&redactor.without_keys(&describe(suite, &discovery))).as_bytes());
        }
    }
    Ok(if discovery.is_as_documented() { ExitCode::Conforms } else { ExitCode::Violates })
}

/// Asks a deployment which operations it has.
pub(super) async fn ask(target: &Target, library: &Library, suite: &Suite) -> Result<Discovery, CliError> {
    let cannot = |why: String| {
        let why = Redactor::of(target).text(&why);
        let message = format!("error: {} does not describe its operations: {why}", target.name);
        CliError::new(ExitCode::CouldNotRun, message)
    };
    let spec = RequestSpec::plain(suite, LISTS_OPERATIONS, Some(Encoding::Json));
    let prepared = request::prepare(target, &spec).map_err(|_| cannot(format!("its API has no {LISTS_OPERATIONS}")))?;
    let exchange = request::send(target, prepared).await?;
    let response = exchange.outcome.map_err(|failure| cannot(format!("{}: {}", failure.kind, failure.message)))?;
    if response.status != 200 {
        return Err(cannot(format!("{LISTS_OPERATIONS} is answered with status {}", response.status)));
    }
    let shape = library.schemas.shape("");
    let answer = decode(&response.body, Encoding::Json, &suite.envelope, &shape)
        .map_err(|malformed| cannot(malformed.to_string()))?;
    discover(suite, &answer.value).map_err(cannot)
}

fn describe(suite: &Suite, discovery: &Discovery) -> String {
    let (offered, documented) = (discovery.offered, suite.operations.len());
    let mut text = format!("{offered} of the deployment's operations; the document has {documented}\n");
    for (names, what) in [
        (&discovery.lacking, "documented, but not there"),
        (&discovery.removed, "removed by the document, but there"),
        (&discovery.undocumented, "there, but not documented"),
    ] {
        if !names.is_empty() {
            text += &format!("\n{} {what}:\n", names.len());
            names.iter().for_each(|name| text += &format!("  {}\n", harmless::line(name)));
        }
    }
    if !discovery.differences.is_empty() {
        text += &format!("\n{} differences of operations that both have:\n", discovery.differences.len());
    }
    for Difference { operation, parameter, kind } in &discovery.differences {
        let subject = parameter.as_ref().map_or_else(|| operation.clone(), |name| format!("{operation} {name}"));
        text += &format!("  {}\n", harmless::line(&format!("{subject} {}", kind.describe())));
    }
    text
}

//! `assay coverage`: what the scenarios verify, by the documents alone.

use std::collections::BTreeMap;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use crate::target::name::REFERENCE;
use assay_engine::deployment::{Credentials, Service, Target};
use assay_engine::plan::{Choice, Library};
use assay_reference::Settings;
use assay_report::{Coverage, RequirementStanding, coverage};

use super::arguments::{Common, CoverageArguments, OutputFormat};
use super::runtime::runtime;
use super::{documents, target};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &CoverageArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let opened = target::open(surroundings, &library, REFERENCE, Settings::default());
    let opened = runtime()?.block_on(opened)?;
    let target = serving_all(&opened.target, &library);
    let document = common.openapi.as_deref().and_then(|document| super::openapi::suite_of(document, &library));
    let suites = match document {
        Some(suite) if command.suites.is_empty() => vec![suite],
        _ => target::served(&target, &library, &command.suites)?,
    };
    let choice = Choice { suites, ..Choice::default() };
    let plan = documents::plan(surroundings, &library, &target, &choice)?;
    let coverage = coverage(&plan);
    match command.format {
        OutputFormat::Json => {
            let json = serde_json::to_string_pretty(&coverage);
            stdout!("{}", json.map_err(|error| CliError::could_not("the coverage can't be written", error))?);
        }
        OutputFormat::Text => show(&coverage),
    }
    Ok(ExitCode::Conforms)
}

/// A target with a service for every suite: the reference cloud does not know those that people write for APIs of their own.
fn serving_all(target: &Target, library: &Library) -> Target {
    let mut target = target.clone();
    for suite in library.suites.keys() {
        target.services.entry(suite.clone()).or_insert_with(|| Service {
            url: String::new(),
            main: Credentials::default(),
            accounts: BTreeMap::new(),
            variables: BTreeMap::new(),
        });
    }
    target
}

fn show(coverage: &Coverage) {
    stdout!("What the scenarios are about, by the documents alone; what a run verified is in its report.");
    for suite in &coverage.suites {
        stdout!(
            "{}: {} of {} operations have cases{}, {} cases in all; {} requirements: {} have cases, {} untestable, {} open",
            suite.suite,
            suite.operations_tested,
            suite.operations_documented,
            if suite.operations_named > 0 {
                format!(" ({} only named by the document)", suite.operations_named)
            } else {
                String::new()
            },
            suite.cases,
            suite.requirements.len(),
            suite.verified,
            suite.untestable,
            suite.open
        );
        for operation in suite.operations.iter().filter(|operation| operation.cases.is_empty()) {
            stdout!("  no case  {}", operation.operation);
        }
        let open = |standing| standing == RequirementStanding::Open;
        for requirement in suite.requirements.iter().filter(|requirement| open(requirement.standing)) {
            stdout!("  open  {}  {}  ({})", requirement.id, requirement.text, requirement.source);
        }
    }
}

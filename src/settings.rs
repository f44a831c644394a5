//! `assay.yaml` in the current folder: what one would otherwise type each time. Arguments go before it, and the environment does.

use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::contents::contents;
use crate::context::CliContext;
use crate::error::CliError;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Node};

use super::arguments::{Arguments, Command, ReportWanted, TestArguments};

/// The file.
const FILE: &str = "assay.yaml";
/// The variables of the environment, and the arguments that they stand for.
const TARGET: &str = "ASSAY_TARGET";
const OUTPUT: &str = "ASSAY_OUTPUT";

/// What `test` of the file says.
#[derive(Default)]
struct TestSettings {
    target: Option<String>,
    suites: Vec<String>,
    output: Option<String>,
    reports: Vec<ReportWanted>,
    baseline: Option<String>,
    history: Option<String>,
    retries: Option<u32>,
}

/// Fills in what the command line does not give.
pub(super) fn apply(context: &CliContext<'_>, matches: &ArgMatches, arguments: &mut Arguments) -> Result<(), CliError> {
    let Command::Test(test) = &mut arguments.command else { return Ok(()) };
    let Some((_, given)) = matches.subcommand() else { return Ok(()) };
    // What is there and is no file is no reason to go on without it.
    let is_there = std::fs::symlink_metadata(FILE).is_ok();
    let settings = if is_there { read(context)? } else { TestSettings::default() };
    fill_in(test, settings, context.environment, &|name| given.value_source(name) == Some(ValueSource::CommandLine));
    Ok(())
}

fn fill_in(
    test: &mut TestArguments,
    settings: TestSettings,
    environment: &dyn Fn(&str) -> Option<String>,
    is_given: &dyn Fn(&str) -> bool,
) {
    if !is_given("target") {
        test.target = environment(TARGET).or(settings.target).unwrap_or_else(|| test.target.clone());
    }
    if !is_given("output") {
        test.output = environment(OUTPUT).or(settings.output).map_or_else(|| test.output.clone(), Into::into);
    }
    if !is_given("suites") {
        test.suites = settings.suites;
    }
    if !is_given("reports") {
        test.reports = settings.reports;
    }
    if !is_given("baseline") {
        test.baseline = settings.baseline.map(Into::into);
    }
    if !is_given("history") {
        test.history = settings.history.map(Into::into);
    }
    if !is_given("retries") {
        test.retries = settings.retries.unwrap_or(test.retries);
    }
}

fn read(context: &CliContext<'_>) -> Result<TestSettings, CliError> {
    let mut mistakes = Diagnostics::new();
    let file = contents(Path::new(FILE), FILE.to_owned())?.map_err(|mistake| mistakes.add(*mistake)).ok();
    let node = file.and_then(|file| Node::parse(&file).map_err(|mistake| mistakes.add(mistake)).ok());
    let settings = node.and_then(|node| {
        let mut fields = node.fields("assay.yaml", &mut mistakes)?;
        let test = fields.take("test");
        fields.finish(&mut mistakes);
        test.map_or(Some(TestSettings::default()), |test| read_test(test, &mut mistakes))
    });
    settings.filter(|_| !mistakes.has_errors()).ok_or_else(|| CliError::mistakes(&mistakes, context.paint()))
}

fn read_test(node: &Node, mistakes: &mut Diagnostics) -> Option<TestSettings> {
    let mut fields = node.fields("`test`", mistakes)?;
    let text =
        |fields: &mut Fields<'_>, name, mistakes: &mut Diagnostics| fields.text(name, mistakes).map(|text| text.value);
    let target = text(&mut fields, "target", mistakes);
    let output = text(&mut fields, "output", mistakes);
    let baseline = text(&mut fields, "baseline", mistakes);
    let history = text(&mut fields, "history", mistakes);
    let suites = fields.texts("suites", mistakes).into_iter().map(|suite| suite.value).collect();
    let reports = fields.texts("reports", mistakes).into_iter().filter_map(|report| {
        let wanted = report.value.parse::<ReportWanted>();
        wanted.map_err(|help| mistakes.add(Diagnostic::error(&report.place, "this is not a report").help(help))).ok()
    });
    let reports = reports.collect();
    let retries = fields.take("retries").and_then(|node| node.whole_number("`retries`", mistakes));
    fields.finish(mistakes);
    let retries = retries.and_then(|retries| u32::try_from(retries).ok()).map(|retries| retries.min(10));
    Some(TestSettings { target, suites, output, reports, baseline, history, retries })
}

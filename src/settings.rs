//! `assay.yaml` in the current folder: what one would otherwise type each time. Arguments go before it, and the environment does.

use std::collections::BTreeMap;
use std::path::Path;

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::contents::contents;
use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Node, closest};

use super::arguments::{Arguments, Command, ReportWanted, TargetCommand, TestArguments};
use super::target::name::{REFERENCE, is_address};

/// The file.
const FILE: &str = "assay.yaml";
/// The variables of the environment, and the arguments that they stand for.
const TARGET: &str = "ASSAY_TARGET";
const OUTPUT: &str = "ASSAY_OUTPUT";

/// What the file says.
#[derive(Default)]
struct Settings {
    test: TestSettings,
    /// Target files by the names that stand for them.
    targets: BTreeMap<String, String>,
}

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

/// Fills in what the command line does not give, and the target files that it names.
pub(super) fn apply(context: &CliContext<'_>, matches: &ArgMatches, arguments: &mut Arguments) -> Result<(), CliError> {
    // What is there and is no file is no reason to go on without it.
    let is_there = std::fs::symlink_metadata(FILE).is_ok();
    let is_for = matches!(arguments.command, Command::Test(_)) || target(&mut arguments.command).is_some();
    if !is_for {
        return Ok(());
    }
    let Settings { test: settings, targets } = if is_there { read(context)? } else { Settings::default() };
    if let (Command::Test(test), Some((_, given))) = (&mut arguments.command, matches.subcommand()) {
        let is_given = |name: &str| given.value_source(name) == Some(ValueSource::CommandLine);
        fill_in(test, settings, context.environment, &is_given);
    }
    target(&mut arguments.command).map_or(Ok(()), |target| look_up(target, &targets))
}

/// The target that a command names.
fn target(command: &mut Command) -> Option<&mut String> {
    match command {
        Command::Test(command) => Some(&mut command.target),
        Command::Explore(command) => Some(&mut command.target),
        Command::Load(command) => Some(&mut command.target),
        Command::Discover(command) => Some(&mut command.target),
        Command::Call(command) => Some(&mut command.target),
        Command::Shell(command) => Some(&mut command.target),
        Command::Undo(command) => Some(&mut command.target),
        Command::Doctor(command) => command.target.as_mut(),
        Command::Target(TargetCommand::Init(command)) => command.target.as_mut(),
        _ => None,
    }
}

/// Puts the file that a name stands for in its place.
fn look_up(target: &mut String, targets: &BTreeMap<String, String>) -> Result<(), CliError> {
    if let Some(file) = targets.get(target.as_str()) {
        file.clone_into(target);
        return Ok(());
    }
    let is_name = target != REFERENCE && !is_address(target) && !target.contains(['/', '.']);
    if targets.is_empty() || !is_name || Path::new(target.as_str()).exists() {
        return Ok(());
    }
    let known: Vec<_> = targets.keys().map(String::as_str).collect();
    let help = closest(target, known.iter().copied())
        .map_or_else(|| format!("{FILE} has {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
    Err(CliError::new(ExitCode::Usage, format!("error: there is no target `{target}`\nhelp: {help}")))
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

fn read(context: &CliContext<'_>) -> Result<Settings, CliError> {
    let mut mistakes = Diagnostics::new();
    let file = contents(Path::new(FILE), FILE.to_owned())?.map_err(|mistake| mistakes.add(*mistake)).ok();
    let node = file.and_then(|file| Node::parse(&file).map_err(|mistake| mistakes.add(mistake)).ok());
    let settings = node.and_then(|node| {
        let mut fields = node.fields("assay.yaml", &mut mistakes)?;
        let (test, targets) = (fields.take("test"), fields.take("targets"));
        fields.finish(&mut mistakes);
        let targets = targets.map(|targets| read_targets(targets, &mut mistakes)).unwrap_or_default();
        let test = test.map_or(Some(TestSettings::default()), |test| read_test(test, &mut mistakes))?;
        Some(Settings { test, targets })
    });
    settings.filter(|_| !mistakes.has_errors()).ok_or_else(|| CliError::mistakes(&mistakes, context.paint()))
}

/// Names, and the files that they stand for.
fn read_targets(node: &Node, mistakes: &mut Diagnostics) -> BTreeMap<String, String> {
    let mut targets = BTreeMap::new();
    for (name, file) in node.entries("`targets`", mistakes).unwrap_or_default() {
        if name.value == REFERENCE {
            let mistake = Diagnostic::error(&name.place, "`reference` is the embedded reference cloud");
            mistakes.add(mistake.help("give the target another name"));
        }
        let Some(file) = file.text("a target file", mistakes) else { continue };
        targets.insert(name.value.clone(), file.value);
    }
    targets
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

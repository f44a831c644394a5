//! `assay test`: plans, runs, records, judges, reports.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use libtest_mimic::{Arguments as Libtest, FormatSetting, Trial};
use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::{Sink, stderr, stdout};
use crate::reference::{JOB_TIME, faults};
use crate::report::output::to_stdout;
use crate::report::rendering::write_reports;
use crate::target::name::{REFERENCE, is_address};
use assay_engine::conformance::{AtFailure, Collected, OpenSession, RecordedSession, RunOptions, preflight, trials};
use assay_engine::deployment::Target;
use assay_engine::interpreter::{CaseOutcome, mark_stale, settle_absent, withdraw_unfounded};
use assay_engine::plan::{Choice, ConformancePlan, Library, Readiness};
use assay_formats::record::load::Shard;
use assay_formats::record::{Event, Gates, RecordWriter, RunStarted, Strictness, Untested};
use assay_reference::{Integration, Settings};
use assay_report::{Ending, Gate, GateOutcome, Summary, Undecided, terminal};
use assay_suite::source::{Paint, harmless};
use assay_suite::{SuiteName, human};

use super::arguments::{Common, ReportFormat, ReportWanted, TestArguments};
use super::progress::{self, run_libtest};
use super::record::{Asked, Durability, begin, end, open_record};
use super::runtime::{Signals, runtime, stop_on_signal, stop_when_it_fails};
use super::target::{OpenTarget, at_address, open, served};
use super::{baseline, documents, gates, history, lasting, openapi, rerun};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: Box<TestArguments>,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let (faults, integration) = (faults(&command.faults)?, Integration::Open);
    let settings = Settings { faults, job_time: JOB_TIME, integration, ..Settings::default() };
    let document = common.openapi.as_deref().and_then(|document| openapi::suite_of(document, &library));
    let opened = match &document {
        Some(suite) if is_address(&command.target) => {
            at_address(surroundings, &library, &command.target, suite, &command.allow)?
        }
        Some(suite) if command.target == REFERENCE => return Err(no_target(&library, suite)),
        _ if !command.allow.is_empty() => {
            let message = "error: --allow goes with an address as the target: write `allow` in the target file";
            return Err(CliError::new(ExitCode::Usage, message));
        }
        _ => runtime.block_on(open(surroundings, &library, &command.target, settings))?,
    };
    let command = Box::new(of_document(*command, document));
    let (shard, scheduler) = super::shard::place(surroundings, command.shard)?;
    let (mut plan, choice) = planned(surroundings, &library, &opened, &command)?;
    plan = plan.of_shard(shard);
    let known = baseline::read(surroundings, command.baseline.as_deref())?;
    baseline::warn_of_unknown(surroundings, command.baseline.as_deref(), &library)?;
    if let Some(run) = &command.rerun {
        let names = rerun::cases(surroundings, run)?;
        plan.cases.retain(|case| names.includes(&case.name));
        if plan.cases.is_empty() {
            stdout!("Nothing failed in {}, and all of it was run.", run.display());
            return Ok(ExitCode::Conforms);
        }
    }
    if command.libtest.list {
        return Ok(listed(&plan, &runtime, &command.libtest));
    }
    scheduler.into_iter().for_each(|scheduler| stderr!("note: this is shard {shard} of a {scheduler}"));
    let record = open_record(&command.output, Durability::of(&command.target))?;
    let summary_to = summary_to(&command);
    let (repeat, target) = (repeat(&command, common), &opened.target);
    let progress_to = if to_stdout(&command.reports) { Sink::Err } else { Sink::Out };
    let untested = untested(&command, &Chosen::new(&command.libtest));
    let run = TestRun {
        plan: &plan,
        library: &library,
        target,
        runtime: &runtime,
        choice: &choice,
        repeat,
        gates: Gates { untested, ..target.gates.clone() },
        progress_to,
        target_argument: &command.target,
        options: RunOptions {
            retries: command.retries,
            at_failure: if command.fail_fast { AtFailure::Stop } else { AtFailure::Continue },
        },
        shard,
    };
    let mut judged = run.carry_out(surroundings, &record.writer, command.libtest.clone())?;
    judged.undecided = Undecided::of_flag(command.allow_inconclusive);
    baseline::apply(known.as_ref(), &mut judged);
    let of_run = gates::of_run(surroundings, &run.gates, &plan, &judged);
    judged.gates.extend(of_run);
    let mut wanted = command.reports;
    wanted.extend(usual_reports(&command.output));
    let reported = write_reports(&judged, &wanted);
    if let Some(gate) = gates::untested(&judged, &plan) {
        summary_to.line(&format!("{} of the document were tested.\n", gate.observed));
    }
    summary_to.line(terminal(&judged).trim_end());
    // Where the record can't be written, reports often can't, either: the record counts for more.
    record.finish()?;
    reported?;
    if let Some(folder) = &command.history {
        history::add(folder, &judged)?;
    }
    summary_to.line(&format!("\nThe record and the reports are in {}", command.output.display()));
    if shard != Shard::WHOLE {
        summary_to.line("This is a part of the cases: `assay report` judges the records of all shards together.");
        return Ok(ExitCode::of_test_shard(&judged));
    }
    Ok(ExitCode::of(&judged))
}

/// With a document of its own a run tests that, unless it names suites.
fn of_document(mut command: TestArguments, document: Option<SuiteName>) -> TestArguments {
    if let Some(suite) = document.filter(|_| command.suites.is_empty()) {
        command.suites.push(suite.0);
    }
    command
}

fn no_target(library: &Library, suite: &SuiteName) -> CliError {
    let described = library.suites.get(suite).and_then(|suite| suite.described.as_ref());
    let server = described.and_then(|described| described.server.as_deref()).unwrap_or("http://127.0.0.1:8080");
    let message = format!("error: --openapi needs a target: `--target {server}`, or a target file");
    CliError::new(ExitCode::Usage, message)
}

/// Whether operations may go untested: who chooses cases has chosen what is left out, too.
fn untested(command: &TestArguments, chosen: &Chosen) -> Untested {
    let chooses = command.rerun.is_some() || !command.tags.is_empty() || !chosen.is_everything();
    if chooses || command.allow_untested { Untested::Allowed } else { Untested::Refused }
}

/// What another program reads has nothing between its lines.
fn summary_to(command: &TestArguments) -> Sink {
    let is_read = matches!(command.libtest.format, Some(FormatSetting::Json));
    if is_read || to_stdout(&command.reports) { Sink::Err } else { Sink::Out }
}

fn planned(
    surroundings: &CliContext<'_>,
    library: &Library,
    opened: &OpenTarget,
    command: &TestArguments,
) -> Result<(ConformancePlan, Choice), CliError> {
    let suites = served(&opened.target, library, &command.suites)?;
    let strictness = if command.strict { Strictness::Everything } else { opened.target.strictness };
    let choice = Choice { suites, tags: command.tags.clone(), strictness };
    let plan = documents::plan(surroundings, library, &opened.target, &choice)?;
    if plan.cases.is_empty() {
        return Err(CliError::new(
            ExitCode::Usage,
            "error: no scenario is chosen: `assay list scenarios` shows their tags",
        ));
    }
    Ok((plan, choice))
}

/// How many variables are named before a run.
const NAMED: usize = 10;

/// Says before the run which cases wait for what the target file does not give.
fn report_what_waits(plan: &ConformancePlan, target: &str) {
    for suite in &plan.suites {
        let waiting = plan.waiting(&suite.name.value);
        let mut waiting: Vec<_> = waiting.into_iter().collect();
        waiting.sort_by_key(|(variable, cases)| (std::cmp::Reverse(*cases), *variable));
        let cases: usize = waiting.iter().map(|(_, cases)| cases).sum();
        if cases == 0 {
            continue;
        }
        let name = &suite.name.value;
        let wait = human::count_of(cases, &format!("case of {name} waits"), &format!("cases of {name} wait"));
        stderr!("{wait} for variables that the target file does not give:");
        for (variable, cases) in waiting.iter().take(NAMED) {
            let described = suite.variables.iter().find(|known| known.name.value == variable.0);
            let text = described.map(|known| format!(": {}", known.text)).unwrap_or_default();
            stderr!("  {} ({}){text}", variable.0, human::count_of(*cases, "case", "cases"));
        }
        if let Some(more) = waiting.len().checked_sub(NAMED).filter(|more| *more > 0) {
            stderr!("  and {more} more");
        }
        if target != REFERENCE && suite.variables.iter().any(|known| known.find.is_some()) {
            stderr!("`assay target init --suite {name} --target {target}` looks up what it can.");
        }
    }
}

/// The arguments that choose the same target and the same way of testing it.
fn repeat(command: &TestArguments, common: &Common) -> Vec<String> {
    let mut repeat = Vec::new();
    if common.documents != Path::new(".") {
        repeat.extend(["--documents".to_owned(), common.documents.display().to_string()]);
    }
    if let Some(document) = &common.openapi {
        repeat.extend(["--openapi".to_owned(), openapi::without_secrets(document)]);
    }
    repeat.extend(command.allow.iter().flat_map(|effect| ["--allow".to_owned(), effect.clone()]));
    if command.target != REFERENCE {
        repeat.extend(["--target".to_owned(), command.target.clone()]);
    }
    repeat.extend(command.faults.iter().flat_map(|fault| ["--fault".to_owned(), fault.clone()]));
    repeat.extend(command.strict.then(|| "--strict".to_owned()));
    repeat
}

fn listed(plan: &ConformancePlan, runtime: &Runtime, libtest: &Libtest) -> ExitCode {
    let unused: OpenSession = Arc::new(|| Err("nothing is run while listing".to_owned()));
    let trials = trials(plan, &unused, runtime.handle(), &Collected::default());
    // Listing has no outcome.
    let _ = run_libtest(libtest.clone(), trials, Sink::Out, Paint::Plain);
    ExitCode::Conforms
}

fn usual_reports(folder: &Path) -> [ReportWanted; 2] {
    [
        ReportWanted { format: ReportFormat::Html, path: folder.join("report.html") },
        ReportWanted { format: ReportFormat::Junit, path: folder.join("junit.xml") },
    ]
}

/// A run about to be carried out.
struct TestRun<'a> {
    plan: &'a ConformancePlan,
    library: &'a Library,
    target: &'a Arc<Target>,
    runtime: &'a Runtime,
    choice: &'a Choice,
    /// The arguments that choose the same target and the same way of testing it.
    repeat: Vec<String>,
    /// What it has to come to as a whole.
    gates: Gates,
    /// Where libtest prints.
    progress_to: Sink,
    /// How the target was named.
    target_argument: &'a str,
    /// What is done about cases that fail.
    options: RunOptions,
    /// Which part of the cases this is.
    shard: Shard,
}

impl TestRun<'_> {
    fn carry_out(
        &self,
        surroundings: &CliContext<'_>,
        record: &RecordWriter,
        libtest: Libtest,
    ) -> Result<Summary, CliError> {
        let (stop, stopped) = watch::channel(false);
        stop_when_it_fails(record, &stop);
        let signals = self.runtime.block_on(async { Signals::listen() });
        self.runtime.spawn(stop_on_signal(signals, stop, "Stopping: what was created is removed first."));
        let started = begin(record, self.library, self.target, self.choice, self.asked());
        let schemas = self.library.schemas.clone();
        let session =
            RecordedSession::new(Arc::clone(self.target), schemas, record.clone(), started.run.clone(), stopped)
                .map_err(|error| CliError::could_not("no request can be sent", error))?
                .with_options(self.options);
        if let Err(not_an_api) = self.runtime.block_on(preflight(session.session(), self.plan)) {
            return Ok(self.not_begun(&started, &not_an_api.to_string(), &session));
        }
        let collected = Collected::default();
        let opened = session.clone();
        let open: OpenSession = Arc::new(move || Ok(opened.clone()));
        let trials = trials(self.plan, &open, self.runtime.handle(), &collected);
        let chosen = Chosen::new(&libtest);
        report_what_waits(self.plan, self.target_argument);
        lasting::report(&self.plan.lasting(|name| chosen.includes(name)), "case");
        self.run_trials(trials, libtest, surroundings, &collected)?;
        self.remove_postponed(&session)?;
        let mut outcomes = collected.take();
        outcomes.extend(skipped(self.plan, &chosen, record, &outcomes));
        settle_absent(&self.plan.cases, &mut outcomes);
        withdraw_unfounded(&mut outcomes);
        mark_stale(&self.plan.cases, &mut outcomes);
        let ending = match session.session().is_stopped() {
            true => Ending::Interrupted,
            false if self.shard == Shard::WHOLE => Ending::Completed,
            false => Ending::Incomplete,
        };
        end(record, session.session(), ending);
        Ok(self.summary(&started, &outcomes, ending, &session))
    }

    fn asked(&self) -> Asked {
        Asked { shard: self.shard, repeat: self.repeat.clone(), gates: self.gates.clone() }
    }

    /// A run whose deployment is not there, or is something else: all reports say so.
    fn not_begun(&self, started: &RunStarted, why: &str, session: &RecordedSession) -> Summary {
        stderr!("error: {}", harmless::lines(why));
        let mut summary = self.summary(started, &[], Ending::Completed, session);
        summary.gates.push(Gate {
            name: "the deployment can be tested".to_owned(),
            expected: "the API answers a request".to_owned(),
            observed: why.to_owned(),
            outcome: GateOutcome::CouldNotRun,
        });
        summary
    }

    /// Removes what was busy when its case was over.
    fn remove_postponed(&self, session: &RecordedSession) -> Result<(), CliError> {
        let postponed = session.postponed();
        if postponed == 0 {
            return Ok(());
        }
        let longest = self.target.limits.longest_job;
        stderr!(
            "Waiting to remove what is busy ({postponed}), at most {longest:?}; Ctrl-C leaves it, for `assay undo`."
        );
        self.runtime
            .block_on(session.remove_postponed(&self.library.suites))
            .map_err(|unknown| CliError::new(ExitCode::CouldNotRun, format!("error: {unknown}")))
    }

    /// Runs the trials that the arguments of libtest choose.
    fn run_trials(
        &self,
        trials: Vec<Trial>,
        mut libtest: Libtest,
        surroundings: &CliContext<'_>,
        collected: &Collected,
    ) -> Result<(), CliError> {
        libtest.test_threads = libtest.test_threads.or(Some(self.target.limits.in_flight));
        let chosen = trials.len();
        let conclusion = progress::run(trials, libtest, surroundings, collected, self.progress_to);
        if usize::try_from(conclusion.num_filtered_out).unwrap_or(usize::MAX) >= chosen {
            return Err(CliError::new(
                ExitCode::Usage,
                "error: no case matches: `assay test --list` shows their names",
            ));
        }
        Ok(())
    }

    fn summary(
        &self,
        started: &RunStarted,
        outcomes: &[CaseOutcome],
        ending: Ending,
        session: &RecordedSession,
    ) -> Summary {
        let took_us = session.session().elapsed_us();
        let summary = Summary::new(self.plan, started, outcomes, session.left_over(), ending, took_us);
        summary.with_unproven(session.unproven())
    }
}

/// Which cases a person chose, by the rules of libtest.
struct Chosen {
    filter: Option<String>,
    skip: Vec<String>,
    exact: bool,
}

impl Chosen {
    fn new(libtest: &Libtest) -> Self {
        Self { filter: libtest.filter.clone(), skip: libtest.skip.clone(), exact: libtest.exact }
    }

    fn is_everything(&self) -> bool {
        self.filter.is_none() && self.skip.is_empty()
    }

    fn includes(&self, name: &str) -> bool {
        let matches = |filter: &String| if self.exact { name == filter } else { name.contains(filter.as_str()) };
        self.filter.as_ref().is_none_or(matches) && !self.skip.iter().any(matches)
    }
}

/// Cases that the target is not ready for are reported and recorded, though libtest runs no trial of theirs.
fn skipped(
    plan: &ConformancePlan,
    chosen: &Chosen,
    record: &RecordWriter,
    outcomes: &[CaseOutcome],
) -> Vec<CaseOutcome> {
    let done: BTreeSet<_> = outcomes.iter().map(|outcome| outcome.case.as_str()).collect();
    let mut skipped = Vec::new();
    let others = plan.cases.iter().filter(|case| chosen.includes(&case.name) && !done.contains(case.name.as_str()));
    for case in others {
        if let Readiness::Skipped(reason) = &case.readiness {
            record.write(&Event::CaseSkipped { case: case.name.clone(), reason: reason.clone() });
            skipped.push(CaseOutcome::skipped(&case.name, reason.clone()));
        }
    }
    skipped
}

/// The trials of all suites against the embedded reference cloud, for a test target of cargo's: nothing is written.
pub fn conformance_trials(surroundings: &CliContext<'_>, libtest: &Libtest) -> Result<(), CliError> {
    let common = Common { documents: ".".into(), openapi: None };
    let library = documents::library(surroundings, &common)?;
    let runtime = runtime()?;
    let settings = Settings { job_time: JOB_TIME, integration: Integration::Open, ..Settings::default() };
    let opened = runtime.block_on(open(surroundings, &library, REFERENCE, settings))?;
    let plan = documents::plan(surroundings, &library, &opened.target, &Choice::default())?;
    let session = OnceLock::new();
    let target = Arc::clone(&opened.target);
    let (_stop, stopped) = watch::channel(false);
    let handle = runtime.handle().clone();
    let open: OpenSession = Arc::new(move || {
        let open = || {
            let _entered = handle.enter();
            let record = RecordWriter::new(std::io::sink());
            let run = uuid::Uuid::new_v4().to_string();
            RecordedSession::new(Arc::clone(&target), library.schemas.clone(), record, run, stopped.clone())
                .map_err(|error| error.to_string())
        };
        session.get_or_init(open).clone()
    });
    let trials = trials(&plan, &open, runtime.handle(), &Collected::default());
    // Cases wait for jobs most of the time.
    let threads = libtest.test_threads.or(Some(opened.target.limits.in_flight));
    libtest_mimic::run(&Libtest { test_threads: threads, ..libtest.clone() }, trials).exit_if_failed();
    Ok(())
}

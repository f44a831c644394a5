//! `assay load`: plans, forecasts, puts load on, records, judges, reports.

mod beginning;
mod capacity;
mod live;
mod print;
pub(crate) mod records;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::output::stderr;
use assay_engine::interpreter::Session;
use assay_engine::load::LoadRun;
use assay_engine::plan::{Library, LoadChoice, LoadPlan, Readiness};
use assay_formats::record::load::Shard;
use assay_reference::Settings;
use assay_report::{load_forecast, load_terminal};
use assay_suite::source::Diagnostics;

use super::arguments::{Common, LoadArguments, ReportFormat, ReportWanted};
use super::record::{self, Durability, open_record};
use super::reference::{faults, latency};
use super::report::rendering::write_load_reports;
use super::runtime::{Signals, runtime, stop_on_signal, stop_when_it_fails};
use super::target::{OpenTarget, open, served};
use super::{CliContext, CliError, ExitCode, documents, lasting};

use beginning::begin;
use records::judged;
use view::progress_sink;

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &LoadArguments,
) -> Result<ExitCode, CliError> {
    if let Some(scheduler) = command.print {
        return print::print(command, scheduler);
    }
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let settings = Settings {
        faults: faults(&command.faults)?,
        latency: latency(command.latency.as_deref())?,
        ..Settings::default()
    };
    let opened = runtime.block_on(open(surroundings, &library, &command.target, settings))?;
    let plan = planned(surroundings, &library, &opened, command)?;
    if command.capacity {
        let runtime = runtime.handle().clone();
        let search = capacity::CapacitySearch { library: &library, opened: &opened, command, runtime };
        return search.run(surroundings, &plan);
    }
    let sink = progress_sink(command);
    let (shard, scheduler) = super::shard::place(surroundings, command.shard)?;
    scheduler.into_iter().for_each(|scheduler| stderr!("note: this is worker {shard} of a {scheduler}"));
    sink.line(&load_forecast(&plan, shard));
    if command.dry_run {
        return Ok(ExitCode::Conforms);
    }
    lasting::report(&plan.lasting(), "profile");
    let listening = command.live.map(live::Listening::open).transpose()?;
    listening.iter().for_each(|listening| sink.line(&listening.to_string()));
    let start_at = command.start_at.map(moment_of).transpose()?;
    let output = &command.output;
    let file = open_record(output, Durability::of(&command.target))?;
    let record = &file.writer;
    let (stop, stopped) = watch::channel(false);
    // What brings users would otherwise take the signal for itself. If it is taken already, it is by us.
    let _ = ctrlc::set_handler(|| {});
    stop_when_it_fails(record, &stop);
    let signals = runtime.block_on(async { Signals::listen() });
    runtime.spawn(stop_on_signal(
        signals,
        stop,
        "Stopping: what is under way may end, and what was created is removed first.",
    ));
    let started = begin(record, &plan, &opened.target, command, shard);
    let begun = started.clone();
    let session = Session::new(Arc::clone(&opened.target), library.schemas.clone(), started.run, stopped)
        .map_err(|error| CliError::could_not("no request can be sent", error))?;
    let runtime = runtime.handle().clone();
    let watcher = view::watcher(surroundings, &plan, sink);
    let (watcher, live) = match listening {
        Some(listening) => {
            let (watcher, live) = listening.serve(begun, watcher)?;
            (watcher, Some(live))
        }
        None => (watcher, None),
    };
    let run = LoadRun { plan: &plan, session, record: record.clone(), shard, start_at, runtime };
    // How it ended is in the record.
    run.carry_out(watcher);
    let finished = file.finish();
    let path = record::in_folder(output);
    let summary = match judged(std::slice::from_ref(&path)) {
        Ok(summary) => summary,
        // If nothing could be written, nothing can be read.
        Err(unreadable) => return Err(finished.err().unwrap_or(unreadable)),
    };
    let reported = write_load_reports(&summary, &wanted(command), std::slice::from_ref(&path));
    sink.line(load_terminal(&summary).trim_end());
    drop(live);
    // Where the record can't be written, reports often can't, either: the record counts for more.
    finished?;
    reported?;
    sink.line(&format!("\nThe record and the reports are in {}", output.display()));
    if shard == Shard::WHOLE {
        return Ok(ExitCode::of_load(&summary));
    }
    sink.line("This is a part of the load: `assay report` judges the records of all workers together.");
    Ok(ExitCode::of_load_shard(&summary))
}

fn planned(
    surroundings: &CliContext<'_>,
    library: &Library,
    opened: &OpenTarget,
    command: &LoadArguments,
) -> Result<LoadPlan, CliError> {
    let choice = LoadChoice {
        suites: served(&opened.target, library, &command.suites)?,
        names: command.profiles.clone(),
        tags: command.tags.clone(),
        lasts: command.lasts,
        seed: command.seed,
    };
    let mut mistakes = Diagnostics::new();
    let plan = LoadPlan::new(library, &opened.target, &choice, &mut mistakes);
    if mistakes.has_errors() {
        return Err(CliError::mistakes(&mistakes, surroundings.paint()));
    }
    if let Some(unknown) = plan.unknown.first() {
        let help = match &unknown.near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`assay list profiles` shows them; a part of a name, or of a file's path, will do".to_owned(),
        };
        let message = format!("error: no profile is called `{}`: {help}", unknown.name);
        return Err(CliError::new(ExitCode::Usage, message));
    }
    let profiles = || plan.rounds.iter().flatten();
    if profiles().next().is_none() {
        let message = "error: no profile is chosen: `assay list profiles` shows their names";
        return Err(CliError::new(ExitCode::Usage, message));
    }
    let refused = |readiness: &Readiness| matches!(readiness, Readiness::Skipped(_));
    if profiles().all(|profile| refused(&profile.readiness)) {
        let reasons: BTreeSet<_> = profiles().filter_map(|profile| reason(&profile.readiness)).collect();
        let reasons: Vec<_> = reasons.into_iter().collect();
        return Err(CliError::new(ExitCode::CouldNotRun, format!("error: {}", reasons.join("\n       "))));
    }
    Ok(plan)
}

fn reason(readiness: &Readiness) -> Option<&str> {
    match readiness {
        Readiness::Ready => None,
        Readiness::Skipped(reason) => Some(reason),
    }
}

/// The instant of a time of day.
fn moment_of(at: Timestamp) -> Result<Instant, CliError> {
    let wait = at.duration_since(Timestamp::now());
    let wait = Duration::try_from(wait);
    let wait = wait.map_err(|_| CliError::new(ExitCode::Usage, format!("error: --start-at {at} has passed")))?;
    Ok(Instant::now() + wait)
}

fn wanted(command: &LoadArguments) -> Vec<ReportWanted> {
    let usual = [
        (ReportFormat::Html, "report.html"),
        (ReportFormat::Junit, "junit.xml"),
        (ReportFormat::Histograms, "histograms.hlog"),
    ];
    let mut wanted = command.reports.clone();
    wanted.extend(usual.map(|(format, name)| ReportWanted { format, path: command.output.join(name) }));
    wanted
}

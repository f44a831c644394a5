//! `assay explore`: random walks against a deployment, with the embedded reference cloud as the model.

mod view;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Runtime;
use tokio::sync::watch;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::{stderr, stdout};
use crate::reference::{JOB_TIME, faults};
use crate::report::rendering::write_reports;
use crate::target::name::REFERENCE;
use assay_engine::conformance::RecordedSession;
use assay_engine::explore::{Counterexample, Exploration, Explored, Explorer};
use assay_engine::interpreter::Session;
use assay_engine::plan::{Choice, Library};
use assay_formats::record::load::Shard;
use assay_formats::record::{Event, Gates, RecordWriter, RunStarted, Strictness};
use assay_reference::{Behaviour, Integration, Settings};
use assay_report::{Ending, Summary, exploration_html};
use assay_suite::source::{Diagnostics, Documents, SourceFile};
use assay_suite::{Suite, SuiteName};

use super::arguments::{Common, ExploreArguments, OutputFormat};
use super::record::{Asked, Durability, begin, end, open_record};
use super::runtime::{Signals, runtime, stop_on_signal, stop_when_it_fails};
use super::target::{OpenTarget, open, served};
use super::{documents, openapi};

/// The tag of the scenarios that an exploration writes.
const TAG: &str = "explore";

/// What an exploration came to, suite by suite.
type AllExplored = Vec<(SuiteName, Explored)>;

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &ExploreArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    refuse_described(&library, &meant(&library, common, command))?;
    let runtime = runtime()?;
    let settings = |faults, behaviour| Settings {
        faults,
        behaviour,
        job_time: JOB_TIME,
        integration: Integration::Open,
        ..Settings::default()
    };
    let broken = settings(faults(&command.faults)?, Behaviour::Documented);
    let opened = runtime.block_on(open(surroundings, &library, &command.target, broken))?;
    let behaviour = behaviour_of(opened.target.server.as_deref());
    let model = runtime.block_on(open(surroundings, &library, REFERENCE, settings(Vec::new(), behaviour)))?;
    let suites = chosen(&library, &opened, &command.suites)?;
    let record = open_record(&command.output, Durability::of(&command.target))?;
    let run = Run { surroundings, library: &library, runtime: &runtime, opened: &opened, model: &model, command };
    let (code, explored) = run.carry_out(&suites, &record.writer)?;
    record.finish()?;
    let json = view::json(command.seed, &explored);
    let path = command.output.join("explore.json");
    write(&path, &json)?;
    let page = assay_report::Exploration { target: &opened.target.name, seed: command.seed, suites: &explored };
    let page = exploration_html(&page).map_err(|error| CliError::could_not("the page can't be made", error))?;
    let page_path = command.output.join("explore.html");
    write(&page_path, &page)?;
    match command.format {
        OutputFormat::Json => stdout!("{json}"),
        OutputFormat::Text => {
            explored.iter().for_each(|(suite, explored)| view::report(suite, explored));
            stdout!("The record, the scenarios and {} are in {}", page_path.display(), command.output.display());
        }
    }
    Ok(code)
}

/// Which server the model plays: the one that the target runs, if it is known.
fn behaviour_of(server: Option<&str>) -> Behaviour {
    let known = [Behaviour::Documented, Behaviour::CloudStack41];
    known.into_iter().find(|known| server == Some(known.to_string().as_str())).unwrap_or_default()
}

/// The suites that the command line means: those that it names, or else that of its document.
fn meant(library: &Library, common: &Common, command: &ExploreArguments) -> Vec<SuiteName> {
    let document = common.openapi.as_deref().filter(|_| command.suites.is_empty());
    let described = document.and_then(|document| openapi::suite_of(document, library));
    command.suites.iter().map(|name| SuiteName(name.clone())).chain(described).collect()
}

/// Requests for the suite of an `OpenAPI` document are not made up: there is no model to compare the answers with.
fn refuse_described(library: &Library, names: &[SuiteName]) -> Result<(), CliError> {
    let is_described = |name: &&SuiteName| library.suites.get(*name).is_some_and(|suite| suite.described.is_some());
    let Some(name) = names.iter().find(is_described) else { return Ok(()) };
    let message = format!("error: {name} is described by an OpenAPI document, which `explore` does not read");
    Err(CliError::new(ExitCode::Usage, message))
}

/// The suites that are asked for; all that the target serves and that can be explored when none are named.
fn chosen<'l>(library: &'l Library, opened: &OpenTarget, names: &[String]) -> Result<Vec<&'l Arc<Suite>>, CliError> {
    let named = served(&opened.target, library, names)?;
    let is_meant = |name: &&SuiteName| named.is_empty() || named.contains(name);
    let all: Vec<_> = opened.target.services.keys().filter(is_meant).cloned().collect();
    let suites: Vec<_> = all.iter().filter_map(|name| library.suites.get(name)).collect();
    let explored: Vec<_> = suites.into_iter().filter(|suite| suite.described.is_none()).collect();
    if explored.is_empty() {
        refuse_described(library, &all)?;
        let message = format!("error: target {} serves no suite that can be explored", opened.target.name);
        return Err(CliError::new(ExitCode::Usage, message));
    }
    Ok(explored)
}

/// An exploration about to be carried out.
struct Run<'a> {
    surroundings: &'a CliContext<'a>,
    library: &'a Library,
    runtime: &'a Runtime,
    opened: &'a OpenTarget,
    model: &'a OpenTarget,
    command: &'a ExploreArguments,
}

impl Run<'_> {
    fn carry_out(&self, suites: &[&Arc<Suite>], record: &RecordWriter) -> Result<(ExitCode, AllExplored), CliError> {
        let (stop, stopped) = watch::channel(false);
        stop_when_it_fails(record, &stop);
        let signals = self.runtime.block_on(async { Signals::listen() });
        self.runtime.spawn(stop_on_signal(signals, stop, "Stopping: what was created is removed first."));
        let names = suites.iter().map(|suite| suite.name.value.clone()).collect();
        let choice = Choice { suites: names, tags: vec![TAG.to_owned()], strictness: Strictness::Everything };
        let target = &self.opened.target;
        let asked = Asked { shard: Shard::WHOLE, repeat: self.repeat(), gates: Gates::default() };
        let started = begin(record, self.library, target, &choice, asked);
        let cannot = |error| CliError::could_not("no request can be sent", error);
        let schemas = &self.library.schemas;
        let session = RecordedSession::new(
            Arc::clone(target),
            schemas.clone(),
            record.clone(),
            started.run.clone(),
            stopped.clone(),
        )
        .map_err(cannot)?;
        let model = Session::new(Arc::clone(&self.model.target), schemas.clone(), started.run.clone(), stopped)
            .map_err(cannot)?;
        let explored = self.explore(suites, &session, &model);
        self.remove_postponed(&session)?;
        let scenarios = self.write_scenarios(&explored)?;
        self.judge(&scenarios, &choice, &started, &session, record)?;
        let ending = if session.session().is_stopped() { Ending::Interrupted } else { Ending::Completed };
        end(record, session.session(), ending);
        for (case, left) in session.left_over() {
            stderr!("left over: {case}: {left}");
        }
        Ok((self.exit_code(ending, &explored), explored))
    }

    /// The arguments that choose the same target and the same sequences.
    fn repeat(&self) -> Vec<String> {
        let mut repeat = Vec::new();
        if self.command.target != REFERENCE {
            repeat.extend(["--target".to_owned(), self.command.target.clone()]);
        }
        repeat.extend(self.command.faults.iter().flat_map(|fault| ["--fault".to_owned(), fault.clone()]));
        repeat
    }

    fn explore(&self, suites: &[&Arc<Suite>], session: &RecordedSession, model: &Session) -> AllExplored {
        let count = u32::try_from(suites.len()).unwrap_or(u32::MAX).max(1);
        let choice = Exploration {
            seed: self.command.seed,
            steps: self.command.steps,
            walks: self.command.walks,
            lasts: self.command.lasts / count,
            settles: self.command.settles,
        };
        let explore = |suite: &&Arc<Suite>| {
            let is_modelled = self.model.target.services.contains_key(&suite.name.value);
            let explorer = Explorer::new(self.library, suite, session, is_modelled.then_some(model), choice);
            let found = |found: &Counterexample| stderr!("{}", view::line(&suite.name.value, found));
            (suite.name.value.clone(), self.runtime.block_on(explorer.explore(found)))
        };
        suites.iter().map(explore).collect()
    }

    fn remove_postponed(&self, session: &RecordedSession) -> Result<(), CliError> {
        if session.postponed() == 0 {
            return Ok(());
        }
        self.runtime
            .block_on(session.remove_postponed(&self.library.suites))
            .map_err(|unknown| CliError::new(ExitCode::CouldNotRun, format!("error: {unknown}")))
    }

    /// Writes the scenarios below the output folder; returns those that verify requirements, as documents.
    fn write_scenarios(&self, all: &AllExplored) -> Result<Vec<Arc<SourceFile>>, CliError> {
        let mut scenarios = Vec::new();
        for (suite, explored) in all {
            for (number, found) in explored.counterexamples.iter().enumerate() {
                let folder = if found.requirements.is_empty() { "undecided" } else { "scenarios" };
                let path = format!("{folder}/{suite}/explored-{}.yaml", number + 1);
                write(&self.command.output.join(&path), &found.scenario)?;
                if !found.requirements.is_empty() {
                    scenarios.push(SourceFile::new(path, found.scenario.clone()));
                }
            }
        }
        Ok(scenarios)
    }

    /// Runs the scenarios that were written, as `assay test` would: their cases are those of the record.
    fn judge(
        &self,
        scenarios: &[Arc<SourceFile>],
        choice: &Choice,
        started: &RunStarted,
        session: &RecordedSession,
        record: &RecordWriter,
    ) -> Result<(), CliError> {
        if scenarios.is_empty() && self.command.reports.is_empty() {
            return Ok(());
        }
        let mut documents: Documents = self.library.documents.clone();
        for file in scenarios {
            let text = session.session().without_secrets(&file.text);
            record.write(&Event::Document { path: file.path.clone(), text });
            documents.insert(Arc::clone(file));
        }
        let mut mistakes = Diagnostics::new();
        let library = Library::read(&documents, &mut mistakes);
        if mistakes.has_errors() {
            // What was found counts all the same.
            stderr!("{}", mistakes.render(self.surroundings.paint()));
            return Ok(());
        }
        let plan = documents::plan(self.surroundings, &library, &self.opened.target, choice)?;
        let mut outcomes = Vec::new();
        for case in &plan.cases {
            outcomes.push(self.runtime.block_on(session.run(case)));
        }
        let ending = if session.session().is_stopped() { Ending::Interrupted } else { Ending::Completed };
        let took_us = session.session().elapsed_us();
        let summary = Summary::new(&plan, started, &outcomes, session.left_over(), ending, took_us);
        write_reports(&summary.with_unproven(session.unproven()), &self.command.reports)
    }

    fn exit_code(&self, ending: Ending, all: &AllExplored) -> ExitCode {
        let mut found = all.iter().flat_map(|(_, explored)| &explored.counterexamples).peekable();
        match ending {
            Ending::Interrupted | Ending::Broken | Ending::Incomplete => ExitCode::Interrupted,
            Ending::Completed if found.peek().is_none() => ExitCode::Conforms,
            Ending::Completed if self.command.strict => ExitCode::Violates,
            Ending::Completed if found.any(|found| !found.requirements.is_empty()) => ExitCode::Violates,
            Ending::Completed => ExitCode::Inconclusive,
        }
    }
}

/// Writes a file, whose folder is made if need be.
fn write(path: &Path, text: &str) -> Result<(), CliError> {
    let cannot = |error| CliError::could_not(&format!("{} can't be written", path.display()), error);
    let folder: PathBuf = path.parent().map(Path::to_owned).unwrap_or_default();
    std::fs::create_dir_all(folder).map_err(cannot)?;
    std::fs::write(path, text).map_err(cannot)
}

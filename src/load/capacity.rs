//! `assay load --capacity`: the highest rate at which a profile's service level holds, by one look after another.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;

use super::super::record::{Durability, in_folder, open_record};
use super::super::report::output::write;
use super::super::runtime::{Signals, stop_on_signal, stop_when_it_fails};
use super::super::target::OpenTarget;
use super::super::{CliError, ExitCode, lasting};
use super::beginning::begin;
use super::records::read;
use super::view::{self, progress_sink};
use crate::arguments::{LoadArguments, ReportFormat, ReportWanted};
use crate::output::Sink;
use assay_engine::interpreter::Session;
use assay_engine::load::LoadRun;
use assay_engine::plan::{Library, LoadPlan, PlannedProfile};
use assay_engine::statistics::{Ending, Look, Search, SearchPlan};
use assay_engine::verdict::{StepEvidence, capacity_evidence};
use assay_formats::record::load::{LoadRecord, Shard};
use assay_report::{CapacitySummary, capacity_html, capacity_json, capacity_markdown, capacity_terminal};

/// What a search needs.
pub(super) struct CapacitySearch<'a> {
    pub library: &'a Library,
    pub opened: &'a OpenTarget,
    pub command: &'a LoadArguments,
    pub runtime: tokio::runtime::Handle,
}

impl CapacitySearch<'_> {
    /// Searches the capacity of the only profile of a plan.
    pub fn run(&self, surroundings: &crate::CliContext<'_>, plan: &LoadPlan) -> Result<ExitCode, CliError> {
        let profile = only(plan)?;
        let usage = |what: String| CliError::new(ExitCode::Usage, format!("error: {what}"));
        let planned =
            profile.search_plan().map_err(|why| usage(format!("{} has no capacity: {why}", profile.recorded.name)))?;
        let sink = progress_sink(self.command);
        sink.line(&announced(profile, &planned));
        if self.command.dry_run {
            return Ok(ExitCode::Conforms);
        }
        lasting::report(&plan.lasting(), "profile");
        fs::create_dir_all(&self.command.output)
            .map_err(|error| CliError::could_not(&format!("{} can't be made", self.command.output.display()), error))?;
        let (stop, stopped) = watch::channel(false);
        // As in every load run: what brings users would otherwise take the signal for itself.
        let _ = ctrlc::set_handler(|| {});
        let signals = self.runtime.block_on(async { Signals::listen() });
        self.runtime.spawn(stop_on_signal(signals, stop.clone(), "Stopping: the look that is under way may end."));
        let summary = self.search(surroundings, profile, planned, sink, (&stop, &stopped))?;
        let is_interrupted = *stopped.borrow();
        for wanted in self.wanted() {
            let rendered = match wanted.format {
                ReportFormat::Html => capacity_html(&summary),
                ReportFormat::Json => capacity_json(&summary),
                ReportFormat::Markdown => Ok(capacity_markdown(&summary)),
                _ => {
                    return Err(usage("a capacity search supports the reports html, json and markdown".to_owned()));
                }
            };
            write(&wanted, rendered)?;
        }
        sink.line(capacity_terminal(&summary).trim_end());
        sink.line(&format!("\nThe records of all looks and the reports are in {}", self.command.output.display()));
        Ok(if is_interrupted { ExitCode::Interrupted } else { ExitCode::of_capacity(&summary) })
    }

    fn search(
        &self,
        surroundings: &crate::CliContext<'_>,
        profile: &PlannedProfile,
        planned: SearchPlan,
        sink: Sink,
        (stop, stopped): (&watch::Sender<bool>, &watch::Receiver<bool>),
    ) -> Result<CapacitySummary, CliError> {
        let mut search = Search::new(planned);
        let mut summary = CapacitySummary::new(&profile.recorded, &self.opened.target.name, planned);
        let mut looks: Vec<LoadRecord> = Vec::new();
        for number in 1.. {
            let look = match search.next_look() {
                Ok(look) => look,
                Err(capacity) => {
                    summary.end(&capacity);
                    break;
                }
            };
            if look.is_new {
                looks.clear();
            }
            std::thread::sleep(look.pause);
            let record = self.look(surroundings, profile, look, number, (stop, stopped))?;
            if *stopped.borrow() {
                summary.interrupt(&search);
                break;
            }
            looks.push(record);
            let StepEvidence { evidence, reason } = capacity_evidence(&looks);
            search.observe(evidence, look.lasts);
            if let Some(step) = search.steps().last() {
                summary.observe(step, &looks, look.is_new, reason);
                sink.line(&summary.last_line());
            }
        }
        Ok(summary)
    }

    /// Puts a rate on the deployment, and reads what was recorded of it.
    fn look(
        &self,
        surroundings: &crate::CliContext<'_>,
        profile: &PlannedProfile,
        look: Look,
        number: u32,
        (stop, stopped): (&watch::Sender<bool>, &watch::Receiver<bool>),
    ) -> Result<LoadRecord, CliError> {
        let plan = LoadPlan { rounds: vec![vec![profile.at_rate(look.rate, look.lasts)]], unknown: Vec::new() };
        let folder = self.folder(number);
        let file = open_record(&folder, Durability::of(&self.command.target))?;
        stop_when_it_fails(&file.writer, stop);
        let target = &self.opened.target;
        let started = begin(&file.writer, &plan, target, self.command, Shard::WHOLE);
        let session = Session::new(Arc::clone(target), self.library.schemas.clone(), started.run, stopped.clone())
            .map_err(|error| CliError::could_not("no request can be sent", error))?;
        let record = file.writer.clone();
        let runtime = self.runtime.clone();
        let run = LoadRun { plan: &plan, session, record, shard: Shard::WHOLE, start_at: None, runtime };
        // How it ended is in the record.
        run.carry_out(view::quiet(surroundings, &plan));
        file.finish()?;
        read(&[in_folder(&folder)])
    }

    fn folder(&self, number: u32) -> PathBuf {
        self.command.output.join(format!("look-{number:03}"))
    }

    fn wanted(&self) -> Vec<ReportWanted> {
        let usual = [(ReportFormat::Html, "capacity.html"), (ReportFormat::Json, "capacity.json")];
        let usual =
            usual.map(|(format, name)| ReportWanted { format, path: self.command.output.join(Path::new(name)) });
        self.command.reports.iter().cloned().chain(usual).collect()
    }
}

fn only(plan: &LoadPlan) -> Result<&PlannedProfile, CliError> {
    let mut profiles = plan.profiles();
    match (profiles.next(), profiles.next()) {
        (Some(profile), None) => Ok(profile),
        (Some(one), Some(other)) => {
            let message = format!(
                "error: a capacity is that of one profile, and several are chosen: {}, {}, ...\n  help: name one of them",
                one.recorded.name, other.recorded.name
            );
            Err(CliError::new(ExitCode::Usage, message))
        }
        (None, _) => Err(CliError::new(ExitCode::Usage, "error: no profile is chosen")),
    }
}

fn announced(profile: &PlannedProfile, plan: &SearchPlan) -> String {
    format!(
        "{}: the highest rate at which its service level holds, from {} on, within {} at most",
        profile.recorded.title,
        assay_suite::human::rate(plan.from),
        assay_suite::human::duration(plan.within.as_secs_f64())
    )
}

impl ExitCode {
    /// What a search of a capacity exits with: 0 if there is an interval, or all rates hold.
    pub(super) fn of_capacity(summary: &CapacitySummary) -> Self {
        match summary.ending() {
            Some(Ending::Found | Ending::AboveHighest) => Self::Conforms,
            Some(Ending::BelowLowest) => Self::Violates,
            Some(Ending::GeneratorLimit(_)) => Self::CouldNotRun,
            Some(Ending::Undecided | Ending::OutOfTime | Ending::NotSettled(_)) | None => Self::Inconclusive,
        }
    }
}

//! `assay report`: judges records again and renders them.

use std::fs::{self, File};
use std::io::BufReader;
use std::path::{Path, PathBuf};

use crate::conformance::replay;
use crate::interpreter::mark_stale;
use crate::plan::{Choice, Library};
use crate::record::{Ending as RecordEnding, Record, RunEnding};
use crate::report::{Ending, Summary, html, json, junit, markdown, terminal};
use crate::source::Diagnostics;
use crate::target::Target;

use super::arguments::{ReportArguments, ReportFormat, ReportWanted};
use super::runtime::runtime;
use super::{ExitCode, Refusal, Surroundings, documents, record};

pub(super) fn run(surroundings: &Surroundings<'_>, command: &ReportArguments) -> Result<ExitCode, Refusal> {
    let mut code = ExitCode::Conforms;
    for run in &command.runs {
        let judged = judge(surroundings, run, command.judge_by.as_deref())?;
        let wanted = if command.runs.len() > 1 { apart(&command.reports, run) } else { command.reports.clone() };
        write_reports(&judged, &wanted)?;
        if command.reports.iter().all(|wanted| wanted.path != Path::new("-")) {
            println!("{}", terminal(&judged).trim_end());
        }
        let own = ExitCode::of(&judged);
        if code == ExitCode::Conforms {
            code = own;
        }
    }
    Ok(code)
}

/// With several records each report has the name of its record's folder before its own.
fn apart(wanted: &[ReportWanted], run: &Path) -> Vec<ReportWanted> {
    let folder = if run.is_dir() { run } else { run.parent().unwrap_or(run) };
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let apart = wanted.iter().map(|wanted| {
        let file = wanted.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let path = if file == "-" { wanted.path.clone() } else { wanted.path.with_file_name(format!("{name}-{file}")) };
        ReportWanted { format: wanted.format, path }
    });
    apart.collect()
}

fn judge(surroundings: &Surroundings<'_>, run: &Path, judge_by: Option<&Path>) -> Result<Summary, Refusal> {
    let path: PathBuf = if run.is_dir() { run.join(record::FILE) } else { run.to_owned() };
    let cannot = |error: String| Refusal::new(ExitCode::CouldNotRun, format!("error: {}: {error}", path.display()));
    let file = File::open(&path).map_err(|error| cannot(error.to_string()))?;
    let record = Record::read(BufReader::new(file)).map_err(|error| cannot(error.to_string()))?;
    let documents = match judge_by {
        Some(folder) => documents::documents(folder)?,
        None => record.documents.clone(),
    };
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    if mistakes.has_errors() {
        return Err(Refusal::mistakes(&mistakes, surroundings.paint()));
    }
    let (suites, tags) = (record.started.suites.clone(), record.started.tags.clone());
    let choice = Choice { suites, tags, strictness: record.started.strictness };
    let target = Target::recorded(&record.started.target);
    let plan = documents::plan(surroundings, &library, &target, &choice)?;
    let mut outcomes = runtime()?.block_on(replay(&plan, &library.schemas, &record));
    mark_stale(&plan.cases, &mut outcomes);
    let ending = match record.ending {
        RecordEnding::Run(RunEnding::Completed) => Ending::Completed,
        RecordEnding::Run(RunEnding::Interrupted) => Ending::Interrupted,
        RecordEnding::Broken => Ending::Broken,
    };
    Ok(Summary::new(&plan, &record.started, &outcomes, record.left_over.clone(), ending, record.took_us))
}

/// Writes each report to its file, or to the terminal.
pub(super) fn write_reports(summary: &Summary, wanted: &[ReportWanted]) -> Result<(), Refusal> {
    for report in wanted {
        let rendered = match report.format {
            ReportFormat::Html => html(summary),
            ReportFormat::Junit => junit(summary),
            ReportFormat::Json => json(summary),
            ReportFormat::Markdown => Ok(markdown(summary)),
        };
        let rendered = rendered.map_err(|error| Refusal::could_not("a report can't be made", error))?;
        if report.path == Path::new("-") {
            println!("{rendered}");
            continue;
        }
        let cannot = |error| Refusal::could_not(&format!("{} can't be written", report.path.display()), error);
        if let Some(folder) = report.path.parent() {
            fs::create_dir_all(folder).map_err(cannot)?;
        }
        fs::write(&report.path, rendered).map_err(cannot)?;
    }
    Ok(())
}

//! `assay report`: judges records again and renders them.

mod shards;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write};
use std::path::{Path, PathBuf};

use crate::output::{stderr, stdout};
use assay_engine::conformance::replay;
use assay_engine::deployment::Target;
use assay_engine::interpreter::{mark_stale, settle_absent, withdraw_unfounded};
use assay_engine::plan::{Choice, ConformancePlan, Library};
use assay_formats::record::Record;
use assay_report::{
    Baseline, LoadSummary, ReportError, Summary, Undecided, ctrf, github, gitlab, html, json, junit, load_html,
    load_json, load_junit, load_markdown, load_terminal, markdown, sarif, terminal,
};
use assay_suite::source::Diagnostics;

use super::arguments::{ReportArguments, ReportFormat, ReportWanted};
use super::runtime::runtime;
use super::{CliContext, CliError, ExitCode, baseline, documents, output, record};

pub(super) fn run(surroundings: &CliContext<'_>, command: &ReportArguments) -> Result<ExitCode, CliError> {
    let records: Vec<_> = command.runs.iter().map(|run| file_of(run)).collect();
    let loads = records.iter().map(|path| is_load(path)).collect::<Result<Vec<_>, _>>()?;
    if loads.iter().all(|load| *load) {
        return report_load(&records, command);
    }
    if records.iter().any(|path| shards::is_shard(path)) {
        return report_shards(surroundings, &records, command);
    }
    let apart = reports_apart(command)?;
    let known = baseline::read(surroundings, command.baseline.as_deref())?;
    let mut code = ExitCode::Conforms;
    for (run, wanted) in command.runs.iter().zip(&apart) {
        let record = read_record(surroundings, &file_of(run))?;
        let own = report_one(surroundings, &[&record], (command, wanted), known.as_ref())?;
        if apart.len() > 1 {
            let written = wanted.iter().filter(|wanted| !is_terminal(&wanted.path));
            written.for_each(|wanted| stderr!("The report of {} is in {}", run.display(), wanted.path.display()));
        }
        if code == ExitCode::Conforms {
            code = own;
        }
    }
    Ok(code)
}

/// All records are of one test run that was shared.
fn report_shards(
    surroundings: &CliContext<'_>,
    records: &[PathBuf],
    command: &ReportArguments,
) -> Result<ExitCode, CliError> {
    let known = baseline::read(surroundings, command.baseline.as_deref())?;
    let records = shards::read(surroundings, records)?;
    let records: Vec<_> = records.iter().collect();
    report_one(surroundings, &records, (command, &command.reports), known.as_ref())
}

/// Judges the records of one run, and reports on it.
fn report_one(
    surroundings: &CliContext<'_>,
    records: &[&Record],
    (command, wanted): (&ReportArguments, &[ReportWanted]),
    known: Option<&Baseline>,
) -> Result<ExitCode, CliError> {
    let (mut judged, _, library) = judge_with_library(surroundings, records, command.judge_by.as_deref())?;
    baseline::warn_of_unknown(surroundings, command.baseline.as_deref(), &library)?;
    judged.undecided = Undecided::of_flag(command.allow_inconclusive);
    baseline::apply(known, &mut judged);
    write_reports(&judged, wanted)?;
    if !to_stdout(&command.reports) {
        stdout!("{}", terminal(&judged).trim_end());
    }
    Ok(ExitCode::of(&judged))
}

/// The reports of each record. Those of two never take each other's place.
fn reports_apart(command: &ReportArguments) -> Result<Vec<Vec<ReportWanted>>, CliError> {
    if let [_] = command.runs.as_slice() {
        return Ok(vec![command.reports.clone()]);
    }
    let all: Vec<_> = command.runs.iter().map(|run| apart(&command.reports, run)).collect();
    let mut taken = BTreeSet::new();
    for wanted in all.iter().flatten().filter(|wanted| !is_terminal(&wanted.path)) {
        if !taken.insert(wanted.path.clone()) {
            let message = format!(
                "error: the reports of two records would both be {}\n  help: the records' folders give them their \
                 names: report one record at a time",
                wanted.path.display()
            );
            return Err(CliError::new(ExitCode::Usage, message));
        }
    }
    Ok(all)
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

/// The record of a run, which may be given as its folder.
pub(super) fn file_of(run: &Path) -> PathBuf {
    if run.is_dir() { record::in_folder(run) } else { run.to_owned() }
}

/// Whether a record is that of a load run: its first line says so.
pub(super) fn is_load(path: &Path) -> Result<bool, CliError> {
    let cannot = |error| CliError::could_not(&format!("{} can't be read", path.display()), error);
    let mut beginning = Vec::new();
    // The name of the event is first.
    record::read(path).map_err(cannot)?.take(64).read_to_end(&mut beginning).map_err(cannot)?;
    Ok(String::from_utf8_lossy(&beginning).contains("\"load_started\""))
}

/// All records are of one load that generators shared.
fn report_load(records: &[PathBuf], command: &ReportArguments) -> Result<ExitCode, CliError> {
    let records = shards::without_earlier_attempts(records);
    let summary = super::load::judged(&records)?;
    write_load_reports(&summary, &command.reports, &records)?;
    if !to_stdout(&command.reports) {
        stdout!("{}", load_terminal(&summary).trim_end());
    }
    Ok(ExitCode::of_load(&summary))
}

/// Writes each report of a load run to its file, or to the terminal.
pub(super) fn write_load_reports(
    summary: &LoadSummary,
    wanted: &[ReportWanted],
    records: &[PathBuf],
) -> Result<(), CliError> {
    for report in wanted {
        let rendered = match report.format {
            ReportFormat::Html => load_html(summary),
            ReportFormat::Junit => load_junit(summary),
            ReportFormat::Json => load_json(summary),
            ReportFormat::Markdown => Ok(load_markdown(summary)),
            ReportFormat::Histograms => {
                super::load::write_histograms(records, &report.path)?;
                continue;
            }
            ReportFormat::Github | ReportFormat::Sarif | ReportFormat::Ctrf | ReportFormat::Gitlab => {
                let message = "error: of a load run there are the reports html, junit, json, markdown and histograms";
                return Err(CliError::new(ExitCode::Usage, message));
            }
        };
        write(report, rendered)?;
    }
    Ok(())
}

/// The run that a record holds, judged again.
pub(super) fn judge(surroundings: &CliContext<'_>, run: &Path, judge_by: Option<&Path>) -> Result<Summary, CliError> {
    let record = read_record(surroundings, &file_of(run))?;
    judge_records(surroundings, &[&record], judge_by).map(|(summary, _)| summary)
}

/// What the records of one run come to, judged again, and the plan that they were judged by.
pub(super) fn judge_records(
    surroundings: &CliContext<'_>,
    records: &[&Record],
    judge_by: Option<&Path>,
) -> Result<(Summary, ConformancePlan), CliError> {
    judge_with_library(surroundings, records, judge_by).map(|(summary, plan, _)| (summary, plan))
}

/// The same, and the library that they were judged by.
fn judge_with_library(
    surroundings: &CliContext<'_>,
    records: &[&Record],
    judge_by: Option<&Path>,
) -> Result<(Summary, ConformancePlan, Library), CliError> {
    let Some(first) = records.first() else {
        return Err(CliError::new(ExitCode::Usage, "error: there is no record to read"));
    };
    let with_documents = records.iter().find(|record| !record.ends_before_the_first_case());
    let documents = match (judge_by, with_documents) {
        (Some(folder), _) => documents::documents(folder)?,
        // Its documents may break off, too. Nothing is judged by them then.
        (None, None) => documents::documents(Path::new("."))?,
        (None, Some(record)) => documents::recorded(&record.documents),
    };
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents, &mut mistakes);
    if mistakes.has_errors() {
        return Err(CliError::mistakes(&mistakes, surroundings.paint()));
    }
    let started = &first.started;
    let (suites, tags) = (started.suites.clone(), started.tags.clone());
    let choice = Choice { suites, tags, strictness: started.strictness };
    let target = Target::recorded(&started.target);
    let plan = documents::plan(surroundings, &library, &target, &choice)?;
    let runtime = runtime()?;
    let mut by_case = BTreeMap::new();
    for record in records {
        let own = (record.started.target != started.target)
            .then(|| documents::plan(surroundings, &library, &Target::recorded(&record.started.target), &choice))
            .transpose()?;
        let outcomes = runtime.block_on(replay(own.as_ref().unwrap_or(&plan), &library.schemas, record));
        by_case.extend(outcomes.into_iter().map(|outcome| (outcome.case.clone(), outcome)));
    }
    let mut outcomes: Vec<_> = plan.cases.iter().filter_map(|case| by_case.remove(&case.name)).collect();
    settle_absent(&plan.cases, &mut outcomes);
    withdraw_unfounded(&mut outcomes);
    mark_stale(&plan.cases, &mut outcomes);
    let left_over = records.iter().flat_map(|record| record.left_over.clone()).collect();
    let unproven = records.iter().flat_map(|record| record.unproven.clone()).collect();
    let took_us = records.iter().map(|record| record.took_us).max().unwrap_or_default();
    let summary = Summary::new(&plan, started, &outcomes, left_over, shards::ending(records), took_us);
    Ok((summary.with_unproven(unproven), plan, library))
}

/// Reads the record of a test run.
pub(super) fn read_record(surroundings: &CliContext<'_>, path: &Path) -> Result<Record, CliError> {
    let name = path.display().to_string();
    let cannot = |error| CliError::new(ExitCode::CouldNotRun, format!("error: {name}: {error}"));
    Record::read(record::read(path).map_err(cannot)?)
        .map_err(|error| CliError::painted(ExitCode::CouldNotRun, error.at(&name).render(surroundings.paint())))
}

/// Writes each report to its file, or to the terminal.
pub(super) fn write_reports(summary: &Summary, wanted: &[ReportWanted]) -> Result<(), CliError> {
    for report in wanted {
        let rendered = match report.format {
            ReportFormat::Html => html(summary),
            ReportFormat::Junit => junit(summary),
            ReportFormat::Json => json(summary),
            ReportFormat::Markdown => Ok(markdown(summary)),
            ReportFormat::Github => Ok(github(summary)),
            ReportFormat::Sarif => sarif(summary),
            ReportFormat::Ctrf => ctrf(summary),
            ReportFormat::Gitlab => gitlab(summary),
            ReportFormat::Histograms => {
                return Err(CliError::new(ExitCode::Usage, "error: only a load run has histograms"));
            }
        };
        write(report, rendered)?;
    }
    Ok(())
}

/// Writes a report to its file, or to the terminal.
pub(super) fn write(report: &ReportWanted, rendered: Result<String, ReportError>) -> Result<(), CliError> {
    let rendered = rendered.map_err(|error| CliError::could_not("a report can't be made", error))?;
    let mut out = open_report(&report.path)?;
    let written = out.write_all(rendered.as_bytes()).and_then(|()| end_line(report, &mut *out));
    written.and_then(|()| out.flush()).map_err(|error| unwritable(&report.path, error))
}

/// The terminal's prompt is to be on a line of its own.
fn end_line(report: &ReportWanted, out: &mut dyn Write) -> io::Result<()> {
    if is_terminal(&report.path) { out.write_all(b"\n") } else { Ok(()) }
}

/// The file of a report, whose folder is made if need be, or the terminal.
pub(super) fn open_report(path: &Path) -> Result<Box<dyn Write>, CliError> {
    if is_terminal(path) {
        return Ok(Box::new(output::Results));
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| unwritable(path, error))?;
    }
    let file = File::create(path).map_err(|error| unwritable(path, error))?;
    Ok(Box::new(BufWriter::new(file)))
}

/// Whether a report is printed on the standard output, where nothing else may be then.
pub(super) fn to_stdout(reports: &[ReportWanted]) -> bool {
    reports.iter().any(|report| is_terminal(&report.path))
}

/// Two reports on the standard output would be one that no program can read.
pub(super) fn check_stdout(reports: &[ReportWanted]) -> Result<(), CliError> {
    let printed: Vec<_> =
        reports.iter().filter(|report| is_terminal(&report.path)).map(|report| report.format).collect();
    if printed.len() < 2 {
        return Ok(());
    }
    let names = printed.iter().filter_map(|format| ReportFormat::NAMES.iter().find(|(_, known)| known == format));
    let names: Vec<_> = names.map(|(name, _)| *name).collect();
    let message = format!(
        "error: {} reports go to the standard output: {}\n  help: write all but one to files, such as --report {}=FILE",
        printed.len(),
        names.join(", "),
        names.last().unwrap_or(&"json")
    );
    Err(CliError::new(ExitCode::Usage, message))
}

fn is_terminal(path: &Path) -> bool {
    path == Path::new("-")
}

fn unwritable(path: &Path, error: io::Error) -> CliError {
    CliError::could_not(&format!("{} can't be written", path.display()), error)
}

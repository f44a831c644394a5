//! `assay report`: judges records again and renders them.

pub(crate) mod judging;
pub(crate) mod output;
pub(crate) mod reading;
pub(crate) mod rendering;
mod shards;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::load::records::judged;
use crate::output::{stderr, stdout};
use assay_formats::record::Record;
use assay_report::{Baseline, Undecided, load_terminal, terminal};

use super::arguments::{ReportArguments, ReportWanted};
use super::{baseline, gates};
use judging::judge_with_library;
use output::{is_terminal, to_stdout};
use reading::{file_of, is_load, read_record};
use rendering::{write_load_reports, write_reports};

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
    let (mut judged, plan, library) = judge_with_library(surroundings, records, command.judge_by.as_deref())?;
    baseline::warn_of_unknown(surroundings, command.baseline.as_deref(), &library)?;
    judged.undecided = Undecided::of_flag(command.allow_inconclusive);
    baseline::apply(known, &mut judged);
    if let Some(record) = records.first() {
        judged.gates.extend(gates::of_run(surroundings, &record.started.gates, &plan, &judged));
    }
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

/// All records are of one load that generators shared.
fn report_load(records: &[PathBuf], command: &ReportArguments) -> Result<ExitCode, CliError> {
    let records = shards::without_earlier_attempts(records);
    let summary = judged(&records)?;
    write_load_reports(&summary, &command.reports, &records)?;
    if !to_stdout(&command.reports) {
        stdout!("{}", load_terminal(&summary).trim_end());
    }
    Ok(ExitCode::of_load(&summary))
}

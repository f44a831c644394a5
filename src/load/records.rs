//! Records of load runs, read and judged.

use std::io::{BufRead, Write as _};
use std::path::{Path, PathBuf};

use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::record;
use crate::report::output::open_report;
use crate::report::reading::unreadable;
use assay_engine::verdict::judge_levels;
use assay_formats::record::load::{LoadEvent, LoadRecord};
use assay_report::{HistogramLog, LoadSummary};
use assay_suite::source::Paint;

/// Reads the records of one run, and judges them.
pub(crate) fn judged(paths: &[PathBuf]) -> Result<LoadSummary, CliError> {
    let record = read(paths)?;
    Ok(LoadSummary::new(&record, &judge_levels(&record)))
}

/// Reads the records of one run.
pub(crate) fn read(paths: &[PathBuf]) -> Result<LoadRecord, CliError> {
    let files = paths.iter().map(|path| open_file(path)).collect::<Result<Vec<_>, _>>()?;
    let names: Vec<_> = paths.iter().map(|path| path.display().to_string()).collect();
    LoadRecord::read(files).map_err(|error| CliError::new(ExitCode::CouldNotRun, error.at(&names).render(Paint::Plain)))
}

fn open_file(path: &Path) -> Result<Box<dyn BufRead>, CliError> {
    record::read(path).map_err(|error| unreadable(path, &error))
}

/// Writes the histograms of records as a log that other programs read. Nothing of them is kept in memory: they may be long.
pub(crate) fn write_histograms(records: &[PathBuf], path: &Path) -> Result<(), CliError> {
    let cannot = |error: String| CliError::could_not(&format!("{} can't be written", path.display()), error);
    let mut out = open_report(path)?;
    let mut log: Option<HistogramLog<'_>> = None;
    let mut waiting = Some(&mut *out);
    for record in records {
        for line in open_file(record)?.lines() {
            let line = line.map_err(|error| cannot(error.to_string()))?;
            // A last line that was cut off is left out, as everywhere.
            let Ok(event) = serde_json::from_str::<LoadEvent>(&line) else { break };
            if let (LoadEvent::LoadStarted(started), Some(out)) = (&event, waiting.take()) {
                log = Some(HistogramLog::begin(out, started).map_err(|error| cannot(error.to_string()))?);
            }
            if let Some(log) = &mut log {
                log.add(&event).map_err(|error| cannot(error.to_string()))?;
            }
        }
        log.iter_mut().try_for_each(HistogramLog::finish_record).map_err(|error| cannot(error.to_string()))?;
    }
    drop(log);
    out.flush().map_err(|error| cannot(error.to_string()))
}

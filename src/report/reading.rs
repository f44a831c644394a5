//! Records that a command names.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::record;
use assay_formats::record::Record;

/// The record of a run, which may be given as its folder.
pub(crate) fn file_of(run: &Path) -> PathBuf {
    if run.is_dir() { record::in_folder(run) } else { run.to_owned() }
}

/// That there is no record, and where a run leaves it.
pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> CliError {
    let cannot = CliError::could_not(&format!("{} can't be read", path.display()), error);
    if error.kind() == std::io::ErrorKind::NotFound {
        return cannot.with_help("name a record, `run.jsonl`, or the folder that holds it: `reports/latest`, or what a run's `--output` says");
    }
    cannot
}

/// Whether a record is that of a load run: its first line says so.
pub(crate) fn is_load(path: &Path) -> Result<bool, CliError> {
    let cannot = |error| unreadable(path, &error);
    let mut beginning = Vec::new();
    // The name of the event is first.
    record::read(path).map_err(cannot)?.take(64).read_to_end(&mut beginning).map_err(cannot)?;
    Ok(String::from_utf8_lossy(&beginning).contains("\"load_started\""))
}

/// Reads the record of a test run.
pub(crate) fn read_record(surroundings: &CliContext<'_>, path: &Path) -> Result<Record, CliError> {
    let name = path.display().to_string();
    let cannot = |error| CliError::new(ExitCode::CouldNotRun, format!("error: {name}: {error}"));
    Record::read(record::read(path).map_err(cannot)?)
        .map_err(|error| CliError::painted(ExitCode::CouldNotRun, error.at(&name).render(surroundings.paint())))
}

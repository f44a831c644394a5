//! The history of runs: a folder with one small line for each test run, and `assay history`.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use crate::output::stdout;
use assay_report::{HistoryEntry, Summary, history_terminal};

use super::arguments::HistoryArguments;
use super::{CliError, ExitCode, files};

/// The file in the folder.
const FILE: &str = "history.jsonl";

pub(super) fn run(command: &HistoryArguments) -> Result<ExitCode, CliError> {
    let path = command.folder.join(FILE);
    let unreadable =
        |error: &dyn std::fmt::Display| CliError::could_not(&format!("{} can't be read", path.display()), error);
    let bytes = files::read(&path).map_err(|error| unreadable(&error))?;
    let text = String::from_utf8(bytes).map_err(|error| unreadable(&error))?;
    let mut entries = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let entry = HistoryEntry::read(line).map_err(|error| {
            let message = format!("error: {}:{}: this is no line of a history: {error}", path.display(), number + 1);
            CliError::new(ExitCode::CouldNotRun, message)
        })?;
        entries.push(entry);
    }
    stdout!("{}", history_terminal(&entries).trim_end());
    Ok(ExitCode::Conforms)
}

/// Adds a run to a history.
pub(super) fn add(folder: &Path, summary: &Summary) -> Result<(), CliError> {
    let path = folder.join(FILE);
    let cannot =
        |error: &dyn std::fmt::Display| CliError::could_not(&format!("{} can't be written", path.display()), error);
    let line = HistoryEntry::new(summary).line().map_err(|error| cannot(&error))?;
    fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
    files::check_regular(&path).map_err(|error| cannot(&error))?;
    let file = OpenOptions::new().create(true).append(true).open(&path);
    // One write, so that the lines of two runs do not mix.
    file.and_then(|mut file| file.write_all(line.as_bytes())).map_err(|error| cannot(&error))
}

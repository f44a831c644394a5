//! The history of runs: a folder with one small line for each test run, and `assay history`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::{stderr, stdout};
use assay_report::{HistoryEntry, Summary, history_terminal};

use super::arguments::HistoryArguments;
use super::files;

/// The file in the folder.
const FILE: &str = "history.jsonl";

pub(super) fn run(command: &HistoryArguments) -> Result<ExitCode, CliError> {
    let path = command.folder.join(FILE);
    let unreadable =
        |error: &dyn std::fmt::Display| CliError::could_not(&format!("{} can't be read", path.display()), error);
    let none = "`assay test --history DIR` keeps a line of each run in that folder";
    let bytes = files::read(&path).map_err(|error| unreadable(&error).with_help(none))?;
    let entries = entries(&bytes, &path)?;
    stdout!("{}", history_terminal(&entries).trim_end());
    Ok(ExitCode::Conforms)
}

/// The whole lines of a history. A run that was killed, or whose disk was full, leaves one that breaks off.
fn entries(bytes: &[u8], path: &Path) -> Result<Vec<HistoryEntry>, CliError> {
    let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').collect();
    let last = lines.pop().unwrap_or_default();
    let lines = lines.into_iter().map(|line| (line, Ends::WithABreak)).chain([(last, Ends::WithTheFile)]);
    let mut entries = Vec::new();
    for (index, (line, ends)) in lines.enumerate().filter(|(_, (line, _))| !line.trim_ascii().is_empty()) {
        let place = format!("{}:{}", path.display(), index + 1);
        match HistoryEntry::read(line) {
            Ok(entry) => entries.push(entry),
            Err(error) if error.is_eof() || ends == Ends::WithTheFile => {
                stderr!("note: {place}: this line breaks off, and is left out");
            }
            Err(error) => {
                let message = format!("error: {place}: this is no line of a history: {error}");
                return Err(CliError::new(ExitCode::CouldNotRun, message));
            }
        }
    }
    Ok(entries)
}

/// Where a line of the file ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    WithABreak,
    WithTheFile,
}

/// Adds a run to a history.
pub(super) fn add(folder: &Path, summary: &Summary) -> Result<(), CliError> {
    let path = folder.join(FILE);
    let cannot =
        |error: &dyn std::fmt::Display| CliError::could_not(&format!("{} can't be written", path.display()), error);
    let line = HistoryEntry::new(summary).line().map_err(|error| cannot(&error))?;
    fs::create_dir_all(folder).map_err(|error| cannot(&error))?;
    files::check_regular(&path).map_err(|error| cannot(&error))?;
    let file = OpenOptions::new().create(true).read(true).append(true).open(&path);
    file.and_then(|mut file| append(&mut file, &line)).map_err(|error| cannot(&error))
}

/// Adds a line, which begins on a line of its own whatever the last run left.
fn append(file: &mut File, line: &str) -> io::Result<()> {
    let before = if breaks_off(file)? { "\n" } else { "" };
    // One write, so that the lines of two runs do not mix.
    file.write_all(format!("{before}{line}").as_bytes())
}

/// Whether the last line has no line break.
fn breaks_off(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

//! Where reports go: files, or the standard output.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use crate::arguments::{ReportFormat, ReportWanted};
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output;
use assay_report::ReportError;

/// Writes a report to its file, or to the terminal.
pub(crate) fn write(report: &ReportWanted, rendered: Result<String, ReportError>) -> Result<(), CliError> {
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
pub(crate) fn open_report(path: &Path) -> Result<Box<dyn Write>, CliError> {
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
pub(crate) fn to_stdout(reports: &[ReportWanted]) -> bool {
    reports.iter().any(|report| is_terminal(&report.path))
}

/// Two reports on the standard output would be one that no program can read.
pub(crate) fn check_stdout(reports: &[ReportWanted]) -> Result<(), CliError> {
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

pub(crate) fn is_terminal(path: &Path) -> bool {
    path == Path::new("-")
}

fn unwritable(path: &Path, error: io::Error) -> CliError {
    CliError::could_not(&format!("{} can't be written", path.display()), error)
}

//! `assay compare`: whether one run is worse than another: slower, or with new failures.

use std::path::Path;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::load::records::read;
use crate::output::stdout;
use crate::report::judging::judge;
use crate::report::output::write;
use crate::report::reading::{file_of, is_load};
use assay_engine::verdict::compare;
use assay_report::{
    changes, changes_html, changes_json, changes_markdown, changes_terminal, comparison_html, comparison_markdown,
    comparison_terminal,
};

use super::arguments::{CompareArguments, ReportFormat, ReportWanted};

pub(super) fn run(surroundings: &CliContext<'_>, command: &CompareArguments) -> Result<ExitCode, CliError> {
    match (is_load(&file_of(&command.baseline))?, is_load(&file_of(&command.run))?) {
        (true, true) => of_load(command),
        (false, false) => of_tests(surroundings, command),
        _ => {
            let message = "error: a load run and a test run can't be compared\n  help: name two runs of the same kind";
            Err(CliError::new(ExitCode::Usage, message))
        }
    }
}

fn of_tests(surroundings: &CliContext<'_>, command: &CompareArguments) -> Result<ExitCode, CliError> {
    let baseline = judge(surroundings, &command.baseline, None)?;
    let run = judge(surroundings, &command.run, None)?;
    let changes = changes(&baseline, &run);
    for report in &command.reports {
        let rendered = match report.format {
            ReportFormat::Html => changes_html(&changes),
            ReportFormat::Markdown => Ok(changes_markdown(&changes)),
            ReportFormat::Json => changes_json(&changes),
            _ => return Err(unsupported("html, markdown and json for test runs")),
        };
        write(report, rendered)?;
    }
    if !is_on_terminal(&command.reports) {
        stdout!("{}", changes_terminal(&changes).trim_end());
    }
    Ok(ExitCode::of_changes(&changes))
}

fn of_load(command: &CompareArguments) -> Result<ExitCode, CliError> {
    let (baseline, run) = (read(&[file_of(&command.baseline)])?, read(&[file_of(&command.run)])?);
    let comparison = compare(&baseline, &run, command.tolerance);
    for report in &command.reports {
        let rendered = match report.format {
            ReportFormat::Html => comparison_html(&comparison),
            ReportFormat::Markdown => Ok(comparison_markdown(&comparison)),
            _ => return Err(unsupported("html and markdown for load runs")),
        };
        write(report, rendered)?;
    }
    stdout!("{}", comparison_terminal(&comparison).trim_end());
    Ok(ExitCode::of_comparison(&comparison))
}

fn unsupported(formats: &str) -> CliError {
    CliError::new(ExitCode::Usage, format!("error: `compare` supports the formats {formats}"))
}

fn is_on_terminal(reports: &[ReportWanted]) -> bool {
    reports.iter().any(|report| report.path == Path::new("-"))
}

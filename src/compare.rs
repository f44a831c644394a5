//! `assay compare`: whether one load run is slower than another.

use crate::output::stdout;
use assay_engine::verdict::{Tolerance, compare};
use assay_report::{comparison_html, comparison_markdown, comparison_terminal};

use super::arguments::{CompareArguments, ReportFormat};
use super::load::read;
use super::report::{file_of, write};
use super::{CliError, ExitCode};

pub(super) fn run(command: &CompareArguments) -> Result<ExitCode, CliError> {
    let (baseline, run) = (read(&[file_of(&command.baseline)])?, read(&[file_of(&command.run)])?);
    let comparison = compare(&baseline, &run, command.tolerance);
    for report in &command.reports {
        let rendered = match report.format {
            ReportFormat::Html => comparison_html(&comparison),
            ReportFormat::Markdown => Ok(comparison_markdown(&comparison)),
            ReportFormat::Junit | ReportFormat::Json | ReportFormat::Histograms => {
                return Err(CliError::new(ExitCode::Usage, "error: `compare` supports the formats html and markdown"));
            }
        };
        write(report, rendered)?;
    }
    stdout!("{}", comparison_terminal(&comparison).trim_end());
    Ok(ExitCode::of_comparison(&comparison))
}

/// Reads `5%`.
pub(super) fn tolerance(text: &str) -> Result<Tolerance, String> {
    let percent = text.strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    percent.and_then(|percent| Tolerance::new(percent / 100.0)).ok_or_else(|| "write a share in percent: 5%".to_owned())
}

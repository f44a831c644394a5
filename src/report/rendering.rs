//! The reports of a run, in the forms that were asked for.

use std::path::PathBuf;

use crate::arguments::{ReportFormat, ReportWanted};
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::load::records::write_histograms;
use assay_report::{
    LoadSummary, Summary, ctrf, github, gitlab, html, json, junit, load_html, load_json, load_junit, load_markdown,
    markdown, sarif,
};

use super::output::write;

/// Writes each report of a load run to its file, or to the terminal.
pub(crate) fn write_load_reports(
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
                write_histograms(records, &report.path)?;
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

/// Writes each report to its file, or to the terminal.
pub(crate) fn write_reports(summary: &Summary, wanted: &[ReportWanted]) -> Result<(), CliError> {
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

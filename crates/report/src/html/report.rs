//! The report of a test run as one page.

use crate::error::ReportError;
use crate::summary::Summary;

use super::page::Page;
use super::template::{Template, render};

const REPORT: Template =
    Template { name: "report.html", text: include_str!("../../../../reports/html/report.html.jinja") };

/// The run as one HTML page.
pub fn html(summary: &Summary) -> Result<String, ReportError> {
    render(REPORT, "", Page::new(summary))
}

//! The report of a load run as one page.

use crate::LoadSummary;
use crate::ReportError;
use crate::html::{Template, render};

use super::page::Page;
use super::style::STYLE;

const LOAD: Template =
    Template { name: "load.html", text: include_str!("../../../../../reports/html/load.html.jinja") };

/// The run as one HTML page.
pub fn load_html(summary: &LoadSummary) -> Result<String, ReportError> {
    render(LOAD, STYLE, Page::new(summary)?)
}

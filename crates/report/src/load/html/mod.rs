//! A load run as one page that needs nothing else, in the style of the conformance report and under the same policy.

mod axis;
mod capacity;
mod chart;
mod charts;
mod page;

pub use capacity::capacity_html;

use crate::ReportError;
use crate::html::{Template, render};

use super::LoadSummary;

const LOAD: Template =
    Template { name: "load.html", text: include_str!("../../../../../reports/html/load.html.jinja") };
/// What the pages of load runs have besides the style of all.
pub(super) const STYLE: &str = include_str!("../../../../../reports/html/load.css");

/// The run as one HTML page.
pub fn load_html(summary: &LoadSummary) -> Result<String, ReportError> {
    render(LOAD, STYLE, page::Page::new(summary)?)
}

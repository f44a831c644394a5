//! A run for other programs.

use serde::Serialize;

use crate::cause::Cause;
use crate::error::ReportError;
use crate::summary::Summary;
use assay_suite::source::harmless;

use super::cause::CauseDocument;

/// The version of the report's structure: it grows when a field is renamed, removed or changes its meaning.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'a, S> {
    format: u32,
    #[serde(flatten)]
    summary: &'a S,
}

/// A test run for other programs: the causes first.
#[derive(Serialize)]
struct Run<'a> {
    causes: Vec<CauseDocument<'a>>,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// The whole summary as JSON, for people to read, too.
pub fn json(summary: &Summary) -> Result<String, ReportError> {
    let causes = summary.causes();
    document(&Run { causes: causes.iter().map(Cause::document).collect(), summary })
}

/// Any summary as JSON.
pub(super) fn document(summary: &impl Serialize) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(&Document { format: FORMAT, summary })?;
    text.push('\n');
    // Such characters only occur within strings, where this is how JSON spells them; the values stay the same.
    Ok(harmless::lines(&text))
}

//! A load run for other programs.

use crate::LoadSummary;
use crate::{ReportError, json};

/// The whole summary as JSON, for people to read, too. Fields that end in `_s` are seconds; quantiles and shares are from
/// 0 to 1.
pub fn load_json(summary: &LoadSummary) -> Result<String, ReportError> {
    json::document(summary)
}

//! The file of known failures, applied to a run.

use std::path::Path;

use jiff::Zoned;

use assay_report::{Baseline, Summary};
use assay_suite::source::Diagnostics;

use super::{CliContext, CliError, documents};

/// Reads a baseline, if one is named.
pub(super) fn read(surroundings: &CliContext<'_>, path: Option<&Path>) -> Result<Option<Baseline>, CliError> {
    let Some(path) = path else { return Ok(None) };
    let mut mistakes = Diagnostics::new();
    let file = documents::contents(path, path.display().to_string())?.map_err(|mistake| mistakes.add(*mistake)).ok();
    let baseline = file.and_then(|file| Baseline::read(&file, &mut mistakes));
    baseline.map(Some).ok_or_else(|| CliError::mistakes(&mistakes, surroundings.paint()))
}

/// Marks the known failures of a run.
pub(super) fn apply(baseline: Option<&Baseline>, summary: &mut Summary) {
    if let Some(baseline) = baseline {
        baseline.apply(summary, Zoned::now().date());
    }
}

//! What a person should look at.

use assay_engine::verdict::Verdict;

use super::summary::{CaseSummary, Summary};

/// Whether a person should look at a case.
pub(super) fn is_failure(case: &CaseSummary) -> bool {
    case.verdict > Verdict::DeviatesAsKnown
}

/// The cases that a person should look at.
pub(super) fn failures(summary: &Summary) -> impl Iterator<Item = &CaseSummary> {
    summary.cases.iter().filter(|case| is_failure(case))
}

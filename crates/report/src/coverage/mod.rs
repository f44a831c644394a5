//! Coverage: of the documents, which requirements the scenarios are about; of a run, which it decided.

mod covered;
mod planned;
mod run;

pub use covered::{Coverage, Gap, OperationCoverage, RequirementCoverage, RequirementStanding, SuiteCoverage};
pub use planned::coverage;
pub(super) use run::{RunCoverage, run_coverage};

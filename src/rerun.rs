//! Which cases of an earlier run are to be run again: those that failed, and those that it did not come to.

use std::collections::BTreeMap;
use std::path::Path;

use crate::context::CliContext;
use crate::error::CliError;
use crate::report::judging::judge;
use assay_engine::verdict::Verdict;
use assay_report::Ending;

/// The cases of an earlier run.
pub(super) struct Earlier {
    verdicts: BTreeMap<String, Verdict>,
    ending: Ending,
}

/// Reads the record of an earlier run.
pub(super) fn cases(surroundings: &CliContext<'_>, run: &Path) -> Result<Earlier, CliError> {
    let judged = judge(surroundings, run, None)?;
    let verdicts = judged.cases.into_iter().map(|case| (case.name, case.verdict));
    Ok(Earlier { verdicts: verdicts.collect(), ending: judged.run.ending })
}

impl Earlier {
    /// Whether a case is to be run again. What an earlier run that was completed does not have was not chosen.
    pub fn includes(&self, case: &str) -> bool {
        match self.verdicts.get(case) {
            Some(verdict) => !matches!(verdict, Verdict::Conforms | Verdict::DeviatesAsKnown),
            None => self.ending != Ending::Completed,
        }
    }
}

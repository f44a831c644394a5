//! What changed from one test run to another.

use std::collections::BTreeMap;

use crate::cause::{Cause, causes, is_same};
use crate::failure::{failures, is_failure};
use crate::summary::{CaseSummary, RunInfo, Summary};
use crate::wording;
use assay_engine::verdict::Verdict;

/// What changed from one test run to another.
#[derive(Clone, Debug)]
pub struct Changes<'a> {
    /// The earlier run.
    pub baseline: &'a RunInfo,
    /// The later run.
    pub run: &'a RunInfo,
    /// Cases that fail, and did not; or fail by a weightier verdict.
    pub new: Vec<Cause<'a>>,
    /// Cases that fail in another way.
    pub changed: Vec<Cause<'a>>,
    /// Cases that fail as they did.
    pub still: Vec<Cause<'a>>,
    /// Cases that failed, and don't: as they failed.
    pub fixed: Vec<Cause<'a>>,
    /// Cases that were tested, and are not any more, by the reason.
    pub untested: BTreeMap<String, Vec<&'a CaseSummary>>,
    /// How many cases both runs have.
    pub in_both: usize,
}

/// What changed, taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangesVerdict {
    /// Nothing fails anew.
    NothingNew,
    /// Nothing fails anew among what was tested, and something was not tested any more.
    Untested,
    /// Something fails anew.
    NewFailures,
}

/// Compares two test runs.
pub fn changes<'a>(baseline: &'a Summary, run: &'a Summary) -> Changes<'a> {
    let before: BTreeMap<&str, &CaseSummary> = by_name(baseline);
    let after: BTreeMap<&str, &CaseSummary> = by_name(run);
    let (mut new, mut changed, mut still) = (Vec::new(), Vec::new(), Vec::new());
    for case in failures(run) {
        match before.get(case.name.as_str()) {
            Some(earlier) if is_failure(earlier) && case.verdict <= earlier.verdict => {
                if case.verdict == earlier.verdict && is_same(earlier, case) {
                    still.push(case);
                } else {
                    changed.push(case);
                }
            }
            _ => new.push(case),
        }
    }
    let passes =
        |case: &&CaseSummary| after.get(case.name.as_str()).is_some_and(|now| is_tested(now) && !is_failure(now));
    let fixed = failures(baseline).filter(passes);
    let mut untested: BTreeMap<String, Vec<&CaseSummary>> = BTreeMap::new();
    for case in baseline.cases.iter().filter(|case| is_tested(case)) {
        let reason = match after.get(case.name.as_str()) {
            None => "it is not in the run".to_owned(),
            Some(now) if !is_tested(now) => now.reason.clone().unwrap_or_else(|| "skipped".to_owned()),
            Some(_) => continue,
        };
        untested.entry(reason).or_default().push(case);
    }
    Changes {
        baseline: &baseline.run,
        run: &run.run,
        new: causes(new.into_iter()),
        changed: causes(changed.into_iter()),
        still: causes(still.into_iter()),
        fixed: causes(fixed),
        untested,
        in_both: after.keys().filter(|name| before.contains_key(*name)).count(),
    }
}

fn by_name(summary: &Summary) -> BTreeMap<&str, &CaseSummary> {
    summary.cases.iter().map(|case| (case.name.as_str(), case)).collect()
}

fn is_tested(case: &CaseSummary) -> bool {
    case.verdict != Verdict::Skipped
}

impl<'a> Changes<'a> {
    /// What it comes to.
    pub fn verdict(&self) -> ChangesVerdict {
        match (self.new.is_empty(), self.untested.is_empty()) {
            (false, _) => ChangesVerdict::NewFailures,
            (true, false) => ChangesVerdict::Untested,
            (true, true) => ChangesVerdict::NothingNew,
        }
    }

    /// The verdict in one sentence.
    pub(super) fn headline(&self) -> String {
        match self.verdict() {
            ChangesVerdict::NewFailures => format!("New failures: {}.", wording::causes_in_cases(&self.new)),
            ChangesVerdict::Untested => "No new failure, and not all is tested any more.".to_owned(),
            ChangesVerdict::NothingNew => "No new failure.".to_owned(),
        }
    }

    /// The parts that name causes, in the order of a report.
    pub(super) fn parts(&self) -> [(Part, &[Cause<'a>]); 4] {
        [(Part::New, &self.new), (Part::Changed, &self.changed), (Part::Still, &self.still), (Part::Fixed, &self.fixed)]
    }
}

/// A part of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    New,
    Changed,
    Still,
    Fixed,
}

impl Part {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::New => "New failures",
            Self::Changed => "Failing for another reason",
            Self::Still => "Still failing",
            Self::Fixed => "Fixed",
        }
    }

    /// The name in classes and in JSON.
    pub(super) fn slug(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Still => "still",
            Self::Fixed => "fixed",
        }
    }
}

//! What the program's exit code says.

use assay_engine::verdict::{Change, Comparison, LevelVerdict, Verdict};
use assay_formats::record::load::ProfileEnding;
use assay_report::{Changes, ChangesVerdict, Ending, GateOutcome, LoadSummary, Summary, Undecided};

/// What the program's exit code says. Scripts may rely on these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// All conforms, but for known deviations and what was skipped; or what was asked for is done.
    Conforms = 0,
    /// Something violates its document.
    Violates = 1,
    /// The command line is not understood, or names what is not there.
    Usage = 2,
    /// Something could not be run, written or read; nothing that ran violates its document.
    CouldNotRun = 3,
    /// Something could not be decided; nothing else is wrong.
    Inconclusive = 4,
    /// Suites, schemas, scenarios or a target file have mistakes.
    BadDocuments = 5,
    /// A known deviation is not one any more; nothing else is wrong.
    StaleDeviation = 6,
    /// A load run is slower than the one that it is compared with, or answers worse; a test run has new failures.
    Regressed = 7,
    /// A gate of the run is not met.
    GateFailed = 8,
    /// Somebody stopped the run.
    Interrupted = 130,
}

impl ExitCode {
    /// What a judged run exits with.
    pub fn of(summary: &Summary) -> Self {
        let code = Self::of_cases(summary);
        let gates = summary.gates.iter().map(|gate| gate.outcome).max();
        match (code, gates) {
            (Self::Interrupted | Self::Violates | Self::CouldNotRun, _) => code,
            (_, Some(GateOutcome::CouldNotRun)) => Self::CouldNotRun,
            (_, Some(GateOutcome::Failed)) => Self::GateFailed,
            (Self::Conforms, Some(GateOutcome::Open)) => Self::Inconclusive,
            (Self::Conforms, Some(GateOutcome::Stale)) => Self::StaleDeviation,
            _ => code,
        }
    }

    fn of_cases(summary: &Summary) -> Self {
        let counts = |verdict: &Verdict| {
            summary.counts.of(*verdict) > 0
                && !(*verdict == Verdict::Inconclusive && summary.undecided == Undecided::IsSkipped)
        };
        // The weightiest comes first.
        let verdict = Verdict::ALL.into_iter().find(counts);
        match (summary.run.ending, verdict) {
            (Ending::Interrupted, _) => Self::Interrupted,
            (_, Some(Verdict::Violates)) => Self::Violates,
            (Ending::Broken | Ending::Incomplete, _) | (_, Some(Verdict::CouldNotRun)) => Self::CouldNotRun,
            (_, Some(Verdict::Inconclusive | Verdict::Flaky)) => Self::Inconclusive,
            (_, Some(Verdict::StaleDeviation)) => Self::StaleDeviation,
            (_, Some(Verdict::Conforms | Verdict::Skipped | Verdict::DeviatesAsKnown) | None) => Self::Conforms,
        }
    }

    /// What one shard of a test run exits with: the verdict belongs to all of them together.
    pub fn of_test_shard(summary: &Summary) -> Self {
        match summary.run.ending {
            Ending::Interrupted => Self::Interrupted,
            Ending::Broken => Self::CouldNotRun,
            Ending::Completed | Ending::Incomplete => Self::Conforms,
        }
    }

    /// What one generator of several exits with: 0 if it made its part of the load.
    pub fn of_load_shard(summary: &LoadSummary) -> Self {
        let is_done = |profile: &assay_report::ProfileSummary| {
            matches!(&profile.ending, Some(ProfileEnding::Completed | ProfileEnding::Aborted(_)))
        };
        match summary.run.ending {
            Ending::Interrupted => Self::Interrupted,
            Ending::Broken => Self::CouldNotRun,
            Ending::Completed | Ending::Incomplete if summary.profiles.iter().all(is_done) => Self::Conforms,
            Ending::Completed | Ending::Incomplete => Self::CouldNotRun,
        }
    }

    /// What a judged load run exits with.
    pub fn of_load(summary: &LoadSummary) -> Self {
        let could_not_run = |profile: &assay_report::ProfileSummary| {
            matches!(&profile.ending, Some(ProfileEnding::CouldNotRun(_) | ProfileEnding::GeneratorLimit(_)))
        };
        match (summary.run.ending, summary.verdict) {
            (Ending::Interrupted, _) => Self::Interrupted,
            (_, Some(LevelVerdict::Violated)) => Self::Violates,
            (Ending::Broken | Ending::Incomplete, _) | (_, Some(LevelVerdict::Invalid)) => Self::CouldNotRun,
            _ if summary.profiles.iter().any(could_not_run) => Self::CouldNotRun,
            (_, Some(LevelVerdict::Inconclusive)) => Self::Inconclusive,
            (_, Some(LevelVerdict::Met) | None) => Self::Conforms,
        }
    }

    /// What a comparison of test runs exits with.
    pub fn of_changes(changes: &Changes<'_>) -> Self {
        match changes.verdict() {
            ChangesVerdict::NewFailures => Self::Regressed,
            ChangesVerdict::Untested => Self::Inconclusive,
            ChangesVerdict::NothingNew => Self::Conforms,
        }
    }

    /// What a comparison of load runs exits with.
    pub fn of_comparison(comparison: &Comparison) -> Self {
        match comparison.verdict() {
            Change::Regressed => Self::Regressed,
            Change::Inconclusive | Change::Missing => Self::Inconclusive,
            Change::Same | Change::Improved => Self::Conforms,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// The table of exit codes, for help texts.
pub const EXPLAINED: &str = "Exit codes:
  0    all conforms, but for known deviations and what was skipped
  1    something violates its document, or a service level
  2    the command line is not understood
  3    something could not be run, written or read
  4    something could not be decided
  5    suites, schemas, scenarios or a target file have mistakes
  6    a known deviation is not one any more
  7    a run is worse than the one that it is compared with: slower, or with new failures
  8    a gate of the run is not met
  130  interrupted";

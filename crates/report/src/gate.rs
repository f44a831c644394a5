//! Conditions on a whole run, besides the verdicts of its cases.

use serde::Serialize;

/// A condition on a whole run, and whether it is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gate {
    /// The condition in words.
    pub name: String,
    /// What it asks for.
    pub expected: String,
    /// What the run came to.
    pub observed: String,
    /// Whether it is met.
    pub outcome: GateOutcome,
}

/// Whether a gate is met; the later in this list, the more it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateOutcome {
    /// It is met.
    Met,
    /// What is known of the deployment is not so any more.
    Stale,
    /// It is not met, and nothing speaks against the deployment: more has to be tested.
    Open,
    /// It is not met.
    Failed,
    /// What it needs could not be had: the deployment was not there.
    CouldNotRun,
}

impl GateOutcome {
    /// In a word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::Stale => "stale",
            Self::Open => "open",
            Self::Failed => "failed",
            Self::CouldNotRun => "could not run",
        }
    }
}

/// Whether what could not be decided counts against a run: in its exit code, and in its `JUnit` report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Undecided {
    /// It does.
    #[default]
    Counts,
    /// It is skipped.
    IsSkipped,
}

impl Undecided {
    /// As a flag of the command line allows it.
    pub fn of_flag(allowed: bool) -> Self {
        if allowed { Self::IsSkipped } else { Self::Counts }
    }
}

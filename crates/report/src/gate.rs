//! Conditions on a whole run, besides the verdicts of its cases.

use serde::Serialize;

use assay_engine::deployment::Gates;
use assay_engine::verdict::Verdict;

use super::changes::changes;
use super::summary::Summary;
use super::wording;

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

/// The record that a run is compared with, judged; or why there is none.
pub type Compared<'a> = Result<&'a Summary, String>;

/// Whether the gates of a target are met. What is missing fails a gate.
pub fn gates(gates: &Gates, run: &Summary, compared: Option<Compared<'_>>) -> Vec<Gate> {
    let mut found = Vec::new();
    let gate = |name: &str, expected: String, observed: String, is_met: bool| Gate {
        name: name.to_owned(),
        expected,
        observed,
        outcome: if is_met { GateOutcome::Met } else { GateOutcome::Failed },
    };
    if let Some(least) = gates.cases {
        let cases = run.counts.total() - run.counts.of(Verdict::Skipped);
        let is_met = u64::try_from(cases).is_ok_and(|cases| cases >= least);
        found.push(gate("enough cases are run", format!("at least {least}"), cases.to_string(), is_met));
    }
    let coverage = || run.suites.iter().map(|suite| &suite.coverage);
    if let Some(share) = gates.operations {
        let tested = coverage().map(|suite| suite.operations_tested).sum();
        let all = coverage().map(|suite| suite.operations_documented).sum();
        let observed = format!("{tested} of {all}");
        found.push(gate(
            "enough operations are tested",
            format!("at least {share}"),
            observed,
            share.is_reached(tested, all),
        ));
    }
    if let Some(share) = gates.requirements {
        let verified = coverage().map(|suite| suite.verified).sum();
        let all = coverage().map(|suite| suite.verified + suite.open).sum();
        let observed = format!("{verified} of {all}");
        let is_met = share.is_reached(verified, all);
        found.push(gate("enough requirements are verified", format!("at least {share}"), observed, is_met));
    }
    if let Some(since) = &gates.no_new_failures_since {
        let (observed, is_met) = match compared {
            Some(Ok(earlier)) => {
                let changes = changes(earlier, run);
                (wording::causes_in_cases(&changes.new), changes.new.is_empty())
            }
            Some(Err(why)) => (why, false),
            None => ("there is no record to compare with".to_owned(), false),
        };
        found.push(gate("nothing fails anew", format!("no new failure since {since}"), observed, is_met));
    }
    found
}

//! What two load runs come to, held against each other.

use assay_suite::OperationName;
use assay_suite::Quantile;

use crate::verdict::Measure;

/// What two load runs have in common, held against each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The name of the earlier run.
    pub baseline: String,
    /// The name of the later run.
    pub run: String,
    /// Response times, quantile by quantile, in the order of the later run's profiles; what only the baseline has is last.
    pub quantiles: Vec<ComparedQuantile>,
    /// Success rates, in the same order: a quantile says little of failures.
    pub success_rates: Vec<ComparedSuccessRate>,
}

impl Comparison {
    /// The weightiest of all: what the later run comes to. Nothing compared says nothing.
    pub fn verdict(&self) -> Change {
        let quantiles = self.quantiles.iter().map(|quantile| quantile.verdict);
        let rates = self.success_rates.iter().map(|rate| rate.verdict);
        quantiles.chain(rates).max().unwrap_or(Change::Inconclusive)
    }
}

/// A quantile of an operation's response times in two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedQuantile {
    /// The profile, by its name.
    pub profile: String,
    /// The operation.
    pub operation: OperationName,
    /// The quantile.
    pub quantile: Quantile,
    /// What it was in the earlier run. Failures count as endless.
    pub baseline: Estimate,
    /// What it was in the later run.
    pub run: Estimate,
    /// The later value as a multiple of the earlier one: 1.1 is a tenth slower. Nothing unless both are times.
    pub change: Option<f64>,
    /// What it comes to.
    pub verdict: Change,
    /// Why, as one sentence or two; empty if it is the same.
    pub reason: String,
}

/// An operation's success rate in two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedSuccessRate {
    /// The profile, by its name.
    pub profile: String,
    /// The operation.
    pub operation: OperationName,
    /// What it was in the earlier run, as shares.
    pub baseline: Estimate,
    /// What it was in the later run.
    pub run: Estimate,
    /// The later share less the earlier one, from -1 to 1: -0.01 is one more failure in 100 requests. Nothing unless both
    /// were observed.
    pub change: Option<f64>,
    /// What it comes to.
    pub verdict: Change,
    /// Why, as one sentence or two; empty if it is the same.
    pub reason: String,
}

/// A value, and between which ends the true one lies, with 95 % confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// What was observed.
    pub value: Measure,
    /// The lower end.
    pub low: Measure,
    /// The upper end.
    pub high: Measure,
    /// The requests that it rests on.
    pub samples: u64,
}

/// What a comparison comes to; the later in this list, the more it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Change {
    /// It is certainly not worse by more than the tolerance.
    Same,
    /// It is certainly better by more than the tolerance.
    Improved,
    /// There are too few samples to say, or the two runs were not under the same load.
    Inconclusive,
    /// One of the runs has no such requests.
    Missing,
    /// It is certainly worse by more than the tolerance.
    Regressed,
}

/// How much worse a later run may be: 0.1 is a tenth.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Tolerance(f64);

impl Tolerance {
    /// A tolerance; nothing if the share is negative or no number.
    pub fn new(share: f64) -> Option<Self> {
        (share.is_finite() && share >= 0.0).then_some(Self(share))
    }

    /// The share itself.
    pub fn share(self) -> f64 {
        self.0
    }
}

impl Default for Tolerance {
    /// A tenth: less changes from day to day on most deployments.
    fn default() -> Self {
        Self(0.1)
    }
}

impl Comparison {
    /// The weightiest of all its verdicts; the same if there is nothing to compare.
    pub fn worst(&self) -> Change {
        let quantiles = self.quantiles.iter().map(|compared| compared.verdict);
        let success_rates = self.success_rates.iter().map(|compared| compared.verdict);
        quantiles.chain(success_rates).max().unwrap_or(Change::Same)
    }
}

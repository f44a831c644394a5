//! What a case came to.

use std::time::Duration;

use crate::verdict::{Finding, Verdict};
use assay_formats::record::Part;
use assay_suite::http::Exchange;

use super::evidence::Evidence;
use super::sighting::Sightings;

/// Why a case was skipped whose run was stopped before it began.
pub const NOT_BEGUN: &str = "the run was interrupted before it";

/// What a case came to.
#[derive(Clone, Debug)]
pub struct CaseOutcome {
    /// The case's name.
    pub case: String,
    /// The weightiest of its findings; without any, it conforms.
    pub verdict: Verdict,
    /// Why it was not run, or not to its end.
    pub reason: Option<String>,
    /// What was not as expected.
    pub findings: Vec<Finding>,
    /// What a reader may want to know, though no requirement covers it.
    pub notices: Vec<String>,
    /// What it showed of the deployment, and what its verdict rests on.
    pub evidence: Evidence,
    /// What it saw of the operations of its suite.
    pub sightings: Sightings,
    /// How many of its steps were run to their end.
    pub steps_run: usize,
    /// Its exchanges, in order; kept only if there are findings.
    pub exchanges: Vec<(Part, Exchange)>,
    /// How many exchanges there were.
    pub exchange_count: usize,
    /// How long it took.
    pub took: Duration,
}

impl CaseOutcome {
    /// A case that was not tried.
    pub fn skipped(case: &str, reason: String) -> Self {
        Self {
            case: case.to_owned(),
            verdict: Verdict::Skipped,
            reason: Some(reason),
            findings: Vec::new(),
            notices: Vec::new(),
            evidence: Evidence::default(),
            sightings: Sightings::new(),
            steps_run: 0,
            exchanges: Vec::new(),
            exchange_count: 0,
            took: Duration::ZERO,
        }
    }
}

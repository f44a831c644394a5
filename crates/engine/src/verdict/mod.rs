//! From an expectation and an observation to a verdict. Everything here is a pure function.

mod answer;
mod comparison;
mod context;
mod contract;
mod cut;
mod discovery;
mod echo;
mod form;
mod job;
mod matching;
mod nature;
mod paging;
mod recency;
mod service_level;
mod shape;
mod stored;
mod total;
mod witness;

use std::fmt;

use serde::{Deserialize, Serialize};

use assay_suite::RequirementId;
use assay_suite::source::Place;

pub use answer::{
    JudgedAnswer, LACKING, is_throttled, judge_answer, judge_fields, judge_schema, lacks_what_it_needs, meets,
};
pub use comparison::{Change, ComparedQuantile, ComparedSuccessRate, Comparison, Estimate, Tolerance, compare};
pub use context::RequestContext;
pub use discovery::{Difference, DifferenceKind, Discovery, discover};
pub use echo::judge_echoes;
pub use form::status;
pub use job::{JobState, job_state};
pub use matching::{MatchFailure, judge_field, judge_values};
pub use nature::nature_of_target;
pub use paging::{Listing, PagedList, judge_paging};
pub use service_level::{
    ABORT_SIGNIFICANCE, CAVEAT, CONFIDENCE, Forecast, JudgedLevel, LevelVerdict, Measure, Needs, Reachable,
    SIGNIFICANCE, Settling, StepEvidence, capacity_evidence, certainly_violated, forecast, is_late, judge_levels,
    settling,
};
pub use witness::{Witness, rests_on, unseen, without_data};

/// What a step or a case came to; the later in this list, the more it weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// What was expected was observed.
    Conforms,
    /// It was not tried.
    Skipped,
    /// What was observed departs from the document as this server is known to do.
    DeviatesAsKnown,
    /// The server is known to depart from the document, but did not.
    StaleDeviation,
    /// It failed, and conformed when it was run again.
    Flaky,
    /// What was observed decides nothing.
    Inconclusive,
    /// Nothing could be observed.
    CouldNotRun,
    /// What was observed departs from the document.
    Violates,
}

impl Verdict {
    /// All verdicts, the weightiest first.
    pub const ALL: [Self; 8] = [
        Self::Violates,
        Self::CouldNotRun,
        Self::Inconclusive,
        Self::Flaky,
        Self::StaleDeviation,
        Self::DeviatesAsKnown,
        Self::Skipped,
        Self::Conforms,
    ];
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conforms => "conforms",
            Self::Skipped => "skipped",
            Self::DeviatesAsKnown => "deviates as known",
            Self::StaleDeviation => "stale deviation",
            Self::Flaky => "flaky",
            Self::Inconclusive => "inconclusive",
            Self::CouldNotRun => "could not run",
            Self::Violates => "violates",
        })
    }
}

/// One expectation that was not met, or could not be judged.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What it comes to.
    pub verdict: Verdict,
    /// What was expected.
    pub expected: String,
    /// What was observed instead.
    pub observed: String,
    /// Where the expectation is written.
    pub place: Place,
    /// The promises it decides.
    pub requirements: Vec<RequirementId>,
    /// The exchange that shows it, as a number within the case; none where there was no exchange.
    pub exchange: Option<usize>,
    /// The known deviation that it is, if it is one.
    pub deviation: Option<Place>,
}

impl fmt::Display for Finding {
    /// As one line: where, what was expected, what was observed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected: {}; observed: {}", self.place, self.expected, self.observed)
    }
}

/// An expectation that an observation does not meet, before it is tied to a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What it comes to.
    pub verdict: Verdict,
    /// What was expected.
    pub expected: String,
    /// What was observed instead.
    pub observed: String,
    /// The requirement that it is charged to, where that is not those of its step.
    pub about: Option<RequirementId>,
}

impl Mismatch {
    /// A departure from the document.
    pub fn violation(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self { verdict: Verdict::Violates, expected: expected.into(), observed: observed.into(), about: None }
    }

    /// An observation that decides nothing.
    pub fn inconclusive(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self { verdict: Verdict::Inconclusive, expected: expected.into(), observed: observed.into(), about: None }
    }

    /// No observation.
    pub fn could_not_run(expected: impl Into<String>, observed: impl Into<String>) -> Self {
        Self { verdict: Verdict::CouldNotRun, expected: expected.into(), observed: observed.into(), about: None }
    }

    /// The same, charged to a requirement.
    #[must_use]
    pub fn about(self, requirement: &RequirementId) -> Self {
        Self { about: Some(requirement.clone()), ..self }
    }
}

/// A server's value, short enough for a message.
pub fn shown(value: &serde_json::Value) -> String {
    clipped(&value.to_string())
}

/// A server's text, short enough for a message.
pub fn clipped(text: &str) -> String {
    const LONGEST: usize = 160;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}

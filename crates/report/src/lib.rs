//! From verdicts to bytes. Nothing here sees a deployment, and nothing here opens a file.

mod badge;
mod baseline;
mod cause;
mod certificate;
mod changes;
mod ci;
mod coverage;
mod curl;
mod gate;
mod history;
mod html;
mod json;
mod junit;
mod load;
mod markdown;
mod summary;
mod terminal;
mod wording;

use assay_suite::source::harmless;

pub use badge::badge;
pub use baseline::Baseline;
pub use cause::Cause;
pub use certificate::{
    CertificateError, CertificateResult, Claim, Digest, EnvelopeError, Evidence, KeyError, SigningKey, VerifyingKey,
    claim_of, described, differences, open, result_of, seal, statement,
};
pub use changes::{Changes, ChangesVerdict, changes, changes_html, changes_json, changes_markdown, changes_terminal};
pub use ci::{ctrf, github, gitlab, sarif};
pub use coverage::{
    Coverage, Gap, OperationCoverage, RequirementCoverage, RequirementStanding, SuiteCoverage, coverage,
};
pub use gate::{Compared, Gate, GateOutcome, Undecided, gates};
pub use history::{HistoryEntry, Since, failing_since, history_terminal};
pub use html::html;
pub use json::json;
pub use junit::junit;
pub use load::{
    CapacityStep, CapacitySummary, ClockSummary, Curve, HistogramLog, HistogramLogError, LatencySummary, LatenessBound,
    LatenessSummary, LevelSummary, LoadRunInfo, LoadSummary, Measured, NeedsSummary, OperationSummary, PartSummary,
    ProfileSummary, SettlingSummary, TrafficSummary, capacity_html, capacity_json, capacity_markdown,
    capacity_terminal, comparison_html, comparison_markdown, comparison_terminal, histogram_log, load_forecast,
    load_html, load_json, load_junit, load_markdown, load_terminal, outcome_name,
};
pub use markdown::markdown;
pub use summary::{
    CaseSummary, Counts, Ending, ExchangeSummary, FindingSummary, Promise, RunInfo, ServiceInfo, SuiteSummary, Summary,
};
pub use terminal::terminal;

/// Why a report can't be made.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The page's template is at odds with what it is given.
    #[error("the page can't be rendered: {0}")]
    Html(#[from] minijinja::Error),
    /// A chart can't be drawn.
    #[error("a chart can't be drawn: {0}")]
    Chart(String),
    /// The summary holds what JSON can't express.
    #[error("the JSON can't be written: {0}")]
    Json(#[from] serde_json::Error),
    /// The summary holds what `JUnit`'s XML can't express.
    #[error("the JUnit XML can't be written: {0}")]
    Junit(#[from] quick_junit::SerializeError),
}

//! From verdicts to bytes. Nothing here sees a deployment, and nothing here opens a file.

mod badge;
mod baseline;
mod cause;
mod certificate;
mod changes;
mod ci;
mod coverage;
mod curl;
mod error;
mod failure;
mod gate;
mod gates;
mod history;
mod html;
mod json;
mod junit;
mod load;
mod markdown;
mod summarize;
mod summary;
mod terminal;
mod wording;

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
pub use error::ReportError;
pub use gate::{Gate, GateOutcome, Undecided};
pub use gates::{Compared, gates};
pub use history::{HistoryEntry, Since, failing_since, history_terminal};
pub use html::{Exploration, exploration_html, html};
pub use json::json;
pub use junit::junit;
pub use load::{
    CapacityStep, CapacitySummary, ClockSummary, Curve, HistogramLog, HistogramLogError, LatencySummary, LatenessBound,
    LatenessSummary, LevelSummary, LiveRun, LoadRunInfo, LoadSummary, METRICS_TYPE, Measured, NeedsSummary,
    OperationSummary, PartSummary, ProfileSummary, SettlingSummary, ShareSummary, TrafficSummary, capacity_html,
    capacity_json, capacity_markdown, capacity_terminal, comparison_html, comparison_markdown, comparison_terminal,
    histogram_log, live_page, load_forecast, load_html, load_json, load_junit, load_markdown, load_terminal,
    outcome_name,
};
pub use markdown::markdown;
pub use summary::{
    CaseSummary, Counts, Ending, ExchangeSummary, FindingSummary, Promise, RunInfo, ServiceInfo, SuiteSummary, Summary,
};
pub use terminal::terminal;

//! Texts about a load run, and about two that are compared.

mod capacity;
mod comparison;
mod forecast;
mod histogram_log;
mod html;
mod json;
mod junit;
mod latencies;
mod level;
mod live;
mod markdown;
mod summary;
mod terminal;
mod wording;

pub use capacity::{CapacityStep, CapacitySummary, capacity_json, capacity_markdown, capacity_terminal};
pub use comparison::{comparison_html, comparison_markdown, comparison_terminal};
pub use forecast::load_forecast;
pub use histogram_log::{HistogramLog, HistogramLogError, histogram_log};
pub use html::{capacity_html, load_html};
pub use json::load_json;
pub use junit::load_junit;
pub use latencies::{Curve, LatencySummary};
pub use live::{LiveRun, METRICS_TYPE, live_page};
pub use markdown::load_markdown;
pub use summary::{
    ClockSummary, LatenessBound, LatenessSummary, LevelSummary, LoadRunInfo, LoadSummary, Measured, NeedsSummary,
    OperationSummary, PartSummary, ProfileSummary, SettlingSummary, ShareSummary, TrafficSummary,
};
pub use terminal::load_terminal;
pub use wording::outcome as outcome_name;

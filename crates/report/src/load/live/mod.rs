//! A load run while it runs: as a page, as JSON for the page, and as metrics for Prometheus.
//!
//! It is fed with the very events that the record gets, so that both say the same. Its size depends on the plan, not on how
//! long the run takes.

mod metrics;
mod page;
mod run;
#[cfg(test)]
mod tests;

pub use metrics::METRICS_TYPE;
pub use page::live_page;
pub use run::LiveRun;

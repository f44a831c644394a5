//! Whether a service level is met, with confidence: the binomial rule.

mod capacity;
mod condition;
mod family;
mod forecast;
mod judged;
mod judging;
mod needs;
mod sample;
mod settling;
#[cfg(test)]
mod simulations;
#[cfg(test)]
mod tests;
mod throughput;

pub use capacity::{StepEvidence, capacity_evidence};
pub use condition::is_late;
pub use forecast::{Forecast, Reachable, forecast};
pub use judged::{ABORT_SIGNIFICANCE, CAVEAT, CONFIDENCE, JudgedLevel, LevelVerdict, Measure, Needs, SIGNIFICANCE};
pub use judging::{certainly_violated, judge_levels};
pub use settling::{Settling, settling};

pub(super) use condition::unusable;
pub(super) use family::Family;
pub(super) use sample::{quantile_of, success_of};

//! How sure a share, a quantile or a difference is. Nothing here knows what was measured.

mod capacity;
mod confidence;
mod correlation;
mod stationarity;

pub use capacity::{Capacity, Course, Ending, Evidence, Look, Search, SearchPlan, Stage, Step, StepVerdict};
pub use confidence::{
    RankInterval, at_least, at_most, fewest, fewest_samples, holm, holm_threshold, rank_interval, share_interval,
};
pub use correlation::{Block, inflation_at_limit, variance_inflation};
pub use stationarity::{Trend, trend, warm_up_of};

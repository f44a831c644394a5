//! How sure a share, a quantile or a difference is. Nothing here knows what was measured.

mod confidence;

pub use confidence::{
    RankInterval, at_least, at_most, fewest, fewest_samples, holm, holm_threshold, rank_interval, share_interval,
};

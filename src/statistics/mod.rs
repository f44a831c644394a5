//! Pure statistics of durations: histograms, quantiles, confidence, and numbers in words. Nothing here knows what was measured.

mod confidence;
mod histogram;
mod quantile;
pub mod words;

pub use confidence::{
    RankInterval, at_least, at_most, fewest, fewest_samples, holm, holm_threshold, rank_interval, share_interval,
};
pub use histogram::{Above, EncodedHistogram, Histogram, LONGEST, NotAHistogram};
pub use quantile::Quantile;

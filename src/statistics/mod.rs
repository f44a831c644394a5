//! Pure statistics of durations: histograms, quantiles, confidence. Nothing here knows what was measured.

mod histogram;
mod quantile;

pub use histogram::{Above, EncodedHistogram, Histogram, LONGEST, NotAHistogram};
pub use quantile::Quantile;

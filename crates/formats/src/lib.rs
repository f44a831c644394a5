//! What others may rely on: the record of a run, and the histograms in it. Each format has a version.

#[cfg(any(test, feature = "samples"))]
pub mod chance;
mod histogram;
pub mod record;

pub use histogram::{Above, EncodedHistogram, Histogram, LONGEST, NotAHistogram};

//! What a level of a service promises.

use assay_engine::verdict::Measure;
use assay_formats::record::load::Level;
use assay_suite::Quantile;

/// What is in place of an operation's name.
pub(super) const ALL_OPERATIONS: &str = "all operations";

/// The limit of a level.
pub(super) fn limit(level: Level) -> Measure {
    match level {
        Level::Latency { limit, .. } => Measure::Time(limit),
        Level::SuccessRate(share) => Measure::Share(share),
        Level::Throughput(rate) => Measure::Rate(rate),
    }
}

/// The quantile of a level, if it has one.
pub(super) fn quantile(level: Level) -> Option<Quantile> {
    match level {
        Level::Latency { quantile, .. } => Some(quantile),
        Level::SuccessRate(_) | Level::Throughput(_) => None,
    }
}

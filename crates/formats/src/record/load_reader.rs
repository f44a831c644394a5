//! Adds the intervals of load records up: of one generator, or of several that shared one load.

mod blocks;
mod error;
mod merging;
mod observed;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;
mod totals;

pub use blocks::{LIMITS, PromiseBlock, PromiseBlocks};
pub use error::{LoadRecordError, Unusable};
pub use observed::{LoadRecord, MOST_PARTS, ObservedProfile, Part};
pub use totals::{MOST_MISTAKES, Totals};

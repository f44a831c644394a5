//! Adds the intervals of load records up: of one generator, or of several that shared one load.

mod blocks;
mod error;
mod merging;
mod observed;
#[cfg(any(test, feature = "samples"))]
pub mod samples;
#[cfg(test)]
mod tests;
mod timeline;
mod totals;

pub use blocks::{LIMITS, PromiseBlock, PromiseBlocks};
pub use error::{LoadRecordError, Unusable};
pub use observed::{LoadRecord, ObservedProfile};
pub use timeline::{MOST_PARTS, Part, Timeline};
pub use totals::{MOST_MISTAKES, Totals};

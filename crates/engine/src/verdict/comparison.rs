//! Whether a load run was slower than an earlier one, with confidence.

mod compare;
mod compared;
#[cfg(test)]
mod tests;

pub use compare::compare;
pub use compared::{Change, ComparedQuantile, ComparedSuccessRate, Comparison, Estimate, Tolerance};

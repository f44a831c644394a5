//! One cause is one finding: failures with the same requirement and the same mismatch are reported together, whatever their
//! operations, formats and scenarios. Every report takes them from here.

mod fingerprint;
mod grouping;

pub(crate) use fingerprint::decisive;
pub use grouping::Cause;
pub(super) use grouping::{CauseDocument, causes, is_same, sort};

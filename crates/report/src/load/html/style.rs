//! What the pages of load runs have besides the style of all.

/// What the pages of load runs have besides the style of all.
pub(crate) const STYLE: &str = include_str!("../../../../../reports/html/load.css");

//! How a command names its target.

/// The name of the target that needs no file: the embedded reference cloud.
pub(crate) const REFERENCE: &str = "reference";

/// Whether a target is named by its address.
pub(crate) fn is_address(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}

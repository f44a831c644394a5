//! Documents: the schemas by which editors complete them, what is said of wrong ones, and readers that nothing upsets.

mod answers;
mod arbitrary;
mod profiles;
mod schemas;
mod wrong;

pub use schemas::refused_by;

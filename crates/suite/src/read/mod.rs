//! Reads `suite.yaml`, `operations.yaml`, `requirements.yaml`, `variables.yaml` and deviations.

mod answers;
mod conventions;
pub(crate) mod deviations;
pub(crate) mod operations;
mod parameters;
mod references;
pub(crate) mod requirements;
mod suite;
mod texts;
pub(crate) mod variables;

pub use suite::SuiteFiles;

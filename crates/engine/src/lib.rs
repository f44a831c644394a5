//! Tests a deployment against its document, or puts load on it.
//!
//! Documents become a plan, a plan is executed, execution writes a record, and verdicts are made from the record:
//!
//! 1. [`scenario`] and [`profile`] hold what people wrote; `assay-suite` and `assay-schema` have what the document says.
//! 2. [`plan`] resolves it into cases for a [`deployment`].
//! 3. [`conformance`] has the cases run by the [`interpreter`] and writes every exchange into the record; [`load`] sends
//!    requests as a profile says.
//! 4. [`explore`] makes sequences of its own, and compares a deployment with a model.
//! 5. [`verdict`] compares what was expected with what was observed; service levels with the confidence of [`statistics`].

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod conformance;
pub mod deployment;
pub mod explore;
pub mod interpreter;
pub mod load;
pub mod plan;
pub mod profile;
pub mod scenario;
pub mod statistics;
pub mod verdict;

//! Holds a cloud deployment against the document that says what its API does.
//!
//! Documents become a plan, a plan is executed, execution writes a record, verdicts are passed on the record, and reports
//! tell of the verdicts:
//!
//! 1. [`suite`], [`schema`] and [`scenario`] hold what people wrote; [`source`] remembers where.
//! 2. [`plan`] resolves it into cases for a [`target`].
//! 3. [`conformance`] has the cases run by the [`interpreter`] and writes every exchange of [`http`] into the [`record`].
//! 4. [`verdict`] compares what was expected with what was observed; of service levels with the confidence of [`statistics`].
//! 5. [`report`] renders what came out.
//!
//! [`mod@reference`] is a cloud to test against that needs no account; [`cli`] is the command line.

#![warn(clippy::print_stdout, clippy::print_stderr)]

pub mod cli;
pub mod conformance;
pub mod http;
pub mod interpreter;
pub mod load;
pub mod plan;
pub mod profile;
pub mod record;
pub mod reference;
pub mod report;
pub mod scenario;
pub mod schema;
pub mod source;
pub mod statistics;
pub mod suite;
pub mod target;
pub mod verdict;

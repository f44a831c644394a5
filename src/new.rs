//! `assay new`: lays out files for an API of one's own.

mod call;
mod file;
mod linking;
mod matching;
mod overlay;
mod profile;
mod recorded;
mod scenario;
mod secrets;
mod source;
mod steps;
mod suite;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;

use super::arguments::{Common, NewCommand};

pub use suite::suite_files;

pub(super) fn run(surroundings: &CliContext<'_>, common: &Common, command: &NewCommand) -> Result<ExitCode, CliError> {
    match command {
        NewCommand::Suite(command) => suite::run(surroundings, common, command),
        NewCommand::Scenario(command) => scenario::run(surroundings, common, command),
        NewCommand::Profile(command) => profile::run(surroundings, common, command),
    }
}

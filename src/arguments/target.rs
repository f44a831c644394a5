//! What `target` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::exit_code::EXPLAINED;

/// What can be done for a target file.
#[derive(Debug, Subcommand)]
pub enum TargetCommand {
    /// Look up on a deployment what the scenarios of a suite need, and write a target file with it
    Init(TargetInitArguments),
}

/// What `target init` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct TargetInitArguments {
    /// The suite
    #[arg(long, value_name = "SUITE")]
    pub suite: String,
    /// The deployment: `reference`, or a target file with its address and its keys; without one nothing is looked up, and
    /// a target file is written that can be filled in
    #[arg(long, value_name = "reference|FILE")]
    pub target: Option<String>,
    /// The target file to write, which must not exist; without one the variables are printed
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

//! What the commands take that show what there is: lists, coverage, mistakes, operations.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit_code::EXPLAINED;

/// What `list` takes.
#[derive(Debug, Args)]
pub struct ListArguments {
    /// What to list
    pub what: Listed,
    /// Of this suite only
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// How to show it
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// The suites.
    Suites,
    /// The documented operations.
    Operations,
    /// The documents' promises.
    Requirements,
    /// What is expected of every API.
    Laws,
    /// The scenarios.
    Scenarios,
    /// The load profiles.
    Profiles,
    /// The promises that the reference cloud can break.
    Faults,
    /// What operations of an OpenAPI document take that others give.
    Links,
}

/// What `coverage` takes.
#[derive(Debug, Args)]
pub struct CoverageArguments {
    /// Of this suite only; can be given more than once
    #[arg(long = "suite", value_name = "SUITE")]
    pub suites: Vec<String>,
    /// How to show it
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,
}

/// How to show what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OutputFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArguments {
    /// Target files, or folders with suites/, schemas/ and scenarios/; everything in the current folder when none are
    /// given
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
}

/// What `discover` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct DiscoverArguments {
    /// The suite; its API must answer listApis, as CloudStack's does
    #[arg(long, value_name = "SUITE", default_value = "cloudstack")]
    pub suite: String,
    /// The deployment: `reference` for the embedded reference cloud, or a target file
    #[arg(long, value_name = "reference|FILE", default_value = "reference")]
    pub target: String,
    /// How to show it
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,
}

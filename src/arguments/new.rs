//! What `new` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::value::suite_name;

/// What can be laid out.
#[derive(Debug, Subcommand)]
pub enum NewCommand {
    /// A suite: conventions, operations, requirements, schemas, scenarios and a target, with comments
    Suite(NewSuiteArguments),
    /// A scenario from recorded requests: a HAR file, a Postman collection or curl command lines
    #[command(
        after_help = "Nothing of the file is executed or sent. Credentials do not come into the scenario: the target file gives \
                      them. Values that came from earlier answers are saved there; requests that no operation of the suite fits \
                      are listed."
    )]
    Scenario(FromRecordedArguments),
    /// A load profile that asks for recorded requests again: an access log (common, combined or lines of JSON) or a HAR file
    #[command(
        after_help = "When the requests were sent is written to a CSV file next to the profile. Requests that change something \
                      are left out, and so are those that were refused. Nothing is sent."
    )]
    Profile(FromRecordedArguments),
}

/// What `new suite` takes.
#[derive(Debug, Args)]
pub struct NewSuiteArguments {
    /// The suite's name
    #[arg(value_parser = suite_name)]
    pub name: String,
    /// How the API is asked
    #[arg(long, value_enum, default_value = "rest")]
    pub style: SuiteStyle,
    /// The OpenAPI document of the API, which is copied to the folder of the suite if it is elsewhere: what it can't say is laid
    /// out next to it
    #[arg(long, value_name = "FILE", conflicts_with = "style")]
    pub from: Option<PathBuf>,
}

/// What is made of recorded requests takes.
#[derive(Debug, Args)]
pub struct FromRecordedArguments {
    /// Its name; that of the file when left out
    pub name: Option<String>,
    /// The suite whose operations the requests are
    #[arg(long, value_name = "SUITE")]
    pub suite: Option<String>,
    /// The recorded requests: HAR, a Postman collection (2.1), curl command lines, or an access log (common, combined or lines
    /// of JSON). Its content tells which
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
    /// The file to write, which must not exist; one in scenarios/SUITE when left out
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// How an API is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SuiteStyle {
    /// Each operation has a method and a path of its own.
    Rest,
    /// One address; a parameter names the operation.
    Query,
}

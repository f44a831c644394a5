//! The command line: its commands, and what each of them takes.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::exit_code::EXPLAINED;

use super::call::{CallArguments, DoctorArguments, ShellArguments};
use super::finished::{
    BadgeArguments, CertifyArguments, CompareArguments, HistoryArguments, ReportArguments, UndoArguments,
    VerifyArguments,
};
use super::load::LoadArguments;
use super::new::NewCommand;
use super::reports::ReportWanted;
use super::serve::ServeArguments;
use super::shown::{CheckArguments, CoverageArguments, DiscoverArguments, ListArguments};
use super::target::TargetCommand;
use super::test::{ExploreArguments, TestArguments};

/// Tests a cloud API against its documentation.
#[derive(Debug, Parser)]
#[command(name = "assay", version, about, after_help = EXPLAINED, max_term_width = 110)]
pub struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub common: Common,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The command line, as it is read and as its help, manual and completions show it.
pub fn command() -> clap::Command {
    // What libtest takes brings its own frame of a help text along, which has no place in ours.
    const FRAME: &str = "{about-with-newline}\n{usage-heading} {usage}\n\n{all-args}{after-help}";
    Arguments::command().mut_subcommand("test", |test| test.help_template(FRAME).after_help(EXPLAINED))
}

/// What every command takes.
#[derive(Debug, Args)]
pub struct Common {
    /// A folder with suites/, schemas/ and scenarios/ of your own; they are added to those that assay brings, and
    /// replace those with the same path
    #[arg(long, value_name = "DIR", default_value = ".", global = true)]
    pub documents: PathBuf,
    /// An OpenAPI document (3.0 to 3.2, or Swagger 2.0), or its address: it is a suite, called as its file
    #[arg(long, value_name = "FILE|URL", global = true)]
    pub openapi: Option<PathBuf>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Test a deployment against its document
    Test(Box<TestArguments>),
    /// Make up sequences of requests, and compare what a deployment does with what the reference cloud does
    Explore(ExploreArguments),
    /// Put load on a deployment, and judge its response times against the documented service levels
    Load(Box<LoadArguments>),
    /// Compare two runs: what fails anew, or whether the second is slower than the first
    Compare(CompareArguments),
    /// Run the reference cloud, which answers as the documents say
    Serve(ServeArguments),
    /// Judge the record of a run again, and report on it
    Report(ReportArguments),
    /// Show the runs of a history, and since when requirements fail
    History(HistoryArguments),
    /// State what a run showed of a conformance profile, signed
    Certify(CertifyArguments),
    /// Check a certificate: its signature, its record, and every verdict, by judging again
    Verify(VerifyArguments),
    /// Draw what a certificate says
    Badge(BadgeArguments),
    /// Remove what a run created and left on the deployment: one that was killed, or that could not remove it
    Undo(UndoArguments),
    /// List what there is
    List(ListArguments),
    /// Show which operations and requirements the scenarios and load profiles cover
    Coverage(CoverageArguments),
    /// Look for mistakes in suites, schemas, scenarios, load profiles and target files
    Check(CheckArguments),
    /// Compare the operations that a deployment says it has with the documented ones
    Discover(DiscoverArguments),
    /// Make one signed request and show its answer
    Call(Box<CallArguments>),
    /// Make requests by hand, one a line, with completion; or those of a file, on the standard input
    Shell(ShellArguments),
    /// Look at what of this machine a long run may come up against
    Doctor(DoctorArguments),
    /// Prepare target files
    #[command(subcommand)]
    Target(TargetCommand),
    /// Lay out files for an API of your own
    #[command(subcommand)]
    New(NewCommand),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

impl Command {
    /// The reports that it is to write.
    pub fn reports(&self) -> &[ReportWanted] {
        match self {
            Self::Test(command) => &command.reports,
            Self::Explore(command) => &command.reports,
            Self::Load(command) => &command.reports,
            Self::Compare(command) => &command.reports,
            Self::Report(command) => &command.reports,
            _ => &[],
        }
    }
}

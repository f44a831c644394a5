//! What can be said on the command line.

mod call;
mod finished;
mod load;
mod new;
mod reports;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::exit_code::EXPLAINED;

pub use call::{CallArguments, CallOutput, DoctorArguments};
pub use finished::{BadgeArguments, CertifyArguments, HistoryArguments, VerifyArguments};
pub use load::{LoadArguments, Scheduler};
pub use new::{FromRecordedArguments, NewCommand, NewSuiteArguments, SuiteStyle};
pub use reports::{ReportFormat, ReportWanted};

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
    Call(CallArguments),
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

/// What `test` takes.
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct TestArguments {
    /// Test this suite only; can be given more than once
    #[arg(long = "suite", value_name = "SUITE")]
    pub suites: Vec<String>,
    /// Run scenarios with this tag only; can be given more than once
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// The deployment: `reference` for the embedded reference cloud, a target file, or, with --openapi, its address
    #[arg(long, value_name = "reference|FILE|URL", default_value = "reference")]
    pub target: String,
    /// With an address as the target: what may be done there besides reading
    #[arg(long, value_name = "EFFECT", value_delimiter = ',', value_parser = ["reads", "creates", "changes", "removes"])]
    pub allow: Vec<String>,
    /// Do not count it against the run that operations of an OpenAPI document were not tested
    #[arg(long)]
    pub allow_untested: bool,
    /// Do not count it against the run that something could not be decided: exit code 0, and skipped in JUnit
    #[arg(long)]
    pub allow_inconclusive: bool,
    /// The folder that gets run.jsonl (the record), report.html and junit.xml
    #[arg(long, value_name = "DIR", default_value = "reports/latest")]
    pub output: PathBuf,
    /// One more report: html, junit, json, markdown, sarif, ctrf or gitlab, and the file to write it to; `github` prints
    /// annotations
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportWanted>,
    /// Run a case again, up to so many times, when it fails; one that conforms then is flaky, and not green
    #[arg(long, value_name = "NUMBER", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=10))]
    pub retries: u32,
    /// Begin no further case after one failed
    #[arg(long)]
    pub fail_fast: bool,
    /// Run what failed, and what was not run, in the run of this record (run.jsonl, or its folder)
    #[arg(long, value_name = "RUN")]
    pub rerun: Option<PathBuf>,
    /// Known failures, which do not count against the run until they expire
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Keep a small line of the run in this folder, for `assay history`
    #[arg(long, value_name = "DIR")]
    pub history: Option<PathBuf>,
    /// Run one of N equal parts of the cases only: 2/8. Without it, the place in a Slurm array, a Kubernetes Indexed Job or
    /// a CI matrix is used. `assay report` puts the records together
    #[arg(long, value_name = "I/N", value_parser = super::shard::parse)]
    pub shard: Option<assay_formats::record::load::Shard>,
    /// Count as violations what is otherwise inconclusive: broken requirements that only an example shows, or that are inferred
    #[arg(long)]
    pub strict: bool,
    /// With the reference cloud: break this promise, to see it found; can be given more than once
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// What libtest takes, too
    #[command(flatten)]
    pub libtest: libtest_mimic::Arguments,
}

/// What `explore` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct ExploreArguments {
    /// Explore this suite only; can be given more than once
    #[arg(long = "suite", value_name = "SUITE")]
    pub suites: Vec<String>,
    /// The deployment: `reference` for the embedded reference cloud, or a target file
    #[arg(long, value_name = "reference|FILE", default_value = "reference")]
    pub target: String,
    /// How long to explore; removing what was created comes on top
    #[arg(long = "for", value_name = "DURATION", default_value = "1m", value_parser = duration)]
    pub lasts: std::time::Duration,
    /// What chance is made from: the same seed gives the same sequences
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How many requests a walk makes up, at most
    #[arg(long, value_name = "NUMBER", default_value_t = 25)]
    pub steps: usize,
    /// In an API without jobs: how long a change may go on after its answer
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = duration)]
    pub settles: std::time::Duration,
    /// How many walks to make for each suite, at most
    #[arg(long, value_name = "NUMBER")]
    pub walks: Option<u64>,
    /// The folder that gets run.jsonl (the record), explore.json, and a scenario for each disagreement
    #[arg(long, value_name = "DIR", default_value = "reports/latest-explore")]
    pub output: PathBuf,
    /// One more report: html, junit, json or markdown, and the file to write it to
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportWanted>,
    /// Count as violations what the document does not decide
    #[arg(long)]
    pub strict: bool,
    /// How to show what was found
    #[arg(long, value_enum, default_value = "text")]
    pub format: OutputFormat,
    /// With the reference cloud as the target: break this promise, to see it found; can be given more than once
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
}

/// What `compare` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct CompareArguments {
    /// The record of the run to compare with (run.jsonl), or the folder that holds it
    #[arg(value_name = "BASELINE")]
    pub baseline: PathBuf,
    /// The record of the run that may be worse, or its folder
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// Of load runs: how much slower is no regression yet, in percent
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = super::compare::tolerance)]
    pub tolerance: assay_engine::verdict::Tolerance,
    /// A report: html or markdown, of test runs also json, and the file to write it to (`-` for the terminal)
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportWanted>,
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub struct ServeArguments {
    /// Serve this API only: a suite, or `shop`, which has an OpenAPI document (at /openapi.yaml); can be given more than once
    #[arg(long = "api", value_name = "SUITE|shop")]
    pub apis: Vec<String>,
    /// Where to listen; port 0 takes any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Listen on an address that other machines can reach
    #[arg(long)]
    pub expose_to_the_network: bool,
    /// How to answer: as documented, or as a known server does
    #[arg(long = "as", value_enum, default_value = "documented")]
    pub behaviour: Behaviour,
    /// Break this promise; can be given more than once (`assay list faults` shows them)
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// Write a target file with addresses, demonstration keys and variables
    #[arg(long, value_name = "FILE")]
    pub write_target: Option<PathBuf>,
    /// How long a job takes
    #[arg(long, value_name = "DURATION", default_value = "2s", value_parser = duration)]
    pub job_time: std::time::Duration,
    /// How long an answer takes: a duration, or a distribution such as 99%:1ms,0.9%:20ms,0.1%:100ms
    #[arg(long, value_name = "DURATION|DISTRIBUTION")]
    pub latency: Option<String>,
    /// Refuse more requests of an account than this: such as 25/s
    #[arg(long, value_name = "RATE")]
    pub throttle: Option<String>,
    /// Answer the suite cloudstack on this port, too, where no keys are needed: every request there is the root
    /// administrator's (CloudStack's integration.api.port, usually 8096)
    #[arg(long, value_name = "PORT")]
    pub integration_port: Option<u16>,
}

/// How the reference cloud answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Behaviour {
    /// As the documents say.
    #[value(name = "documented")]
    Documented,
    /// As CloudStack 4.1 does.
    #[value(name = "cloudstack-4.1")]
    CloudStack41,
}

/// What `report` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct ReportArguments {
    /// Records of runs (run.jsonl), or the folders that hold them. Those of generators that shared one load are added up
    #[arg(value_name = "RUN", required = true)]
    pub runs: Vec<PathBuf>,
    /// A report: html, junit, json, markdown, github, sarif, ctrf or gitlab, of load runs also histograms, and the file to
    /// write it to (`-` for the terminal)
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportWanted>,
    /// Known failures, which do not count against the run until they expire
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Do not count it against the run that something could not be decided: exit code 0, and skipped in JUnit
    #[arg(long)]
    pub allow_inconclusive: bool,
    /// Judge by the documents of today instead of those in the record
    #[arg(long, value_name = "DIR")]
    pub judge_by: Option<PathBuf>,
}

/// What `undo` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct UndoArguments {
    /// The record of the run (run.jsonl), or the folder that holds it; what is removed is added to it
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The target file of the run
    #[arg(long, value_name = "FILE")]
    pub target: String,
}

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

/// The format of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Encoding {
    /// JSON.
    Json,
    /// XML.
    Xml,
}

/// A duration with a unit.
pub(super) fn duration(text: &str) -> Result<std::time::Duration, String> {
    let parsed = text.parse::<jiff::SignedDuration>().ok().and_then(|duration| duration.try_into().ok());
    parsed.ok_or_else(|| "write a number and a unit: 500ms, 30s, 10m".to_owned())
}

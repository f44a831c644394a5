//! What `test` and `explore` take.

use std::path::PathBuf;

use clap::Args;

use crate::exit_code::EXPLAINED;

use super::reports::ReportWanted;
use super::shown::OutputFormat;
use super::value::{duration, shard};

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
    #[arg(long, value_name = "I/N", value_parser = shard)]
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
    /// The folder that gets run.jsonl (the record), explore.html, explore.json, and a scenario for each disagreement
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

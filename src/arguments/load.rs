//! What `assay load` takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::exit_code::EXPLAINED;

use super::reports::ReportWanted;
use super::value::{duration, shard};

/// What `load` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct LoadArguments {
    /// Profiles with this in their name, or in their file's path; all when none are given
    #[arg(value_name = "PROFILE")]
    pub profiles: Vec<String>,
    /// Profiles of this suite only; can be given more than once
    #[arg(long = "suite", value_name = "SUITE")]
    pub suites: Vec<String>,
    /// Profiles with this tag only; can be given more than once
    #[arg(long = "tag", value_name = "TAG")]
    pub tags: Vec<String>,
    /// The deployment: `reference` for the embedded reference cloud, or a target file (one that is not on this machine
    /// must say `allow: [load]`)
    #[arg(long, value_name = "reference|FILE", default_value = "reference")]
    pub target: String,
    /// How long each profile takes after its warm-up, in place of what it says; rates stay as they are
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub lasts: Option<std::time::Duration>,
    /// What chance is made from, in place of what the profiles say
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,
    /// Make every N-th request only, as generator I of N: 1/3. Without it, the place in a Slurm array, a Kubernetes
    /// Indexed Job or a CI matrix is used. `assay report` adds the records up
    #[arg(long, value_name = "I/N", value_parser = shard)]
    pub shard: Option<assay_formats::record::load::Shard>,
    /// Search the highest rate at which the service level of one profile holds, and say it as an interval
    #[arg(long, conflicts_with_all = ["shard", "start_at", "lasts", "print"])]
    pub capacity: bool,
    /// Begin at this moment (2026-05-04T10:00:00Z), so that several generators begin together
    #[arg(long, value_name = "TIME")]
    pub start_at: Option<jiff::Timestamp>,
    /// Serve a page that shows the run while it runs, and metrics for Prometheus; others than those on this machine reach
    /// it only at an address that you name: `--live=0.0.0.0:9464`
    #[arg(long, value_name = "ADDRESS", num_args = 0..=1, require_equals = true, default_missing_value = "127.0.0.1:9464",
        conflicts_with_all = ["capacity", "print", "dry_run"])]
    pub live: Option<std::net::SocketAddr>,
    /// Print the job file by which a scheduler runs the same load on several workers, and do nothing else
    #[arg(long, value_name = "SCHEDULER", value_enum, requires = "workers")]
    pub print: Option<Scheduler>,
    /// How many workers the job file has
    #[arg(long, value_name = "N", requires = "print")]
    pub workers: Option<std::num::NonZeroU32>,
    /// Print what would be done, how long it would take and which verdicts it could reach, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The folder that gets run.jsonl (the record), report.html, junit.xml and histograms.hlog
    #[arg(long, value_name = "DIR", default_value = "reports/latest-load")]
    pub output: PathBuf,
    /// One more report: html, junit, json, markdown or histograms, and the file to write it to
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportWanted>,
    /// With the reference cloud: break this promise; can be given more than once
    #[arg(long = "fault", value_name = "NAME")]
    pub faults: Vec<String>,
    /// With the reference cloud: how long an answer takes: a duration, or a distribution such as 99%:1ms,1%:20ms
    #[arg(long, value_name = "DURATION|DISTRIBUTION")]
    pub latency: Option<String>,
}

/// What runs several workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scheduler {
    /// An array of a Slurm cluster.
    Slurm,
    /// An Indexed Job of a Kubernetes cluster.
    Kubernetes,
    /// A matrix of GitHub Actions.
    Github,
}

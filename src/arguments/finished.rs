//! What the commands take that use finished runs: certificates, histories.

use std::path::PathBuf;

use clap::Args;

use crate::exit_code::EXPLAINED;

use super::reports::ReportWanted;
use super::value::tolerance;

/// What `certify` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct CertifyArguments {
    /// The record of a completed test run (run.jsonl), or the folder that holds it
    #[arg(value_name = "RUN")]
    pub run: PathBuf,
    /// The conformance profile of the suite
    #[arg(long, value_name = "NAME", default_value = "core")]
    pub profile: String,
    /// The private key that signs: Ed25519, PKCS #8, PEM
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// What was tested; the server or the name of the target when left out
    #[arg(long, value_name = "NAME")]
    pub implementation: Option<String>,
    /// Its version
    #[arg(long, value_name = "VERSION")]
    pub implementation_version: Option<String>,
    /// The certificate to write; certificate.json next to the record when left out
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What `verify` takes.
#[derive(Debug, Args)]
#[command(after_help = EXPLAINED)]
pub struct VerifyArguments {
    /// The certificate
    #[arg(value_name = "FILE")]
    pub certificate: PathBuf,
    /// The public key of who made it: Ed25519, PEM
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The record (run.jsonl), or the folder that holds it; run.jsonl next to the certificate when left out
    #[arg(long, value_name = "RUN")]
    pub record: Option<PathBuf>,
}

/// What `badge` takes.
#[derive(Debug, Args)]
pub struct BadgeArguments {
    /// The certificate
    #[arg(value_name = "FILE")]
    pub certificate: PathBuf,
    /// The public key of who made it: Ed25519, PEM
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
    /// The picture to write
    #[arg(long, value_name = "FILE", default_value = "badge.svg")]
    pub output: PathBuf,
}

/// What `history` takes.
#[derive(Debug, Args)]
pub struct HistoryArguments {
    /// The folder of the history
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
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
    #[arg(long, value_name = "PERCENT", default_value = "5%", value_parser = tolerance)]
    pub tolerance: assay_engine::verdict::Tolerance,
    /// A report: html or markdown, of test runs also json, and the file to write it to (`-` for the terminal)
    #[arg(long = "report", value_name = "FORMAT=PATH")]
    pub reports: Vec<ReportWanted>,
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

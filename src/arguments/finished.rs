//! What the commands take that use finished runs: certificates, histories.

use std::path::PathBuf;

use clap::Args;

use crate::exit_code::EXPLAINED;

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

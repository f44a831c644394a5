//! What `serve` takes.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value::duration;

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

//! The tools that run next to assay, and what each of them reports, read from its own output.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use assay_suite::Quantile;
use serde::Deserialize;

use crate::bench::Place;
use crate::child::{Cost, Ended, Running};
use crate::failure::Failure;
use crate::samples::{AtQuantiles, QUANTILES, Samples};

/// What load is put on the server.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Requests a second; as many as the connections allow when nothing is said.
    pub rate: Option<u32>,
    /// Connections, or users.
    pub connections: u32,
    /// How long.
    pub seconds: u32,
}

/// What a tool says of its run, and what the run cost.
#[derive(Clone, Debug)]
pub struct Reported {
    /// Response times, by its own words.
    pub at_quantiles: AtQuantiles,
    /// Requests that were answered.
    pub requests: u64,
    /// How long requests were made.
    pub lasted: Duration,
    /// What the process cost.
    pub cost: Cost,
}

impl Reported {
    /// Answers a second.
    pub fn throughput(&self) -> f64 {
        count(self.requests) / self.lasted.as_secs_f64()
    }

    /// Time of the processor for 100,000 requests.
    pub fn cpu_per_100_000(&self) -> f64 {
        self.cost.cpu.as_secs_f64() / count(self.requests.max(1)) * 100_000.0
    }
}

/// A number of requests, as a number to reckon with.
#[allow(clippy::cast_precision_loss, reason = "far below 2^53")]
pub fn count(number: u64) -> f64 {
    number as f64
}

/// A tool that somebody else wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// A closed model: connections that ask again and again.
    Wrk,
    /// A rate, shared by connections.
    Oha(LatencyCorrection),
    /// A rate for each connection.
    Hey,
    /// Users, held back by a throttle.
    Goose,
}

/// Whether oha is asked to correct for coordinated omission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LatencyCorrection {
    /// `--latency-correction`.
    On,
    /// As it is by itself.
    Off,
}

impl Tool {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Oha(LatencyCorrection::Off) => "oha",
            Self::Oha(LatencyCorrection::On) => "oha --latency-correction",
            Self::Hey => "hey",
            Self::Goose => "goose",
        }
    }

    /// Puts a load on an address.
    pub fn run(self, place: &Place, url: &str, load: Load) -> Result<Reported, Failure> {
        let command = self.command(url, load)?;
        let running = Running::start(self.name().split(' ').next().unwrap_or_default(), command, &place.folder)?;
        let ended = running.wait(Duration::from_secs(u64::from(load.seconds) + 60))?;
        self.read(&ended, load)
    }

    fn command(self, url: &str, load: Load) -> Result<Command, Failure> {
        let (connections, seconds) = (load.connections.to_string(), format!("{}s", load.seconds));
        let mut command = match self {
            Self::Wrk => {
                let mut command = Command::new("wrk");
                let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/wrk.lua");
                command.args(["-t1", "-c", &connections, "-d", &seconds, "--timeout", "10s", "-s"]).arg(script);
                command
            }
            Self::Oha(correction) => {
                let mut command = Command::new(tools_folder().join("oha"));
                command.args(["--no-tui", "--output-format", "json", "-c", &connections, "-z", &seconds]);
                command.args(load.rate.map(|rate| ["-q".to_owned(), rate.to_string()]).into_iter().flatten());
                if correction == LatencyCorrection::On {
                    command.arg("--latency-correction");
                }
                command
            }
            Self::Hey => {
                let mut command = Command::new(tools_folder().join("hey"));
                command.args(["-o", "csv", "-c", &connections, "-z", &seconds]);
                // Its rate is that of each connection.
                let each = load.rate.map(|rate| (f64::from(rate) / f64::from(load.connections)).to_string());
                command.args(each.into_iter().flat_map(|each| ["-q".to_owned(), each]));
                command
            }
            Self::Goose => {
                let itself = std::env::current_exe().map_err(Failure::system("the bench's own program"))?;
                let mut command = Command::new(itself);
                command.args(["goose", url, &connections, &seconds]);
                command.args(load.rate.map(|rate| rate.to_string()));
                return Ok(command);
            }
        };
        command.arg(url);
        Ok(command)
    }

    fn read(self, ended: &Ended, load: Load) -> Result<Reported, Failure> {
        let output = ended.output()?;
        let lasted = Duration::from_secs(u64::from(load.seconds));
        let (at_quantiles, requests) = match self {
            Self::Wrk => wrk(&output),
            Self::Oha(_) => oha(&output),
            Self::Hey => hey(&output),
            Self::Goose => goose(&output),
        }
        .map_err(|why| Failure::not_understood(format!("what {} wrote", self.name()), why))?;
        Ok(Reported { at_quantiles, requests, lasted, cost: ended.cost })
    }
}

type Read = Result<(AtQuantiles, u64), String>;

/// The last line is what benches/wrk.lua prints: microseconds and the number of requests.
fn wrk(output: &str) -> Read {
    let line = output.lines().last().unwrap_or_default();
    let values: Vec<u64> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let [p50, p99, p99_9, requests] = values[..] else { return Err(format!("`{line}` has not four numbers")) };
    Ok(([p50, p99, p99_9].map(|micros| Some(Duration::from_micros(micros))), requests))
}

fn oha(output: &str) -> Read {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Output {
        latency_percentiles: Percentiles,
        status_code_distribution: std::collections::BTreeMap<String, u64>,
    }
    #[derive(Deserialize)]
    struct Percentiles {
        p50: f64,
        p99: f64,
        #[serde(rename = "p99.9")]
        p99_9: f64,
    }
    let read: Output = serde_json::from_str(output).map_err(|error| error.to_string())?;
    let percentiles = read.latency_percentiles;
    let at_quantiles = [percentiles.p50, percentiles.p99, percentiles.p99_9];
    Ok((
        at_quantiles.map(|seconds| Duration::try_from_secs_f64(seconds).ok()),
        read.status_code_distribution.values().sum(),
    ))
}

/// hey prints no p99.9, but each response time, to a tenth of a millisecond.
fn hey(output: &str) -> Read {
    let mut reader = csv::Reader::from_reader(output.as_bytes());
    let mut nanos = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let seconds = record.get(0).and_then(|field| field.parse().ok()).map(Duration::try_from_secs_f64);
        let Some(Ok(time)) = seconds else { return Err(format!("{record:?} has no response time")) };
        nanos.push(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }
    let samples: Samples = nanos.into_iter().collect();
    Ok((samples.at_quantiles(), samples.len() as u64))
}

/// Buckets: the fastest time of each in microseconds, and how many are in it.
fn goose(output: &str) -> Read {
    let line = output.lines().last().unwrap_or_default();
    let buckets: Vec<(u64, u64)> = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let requests = buckets.iter().map(|(_, many)| many).sum();
    let at = |quantile: Quantile| {
        let mut slower = (count(requests) * quantile.rest() + 1e-6).floor();
        let slowest_first = buckets.iter().rev();
        let reached = slowest_first.into_iter().find(|(_, many)| {
            slower -= count(*many);
            slower < 0.0
        });
        reached.map(|(micros, _)| Duration::from_micros(*micros))
    };
    Ok((QUANTILES.map(at), requests))
}

/// Where `benches/tools.sh` puts what it builds.
pub fn tools_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/bin")
}

/// The versions of the tools, for the head of a table.
pub fn versions() -> String {
    fs::read_to_string(tools_folder().join("versions")).unwrap_or_default().lines().collect::<Vec<_>>().join(", ")
}

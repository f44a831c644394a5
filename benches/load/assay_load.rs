//! `assay load` as a child process, and what its record and its report say.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use assay_formats::Histogram;
use assay_formats::record::load::{LoadEvent, Outcome, Phase};
use serde::Deserialize;

use crate::bench::Place;
use crate::child::{Cost, Running};
use crate::failure::Failure;
use crate::samples::{AtQuantiles, QUANTILES};
use crate::tools::{Reported, count};

/// A profile below benches/documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// 4,000/s for 30 s, numbered.
    Truth,
    /// 4,000/s for 10 s.
    Lateness,
    /// As many as 32 connections allow, for 10 s.
    FullSpeed,
    /// 4,000/s for a minute.
    Minute,
    /// 4,000/s for twenty minutes.
    TwentyMinutes,
}

impl Profile {
    /// The part of its path by which a run chooses it.
    fn name(self) -> &'static str {
        match self {
            Self::Truth => "truth/load/truth",
            Self::Lateness => "truth/load/lateness",
            Self::FullSpeed => "truth/load/full-speed",
            Self::Minute => "truth/load/one-minute",
            Self::TwentyMinutes => "truth/load/twenty-minutes",
        }
    }

    /// How long it takes, with what is not judged.
    fn lasts(self) -> Duration {
        Duration::from_secs(match self {
            Self::Truth => 32,
            Self::Lateness | Self::FullSpeed => 12,
            Self::Minute => 60,
            Self::TwentyMinutes => 20 * 60,
        })
    }
}

/// A run of `assay load` that has ended.
#[derive(Debug)]
pub struct AssayLoad {
    /// What it cost.
    pub cost: Cost,
    /// From due to the last byte, of what is judged.
    pub response: Histogram,
    /// How much later than due requests were sent, of what is judged.
    pub lateness: Histogram,
    /// Requests that were answered well, with those that are not judged.
    pub answered: u64,
    /// Of those, the judged ones.
    pub judged: u64,
    /// How many seconds of judged requests there were, of all profiles together.
    pub judged_seconds: u64,
    /// Its service levels, as its report has them.
    pub levels: Vec<JudgedLevel>,
}

impl AssayLoad {
    /// Runs a profile of benches/documents against a truth server.
    pub fn run(place: &Place, profile: Profile, url: &str) -> Result<Self, Failure> {
        let documents = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/documents");
        let target = place.folder.join("target.yaml");
        let text = format!(
            "target: truth-server\nsuites:\n  truth:\n    url: {url}\n    api_key: bench\n    secret_key: of-no-consequence\n"
        );
        fs::write(&target, text).map_err(Failure::file(&target))?;
        let arguments = ["--documents".as_ref(), documents.as_os_str(), profile.name().as_ref()];
        Self::run_with(place, &target, &arguments, profile.lasts())
    }

    /// Runs what the arguments choose against a target.
    pub fn run_with(
        place: &Place,
        target: &Path,
        arguments: &[&std::ffi::OsStr],
        lasts: Duration,
    ) -> Result<Self, Failure> {
        let output = place.folder.join("run");
        // What an earlier run left there would be read in its place.
        let _ = fs::remove_dir_all(&output);
        let report = place.folder.join("report.json");
        let mut command = Command::new(&place.assay);
        command.arg("load").args(arguments).arg("--target").arg(target).arg("--output").arg(&output);
        command.arg("--report").arg(format!("json={}", report.display()));
        let ended = Running::start("assay", command, &place.folder)?.wait(lasts * 2 + Duration::from_secs(60))?;
        // A violated service level has an exit code of its own; without a record the run has failed.
        let record = record_below(&output).ok_or_else(|| ended.failure())?;
        let mut run = Self::read(&record, ended.cost)?;
        for profile in read_report(&report)?.profiles {
            run.judged_seconds += profile.judged_seconds;
            run.levels.extend(profile.levels);
        }
        Ok(run)
    }

    fn read(record: &Path, cost: Cost) -> Result<Self, Failure> {
        let mut run = Self {
            cost,
            response: Histogram::new(),
            lateness: Histogram::new(),
            answered: 0,
            judged: 0,
            judged_seconds: 0,
            levels: Vec::new(),
        };
        let file = File::open(record).map_err(Failure::file(record))?;
        for line in BufReader::new(file).lines() {
            let line = line.map_err(Failure::file(record))?;
            let event = serde_json::from_str(&line)
                .map_err(|error| Failure::not_understood(record.display().to_string(), error))?;
            run.add(&event)?;
        }
        Ok(run)
    }

    fn add(&mut self, event: &LoadEvent) -> Result<(), Failure> {
        let LoadEvent::Interval(interval) = event else { return Ok(()) };
        let judged = interval.phase == Phase::Judged;
        for observed in interval.operations.values() {
            let well = observed.outcomes.get(&Outcome::Success).copied().unwrap_or_default();
            self.answered += well;
            if judged {
                let decode = |encoded: &assay_formats::EncodedHistogram| {
                    encoded.decode().map_err(|error| Failure::not_understood("a histogram of the record", error))
                };
                self.judged += well;
                self.response.add(&decode(&observed.response)?);
                self.lateness.add(&decode(&observed.lateness)?);
            }
        }
        Ok(())
    }

    /// As the other tools report.
    pub fn reported(&self) -> Reported {
        let lasted = Duration::from_secs(self.judged_seconds.max(1));
        let at_quantiles = at_quantiles(&self.response);
        Reported { at_quantiles, requests: self.judged, lasted, cost: self.cost }
    }

    /// Time of the processor for 100,000 requests, with those that are not judged: it was spent on them, too.
    pub fn cpu_per_100_000(&self) -> f64 {
        self.cost.cpu.as_secs_f64() / count(self.answered.max(1)) * 100_000.0
    }

    /// How many of its service levels came to a verdict.
    pub fn levels_that_are(&self, verdict: &str) -> usize {
        self.levels.iter().filter(|level| level.verdict == verdict).count()
    }
}

/// A histogram's durations at the quantiles of the benches.
pub fn at_quantiles(histogram: &Histogram) -> AtQuantiles {
    QUANTILES.map(|quantile| histogram.quantile(quantile))
}

/// The record in a folder.
fn record_below(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder).ok()?;
    entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|kind| kind == "jsonl"))
}

/// What is read of the JSON report.
#[derive(Deserialize)]
struct Report {
    profiles: Vec<ReportedProfile>,
}

#[derive(Deserialize)]
struct ReportedProfile {
    judged_seconds: u64,
    levels: Vec<JudgedLevel>,
}

/// What is read of a service level in the JSON report.
#[derive(Clone, Debug, Deserialize)]
pub struct JudgedLevel {
    /// `met`, `violated`, `inconclusive` or `invalid`.
    pub verdict: String,
    /// The share of requests whose response time is promised; nothing where something else is.
    pub quantile: Option<f64>,
}

fn read_report(file: &Path) -> Result<Report, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::file(file))?;
    serde_json::from_str(&text).map_err(|error| Failure::not_understood(file.display().to_string(), error))
}

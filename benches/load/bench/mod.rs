//! The benches, and what they share: where they write, and the servers that they start.

mod cost;
mod esm;
mod lateness;
mod memory;
mod truth;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::child::{Running, with_input};
use crate::failure::Failure;
use crate::hold::Kind;
use crate::server::{Stamp, read_stamps};
use crate::table::Verdict;

/// How long the memory of a long run is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Minutes.
    Short,
    /// The whole twenty minutes as well.
    Long,
}

/// A bench.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    /// Whether what is reported is what was.
    Truth,
    /// How late requests are sent.
    Lateness,
    /// What a request costs.
    Cost,
    /// What a long run needs.
    Memory,
    /// Whether the reference cloud keeps ESM's service levels, and breaks them when it is slow.
    Esm,
}

impl Bench {
    /// All benches, with their names and what they show.
    pub const ALL: [(&'static str, &'static str, Self); 5] = [
        (
            "truth",
            "what assay, wrk, oha, hey and goose report of a server whose answers take a known time",
            Self::Truth,
        ),
        (
            "lateness",
            "how late requests are sent at 4,000/s, and that a late generator makes a run invalid",
            Self::Lateness,
        ),
        ("cost", "processor time and throughput of a signed, checked, recorded request beside a bare GET", Self::Cost),
        ("memory", "the memory of a run of 1 minute; with --long also of 20 minutes", Self::Memory),
        ("esm", "ESM's service levels against the reference cloud: met, violated, inconclusive", Self::Esm),
    ];

    /// Runs it.
    pub fn run(self, place: &Place, length: Length) -> Result<Verdict, Failure> {
        match self {
            Self::Truth => truth::run(place),
            Self::Lateness => lateness::run(place),
            Self::Cost => cost::run(place),
            Self::Memory => memory::run(place, length),
            Self::Esm => esm::run(place),
        }
    }
}

/// Where a bench finds programs, and where it writes.
#[derive(Clone, Debug)]
pub struct Place {
    /// What it writes.
    pub folder: PathBuf,
    /// The program that is measured.
    pub assay: PathBuf,
}

impl Place {
    /// A folder for a bench below target/bench.
    pub fn new(name: &str) -> Result<Self, Failure> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let folder = root.join("target/bench").join(name);
        fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
        let assay = std::env::var_os("ASSAY").map_or_else(|| root.join("target/release/assay"), PathBuf::from);
        Ok(Self { folder, assay })
    }

    /// The page that a bench writes: target/bench/NAME.md.
    pub fn page(&self) -> PathBuf {
        self.folder.with_extension("md")
    }
}

/// A truth server that runs.
pub struct TruthServer {
    running: Running,
    port: u16,
    stamps: PathBuf,
}

impl TruthServer {
    /// Starts one in a process of its own.
    pub fn start(place: &Place, kind: Kind) -> Result<Self, Failure> {
        let itself = std::env::current_exe().map_err(Failure::system("the bench's own program"))?;
        let stamps = place.folder.join("server.stamps");
        let mut command = Command::new(itself);
        command.args(["serve", kind.name()]).arg(&stamps);
        let running = Running::start("server", with_input(command), &place.folder)?;
        let line = running.line_with("")?;
        let port = line.parse().map_err(|error| Failure::not_understood(format!("the port `{line}`"), error))?;
        Ok(Self { running, port, stamps })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/client/api", self.port)
    }

    /// Ends it; gives what it saw of every request.
    pub fn stop(mut self) -> Result<Vec<Stamp>, Failure> {
        self.running.close_input();
        let ended = self.running.wait(Duration::from_secs(3600))?;
        ended.output()?;
        read_stamps(&self.stamps).map_err(Failure::file(&self.stamps))
    }
}

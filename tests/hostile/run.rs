//! A run of the program as a process of its own, bounded in time and watched for its memory.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A run that takes longer is a run that hangs.
const LONGEST: Duration = Duration::from_secs(180);

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_assay");

/// The folder with the yard's documents.
pub fn documents() -> String {
    format!("{}/tests/hostile/documents", env!("CARGO_MANIFEST_DIR"))
}

/// What a run came to.
pub struct Run {
    pub status: ExitStatus,
    pub took: Duration,
    /// The most memory that it was seen to take, in MB; nothing where the system does not tell.
    pub most_memory: Option<u64>,
    /// Everything that it printed, on both outputs.
    pub printed: String,
}

/// A folder in which runs leave what they write.
pub struct Place {
    pub folder: TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_str(&std::fs::read_to_string(self.path(name)).unwrap()).unwrap()
    }

    /// A command of the program here, with the yard's documents.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.current_dir(self.folder.path()).args(arguments).args(["--documents", &documents()]);
        command
    }

    /// Runs it to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        self.watch(self.command(arguments))
    }

    /// Runs a command to its end.
    pub fn watch(&self, mut command: Command) -> Run {
        let printed = self.path("printed.txt");
        let file = File::create(&printed).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file).spawn().unwrap();
        let (began, mut most_memory) = (Instant::now(), None);
        let status = loop {
            most_memory = memory(child.id()).max(most_memory);
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > LONGEST {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("{command:?} does not end; so far it printed:\n{}", read(&printed));
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Run { status, took: began.elapsed(), most_memory, printed: read(&printed) }
    }
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned()
}

/// The most memory that a process had so far, in MB. Until it runs its own program, it has that of these tests.
fn memory(process: u32) -> Option<u64> {
    let program = |of: &str| std::fs::read_link(format!("/proc/{of}/exe")).ok();
    program(&process.to_string()).filter(|own| Some(own) != program("self").as_ref())?;
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}

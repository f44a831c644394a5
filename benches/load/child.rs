//! Child processes, and what they cost. A child is ended by its own handle, whatever becomes of the bench.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// Looking more seldom would miss memory, looking more often would cost time that the measured ones want.
const LOOK: Duration = Duration::from_millis(25);
/// What `getconf CLK_TCK` says on every Linux: /proc counts in these.
const TICKS_PER_SECOND: u32 = 100;

/// What a process cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Time of the processor, of the program and of the system for it.
    pub cpu: Duration,
    /// The most memory that it had, in bytes.
    pub memory: u64,
    /// From its start to its end.
    pub took: Duration,
}

/// A process that ends when this is dropped.
pub struct Running {
    child: Child,
    program: String,
    said: PathBuf,
    started: Instant,
}

/// A process that has ended.
pub struct Ended {
    /// How.
    pub status: ExitStatus,
    /// What it cost.
    pub cost: Cost,
    /// What it wrote to its standard output.
    pub said: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Running {
    /// Starts a program whose output goes into a file below `folder`.
    pub fn start(name: &str, mut command: Command, folder: &Path) -> Result<Self, Failure> {
        let said = folder.join(format!("{name}.out"));
        let error = folder.join(format!("{name}.err"));
        let create = |path: &Path| File::create(path).map_err(Failure::file(path));
        command.stdout(create(&said)?).stderr(create(&error)?);
        let program = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().map_err(|why| Failure::NotStarted {
            program: program.clone(),
            why,
            remedy: "`just bench` builds assay, and benches/tools.sh brings the other tools.",
        })?;
        Ok(Self { child, program, said, started: Instant::now() })
    }

    /// Waits until it has written a whole line that holds this, and takes the line.
    pub fn line_with(&self, part: &str) -> Result<String, Failure> {
        let until = Instant::now() + Duration::from_secs(30);
        while Instant::now() < until {
            let said = fs::read_to_string(&self.said).map_err(Failure::file(&self.said))?;
            let whole = said.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
            if let Some(line) = whole.into_iter().find(|line| line.contains(part)) {
                return Ok(line.to_owned());
            }
            std::thread::sleep(LOOK);
        }
        Err(Failure::Endless(self.program.clone()))
    }

    /// Closes its standard input, by which our own servers know that they are to end.
    pub fn close_input(&mut self) {
        drop(self.child.stdin.take());
    }

    /// Waits for its end, for at most this long.
    pub fn wait(mut self, at_most: Duration) -> Result<Ended, Failure> {
        let mut cost = Cost::default();
        let folder = PathBuf::from(format!("/proc/{}", self.child.id()));
        loop {
            cost.memory = peak_memory(&folder).unwrap_or(cost.memory);
            let (state, cpu) = state(&folder).map_err(Failure::system("/proc"))?;
            if state == State::Ended {
                // It is still in /proc, because no one has waited for it: this is all that it used.
                cost.cpu = cpu;
                cost.took = self.started.elapsed();
                let status = self.child.wait().map_err(Failure::system(&self.program))?;
                return Ok(Ended { status, cost, said: self.said.clone() });
            }
            if self.started.elapsed() > at_most {
                return Err(Failure::Endless(self.program.clone()));
            }
            std::thread::sleep(LOOK);
        }
    }
}

impl Ended {
    /// What it wrote, if it ended well.
    pub fn output(&self) -> Result<String, Failure> {
        if self.status.success() { self.text() } else { Err(self.failure()) }
    }

    /// What it wrote, however it ended.
    pub fn text(&self) -> Result<String, Failure> {
        fs::read_to_string(&self.said).map_err(Failure::file(&self.said))
    }

    /// That it ended otherwise than it should.
    pub fn failure(&self) -> Failure {
        let error = fs::read_to_string(self.said.with_extension("err")).unwrap_or_default();
        let lines: Vec<_> = error.lines().rev().take(5).collect();
        let said = lines.into_iter().rev().collect::<Vec<_>>().join("\n");
        Failure::Ended { program: self.said.display().to_string(), status: self.status.to_string(), said }
    }
}

/// A command with an input that can be closed.
pub fn with_input(mut command: Command) -> Command {
    command.stdin(Stdio::piped());
    command
}

#[derive(PartialEq, Eq)]
enum State {
    Running,
    Ended,
}

/// The state of a process and the time it used.
fn state(folder: &Path) -> io::Result<(State, Duration)> {
    let text = fs::read_to_string(folder.join("stat"))?;
    // The second field is the program's name in parentheses, which may hold anything.
    let fields: Vec<_> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|field| field.parse::<u32>().ok()).unwrap_or_default();
    let state = if fields.first() == Some(&"Z") { State::Ended } else { State::Running };
    Ok((state, Duration::from_secs(1) * (ticks(11) + ticks(12)) / TICKS_PER_SECOND))
}

/// The most memory that a running process had, in bytes; nothing if it has ended.
fn peak_memory(folder: &Path) -> Option<u64> {
    let text = fs::read_to_string(folder.join("status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

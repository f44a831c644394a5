//! The record of a run, on disk.

pub(crate) mod stored;

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde_json::Value;

use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::files::private;
use crate::output::stderr;
use crate::target::name::REFERENCE;
use assay_engine::deployment::{Redactor, Target};
use assay_engine::interpreter::Session;
use assay_engine::plan::{Choice, Library};
use assay_formats::record::load::Shard;
use assay_formats::record::{
    Event, FORMAT, Gates, RecordWriter, RecordedService, RecordedTarget, RunEnding, RunStarted,
};
use assay_report::Ending;
use assay_suite::Variable;

use super::{files, unfinished};

pub(super) use stored::{in_folder, is_compressed, read};

/// The name of the file that the run which writes to a folder holds locked.
const LOCK: &str = "run.lock";

/// The record of a run, in a folder to which no other run writes as long as this is there.
pub(super) struct RunRecord {
    pub writer: RecordWriter,
    path: PathBuf,
    /// What distinguishes the file from one that took its place.
    identity: Identity,
    _lock: File,
}

/// Whether what a run must not forget has to survive a power cut.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Durability {
    /// Its deployment does.
    Synced,
    /// Its deployment is the embedded cloud, which ends with it.
    Written,
}

impl Durability {
    /// Of a run against a target.
    pub fn of(target: &str) -> Self {
        if target == REFERENCE { Self::Written } else { Self::Synced }
    }
}

/// A new record in a folder, which is made if need be. A record that is there and has something to remove is moved aside, and a
/// it is reported.
pub(super) fn open_record(folder: &Path, durability: Durability) -> Result<RunRecord, CliError> {
    let cannot = |error| CliError::could_not(&format!("{} can't be written to", folder.display()), error);
    fs::create_dir_all(folder).map_err(|error| {
        cannot(error).with_help("a run writes several files: name a folder of yours with `--output`")
    })?;
    let lock = lock(folder)?;
    unfinished::set_aside(folder)?;
    let path = stored::new_in(folder);
    // What is no file, a device or a link, is written to as it is: only what waits for a reader is not.
    files::check_regular(&path).map_err(cannot)?;
    if fs::symlink_metadata(&path).is_ok_and(|found| found.is_file()) {
        fs::remove_file(&path).map_err(cannot)?;
    }
    stored::remove_compressed(folder).map_err(cannot)?;
    let file = private().write(true).truncate(true).open(&path).map_err(cannot)?;
    RunRecord::new(file, path, durability, lock).map_err(cannot)
}

/// The record of a run that is over, to be gone on with. A last line that was cut off is taken away: it says nothing.
pub(super) fn reopen(path: &Path) -> Result<RunRecord, CliError> {
    let cannot = |error| CliError::could_not(&format!("{} can't be written to", path.display()), error);
    let lock = lock(path.parent().filter(|folder| *folder != Path::new("")).unwrap_or(Path::new(".")))?;
    let path = stored::expanded(path).map_err(cannot)?;
    let mut file = OpenOptions::new().read(true).append(true).open(&path).map_err(cannot)?;
    let whole = whole_lines(&mut file).map_err(cannot)?;
    file.set_len(whole).map_err(cannot)?;
    RunRecord::new(file, path, Durability::Synced, lock).map_err(cannot)
}

impl RunRecord {
    fn new(file: File, path: PathBuf, durability: Durability, lock: File) -> io::Result<Self> {
        let identity = identity(&file.metadata()?);
        let writer = match durability {
            Durability::Written => RecordWriter::new(file),
            Durability::Synced => {
                let synced = file.try_clone()?;
                RecordWriter::durable(file, move || synced.sync_data())
            }
        };
        Ok(Self { writer, path, identity, _lock: lock })
    }

    /// Whether every event was written, and is where it was written to. A long record is compressed then.
    pub fn finish(&self) -> Result<(), CliError> {
        let whole = |error: &dyn std::fmt::Display| CliError::could_not("the run is not whole", error);
        self.writer.finish().map_err(|error| whole(&error))?;
        let found = fs::metadata(&self.path).map(|found| identity(&found));
        if found.is_ok_and(|found| found == self.identity) {
            // As it is it says the same.
            if let Err(error) = stored::compress_if_long(&self.path) {
                stderr!("note: {} was not compressed: {error}", self.path.display());
            }
            return Ok(());
        }
        let gone = format!("its record {} was removed, or replaced, while it was written", self.path.display());
        Err(whole(&gone))
    }
}

/// Locks a folder for the run that writes to it. The lock goes with the program, however that ends.
fn lock(folder: &Path) -> Result<File, CliError> {
    let path = folder.join(LOCK);
    let cannot = |error| CliError::could_not(&format!("{} can't be written to", folder.display()), error);
    files::check_regular(&path).map_err(cannot)?;
    let file = private().write(true).truncate(false).open(&path).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            let message = format!(
                "error: another run is writing to {}\n  help: wait for its end, or name another folder with `--output`",
                folder.display()
            );
            Err(CliError::new(ExitCode::CouldNotRun, message))
        }
        // Some file systems have no locks.
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

/// What identifies a file.
#[cfg(unix)]
type Identity = (u64, u64);
#[cfg(not(unix))]
type Identity = ();

#[cfg(unix)]
fn identity(found: &fs::Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (found.dev(), found.ino())
}

#[cfg(not(unix))]
fn identity(_found: &fs::Metadata) -> Identity {}

/// How long a file is up to the end of its last whole line.
fn whole_lines(file: &mut File) -> io::Result<u64> {
    const PIECE: u64 = 1 << 16;
    let mut end = file.metadata()?.len();
    while end > 0 {
        let start = end.saturating_sub(PIECE);
        let mut piece = Vec::new();
        file.seek(SeekFrom::Start(start))?;
        Read::by_ref(file).take(end - start).read_to_end(&mut piece)?;
        if let Some(place) = piece.iter().rposition(|byte| *byte == b'\n') {
            return Ok(start + place as u64 + 1);
        }
        end = start;
    }
    Ok(0)
}

/// What a run was asked for, besides its choice.
pub(super) struct Asked {
    /// Which part of the cases.
    pub shard: Shard,
    /// The arguments that choose the same target and the same way of testing it.
    pub repeat: Vec<String>,
    /// What it has to come to as a whole.
    pub gates: Gates,
}

/// Writes what is known when a run begins, with all documents that it is planned from.
pub(super) fn begin(
    record: &RecordWriter,
    library: &Library,
    target: &Target,
    choice: &Choice,
    Asked { shard, repeat, gates }: Asked,
) -> RunStarted {
    let started = RunStarted {
        format: FORMAT,
        assay: env!("CARGO_PKG_VERSION").to_owned(),
        run: uuid::Uuid::new_v4().to_string(),
        started: Timestamp::now(),
        target: without_secrets(target),
        suites: choice.suites.clone(),
        tags: choice.tags.clone(),
        strictness: choice.strictness,
        shard,
        repeat,
        gates,
    };
    record.write(&Event::RunStarted(Box::new(started.clone())));
    let redactor = Redactor::of(target);
    // The schemas of assay's own files are for editors: no verdict rests on them.
    for file in library.documents.iter().filter(|file| !file.path.starts_with("schemas/assay/")) {
        record.write(&Event::Document { path: file.path.clone(), text: redactor.document(&file.path, &file.text) });
    }
    started
}

/// Writes that a run has ended.
pub(super) fn end(record: &RecordWriter, session: &Session, ending: Ending) {
    let ending = match ending {
        Ending::Completed | Ending::Incomplete => RunEnding::Completed,
        Ending::Interrupted | Ending::Broken => RunEnding::Interrupted,
    };
    record.write(&Event::RunEnded { at_us: session.elapsed_us(), ending });
}

/// What a record says of a target.
pub(super) fn without_secrets(target: &Target) -> RecordedTarget {
    let redactor = Redactor::of(target);
    // A key may be among the variables, too: for scenarios that ask whose it is.
    let harmless = |variables: &BTreeMap<Variable, Value>| {
        let harmless = variables.iter().map(|(name, value)| (name.clone(), redactor.variable(name, value)));
        harmless.collect::<BTreeMap<_, _>>()
    };
    let services = target.services.iter().map(|(suite, service)| {
        let accounts = service.accounts.keys().cloned().collect();
        let elsewhere = service.accounts.iter().filter_map(|(name, account)| Some((name, account.url.as_ref()?)));
        let recorded = RecordedService {
            url: redactor.text(&service.url),
            accounts,
            account_urls: elsewhere.map(|(name, url)| (name.clone(), redactor.text(url))).collect(),
            variables: harmless(&service.variables),
        };
        (suite.clone(), recorded)
    });
    RecordedTarget {
        name: target.name.clone(),
        services: services.collect(),
        allow: target.allow.clone(),
        variables: harmless(&target.variables),
        certificates: target.certificates,
        longest_job: target.limits.longest_job,
        server: target.server.clone(),
    }
}

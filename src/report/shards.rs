//! Records of one test run that was shared: each case is in one of them.

use std::collections::BTreeMap;
use std::io::{self, BufRead as _, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stderr;
use crate::{files, record as stored};
use assay_formats::record::load::Shard;
use assay_formats::record::{self, Record, RecordedTarget, RunEnding};
use assay_report::Ending;

use super::reading::read_record;

/// The first line of a record is no longer.
const LONGEST_BEGINNING: u64 = 1 << 24;

/// What a first line says of the part that a run had. It is the same in records of tests and of load.
#[derive(Deserialize)]
struct Beginning {
    run: String,
    #[serde(default)]
    shard: Shard,
}

/// Whether a record is that of a part of a run.
pub(super) fn is_shard(path: &Path) -> bool {
    beginning(path).is_some_and(|beginning| beginning.shard != Shard::WHOLE)
}

fn beginning(path: &Path) -> Option<Beginning> {
    let mut line = Vec::new();
    stored::read(path).ok()?.take(LONGEST_BEGINNING).read_until(b'\n', &mut line).ok()?;
    serde_json::from_slice(&line).ok()
}

/// The load records to be added up: of a worker that was started several times only the attempt that got furthest.
pub(in crate::report) fn without_earlier_attempts(paths: &[PathBuf]) -> Vec<PathBuf> {
    let begun: Vec<_> = paths.iter().map(|path| beginning(path)).collect();
    let is_other = |one: &Option<Beginning>, other: &Option<Beginning>| match (one, other) {
        (Some(one), Some(other)) => one.shard == other.shard && one.shard != Shard::WHOLE && one.run != other.run,
        _ => false,
    };
    let kept = paths.iter().enumerate().filter(|(place, path)| {
        let rivals = (0..paths.len()).filter(|other| is_other(&begun[*place], &begun[*other]));
        let own = (is_whole(path), *place);
        let best = rivals.map(|other| (is_whole(&paths[other]), other)).max();
        let is_best = best.is_none_or(|best| own > best);
        if !is_best {
            stderr!("note: {} is an earlier attempt of a worker, and is left out", path.display());
        }
        is_best
    });
    kept.map(|(_, path)| path.clone()).collect()
}

/// Whether a load record ends as its run did.
fn is_whole(path: &Path) -> bool {
    // What can't be read has no end.
    last_line(path).is_ok_and(|last| String::from_utf8_lossy(&last).contains("\"load_ended\""))
}

/// The last line of a record, or a part of it if it is long.
fn last_line(path: &Path) -> io::Result<Vec<u8>> {
    const PIECE: u64 = 4096;
    let mut piece = Vec::new();
    if stored::is_compressed(path)? {
        for line in stored::read(path)?.split(b'\n') {
            piece = line?;
        }
    } else {
        let mut file = files::open(path)?;
        let start = file.metadata()?.len().saturating_sub(PIECE);
        file.seek(SeekFrom::Start(start))?;
        file.read_to_end(&mut piece)?;
    }
    let text = piece.strip_suffix(b"\n").unwrap_or(&piece);
    let start = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
    Ok(text[start..].to_vec())
}

/// The records of a shared run. Of a shard that was started several times the attempt counts that got furthest.
pub(super) fn read(surroundings: &CliContext<'_>, paths: &[PathBuf]) -> Result<Vec<Record>, CliError> {
    let mut records: Vec<Record> = Vec::new();
    for path in paths {
        let record = read_record(surroundings, path)?;
        if let Some(first) = records.first() {
            same_run(first, &record, path)?;
        }
        let rival = records.iter_mut().find(|known| known.started.shard == record.started.shard);
        match rival {
            None => records.push(record),
            Some(known) if known.started.run == record.started.run => {
                let message = format!("error: {} is given twice\n  help: give each record once", path.display());
                return Err(CliError::new(ExitCode::Usage, message));
            }
            Some(known) => {
                let shard = known.started.shard;
                stderr!("note: shard {shard} was started several times; the attempt that got furthest counts");
                if progress(&record) >= progress(known) {
                    *known = record;
                }
            }
        }
    }
    records.sort_by_key(|record| record.started.shard.number);
    let missing: Vec<_> = missing(&records.iter().collect::<Vec<_>>()).iter().map(ToString::to_string).collect();
    if let Some(first) = records.first().filter(|_| !missing.is_empty()) {
        stderr!("warning: the record of shard {} of {} is missing", missing.join(", "), first.started.shard.of);
    }
    Ok(records)
}

/// The numbers of the shards whose records are missing.
fn missing(records: &[&Record]) -> Vec<u32> {
    let of = records.first().map_or(1, |record| record.started.shard.of);
    let is_here = |number: &u32| records.iter().any(|record| record.started.shard.number == *number);
    (1..=of).filter(|number| !is_here(number)).collect()
}

/// How all of a run ended, of which these are the records: the worst counts.
pub(super) fn ending(records: &[&Record]) -> Ending {
    let has = |ending: record::Ending| records.iter().any(|record| record.ending == ending);
    if has(record::Ending::Broken) {
        Ending::Broken
    } else if has(record::Ending::Run(RunEnding::Interrupted)) {
        Ending::Interrupted
    } else if missing(records).is_empty() {
        Ending::Completed
    } else {
        Ending::Incomplete
    }
}

/// How far an attempt got: one that ended is better than any that did not.
fn progress(record: &Record) -> (bool, usize) {
    (record.ending == record::Ending::Run(RunEnding::Completed), record.cases.len() + record.skipped.len())
}

/// Each part of a run on the embedded reference cloud has a cloud of its own: at another address, begun at another time.
fn is_same_target(one: &RecordedTarget, two: &RecordedTarget) -> bool {
    let without_addresses = |target: &RecordedTarget| {
        let mut target = target.clone();
        for service in target.services.values_mut() {
            (service.url, service.account_urls) = (String::new(), BTreeMap::new());
            service.variables.values_mut().for_each(|value| *value = Value::Null);
        }
        target.variables.values_mut().for_each(|value| *value = Value::Null);
        target
    };
    let is_embedded = one.name == "reference" && two.name == one.name;
    without_marks(one) == without_marks(two) || (is_embedded && without_addresses(one) == without_addresses(two))
}

/// A target without what marks its secrets: each run marks them in a way of its own.
fn without_marks(target: &RecordedTarget) -> Value {
    let mut target = serde_json::to_value(target).unwrap_or_default();
    unmark(&mut target);
    target
}

fn unmark(value: &mut Value) {
    match value {
        Value::String(text) => {
            let mut parts = text.split("[redacted ");
            let plain = parts.next().unwrap_or_default().to_owned();
            let others = parts.map(|part| format!("[redacted]{}", part.split_once(']').map_or(part, |(_, rest)| rest)));
            *text = plain + &others.collect::<String>();
        }
        Value::Array(items) => items.iter_mut().for_each(unmark),
        Value::Object(fields) => fields.values_mut().for_each(unmark),
        _ => {}
    }
}

fn same_run(first: &Record, other: &Record, path: &Path) -> Result<(), CliError> {
    let (one, two) = (&first.started, &other.started);
    let texts = |record: &Record| {
        let files = record.documents.iter().map(|file| (file.path.clone(), file.text.clone()));
        files.collect::<BTreeMap<_, _>>()
    };
    let is_same = one.shard.of == two.shard.of
        && (&one.suites, &one.tags, one.strictness) == (&two.suites, &two.tags, two.strictness)
        && is_same_target(&one.target, &two.target)
        && (first.ends_before_the_first_case() || other.ends_before_the_first_case() || texts(first) == texts(other));
    if is_same {
        return Ok(());
    }
    let message = format!(
        "error: {} is not a part of the same run as the first record\n  help: give the records of shards that were started \
         with the same documents and the same arguments but for `--shard`",
        path.display()
    );
    Err(CliError::new(ExitCode::Usage, message))
}

//! The record of a run, on disk.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;

use crate::interpreter::Session;
use crate::plan::{Choice, Library};
use crate::record::{Event, FORMAT, RecordWriter, RecordedService, RecordedTarget, RunEnding, RunStarted};
use crate::report::Ending;
use crate::scenario::Variable;
use crate::target::Target;

use super::Refusal;

/// The name of a record in its folder.
pub(super) const FILE: &str = "run.jsonl";

/// A new record in a folder, which is made if need be.
pub(super) fn open_record(folder: &Path) -> Result<RecordWriter, Refusal> {
    let cannot = |error| Refusal::could_not(&format!("{} can't be written to", folder.display()), error);
    fs::create_dir_all(folder).map_err(cannot)?;
    Ok(RecordWriter::new(File::create(folder.join(FILE)).map_err(cannot)?))
}

/// The record of a run that is over, to be gone on with. A last line that was cut off is taken away: it says nothing.
pub(super) fn reopen(path: &Path) -> Result<RecordWriter, Refusal> {
    let cannot = |error| Refusal::could_not(&format!("{} can't be written to", path.display()), error);
    let mut file = OpenOptions::new().read(true).append(true).open(path).map_err(cannot)?;
    let whole = whole_lines(&mut file).map_err(cannot)?;
    file.set_len(whole).map_err(cannot)?;
    Ok(RecordWriter::new(file))
}

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

/// Writes what is known when a run begins, with all documents that it is planned from.
pub(super) fn begin(
    record: &RecordWriter,
    library: &Library,
    target: &Target,
    choice: &Choice,
    repeat: Vec<String>,
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
        repeat,
    };
    record.write(&Event::RunStarted(Box::new(started.clone())));
    // The schemas of assay's own files are for editors: no verdict rests on them.
    for file in library.documents.iter().filter(|file| !file.path.starts_with("schemas/assay/")) {
        record.write(&Event::Document { path: file.path.clone(), text: file.text.clone() });
    }
    started
}

/// Writes that a run has ended.
pub(super) fn end(record: &RecordWriter, session: &Session, ending: Ending) {
    let ending = match ending {
        Ending::Completed => RunEnding::Completed,
        Ending::Interrupted | Ending::Broken => RunEnding::Interrupted,
    };
    record.write(&Event::RunEnded { at_us: session.elapsed_us(), ending });
}

/// What a record says of a target.
pub(super) fn without_secrets(target: &Target) -> RecordedTarget {
    let redactor = super::target::redactor(target);
    // A key may stand among the variables, too: for scenarios that ask whose it is.
    let harmless = |variables: &BTreeMap<Variable, Value>| {
        let harmless = variables.iter().map(|(name, value)| {
            let value = value.as_str().map_or_else(|| value.clone(), |text| redactor.text(text).into());
            (name.clone(), value)
        });
        harmless.collect::<BTreeMap<_, _>>()
    };
    let services = target.services.iter().map(|(suite, service)| {
        let accounts = service.accounts.keys().cloned().collect();
        (suite.clone(), RecordedService { url: service.url.clone(), accounts, variables: harmless(&service.variables) })
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

//! Appends events to a record.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use super::checksum;
use super::obligation::Change;

/// Appends events; clones write to the same record.
#[derive(Clone)]
pub struct RecordWriter(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// How many lines have reached the disk.
    synced: Mutex<u64>,
    sync: Option<Sync>,
}

struct State {
    out: Box<dyn Write + Send>,
    /// How many lines were written.
    lines: u64,
    failure: Option<String>,
    alarm: Option<Alarm>,
}

/// Returns when everything written has reached the disk.
type Sync = Box<dyn Fn() -> io::Result<()> + Send + std::marker::Sync>;

/// Called when a record can't be written any more.
type Alarm = Box<dyn FnOnce(&WriteError) + Send>;

/// Why a record is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record could not be written: {0}; what was written before stays readable")]
pub struct WriteError(String);

impl RecordWriter {
    /// Writes to anything that takes bytes.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self::with(out, None)
    }

    /// Writes to a file; `sync` returns when what was written to it has reached the disk.
    pub fn durable(
        out: impl Write + Send + 'static,
        sync: impl Fn() -> io::Result<()> + Send + std::marker::Sync + 'static,
    ) -> Self {
        Self::with(out, Some(Box::new(sync)))
    }

    fn with(out: impl Write + Send + 'static, sync: Option<Sync>) -> Self {
        let state = State { out: Box::new(out), lines: 0, failure: None, alarm: None };
        Self(Arc::new(Shared { state: Mutex::new(state), synced: Mutex::new(0), sync }))
    }

    /// Appends an event, of a test run or of a load run, as one whole line with its checksum. After a failure nothing more is
    /// written, and [`RecordWriter::finish`] reports it.
    pub fn write(&self, event: &impl Serialize) {
        let mut state = self.state();
        if state.failure.is_some() {
            return;
        }
        let written = serde_json::to_vec(event).map_err(io::Error::from).and_then(|mut line| {
            checksum::add(&mut line);
            line.push(b'\n');
            state.out.write_all(&line)?;
            state.out.flush()
        });
        match written {
            Ok(()) => state.lines += 1,
            Err(error) => fail(state, &error),
        }
    }

    /// Appends an event, and returns when it has reached the disk, if the record is on one: for what must not be forgotten.
    pub fn write_durably(&self, event: &impl Serialize) {
        self.write(event);
        self.sync();
    }

    /// Returns when all that was written has reached the disk, if the record is on one.
    pub fn sync(&self) {
        let Some(sync) = &self.0.sync else { return };
        let lines = self.state().lines;
        let mut synced = self.0.synced.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever was first may have waited for this line, too.
        if *synced >= lines {
            return;
        }
        let lines = self.state().lines;
        match sync() {
            // A device or a pipe has nothing to wait for.
            Err(error) if !matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {
                let state = self.state();
                if state.failure.is_none() {
                    fail(state, &error);
                }
            }
            _ => *synced = lines,
        }
    }

    /// Appends that what is to be removed has changed. What is new has reached the disk when this returns.
    pub fn write_change<E: Serialize>(&self, change: Change, event_of: impl FnOnce(Change) -> E) {
        match change {
            Change::ObligationOpened { .. } => self.write_durably(&event_of(change)),
            Change::Met { .. } | Change::NotRemovable { .. } | Change::Inventory { .. } => {
                self.write(&event_of(change));
            }
        }
    }

    /// Calls back as soon as an event can't be written. What is observed after that is lost.
    pub fn when_it_fails(&self, alarm: impl FnOnce(&WriteError) + Send + 'static) {
        self.state().alarm = Some(Box::new(alarm));
    }

    /// Whether every event was written.
    pub fn finish(&self) -> Result<(), WriteError> {
        self.state().failure.clone().map_or(Ok(()), |failure| Err(WriteError(failure)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fail(mut state: MutexGuard<'_, State>, error: &io::Error) {
    let failure = error.to_string();
    state.failure = Some(failure.clone());
    let alarm = state.alarm.take();
    drop(state);
    alarm.into_iter().for_each(|alarm| alarm(&WriteError(failure.clone())));
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn what_must_not_be_forgotten_is_waited_for_and_nothing_else_is() {
        let syncs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&syncs);
        let record = RecordWriter::durable(io::sink(), move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        record.write(&serde_json::json!({"event": "a"}));
        assert_eq!(syncs.load(Ordering::Relaxed), 0);
        record.write_durably(&serde_json::json!({"event": "b"}));
        assert_eq!(syncs.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn a_disk_that_does_not_take_it_is_reported() {
        let record = RecordWriter::durable(io::sink(), || Err(io::Error::other("the disk is gone")));
        record.write_durably(&serde_json::json!({"event": "a"}));
        assert!(record.finish().unwrap_err().to_string().contains("the disk is gone"));
    }
}

//! Appends events to a record.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// Appends events; clones write to the same record.
#[derive(Clone)]
pub struct RecordWriter(Arc<Mutex<State>>);

struct State {
    out: Box<dyn Write + Send>,
    failure: Option<String>,
    alarm: Option<Alarm>,
}

/// Is told that a record can't be written any more.
type Alarm = Box<dyn FnOnce(&WriteError) + Send>;

/// Why a record is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record could not be written: {0}; what was written before stays readable")]
pub struct WriteError(String);

impl RecordWriter {
    /// Writes to a file, or to anything else that takes bytes.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State { out: Box::new(out), failure: None, alarm: None })))
    }

    /// Appends an event, of a test run or of a load run, as one whole line. After a failure nothing more is written, and [`RecordWriter::finish`] tells.
    pub fn write(&self, event: &impl Serialize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.failure.is_some() {
            return;
        }
        let written = serde_json::to_vec(event).map_err(std::io::Error::from).and_then(|mut line| {
            line.push(b'\n');
            state.out.write_all(&line)?;
            state.out.flush()
        });
        let Err(error) = written else { return };
        let failure = error.to_string();
        state.failure = Some(failure.clone());
        let alarm = state.alarm.take();
        drop(state);
        alarm.into_iter().for_each(|alarm| alarm(&WriteError(failure.clone())));
    }

    /// Has somebody told as soon as an event can't be written. What is observed after that is lost.
    pub fn when_it_fails(&self, alarm: impl FnOnce(&WriteError) + Send + 'static) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).alarm = Some(Box::new(alarm));
    }

    /// Whether every event was written.
    pub fn finish(&self) -> Result<(), WriteError> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failure.clone().map_or(Ok(()), |failure| Err(WriteError(failure)))
    }
}

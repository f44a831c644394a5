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
}

/// Why a record is not whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record could not be written: {0}; what was written before stays readable")]
pub struct WriteError(String);

impl RecordWriter {
    /// Writes to a file, or to anything else that takes bytes.
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State { out: Box::new(out), failure: None })))
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
        state.failure = written.err().map(|error| error.to_string());
    }

    /// Whether every event was written.
    pub fn finish(&self) -> Result<(), WriteError> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.failure.clone().map_or(Ok(()), |failure| Err(WriteError(failure)))
    }
}

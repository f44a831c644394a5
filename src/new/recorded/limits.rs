//! How long a recording may be.

use std::sync::Arc;

use assay_suite::source::SourceFile;

use super::error::RecordingError;
use super::spot::Spot;

/// The longest recording that is read, in MiB.
const LONGEST_RECORDING: u64 = 32;

/// The longest line of command lines and of access logs, in MiB.
const LONGEST_LINE: u64 = 1;

/// So many requests of a recording are read.
pub(super) const MOST_REQUESTS: usize = 150_000;

/// Refuses a recording before it is read into memory.
pub(crate) fn check_length(path: &str, bytes: u64) -> Result<(), RecordingError> {
    check(path, "the recording", LONGEST_RECORDING, bytes)
}

pub(super) fn check(path: &str, what: &'static str, most: u64, bytes: u64) -> Result<(), RecordingError> {
    if bytes <= most << 20 { Ok(()) } else { Err(RecordingError::TooLong { what, most, place: Spot::start(path) }) }
}

pub(super) fn is_long_line(line: &str) -> bool {
    line.len() as u64 > LONGEST_LINE << 20
}

pub(super) fn check_lines(file: &SourceFile) -> Result<(), RecordingError> {
    let Some((number, _)) = (1_u32..).zip(file.text.lines()).find(|(_, line)| is_long_line(line)) else {
        return Ok(());
    };
    let place = Spot::line(&Arc::from(file.path.as_str()), number);
    Err(RecordingError::TooLong { what: "this line", most: LONGEST_LINE, place })
}

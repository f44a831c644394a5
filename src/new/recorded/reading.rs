//! Reads a recording, whose format its content tells.

use std::sync::Arc;

use assay_suite::source::{Node, SourceFile};

use super::error::RecordingError;
use super::limits::{check, check_lines};
use super::recording::Recording;
use super::spot::Spot;
use super::{access_log, curl, har, postman};

/// The longest collection of Postman, in MiB. All of it is in memory, which takes many times the room of its text.
const LONGEST_COLLECTION: u64 = 8;

/// Reads a file, whose format its content tells.
pub(crate) fn read(file: &Arc<SourceFile>) -> Result<Recording, RecordingError> {
    if access_log::is_one(&file.text) {
        check_lines(file)?;
        return access_log::read(file);
    }
    if !file.text.trim_start().starts_with(['{', '[']) {
        check_lines(file)?;
        return curl::read(file);
    }
    if let Some(recording) = har::read(file)? {
        return Ok(recording);
    }
    check(&file.path, "a Postman collection", LONGEST_COLLECTION, file.text.len() as u64)?;
    let document = Node::parse_large(&file.kept_private()).map_err(RecordingError::Syntax)?;
    if document.at_pointer("/info/schema").is_some() {
        postman::read(&document)
    } else {
        Err(RecordingError::Unknown(Spot::from(&document.place)))
    }
}

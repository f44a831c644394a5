//! Files that are not there yet.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

/// Writes a file that is not there yet.
pub(super) fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(file)?.write_all(text.as_bytes())
}

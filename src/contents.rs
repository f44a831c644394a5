//! What a file holds as a document.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_suite::source::{Diagnostic, SourceFile};

use super::files;

/// The text of a file, or what is wrong with it as one.
pub(crate) type Contents = Result<Arc<SourceFile>, Box<Diagnostic>>;

/// Whether a file is below a folder, links followed.
pub(crate) fn is_within(file: &Path, root: &Path) -> bool {
    fs::canonicalize(file).is_ok_and(|there| there.starts_with(root))
}

/// What a file holds; that it can't be opened is no mistake in it.
pub(crate) fn contents(file: &Path, path: String) -> Result<Contents, CliError> {
    let bytes = files::read(file).map_err(|error| {
        CliError::new(ExitCode::CouldNotRun, format!("error: {} can't be read: {error}", file.display()))
    })?;
    Ok(SourceFile::from_bytes(path, bytes))
}

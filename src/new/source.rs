//! What is made of recorded requests: for which suite, and from which file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::arguments::{Common, FromRecordedArguments};
use crate::contents::contents;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::openapi;
use assay_engine::plan::Library;
use assay_suite::human::number;
use assay_suite::source::{Documents, Paint, harmless};
use assay_suite::{Suite, SuiteName};

use super::file::write;
use super::recorded::{self, Recording};

/// The suite whose operations the requests are.
pub(super) fn suite<'l>(
    common: &Common,
    command: &FromRecordedArguments,
    library: &'l Library,
) -> Result<&'l Suite, CliError> {
    let described = || common.openapi.as_deref().and_then(|document| openapi::suite_of(document, library));
    let name = command.suite.clone().map(SuiteName).or_else(described).ok_or_else(|| {
        CliError::new(
            ExitCode::Usage,
            "error: no suite is named\n  = help: name it with --suite, or its document with --openapi",
        )
    })?;
    library.suites.get(&name).map(AsRef::as_ref).ok_or_else(|| {
        let message = format!(
            "error: there is no suite `{name}`\n  = help: `assay list suites` shows them, `assay new suite` makes one"
        );
        CliError::new(ExitCode::Usage, message)
    })
}

/// The recorded requests.
pub(super) fn read(from: &Path) -> Result<Recording, CliError> {
    let shown = |mistake: &assay_suite::source::Diagnostic| {
        CliError::painted(ExitCode::BadDocuments, mistake.render(Paint::Plain))
    };
    let path = harmless::line(&from.display().to_string());
    // What can't be looked at can't be read either, and that is said below.
    let length = std::fs::metadata(from).map_or(0, |found| if found.is_file() { found.len() } else { 0 });
    recorded::check_length(&path, length).map_err(|error| shown(&error.diagnostic()))?;
    let file = contents(from, path)?.map_err(|mistake| shown(&mistake.kept_private()))?;
    recorded::read(&file).map_err(|error| shown(&error.diagnostic()))
}

/// What is made is called like this.
pub(super) fn title(command: &FromRecordedArguments) -> String {
    let stem = || command.from.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    command.name.clone().unwrap_or_else(stem)
}

/// The name of the recorded file, in a comment.
pub(super) fn shown_name(from: &Path) -> String {
    let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    harmless::line(&name)
}

/// The first of many lines, and how many more there are.
pub(super) fn listed(lines: &[String], what: &str) -> impl Iterator<Item = String> {
    const MOST: usize = 100;
    let more = lines.len().checked_sub(MOST).filter(|more| *more > 0);
    let more = more.map(|more| format!("{} more {what}", number(more)));
    lines.iter().take(MOST).cloned().chain(more).collect::<Vec<_>>().into_iter()
}

/// Where a file is written, which must not be there.
pub(super) fn output(common: &Common, command: &FromRecordedArguments, usual: &str) -> Result<PathBuf, CliError> {
    let output = command.output.clone().unwrap_or_else(|| common.documents.join(usual));
    not_there(&output)?;
    Ok(output)
}

/// Nothing is written over a file.
pub(super) fn not_there(output: &Path) -> Result<(), CliError> {
    if !output.exists() {
        return Ok(());
    }
    let message = format!("error: {} is there already; nothing was written", output.display());
    Err(CliError::new(ExitCode::CouldNotRun, message))
}

/// Writes a file that is not there, and returns its path as it is shown.
pub(super) fn written(output: &Path, text: &str) -> Result<String, CliError> {
    write(output, text)
        .map_err(|error| CliError::could_not(&format!("{} can't be written", output.display()), error))?;
    Ok(harmless::line(&output.strip_prefix(".").unwrap_or(output).display().to_string()))
}

/// The documents without what is written of other suites, and without other scenarios: they were checked before.
pub(super) fn documents_of_suite(documents: &Documents, suite: &Suite) -> Documents {
    let own = format!("suites/{}/", suite.name.value);
    let is_other =
        |path: &str| path.starts_with("scenarios/") || path.starts_with("suites/") && !path.starts_with(&own);
    let mut of_suite = Documents::default();
    for file in documents.iter().filter(|file| !is_other(&file.path)) {
        if documents.is_sound(&file.path) {
            of_suite.insert_sound(Arc::clone(file));
        } else {
            of_suite.insert(Arc::clone(file));
        }
    }
    of_suite
}

/// A title as the name of a file.
pub(super) fn slug(title: &str) -> String {
    let letters: String =
        title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let parts: Vec<_> = letters.split('-').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "recorded".to_owned() } else { parts.join("-") }
}

//! The documents that assay brings, and those of the person who runs it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::plan::{Choice, ConformancePlan, Library};
use crate::source::{Diagnostics, Documents, Paint, SourceFile};
use crate::target::Target;

use super::arguments::Common;
use super::{ExitCode, Refusal, Surroundings};

/// The folders of documents, as they were when the program was built. The tests find them without mistakes.
static BROUGHT: [(&str, Dir<'_>); 3] = [
    ("suites", include_dir!("$CARGO_MANIFEST_DIR/suites")),
    ("schemas", include_dir!("$CARGO_MANIFEST_DIR/schemas")),
    ("scenarios", include_dir!("$CARGO_MANIFEST_DIR/scenarios")),
];

/// All documents: those that assay brings, and those below a folder, which go before.
pub(super) fn documents(folder: &Path) -> Result<Documents, Refusal> {
    let mut documents = Documents::default();
    for (name, dir) in &BROUGHT {
        bring(name, dir, &mut documents);
    }
    for (name, _) in &BROUGHT {
        read_folder(&folder.join(name), name, &mut documents)?;
    }
    Ok(documents)
}

/// The documents, read and found without mistakes.
pub(super) fn library(surroundings: &Surroundings<'_>, common: &Common) -> Result<Library, Refusal> {
    let mut mistakes = Diagnostics::new();
    let library = Library::read(&documents(&common.documents)?, &mut mistakes);
    if mistakes.has_errors() { Err(Refusal::mistakes(&mistakes, surroundings.paint())) } else { Ok(library) }
}

/// The plan for a target, found without mistakes.
pub(super) fn plan(
    surroundings: &Surroundings<'_>,
    library: &Library,
    target: &Target,
    choice: &Choice,
) -> Result<ConformancePlan, Refusal> {
    let mut mistakes = Diagnostics::new();
    let plan = ConformancePlan::new(library, target, choice, &mut mistakes);
    // Many cases may share a fixture, and its mistakes.
    let mistakes = mistakes.without_repetition();
    if mistakes.has_errors() { Err(Refusal::mistakes(&mistakes, surroundings.paint())) } else { Ok(plan) }
}

fn bring(path: &str, dir: &Dir<'_>, documents: &mut Documents) {
    for file in dir.files() {
        if let Some(text) = file.contents_utf8() {
            documents.insert_sound(SourceFile::new(format!("{path}/{}", slashed(file.path())), text));
        }
    }
    dir.dirs().for_each(|dir| bring(path, dir, documents));
}

fn slashed(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn read_folder(folder: &Path, path: &str, documents: &mut Documents) -> Result<(), Refusal> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let (file, path) = (entry.path(), format!("{path}/{name}"));
        if file.is_dir() {
            read_folder(&file, &path, documents)?;
        } else if [".yaml", ".json", ".csv"].iter().any(|extension| name.ends_with(extension)) {
            documents.insert(read(&file, path)?);
        }
    }
    Ok(())
}

/// A file, and the path that it is known by.
pub(super) fn read(file: &Path, path: String) -> Result<Arc<SourceFile>, Refusal> {
    let bytes = fs::read(file).map_err(|error| {
        Refusal::new(ExitCode::CouldNotRun, format!("error: {} can't be read: {error}", file.display()))
    })?;
    SourceFile::from_bytes(path, bytes)
        .map_err(|mistake| Refusal::new(ExitCode::BadDocuments, mistake.render(Paint::Plain)))
}

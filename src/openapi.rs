//! `--openapi`: an `OpenAPI` document is a suite, without any other file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assay_engine::plan::Library;
use assay_suite::SuiteName;
use assay_suite::openapi;
use assay_suite::source::{Diagnostic, Documents, Place, SourceFile};

use super::documents::{contents, is_within};
use super::{CliError, ExitCode};

/// So many files one document may refer to.
const MOST_FILES: usize = 10_000;

/// Adds an `OpenAPI` document, with all that it refers to, as a suite of its own.
pub(super) fn add(document: &Path, documents: &mut Documents) -> Result<(), CliError> {
    let root_path = written(document);
    let file = match contents(document, root_path.clone())? {
        Ok(file) => file,
        Err(mistake) => {
            return Err(CliError::new(ExitCode::BadDocuments, mistake.render(assay_suite::source::Paint::Plain)));
        }
    };
    let name = openapi::suite_name(&file);
    let folder = document.parent().map(Path::to_owned).unwrap_or_default();
    let root = std::fs::canonicalize(if folder.as_os_str().is_empty() { Path::new(".") } else { &folder });
    let root = root.map_err(|error| CliError::could_not(&format!("{} can't be read", folder.display()), error))?;
    let (mut known, mut waiting) = (BTreeSet::from([root_path.clone()]), openapi_references(&root_path, &file));
    documents.insert(file);
    while let Some(path) = waiting.pop() {
        if known.len() > MOST_FILES || !known.insert(path.clone()) {
            continue;
        }
        let on_disk = PathBuf::from(&path);
        // What is not there, or leads out of the folder, is reported where the reference is written.
        if !on_disk.is_file() || !is_within(&on_disk, &root) {
            continue;
        }
        match contents(&on_disk, path.clone())? {
            Ok(file) => {
                waiting.extend(openapi_references(&path, &file));
                documents.insert(file);
            }
            Err(mistake) => documents.refuse(*mistake),
        }
    }
    let path = format!("suites/{name}/suite.yaml");
    if documents.get(&path).is_some_and(|suite| !suite.text.contains("openapi:")) {
        let place = Place::start_of(&SourceFile::new(root_path, ""));
        let mistake = Diagnostic::error(&place, format!("there is a suite `{name}` already"));
        let mistake = mistake.help("rename the file: the suite of a document is called as its file");
        return Err(CliError::new(ExitCode::Usage, mistake.render(assay_suite::source::Paint::Plain)));
    }
    if documents.get(&path).is_none() {
        // In quotes, for a file may be called `1.json`.
        let [name, document] = [name, root_path].map(serde_json::Value::from);
        let text = format!("suite: {name}\nopenapi: {document}\n");
        documents.insert(SourceFile::new(path, text));
    }
    Ok(())
}

/// The suite that such a document became.
pub(super) fn suite_of(document: &Path, library: &Library) -> Option<SuiteName> {
    library.documents.get(&written(document)).map(|file| SuiteName(openapi::suite_name(file)))
}

/// A path as a person would type it. One without a folder has one all the same, so that it is not taken for a file next to the
/// suite.
pub(super) fn written(document: &Path) -> String {
    let text = document.to_string_lossy().replace('\\', "/");
    if text.contains('/') { text } else { format!("./{text}") }
}

fn openapi_references(from: &str, file: &std::sync::Arc<SourceFile>) -> Vec<String> {
    openapi::references(file).into_iter().filter_map(|reference| openapi::referred(from, &reference)).collect()
}

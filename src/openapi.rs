//! `--openapi`: an `OpenAPI` document is a suite, without any other file.

mod download;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assay_engine::plan::Library;
use assay_suite::SuiteName;
use assay_suite::openapi;
use assay_suite::source::{Diagnostic, Documents, Place, SourceFile};

use super::documents::{Contents, contents, is_within};
use super::target::is_address;
use super::{CliError, ExitCode};

use download::Address;

/// So many files one document may refer to.
const MOST_FILES: usize = 10_000;

/// Where a document and what it refers to are read from.
enum Origin<'a> {
    /// A folder that no reference leads out of.
    Folder(PathBuf),
    /// A server.
    Server(Address<'a>),
}

impl Origin<'_> {
    /// What is at a path; nothing where nothing is, or nothing that may be read: the reference to it is reported.
    fn read(&self, path: &str) -> Result<Option<Contents>, CliError> {
        match self {
            Self::Folder(root) => {
                let on_disk = PathBuf::from(path);
                let may_be_read = on_disk.is_file() && is_within(&on_disk, root);
                may_be_read.then(|| contents(&on_disk, path.to_owned())).transpose()
            }
            Self::Server(address) => address.read_next_to_it(path),
        }
    }
}

/// Adds an `OpenAPI` document, with all that it refers to, as a suite of its own.
pub(super) fn add(document: &Path, documents: &mut Documents) -> Result<(), CliError> {
    let (root_path, url) = (written(document), document.to_string_lossy());
    let (origin, file) = if is_address(&url) {
        let address = Address::of(&url);
        let file = address.read()?;
        (Origin::Server(address), file)
    } else {
        let file = contents(document, root_path.clone())?;
        (Origin::Folder(folder_of(document)?), file)
    };
    let file = file
        .map_err(|mistake| CliError::new(ExitCode::BadDocuments, mistake.render(assay_suite::source::Paint::Plain)))?;
    let name = openapi::suite_name(&file);
    let (mut known, mut waiting) = (BTreeSet::from([root_path.clone()]), openapi_references(&root_path, &file));
    documents.insert(file);
    while let Some(path) = waiting.pop() {
        if known.len() > MOST_FILES || !known.insert(path.clone()) {
            continue;
        }
        match origin.read(&path)? {
            None => {}
            Some(Ok(file)) => {
                waiting.extend(openapi_references(&path, &file));
                documents.insert(file);
            }
            Some(Err(mistake)) => documents.refuse(*mistake),
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

/// A document as a record may name it: the query of an address may hold a key.
pub(super) fn without_secrets(document: &Path) -> String {
    let text = document.to_string_lossy().into_owned();
    if is_address(&text) { text.split(['?', '#']).next().unwrap_or_default().to_owned() } else { text }
}

/// A path as a person would type it. One without a folder has one all the same, so that it is not taken for a file next to the
/// suite.
pub(super) fn written(document: &Path) -> String {
    let text = document.to_string_lossy();
    if is_address(&text) {
        return Address::of(&text).path();
    }
    let text = text.replace('\\', "/");
    if text.contains('/') { text } else { format!("./{text}") }
}

fn folder_of(document: &Path) -> Result<PathBuf, CliError> {
    let folder = document.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let cannot = |error| CliError::could_not(&format!("{} can't be read", folder.display()), error);
    std::fs::canonicalize(folder).map_err(cannot)
}

fn openapi_references(from: &str, file: &std::sync::Arc<SourceFile>) -> Vec<String> {
    openapi::references(file).into_iter().filter_map(|reference| openapi::referred(from, &reference)).collect()
}

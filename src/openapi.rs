//! `--openapi`: an `OpenAPI` document is a suite, without any other file.

mod download;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::contents::{Contents, contents, is_within};
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::target::name::is_address;
use assay_engine::deployment::credential_names;
use assay_engine::plan::Library;
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Node, Place, SourceFile, closest};
use assay_suite::{SuiteName, openapi};

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
    if let Some((scheme, _)) = url.split_once("://").filter(|_| !is_address(&url)) {
        let message = format!(
            "error: an OpenAPI document is not read by `{scheme}`\n  help: give an address that begins with http:// or \
             https://, or the path of a file"
        );
        return Err(CliError::new(ExitCode::Usage, message));
    }
    let (origin, file) = if is_address(&url) {
        let address = Address::of(&url);
        let file = address.read()?;
        (Origin::Server(address), file)
    } else {
        let help = "name the file of an OpenAPI document, seen from the current folder, or its address";
        let file = contents(document, root_path.clone()).map_err(|error| error.with_help(help))?;
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

/// Reports credentials of a target file that no security scheme of their suite's document is called like: they would be used for
/// nothing, without a word. Of those that are nearly called like one that is asked for, `check_names` tells.
pub(super) fn check_credentials(file: &Arc<SourceFile>, library: &Library, mistakes: &mut Diagnostics) {
    let Ok(node) = Node::parse(&file.kept_private()) else { return };
    let known = credential_names(library.suites.values().map(AsRef::as_ref));
    for (name, service) in node.field("suites").map(Node::pairs).unwrap_or_default() {
        let suite = library.suites.get(&SuiteName(name.value.clone()));
        let document = suite.and_then(|suite| library.documents.get(&suite.described.as_ref()?.document));
        let (Some(document), Some(taken)) = (document, known.get(name.value.as_str())) else { continue };
        let accounts = service.field("accounts").map(Node::pairs).unwrap_or_default();
        let all = accounts.iter().map(|(_, account)| account).chain([service]);
        let given = all.flat_map(|account| account.field("credentials").map(Node::pairs).unwrap_or_default());
        let is_told = |name: &str| taken.contains(name) || closest(name, taken.iter().copied()).is_some();
        let unknown: Vec<_> = given.filter(|(credential, _)| !is_told(&credential.value)).collect();
        let schemes = if unknown.is_empty() { Vec::new() } else { openapi::security_schemes(document) };
        for (credential, _) in unknown.into_iter().filter(|(credential, _)| !schemes.contains(&credential.value)) {
            let message = format!("{} takes no credential `{}`", name.value, credential.value);
            let near = closest(&credential.value, schemes.iter().map(String::as_str));
            let help = match (near, schemes.as_slice()) {
                (Some(near), _) => format!("did you mean `{near}`?"),
                (None, []) => "remove it: the document has no security scheme".to_owned(),
                (None, schemes) => format!("call it as a security scheme of the document: {}", schemes.join(", ")),
            };
            mistakes.add(Diagnostic::error(&credential.place, message).help(help));
        }
    }
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

fn openapi_references(from: &str, file: &Arc<SourceFile>) -> Vec<String> {
    openapi::references(file).into_iter().filter_map(|reference| openapi::referred(from, &reference)).collect()
}

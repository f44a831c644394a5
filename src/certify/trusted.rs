//! The documents that a verifier trusts, against those that a record was judged by.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::arguments::Common;
use crate::error::CliError;
use crate::{documents, openapi};
use assay_suite::openapi::{named, suite_name};
use assay_suite::source::{Documents, Node, SourceFile};

/// Documents that a record was judged by and that are not those that are trusted, and those that it lacks.
pub(super) struct Changed {
    pub paths: Vec<String>,
    pub help: &'static str,
}

/// What is other in a record than in the documents that the command line names; nothing if all is the same.
pub(super) fn changed(common: &Common, recorded: &Documents) -> Result<Option<Changed>, CliError> {
    let paths = differing(recorded, &trusted(common, recorded)?);
    if paths.is_empty() {
        return Ok(None);
    }
    let is_in_a_folder =
        |path: &String| ["suites/", "schemas/", "scenarios/"].iter().any(|folder| path.starts_with(folder));
    let help = match (paths.iter().all(is_in_a_folder), &common.openapi) {
        (true, _) => {
            "use the version of assay that tested, or name the folder of the suite that you trust with `--documents`"
        }
        (false, None) => "name the OpenAPI document that you trust with `--openapi`",
        (false, Some(_)) => "name the version of the OpenAPI document that was tested with `--openapi`",
    };
    Ok(Some(Changed { paths, help }))
}

fn differing(recorded: &Documents, trusted: &Documents) -> Vec<String> {
    let is_judged_by = |path: &str| !path.starts_with("schemas/assay/");
    let other = recorded.iter().filter(|file| trusted.get(&file.path).is_none_or(|known| known.text != file.text));
    let missing = trusted.iter().filter(|file| is_judged_by(&file.path) && recorded.get(&file.path).is_none());
    other.chain(missing).map(|file| file.path.clone()).collect()
}

/// The trusted documents, as the command line names them. An `OpenAPI` document may be in another folder than on the day of
/// the run: what it says and what is next to it count, not where it is.
fn trusted(common: &Common, recorded: &Documents) -> Result<Documents, CliError> {
    let brought = documents::documents(&common.documents)?;
    let Some(document) = &common.openapi else { return Ok(brought) };
    let all = documents::all(&common.documents, Some(document))?;
    let path = openapi::written(document);
    let moved = all.get(&path).and_then(|file| {
        let suite = format!("suites/{}/suite.yaml", suite_name(file));
        let then = document_of(recorded, &suite)?;
        Some(Moved { suite, from: path, to: then })
    });
    match moved {
        Some(moved) if moved.is_elsewhere() && brought.get(&moved.suite).is_none() => Ok(moved.apply(&brought, &all)),
        _ => Ok(all),
    }
}

/// The `OpenAPI` document that a suite names.
fn document_of(documents: &Documents, suite: &str) -> Option<String> {
    let suite = Node::parse(documents.get(suite)?).ok()?;
    named(&suite).map(|document| document.value)
}

/// A document that is in another folder now than on the day of the run.
struct Moved {
    /// The path of the suite that the document makes.
    suite: String,
    from: String,
    to: String,
}

impl Moved {
    /// Whether only the folder is another one.
    fn is_elsewhere(&self) -> bool {
        let (from, to) = (parts(&self.from), parts(&self.to));
        from.0 != to.0 && from.1 == to.1
    }

    /// The documents with the paths of then. What is in the folders of suites stays as it is.
    fn apply(&self, brought: &Documents, all: &Documents) -> Documents {
        let ((from, _), (to, _)) = (parts(&self.from), parts(&self.to));
        let known: BTreeSet<&str> = brought.iter().map(|file| file.path.as_str()).collect();
        let mut documents = brought.clone();
        for file in all.iter().filter(|file| !known.contains(file.path.as_str())) {
            let moved = if file.path == self.suite {
                let [from, to] = [&self.from, &self.to].map(|path| serde_json::Value::from(path.as_str()).to_string());
                Some((file.path.clone(), file.text.replacen(&from, &to, 1)))
            } else {
                let below = file.path.strip_prefix(from).map(|below| format!("{to}{below}"));
                below.filter(|path| !known.contains(path.as_str())).map(|path| (path, file.text.clone()))
            };
            match moved {
                Some((path, text)) => documents.insert(SourceFile::new(path, text)),
                None => documents.insert(Arc::clone(file)),
            }
        }
        documents
    }
}

/// A path's folder, with its last slash, and its name.
fn parts(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |slash| slash + 1))
}

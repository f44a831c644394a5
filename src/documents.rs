//! The documents that assay brings, and those of the person who runs it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use crate::contents::{Contents, contents};
use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_engine::deployment::Target;
use assay_engine::plan::{Choice, ConformancePlan, Library};
use assay_suite::source::{Diagnostic, Diagnostics, Documents, Node, Paint, Place, SourceFile, YAML, closest};

use super::arguments::Common;

/// The folders of documents, as they were when the program was built. The tests find them without mistakes.
static BROUGHT: [(&str, Dir<'_>); 3] = [
    ("suites", include_dir!("$CARGO_MANIFEST_DIR/suites")),
    ("schemas", include_dir!("$CARGO_MANIFEST_DIR/schemas")),
    ("scenarios", include_dir!("$CARGO_MANIFEST_DIR/scenarios")),
];

/// All documents: those that assay brings, and those below a folder, which go before.
pub(super) fn documents(folder: &Path) -> Result<Documents, CliError> {
    let mut documents = Documents::default();
    for (name, dir) in &BROUGHT {
        bring(name, dir, &mut documents);
    }
    let root = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    for (name, _) in &BROUGHT {
        let below = folder.join(name);
        if leads_out(&below, &root) {
            documents.refuse(link_refused((*name).to_owned()));
        } else {
            read_folder(&below, name, &mut Below::new(&root), &mut documents)?;
        }
    }
    Ok(documents)
}

/// The documents of a record. Those that assay brings are as sound as they are without one.
pub(super) fn recorded(recorded: &Documents) -> Documents {
    let mut brought = Documents::default();
    for (name, dir) in &BROUGHT {
        bring(name, dir, &mut brought);
    }
    let known = |file: &SourceFile| brought.get(&file.path);
    if recorded.iter().any(|file| known(file).is_some_and(|known| known.text != file.text)) {
        return recorded.clone();
    }
    let mut documents = Documents::default();
    for file in recorded.iter() {
        if known(file).is_some() {
            documents.insert_sound(Arc::clone(file));
        } else {
            documents.insert(Arc::clone(file));
        }
    }
    documents
}

/// The documents of a folder, and an `OpenAPI` document with what it refers to.
pub(super) fn all(folder: &Path, openapi: Option<&Path>) -> Result<Documents, CliError> {
    let mut documents = documents(folder)?;
    if let Some(document) = openapi {
        super::openapi::add(document, &mut documents)?;
    }
    Ok(documents)
}

/// The documents, read and found without mistakes.
pub(super) fn library(surroundings: &CliContext<'_>, common: &Common) -> Result<Library, CliError> {
    let mut mistakes = Diagnostics::new();
    let documents = all(&common.documents, common.openapi.as_deref())?;
    let library = Library::read(&documents, &mut mistakes);
    if mistakes.has_errors() { Err(CliError::mistakes(&mistakes, surroundings.paint())) } else { Ok(library) }
}

/// The plan for a target, found without mistakes.
pub(super) fn plan(
    surroundings: &CliContext<'_>,
    library: &Library,
    target: &Target,
    choice: &Choice,
) -> Result<ConformancePlan, CliError> {
    let mut mistakes = Diagnostics::new();
    let plan = ConformancePlan::new(library, target, choice, &mut mistakes);
    plan.suites.iter().for_each(|suite| library.check_suite(suite, &mut mistakes));
    library.check_cases(plan.cases.iter().map(AsRef::as_ref), &mut mistakes);
    // Many cases may share a fixture, and its mistakes.
    let mistakes = mistakes.without_repetition();
    if mistakes.has_errors() { Err(CliError::mistakes(&mistakes, surroundings.paint())) } else { Ok(plan) }
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

/// So many files and folders are looked at, at most: links can make a few of them endlessly many.
const MOST_ENTRIES: usize = 100_000;

/// Where the reading of a folder is.
struct Below<'a> {
    /// The folder that no link leads out of.
    root: &'a Path,
    /// The folders that it is in, as they are without links.
    within: Vec<PathBuf>,
    /// How much was looked at.
    entries: usize,
}

impl<'a> Below<'a> {
    fn new(root: &'a Path) -> Self {
        Self { root, within: Vec::new(), entries: 0 }
    }

    /// Counts what is in a folder.
    fn count(&mut self, folder: &Path, entries: usize) -> Result<(), CliError> {
        self.entries = self.entries.saturating_add(entries);
        if self.entries <= MOST_ENTRIES {
            return Ok(());
        }
        let what = format!("{} can't be read", folder.display());
        Err(CliError::could_not(&what, format!("there are more than {MOST_ENTRIES} files and folders, links counted")))
    }
}

fn read_folder(folder: &Path, path: &str, below: &mut Below<'_>, documents: &mut Documents) -> Result<(), CliError> {
    let there = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    if below.within.contains(&there) {
        let place = Place::start_of(&SourceFile::new(path, ""));
        documents.refuse(Diagnostic::error(&place, "this is a link to a folder that it is in").help("remove the link"));
        return Ok(());
    }
    let entries = entries(folder);
    below.count(folder, entries.len())?;
    below.within.push(there);
    for (name, file) in entries {
        read_entry(&file, &name, format!("{path}/{name}"), below, documents)?;
    }
    below.within.pop();
    Ok(())
}

fn read_entry(
    file: &Path,
    name: &str,
    path: String,
    below: &mut Below<'_>,
    documents: &mut Documents,
) -> Result<(), CliError> {
    let is_document = YAML.iter().chain(&[".json", ".csv"]).any(|ending| name.ends_with(ending));
    if leads_out(file, below.root) {
        documents.refuse(link_refused(path));
    } else if file.is_dir() {
        read_folder(file, &path, below, documents)?;
    } else if is_document && !file.exists() {
        documents.refuse(Diagnostic::warning_anywhere(format!("{path} is left out: it is a link to nothing")));
    } else if is_document {
        match contents(file, path)? {
            Ok(file) => documents.insert(file),
            Err(mistake) => documents.refuse(*mistake),
        }
    }
    Ok(())
}

/// What is read is recorded: a link could make a record of anything that the user may read.
fn link_refused(path: String) -> Diagnostic {
    let place = Place::start_of(&SourceFile::new(path, ""));
    let mistake = Diagnostic::error(&place, "this is a link that leads out of the folder of documents");
    mistake.help("put the file itself there")
}

/// Whether a file is a link to what is not below a folder.
fn leads_out(file: &Path, root: &Path) -> bool {
    let is_link = fs::symlink_metadata(file).is_ok_and(|found| found.is_symlink());
    is_link && fs::canonicalize(file).is_ok_and(|there| !there.starts_with(root))
}

/// The target files that are in a folder itself, ordered by name. Other tools have YAML files there, too.
pub(super) fn targets(folder: &Path) -> Result<Vec<Contents>, CliError> {
    let mut targets = Vec::new();
    for (name, file) in entries(folder) {
        if !YAML.iter().any(|ending| name.ends_with(ending)) || !file.is_file() {
            continue;
        }
        let read = contents(&file, name)?;
        let text = match &read {
            Ok(file) => Some(file),
            Err(mistake) => mistake.place.as_ref().map(|place| &place.file),
        };
        if text.is_some_and(is_target) {
            targets.push(read);
        }
    }
    Ok(targets)
}

/// Whether a file in the midst of others is meant as a target file. One with a mistake in its syntax is known by a line.
fn is_target(file: &Arc<SourceFile>) -> bool {
    const OTHERS: [&str; 7] = ["suites", "allow", "variables", "tls", "limits", "gates", "server"];
    let Ok(node) = Node::parse(file) else { return file.text.lines().any(|line| line.starts_with("target:")) };
    let (own, others): (Vec<_>, Vec<_>) = node.pairs().iter().partition(|(key, _)| key.value == "target");
    !own.is_empty() && (others.is_empty() || others.iter().any(|(key, _)| closest(&key.value, OTHERS).is_some()))
}

/// What is in a folder, ordered by name: without what editors and version control keep next to it.
fn entries(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.flatten().map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let mut entries: Vec<_> = entries.filter(|(name, _)| !name.starts_with(['.', '#'])).collect();
    entries.sort();
    entries
}

/// A target file. What it holds is shown in no message.
pub(super) fn read_target(path: &Path) -> Result<Arc<SourceFile>, CliError> {
    let help =
        "name a target file, `reference`, or the address of a deployment; `assay target init` makes a target file";
    let file = contents(path, path.display().to_string()).map_err(|error| error.with_help(help))?;
    file.map(|file| file.kept_private())
        .map_err(|mistake| CliError::new(ExitCode::BadDocuments, mistake.kept_private().render(Paint::Plain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with these files.
    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    fn found(folder: &Path) -> Vec<String> {
        let documents = documents(folder).unwrap();
        let below = documents.below("scenarios/shop/").map(|file| file.path.clone());
        below.chain(documents.file_mistakes().iter().map(|mistake| mistake.message.clone())).collect()
    }

    /// What a folder may take as sound is so.
    #[test]
    fn the_documents_that_assay_brings_have_no_mistakes() {
        let (mut brought, mut documents) = (Documents::default(), Documents::default());
        BROUGHT.iter().for_each(|(name, dir)| bring(name, dir, &mut brought));
        brought.iter().for_each(|file| documents.insert(Arc::clone(file)));
        let mut mistakes = Diagnostics::new();
        Library::read(&documents, &mut mistakes).check_expansion(&mut mistakes);
        assert_eq!(mistakes.render(Paint::Plain), "");
    }

    #[test]
    fn both_endings_of_yaml_are_read_and_what_editors_keep_is_not() {
        let names = ["a.yaml", "b.yml", ".#a.yaml", "#a.yaml#", "a.yaml~", ".a.yaml.swp", ".git/c.yaml", ".hidden.yml"];
        let files = names.map(|name| format!("scenarios/shop/{name}"));
        let folder = folder(&files.iter().map(|path| (path.as_str(), "[]")).collect::<Vec<_>>());
        assert_eq!(found(folder.path()), ["scenarios/shop/a.yaml", "scenarios/shop/b.yml"]);
    }

    #[cfg(unix)]
    #[test]
    fn links_to_nothing_are_left_out_and_only_those_of_editors_without_a_word() {
        let folder = folder(&[("scenarios/shop/a.yaml", "[]")]);
        for name in [".#a.yaml", "gone.yaml"] {
            std::os::unix::fs::symlink("nothing", folder.path().join("scenarios/shop").join(name)).unwrap();
        }
        let remark = "scenarios/shop/gone.yaml is left out: it is a link to nothing";
        assert_eq!(found(folder.path()), ["scenarios/shop/a.yaml", remark]);
    }

    #[cfg(unix)]
    #[test]
    fn links_that_lead_out_of_the_folder_are_refused() {
        let (folder, elsewhere) = (folder(&[("scenarios/shop/a.yaml", "[]")]), folder(&[("b.yaml", "[]")]));
        let link = |to: PathBuf, name: &str| {
            std::os::unix::fs::symlink(to, folder.path().join("scenarios/shop").join(name)).unwrap();
        };
        link(folder.path().join("scenarios/shop/a.yaml"), "within.yaml");
        link(elsewhere.path().join("b.yaml"), "out.yaml");
        link("/proc/self/environ".into(), "x.csv");
        link(elsewhere.path().to_owned(), "load");
        let refused = "this is a link that leads out of the folder of documents";
        let out = if cfg!(target_os = "linux") { 3 } else { 2 };
        let mut expected = vec!["scenarios/shop/a.yaml", "scenarios/shop/within.yaml"];
        expected.extend(vec![refused; out]);
        assert_eq!(found(folder.path()), expected);
    }

    #[test]
    fn two_files_that_differ_only_in_their_ending_are_a_mistake() {
        let folder = folder(&[("scenarios/shop/a.yaml", "[]"), ("scenarios/shop/a.yml", "[]")]);
        let documents = documents(folder.path()).unwrap();
        let rendered = documents.file_mistakes().render(Paint::Plain);
        assert!(
            rendered.contains("scenarios/shop/a.yaml has the same name") && rendered.contains("a.yml:1:1"),
            "{rendered}"
        );
    }

    #[test]
    fn a_file_that_is_no_text_does_not_hide_the_mistakes_of_others() {
        let folder = folder(&[("scenarios/shop/b.yaml", "[]")]);
        fs::write(folder.path().join("scenarios/shop/a.yaml"), [0xff, 0xfe]).unwrap();
        assert_eq!(found(folder.path()), ["scenarios/shop/b.yaml", "this is not text in UTF-8"]);
    }

    #[test]
    fn target_files_are_known_among_the_yaml_files_of_others() {
        let folder = folder(&[
            ("a.yaml", "target: a\nsuites: {}"),
            ("b.yml", "target: b\nalow: [reads]"),
            ("broken.yaml", "target: c\nsuites: {"),
            ("others.yaml", "target: wasm\noptimise: true"),
            ("compose.yaml", "services: {app: {build: {target: x}}}"),
            (".#a.yaml", "target: a"),
        ]);
        let targets = targets(folder.path()).unwrap();
        let names: Vec<_> = targets.iter().map(|target| target.as_ref().unwrap().path.as_str()).collect();
        assert_eq!(names, ["a.yaml", "b.yml", "broken.yaml"]);
    }
}

//! `assay check`: all mistakes of all documents, in one pass.

use std::path::Path;
use std::sync::Arc;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use assay_engine::deployment::Target;
use assay_engine::plan::Library;
use assay_suite::human::count_of;
use assay_suite::source::{Diagnostics, SourceFile};

use super::arguments::{CheckArguments, Common};
use super::target::check_all_names;
use super::{documents, openapi};

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &CheckArguments,
) -> Result<ExitCode, CliError> {
    let mut found = Checked::default();
    let (folders, files): (Vec<_>, Vec<_>) = command.paths.iter().partition(|path| path.is_dir());
    let unsaid = command.paths.is_empty() || (common.openapi.is_some() && folders.is_empty());
    let mut library = None;
    for folder in if unsaid { vec![&common.documents] } else { folders } {
        library = Some(found.folder(folder, common.openapi.as_deref())?);
    }
    // Which names a target file may use is known with its document.
    let library = library.filter(|_| common.openapi.is_some());
    for file in files {
        found.target(&documents::read_target(file)?, library.as_ref());
    }
    let Checked { files, openapi, mistakes } = found;
    if mistakes.iter().next().is_some() {
        stdout!("{}\n", mistakes.render(surroundings.paint()));
    }
    let looked_at = openapi.unwrap_or_else(|| count_of(files, "document", "documents"));
    stdout!("{looked_at}, {}", mistakes.count());
    Ok(if mistakes.has_errors() { ExitCode::BadDocuments } else { ExitCode::Conforms })
}

/// What was looked at, and what was found.
#[derive(Default)]
struct Checked {
    files: usize,
    /// The `OpenAPI` document that was given, and how many operations it describes.
    openapi: Option<String>,
    mistakes: Diagnostics,
}

impl Checked {
    /// The documents of a folder, and the target files next to them: with an `OpenAPI` document those are not what is asked for.
    fn folder(&mut self, folder: &Path, document: Option<&Path>) -> Result<Library, CliError> {
        let documents = documents::all(folder, document)?;
        let library = Library::read(&documents, &mut self.mistakes);
        library.check_expansion(&mut self.mistakes);
        // What assay brings is not what was written here; where nothing else is, it is what was checked.
        let own = documents.iter().filter(|file| !documents.is_sound(&file.path)).count();
        self.files += if own == 0 { documents.iter().count() } else { own };
        if let Some(document) = document {
            let suite = openapi::suite_of(document, &library).and_then(|suite| library.suites.get(&suite));
            let operations = suite.map_or(0, |suite| suite.operations.len());
            let counted = count_of(operations, "operation", "operations");
            self.openapi = Some(format!("{}: {counted}", openapi::without_secrets(document)));
            return Ok(library);
        }
        for target in documents::targets(folder)? {
            match target {
                Ok(file) => self.target(&file, Some(&library)),
                Err(mistake) => self.mistakes.add(mistake.kept_private()),
            }
        }
        Ok(library)
    }

    /// A target file is checked without its environment: what it takes from there is not there yet. Its names are held against a
    /// library, where there is one.
    fn target(&mut self, file: &Arc<SourceFile>, library: Option<&Library>) {
        if let Some(library) = library {
            check_all_names(file, library, &mut self.mistakes);
        }
        let stand_in = |name: &str| Some(format!("http://{name}"));
        // Only the mistakes are wanted.
        let _ = Target::read(file, &stand_in, &mut self.mistakes);
        self.files += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assay_suite::source::Paint;

    #[test]
    fn a_folder_is_checked_with_the_target_files_in_it() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.yaml"), "target: a\nsuites: {esm: {url: \"http://a/\"}}\nalow: []\n")
            .unwrap();
        let mut checked = Checked::default();
        checked.folder(folder.path(), None).unwrap();
        let rendered = checked.mistakes.render(Paint::Plain);
        assert!(rendered.contains("a.yaml:3:1") && rendered.contains("did you mean `allow`?"), "{rendered}");
        assert_eq!(checked.mistakes.count(), "1 mistake");
    }

    #[test]
    fn of_an_openapi_document_the_operations_are_counted() {
        let folder = tempfile::tempdir().unwrap();
        let document = folder.path().join("shop.yaml");
        std::fs::write(&document, "openapi: 3.1.0\ninfo: {title: Shop, version: '1'}\npaths: {/things: {get: {responses: {'200': {description: ok}}}}}\n").unwrap();
        let target = "target: a\nsuites: {shop: {url: \"http://a/\", credentials: {tokn: x}}}\nalow: []\n";
        std::fs::write(folder.path().join("target.yaml"), target).unwrap();
        let mut checked = Checked::default();
        let library = checked.folder(folder.path(), Some(&document)).unwrap();
        let rendered = checked.mistakes.render(Paint::Plain);
        assert!(!rendered.contains("alow"), "a file that is not asked for: {rendered}");
        checked.target(&SourceFile::new("target.yaml", target), Some(&library));
        let rendered = checked.mistakes.render(Paint::Plain);
        assert!(rendered.contains("shop takes no credential `tokn`") && rendered.contains("`allow`"), "{rendered}");
        let expected = format!("{}: 1 operation", document.display());
        assert_eq!(checked.openapi, Some(expected), "{}", checked.mistakes.render(Paint::Plain));
    }

    #[test]
    fn of_very_many_mistakes_the_first_are_shown_and_the_others_counted() {
        let mut mistakes = Diagnostics::new();
        for number in 0..250 {
            mistakes.add(assay_suite::source::Diagnostic::error_anywhere(format!("mistake {number}.")));
        }
        mistakes.add(assay_suite::source::Diagnostic::warning_anywhere("a remark"));
        let rendered = mistakes.render(Paint::Plain);
        assert!(
            rendered.contains("mistake 99.")
                && !rendered.contains("mistake 100.")
                && rendered.ends_with("... and 151 more")
        );
        assert_eq!(mistakes.count(), "250 mistakes, 1 warning");
    }
}

//! `assay check`: all mistakes of all documents, in one pass.

use std::path::Path;

use crate::plan::Library;
use crate::source::{Diagnostics, Documents};
use crate::target::Target;

use super::arguments::{CheckArguments, Common};
use super::{ExitCode, Refusal, Surroundings, documents};

pub(super) fn run(
    surroundings: &Surroundings<'_>,
    common: &Common,
    command: &CheckArguments,
) -> Result<ExitCode, Refusal> {
    let mut mistakes = Diagnostics::new();
    let mut checked = 0;
    let (folders, files): (Vec<_>, Vec<_>) = command.paths.iter().partition(|path| path.is_dir());
    for file in files {
        check_target(file, &mut mistakes)?;
        checked += 1;
    }
    let unsaid = vec![&common.documents];
    for folder in if command.paths.is_empty() { unsaid } else { folders } {
        checked += check_documents(&documents::documents(folder)?, &mut mistakes);
    }
    if mistakes.iter().next().is_some() {
        println!("{}\n", mistakes.render(surroundings.paint()));
    }
    let count = mistakes.iter().count();
    println!(
        "{checked} documents, {}",
        match count {
            0 => "no mistakes".to_owned(),
            1 => "1 mistake".to_owned(),
            count => format!("{count} mistakes"),
        }
    );
    Ok(if mistakes.has_errors() { ExitCode::BadDocuments } else { ExitCode::Conforms })
}

fn check_documents(documents: &Documents, mistakes: &mut Diagnostics) -> usize {
    let library = Library::read(documents, mistakes);
    library.check_expansion(mistakes);
    documents.iter().count()
}

/// A target file is checked without its environment: what it takes from there is not there yet.
fn check_target(path: &Path, mistakes: &mut Diagnostics) -> Result<(), Refusal> {
    let file = documents::read(path, path.display().to_string())?;
    let stand_in = |name: &str| Some(format!("http://{name}"));
    // Only the mistakes are wanted.
    let _ = Target::read(&file, &stand_in, mistakes);
    Ok(())
}

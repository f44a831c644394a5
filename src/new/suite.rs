//! Lays out a suite of one's own.

use std::fs;
use std::path::{Path, PathBuf};

use crate::arguments::{Common, NewSuiteArguments, SuiteStyle};
use crate::context::CliContext;
use crate::documents;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;

use super::file::write;
use super::overlay;

/// A file to be laid out: its path and its text, in both of which `{{suite}}` means the suite's name.
type Template = (&'static str, &'static str);

/// What both styles have in common.
const COMMON: [Template; 7] = [
    ("suites/{{suite}}/requirements.yaml", include_str!("requirements.yaml")),
    ("scenarios/{{suite}}/notes.yaml", include_str!("scenarios.yaml")),
    ("schemas/{{suite}}/listNotes.json", include_str!("schemas/listNotes.json")),
    ("schemas/{{suite}}/removeNote.json", include_str!("schemas/removeNote.json")),
    ("schemas/{{suite}}/common/note.json", include_str!("schemas/note.json")),
    ("schemas/{{suite}}/common/error.json", include_str!("schemas/error.json")),
    ("{{suite}}-target.yaml", include_str!("target.yaml")),
];

const REST: [Template; 2] = [
    ("suites/{{suite}}/suite.yaml", include_str!("rest/suite.yaml")),
    ("suites/{{suite}}/operations.yaml", include_str!("rest/operations.yaml")),
];

const QUERY: [Template; 2] = [
    ("suites/{{suite}}/suite.yaml", include_str!("query/suite.yaml")),
    ("suites/{{suite}}/operations.yaml", include_str!("query/operations.yaml")),
];

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &NewSuiteArguments,
) -> Result<ExitCode, CliError> {
    let NewSuiteArguments { name, style, from } = command;
    let folder = &common.documents;
    let files = match from {
        None => suite_files(name, *style),
        Some(document) => {
            overlay::files(surroundings, folder, name, &in_place(document, &folder.join("suites").join(name)))?
        }
    };
    if let Some((path, _)) = files.iter().find(|(path, _)| folder.join(path).exists()) {
        let message = format!("error: {path} is there already; nothing was written");
        return Err(CliError::new(ExitCode::CouldNotRun, message));
    }
    // None of the files is there, so a suite with this name is one that assay brings.
    if documents::documents(folder)?.get(&format!("suites/{name}/suite.yaml")).is_some() {
        let message = format!("error: assay brings a suite `{name}`: choose another name");
        return Err(CliError::new(ExitCode::Usage, message));
    }
    for (path, text) in &files {
        write(&folder.join(path), text)
            .map_err(|error| CliError::could_not(&format!("{path} can't be written"), error))?;
        stdout!("{path}");
    }
    if from.is_some() {
        stdout!(
            "\nNow look at what is marked with `?`: the document says nothing of it. `assay check` finds mistakes, and"
        );
        stdout!("`assay test --suite {name} --target {name}-target.yaml` tests a deployment.");
        return Ok(ExitCode::Conforms);
    }
    stdout!(
        "\nNow replace the notes by what your API has. docs/suites.md goes through it step by step; `assay check` finds"
    );
    stdout!("mistakes on the way, and `assay test --suite {name} --target {name}-target.yaml` tests a deployment.");
    Ok(ExitCode::Conforms)
}

/// A document as a path of its suite's folder if it is there already, however it was named: then it is not copied.
fn in_place(document: &Path, own: &Path) -> PathBuf {
    let folder = document.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    match (fs::canonicalize(folder), fs::canonicalize(own), document.file_name()) {
        (Ok(there), Ok(suite), Some(name)) if there == suite => own.join(name),
        _ => document.to_owned(),
    }
}

/// The files of a new suite: paths and texts.
#[must_use]
pub fn suite_files(name: &str, style: SuiteStyle) -> Vec<(String, String)> {
    let of_style = match style {
        SuiteStyle::Rest => REST,
        SuiteStyle::Query => QUERY,
    };
    let filled = |template: &str| {
        let id = name.to_uppercase();
        let text = template.replace("{{suite}}", name).replace("{{VARIABLE}}", &id.replace('-', "_"));
        text.replace("{{ID}}", &id)
    };
    of_style.iter().chain(&COMMON).map(|(path, text)| (filled(path), filled(text))).collect()
}

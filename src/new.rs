//! `assay new`: lays out files for an API of one's own.

mod linking;
mod matching;
mod overlay;
mod profile;
mod recorded;
mod scenario;
mod secrets;
mod source;
mod steps;

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::arguments::{Common, NewCommand, NewSuiteArguments, SuiteStyle};
use super::{CliContext, CliError, ExitCode, documents};
use crate::output::stdout;

/// A file to be laid out: its path and its text, in both of which `{{suite}}` means the suite's name.
type Template = (&'static str, &'static str);

/// What both styles have in common.
const COMMON: [Template; 9] = [
    ("suites/{{suite}}/requirements.yaml", include_str!("new/requirements.yaml")),
    ("scenarios/{{suite}}/notes.yaml", include_str!("new/scenarios.yaml")),
    ("schemas/{{suite}}/listNotes.json", include_str!("new/schemas/listNotes.json")),
    ("schemas/{{suite}}/readNote.json", include_str!("new/schemas/readNote.json")),
    ("schemas/{{suite}}/createNote.json", include_str!("new/schemas/createNote.json")),
    ("schemas/{{suite}}/removeNote.json", include_str!("new/schemas/removeNote.json")),
    ("schemas/{{suite}}/common/note.json", include_str!("new/schemas/note.json")),
    ("schemas/{{suite}}/common/error.json", include_str!("new/schemas/error.json")),
    ("{{suite}}-target.yaml", include_str!("new/target.yaml")),
];

const REST: [Template; 2] = [
    ("suites/{{suite}}/suite.yaml", include_str!("new/rest/suite.yaml")),
    ("suites/{{suite}}/operations.yaml", include_str!("new/rest/operations.yaml")),
];

const QUERY: [Template; 2] = [
    ("suites/{{suite}}/suite.yaml", include_str!("new/query/suite.yaml")),
    ("suites/{{suite}}/operations.yaml", include_str!("new/query/operations.yaml")),
];

pub(super) fn run(surroundings: &CliContext<'_>, common: &Common, command: &NewCommand) -> Result<ExitCode, CliError> {
    match command {
        NewCommand::Suite(command) => suite(surroundings, common, command),
        NewCommand::Scenario(command) => scenario::run(surroundings, common, command),
        NewCommand::Profile(command) => profile::run(surroundings, common, command),
    }
}

fn suite(surroundings: &CliContext<'_>, common: &Common, command: &NewSuiteArguments) -> Result<ExitCode, CliError> {
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

/// Writes a file that is not there yet.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    OpenOptions::new().write(true).create_new(true).open(file)?.write_all(text.as_bytes())
}

/// The name of a suite is that of its folder, and is in the names of cases and requirements.
pub(super) fn suite_name(text: &str) -> Result<String, String> {
    let fits = text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    // The scenarios for every API are in a folder of this name.
    if !fits || text == "common" {
        return Err("write lower-case letters, digits and hyphens, a letter first, such as inventory".to_owned());
    }
    Ok(text.to_owned())
}

//! `assay new suite NAME --from openapi.yaml`: what is next to an `OpenAPI` document, with what it does not say marked.

use std::fmt::Write as _;
use std::path::Path;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_engine::scenario::links;
use assay_suite::{Effect, Operation, Suite};

use super::super::arguments::Common;
use super::super::{documents, openapi};

/// The files of a suite: its document, where it is not there yet, with what it refers to; and what is next to it.
pub(super) fn files(
    surroundings: &CliContext<'_>,
    folder: &Path,
    name: &str,
    document: &Path,
) -> Result<Vec<(String, String)>, CliError> {
    let common = Common { documents: folder.to_owned(), openapi: Some(document.to_owned()) };
    let library = documents::library(surroundings, &common)?;
    let suite = openapi::suite_of(document, &library).and_then(|suite| library.suites.get(&suite).cloned());
    let (Some(suite), Some(file_name)) = (suite, document.file_name().and_then(|name| name.to_str())) else {
        let message = format!("error: {} is no OpenAPI document", document.display());
        return Err(CliError::new(ExitCode::BadDocuments, message));
    };
    let mut files = vec![
        (format!("suites/{name}/suite.yaml"), format!("suite: {}\nopenapi: {}\n", quoted(name), quoted(file_name))),
        (format!("suites/{name}/operations.yaml"), operations(&suite)),
        (format!("suites/{name}/requirements.yaml"), REQUIREMENTS.replace("{{ID}}", &name.to_uppercase())),
        (format!("{name}-target.yaml"), target(name, &suite)),
    ];
    let own = folder.join("suites").join(name);
    if document.parent() != Some(own.as_path()) {
        let beside = openapi::written(document);
        let beside = beside.strip_suffix(file_name).unwrap_or_default();
        let referred = library.documents.iter().filter_map(|file| Some((file.path.strip_prefix(beside)?, &file.text)));
        files.extend(referred.map(|(path, text)| (format!("suites/{name}/{path}"), text.clone())));
    }
    Ok(files)
}

const REQUIREMENTS: &str = "\
# What the document says in prose, and a scenario in scenarios/ can decide.
requirements: {}
#  {{ID}}-001: {text: An order is delivered within a day, source: \"openapi.yaml:12\"}
";

/// What operations do that create or remove, and what others take.
fn operations(suite: &Suite) -> String {
    let mut text = "\
# What the document can't say of its operations goes before what is inferred from it. Lines with `?` need a look.
# `assay list links` shows what operations take that others give.
operations:
"
    .to_owned();
    let before = text.len();
    for operation in suite.operations.values().filter(|operation| operation.effect != Effect::Reads) {
        // Writing to a string can't fail.
        let _ = describe(&mut text, operation);
    }
    if text.len() == before { text.replace("operations:\n", "operations: {}\n") } else { text }
}

fn describe(text: &mut String, operation: &Operation) -> std::fmt::Result {
    let name = serde_json::Value::from(operation.name.value.0.as_str());
    let request = operation.request.as_ref().map(|line| format!("{} {}", line.method, line.path)).unwrap_or_default();
    writeln!(text, "  {name}:    # {request}")?;
    writeln!(text, "    effect: {}", operation.effect)?;
    match (&operation.undo, &operation.no_undo) {
        (Some(undo), _) => {
            let with: Vec<_> =
                undo.with.iter().map(|(name, value)| format!("{name}: {}", quoted(&value.value))).collect();
            writeln!(text, "    undo: {{call: {}, with: {{{}}}}}", undo.call.value, with.join(", "))
        }
        (None, Some(_)) => {
            writeln!(
                text,
                "    # ? What it creates can't be removed. Name the operation that removes it, or say why none does:"
            )?;
            writeln!(text, "    # undo: {{call: ..., with: {{id: $.id}}}}")?;
            writeln!(text, "    no_undo: the document has no operation that removes it")
        }
        (None, None) => Ok(()),
    }
}

/// A target file, with the credentials that the document asks for and the variables that no operation gives.
fn target(name: &str, suite: &Suite) -> String {
    let described = suite.described.as_deref();
    let url =
        described.and_then(|described| described.server.clone()).unwrap_or_else(|| "http://127.0.0.1:8080".to_owned());
    let parameters = suite.operations.values().flat_map(|operation| operation.parameters.values());
    let mut credentials: Vec<_> = parameters.filter_map(|parameter| parameter.credential.clone()).collect();
    credentials.sort();
    credentials.dedup();
    let mut variables: Vec<_> =
        links(suite).into_iter().filter(|link| link.given.is_empty()).map(|link| link.variable.0).collect();
    variables.sort();
    variables.dedup();
    let mut text = format!("target: {name}\nsuites:\n  {name}:\n    url: {}\n", quoted(&url));
    if !credentials.is_empty() {
        text.push_str("    credentials:\n");
    }
    for credential in credentials {
        let variable: String =
            format!("{name}_{credential}").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        text.push_str(&format!("      {}: \"${{{}}}\"\n", quoted(&credential), variable.to_uppercase()));
    }
    text.push_str("allow: [reads]    # with `creates` a run creates things, and removes them again\n");
    if !variables.is_empty() {
        text.push_str(
            "# ? No operation gives these. Without them the cases that need them are skipped:\n# variables:\n",
        );
    }
    for variable in variables {
        text.push_str(&format!("#   {variable}: ...\n"));
    }
    text
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

//! The arguments of a request: from the command line, and from files.

use std::io::{self, Read as _};
use std::path::Path;

use serde_json::Value;

use assay_suite::{RAW_BODY, Style, Suite};

use crate::arguments::{CallRequest, GivenValue};
use crate::{CliError, ExitCode, files};

/// The greatest length of a body from the standard input, in MiB.
const LONGEST_BODY: u64 = 64;

/// All arguments, the body among them.
pub(super) fn arguments(request: &CallRequest, suite: &Suite) -> Result<Vec<(String, Value)>, CliError> {
    let mut arguments = Vec::new();
    for argument in &request.arguments {
        let value = match &argument.value {
            GivenValue::Literal(value) => value.clone(),
            GivenValue::TextOf(file) => text_of(file)?.into(),
            GivenValue::JsonOf(file) => json_of(file, &text_of(file)?)?,
        };
        arguments.push((argument.name.clone(), value));
    }
    if let Some(file) = &request.body {
        let text = if file.as_os_str() == "-" { from_stdin()? } else { text_of(file)? };
        match &suite.style {
            Style::Rest => arguments.push((RAW_BODY.to_owned(), text.into())),
            Style::Query { .. } => arguments.extend(fields_of(file, &text)?),
        }
    }
    Ok(arguments)
}

fn text_of(file: &Path) -> Result<String, CliError> {
    let bytes = files::read(file).map_err(|error| unread(file, error))?;
    String::from_utf8(bytes).map_err(|_| unread(file, "it is not text in UTF-8"))
}

fn from_stdin() -> Result<String, CliError> {
    let (mut bytes, longest) = (Vec::new(), LONGEST_BODY << 20);
    let read = io::stdin().lock().take(longest + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::could_not("the standard input can't be read", error))?;
    if bytes.len() as u64 > longest {
        return Err(CliError::could_not("the body can't be sent", format!("it is longer than {LONGEST_BODY} MiB")));
    }
    String::from_utf8(bytes).map_err(|_| CliError::could_not("the body can't be sent", "it is not text in UTF-8"))
}

fn json_of(file: &Path, text: &str) -> Result<Value, CliError> {
    // A message of the reader has a place, and nothing of what is there.
    serde_json::from_str(text).map_err(|error| unread(file, format!("it is not JSON: {error}")))
}

fn fields_of(file: &Path, text: &str) -> Result<Vec<(String, Value)>, CliError> {
    match json_of(file, text)? {
        Value::Object(fields) => Ok(fields.into_iter().collect()),
        _ => Err(CliError::new(
            ExitCode::Usage,
            "error: an API without bodies takes a JSON object as --body, whose fields are arguments",
        )),
    }
}

fn unread(file: &Path, why: impl std::fmt::Display) -> CliError {
    CliError::could_not(&format!("{} can't be read", file.display()), why)
}

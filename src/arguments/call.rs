//! What `call` and `doctor` take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value::{Encoding, duration};

/// What `call` takes.
#[derive(Debug, Args)]
#[command(disable_help_flag = true)]
pub struct CallArguments {
    /// The suite
    #[arg(required_unless_present = "help")]
    pub suite: Option<String>,
    /// What to ask for.
    #[command(flatten)]
    pub request: CallRequest,
    /// The deployment: `reference` for the embedded reference cloud, a target file, or one that assay.yaml names
    #[arg(long, value_name = "reference|FILE|NAME", default_value = "reference")]
    pub target: String,
}

/// What `call` asks for, and a line of `shell`.
#[derive(Debug, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub struct CallRequest {
    /// The operation
    #[arg(required_unless_present = "help")]
    pub operation: Option<String>,
    /// Arguments: NAME=TEXT, NAME=@FILE for the text of a file, or NAME:=JSON for a number, a truth value, null, a list or an
    /// object; NAME:=@FILE for a file of JSON
    #[arg(value_name = "NAME=VALUE", value_parser = argument)]
    pub arguments: Vec<CallArgument>,
    /// The body, from this file, or from the standard input (`-`). An API without bodies takes a JSON object, whose fields are
    /// arguments
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
    /// Ask as this account of the target
    #[arg(long = "as", value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// The format of the answer: the first that the suite has when nothing is said
    #[arg(long, value_enum)]
    pub format: Option<Encoding>,
    /// How to show the answer
    #[arg(long, value_enum)]
    pub output: Option<CallOutput>,
    /// Show these fields of each item, one column each: id,name,nic
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub columns: Vec<String>,
    /// Show the items for which this holds, such as "@.state == 'Running'", or what is at a path (RFC 9535), which begins with $
    #[arg(long, value_name = "CONDITION|JSONPATH")]
    pub filter: Option<String>,
    /// Fetch all pages of a list, by the paging of its document
    #[arg(long)]
    pub all: bool,
    /// Wait until the job that the request starts has ended, and show what came of it
    #[arg(long, value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "10m", value_parser = duration)]
    pub wait: Option<std::time::Duration>,
    /// Send the arguments in the body of a POST
    #[arg(long)]
    pub post: bool,
    /// Show every step from the request to its signature, on standard error
    #[arg(long)]
    pub explain: bool,
    /// Hide secrets in the answer: passwords, keys, tokens
    #[arg(long)]
    pub hide_secrets: bool,
    /// Show the parameters of the operation, their types and values, and the chapter that describes it; without an operation,
    /// the operations of the suite; without a suite, this text
    #[arg(short, long)]
    pub help: bool,
}

/// What `shell` takes.
#[derive(Debug, Args)]
pub struct ShellArguments {
    /// The suite whose operations are called
    #[arg(long, value_name = "SUITE")]
    pub suite: String,
    /// The deployment: `reference` for the embedded reference cloud, a target file, or one that assay.yaml names
    #[arg(long, value_name = "reference|FILE|NAME", default_value = "reference")]
    pub target: String,
    /// Ask as this account of the target, where a line does not say otherwise
    #[arg(long = "as", value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// How to show answers, where a line does not say otherwise
    #[arg(long, value_enum)]
    pub output: Option<CallOutput>,
}

/// An argument of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct CallArgument {
    /// The name of the parameter.
    pub name: String,
    /// Where its value comes from.
    pub value: GivenValue,
}

/// Where the value of an argument comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum GivenValue {
    /// From the command line.
    Literal(serde_json::Value),
    /// The text of a file.
    TextOf(PathBuf),
    /// The JSON of a file.
    JsonOf(PathBuf),
}

/// What `doctor` takes.
#[derive(Debug, Args)]
pub struct DoctorArguments {
    /// Ask each suite of this deployment once, and compare the clocks: `reference`, or a target file
    #[arg(long, value_name = "reference|FILE")]
    pub target: Option<String>,
    /// The folder that runs will write to
    #[arg(long, value_name = "DIR", default_value = "reports/latest")]
    pub output: PathBuf,
}

/// How `call` shows an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CallOutput {
    /// As it came; JSON with line breaks.
    Body,
    /// The items of a list, one line each.
    Table,
    /// The same for a spreadsheet.
    Csv,
    /// The items of a list, or the object, as JSON.
    Json,
    /// The same as YAML.
    Yaml,
}

fn argument(text: &str) -> Result<CallArgument, String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as id=4")?;
    let (name, value) = match (name.strip_suffix(':'), value.strip_prefix('@')) {
        (Some(name), Some(file)) => (name, GivenValue::JsonOf(file.into())),
        (None, Some(file)) => (name, GivenValue::TextOf(file.into())),
        (Some(name), None) => {
            let value = serde_json::from_str(value);
            let value = value.map_err(|error| format!("after := comes JSON, such as count:=4: {error}"))?;
            (name, GivenValue::Literal(value))
        }
        (None, None) => (name, GivenValue::Literal(value.into())),
    };
    Ok(CallArgument { name: name.to_owned(), value })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_argument_is_text_json_or_a_file() {
        let value = |text: &str| argument(text).unwrap().value;
        assert_eq!(value("a=4"), GivenValue::Literal(json!("4")));
        assert_eq!(value("a:=4"), GivenValue::Literal(json!(4)));
        assert_eq!(value("a=b=@c"), GivenValue::Literal(json!("b=@c")));
        assert_eq!(value("a=@notes.txt"), GivenValue::TextOf("notes.txt".into()));
        assert_eq!(value("a:=@body.json"), GivenValue::JsonOf("body.json".into()));
        assert_eq!(value(r#"a:="@home""#), GivenValue::Literal(json!("@home")));
        assert!(argument("a").is_err() && argument("a:=b").is_err());
    }
}

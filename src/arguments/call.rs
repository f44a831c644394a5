//! What `call` and `doctor` take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value::{Encoding, duration};

/// What `call` takes.
#[derive(Debug, Args)]
pub struct CallArguments {
    /// The suite
    pub suite: String,
    /// The operation
    pub operation: String,
    /// Arguments: NAME=TEXT, or NAME:=JSON for a number, a truth value, null, a list or an object
    #[arg(value_name = "NAME=VALUE", value_parser = pair)]
    pub arguments: Vec<(String, serde_json::Value)>,
    /// The deployment: `reference` for the embedded reference cloud, or a target file
    #[arg(long, value_name = "reference|FILE", default_value = "reference")]
    pub target: String,
    /// Ask as this account of the target
    #[arg(long = "as", value_name = "ACCOUNT")]
    pub account: Option<String>,
    /// The format of the answer: the first that the suite has when nothing is said
    #[arg(long, value_enum)]
    pub format: Option<Encoding>,
    /// How to show the answer
    #[arg(long, value_enum, default_value = "body")]
    pub output: CallOutput,
    /// Show these fields of each item, one column each: id,name,nic
    #[arg(long, value_name = "FIELD", value_delimiter = ',')]
    pub columns: Vec<String>,
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
}

fn pair(text: &str) -> Result<(String, serde_json::Value), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as id=4")?;
    match name.strip_suffix(':') {
        Some(name) => {
            let value = serde_json::from_str(value);
            let value = value.map_err(|error| format!("after := comes JSON, such as count:=4: {error}"))?;
            Ok((name.to_owned(), value))
        }
        None => Ok((name.to_owned(), value.into())),
    }
}

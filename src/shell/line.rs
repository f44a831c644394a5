//! A line of the shell.

use clap::Parser;

use crate::arguments::CallRequest;

/// A line that asks for something, as the command line of `call` would.
#[derive(Debug, Parser)]
#[command(name = "shell", no_binary_name = true, disable_help_flag = true)]
pub(super) struct Line {
    #[command(flatten)]
    pub request: CallRequest,
}

//! Why a command can't be carried out.

use crate::exit_code::ExitCode;
use assay_suite::source::{Diagnostics, Paint};

/// Why a command can't be carried out: the message, and the exit code.
#[derive(Debug)]
pub struct CliError {
    pub(crate) message: String,
    pub(crate) code: ExitCode,
    pub(crate) text: Text,
}

/// What a message is made of.
#[derive(Debug)]
pub(crate) enum Text {
    /// Words of anybody, a server included: nothing in them may steer a terminal.
    Plain,
    /// Mistakes in documents, which may be coloured.
    Painted,
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl CliError {
    pub(crate) fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { message: message.into(), code, text: Text::Plain }
    }

    /// Mistakes in documents, all of them.
    pub(crate) fn mistakes(mistakes: &Diagnostics, paint: Paint) -> Self {
        Self { message: mistakes.render(paint), code: ExitCode::BadDocuments, text: Text::Painted }
    }

    /// A mistake that was shown at its place, which may be coloured.
    pub(crate) fn painted(code: ExitCode, message: String) -> Self {
        Self { message, code, text: Text::Painted }
    }

    /// What to do about it, in the next line.
    pub(crate) fn with_help(mut self, help: &str) -> Self {
        self.message = format!("{}\n  help: {help}", self.message);
        self
    }

    pub(crate) fn could_not(what: &str, error: impl std::fmt::Display) -> Self {
        Self::new(ExitCode::CouldNotRun, format!("error: {what}: {error}"))
    }
}

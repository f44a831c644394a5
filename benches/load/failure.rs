//! Why a bench could not be run.

use std::fmt::Display;
use std::io;
use std::path::Path;

/// Why a bench could not be run. A bound that is missed is no failure of the bench.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A program is not there.
    #[error("{program} can't be started: {why}. {remedy}")]
    NotStarted {
        /// Which.
        program: String,
        /// What the system says.
        why: io::Error,
        /// What to do.
        remedy: &'static str,
    },
    /// A program ended otherwise than it should.
    #[error("{program} ended with {status}; it says: {said}")]
    Ended {
        /// Which.
        program: String,
        /// How.
        status: String,
        /// The end of what it wrote.
        said: String,
    },
    /// A program went on for too long, and was ended.
    #[error("{0} was still running long after it should have ended")]
    Endless(String),
    /// What a program wrote is not understood.
    #[error("{what} is not understood: {why}")]
    NotUnderstood {
        /// What was read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// A file or a socket.
    #[error("{what}: {why}")]
    System {
        /// What was tried.
        what: String,
        /// What the system says.
        why: io::Error,
    },
}

impl Failure {
    /// What was read is not understood.
    #[allow(clippy::needless_pass_by_value, reason = "what is shown is not needed any more")]
    pub fn not_understood(what: impl Into<String>, why: impl Display) -> Self {
        let why = format!("{why}");
        Self::NotUnderstood { what: what.into(), why }
    }

    /// Something that was tried with a file.
    pub fn file(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |why| Self::System { what: path.display().to_string(), why }
    }

    /// Something else that was tried.
    pub fn system(what: &str) -> impl FnOnce(io::Error) -> Self + '_ {
        move |why| Self::System { what: what.to_owned(), why }
    }
}

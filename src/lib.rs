//! The command line. Files are opened, the environment is read and exit codes are chosen here, and nowhere else.

mod arguments;
mod baseline;
mod call;
mod certify;
mod check;
mod compare;
mod coverage;
mod credentials;
mod discover;
mod doctor;
mod documents;
mod exit_code;
mod explore;
mod files;
mod gates;
mod history;
mod lasting;
mod list;
mod load;
mod new;
mod openapi;
mod output;
mod progress;
mod record;
mod report;
mod rerun;
mod runtime;
mod serve;
mod settings;
mod shard;
mod target;
mod target_init;
mod test;
mod undo;
mod unfinished;

use std::ffi::OsString;

use clap::FromArgMatches;

use crate::output::{Sink, stderr};
use assay_suite::source::{Diagnostics, Paint, harmless};

pub use arguments::{Arguments, SuiteStyle};
pub use exit_code::ExitCode;
pub use new::suite_files;
pub use target::target_file;
pub use test::conformance_trials;

use arguments::{Command, command};

/// What the program is started with.
pub struct CliContext<'a> {
    /// The arguments, the program's name first.
    pub arguments: Vec<OsString>,
    /// Looks up an environment variable.
    pub environment: &'a dyn Fn(&str) -> Option<String>,
    /// Whether a person sees the standard output.
    pub terminal: bool,
}

impl CliContext<'_> {
    /// Whether text may be coloured (see no-color.org).
    fn paint(&self) -> Paint {
        let plain = (self.environment)("NO_COLOR").is_some_and(|value| !value.is_empty());
        if self.terminal && !plain { Paint::Colour } else { Paint::Plain }
    }
}

/// Why a command can't be carried out: the message, and the exit code.
#[derive(Debug)]
pub struct CliError {
    message: String,
    code: ExitCode,
    text: Text,
}

/// What a message is made of.
#[derive(Debug)]
enum Text {
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
    fn new(code: ExitCode, message: impl Into<String>) -> Self {
        Self { message: message.into(), code, text: Text::Plain }
    }

    /// Mistakes in documents, all of them.
    fn mistakes(mistakes: &Diagnostics, paint: Paint) -> Self {
        Self { message: mistakes.render(paint), code: ExitCode::BadDocuments, text: Text::Painted }
    }

    /// A mistake that was shown at its place, which may be coloured.
    fn painted(code: ExitCode, message: String) -> Self {
        Self { message, code, text: Text::Painted }
    }

    fn could_not(what: &str, error: impl std::fmt::Display) -> Self {
        Self::new(ExitCode::CouldNotRun, format!("error: {what}: {error}"))
    }
}

/// Runs the program.
pub fn run(surroundings: &CliContext<'_>) -> ExitCode {
    let matches = command().try_get_matches_from(&surroundings.arguments);
    let parsed = matches.and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (mut arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            let code = if error.use_stderr() { ExitCode::Usage } else { ExitCode::Conforms };
            // A closed pipe has no reader.
            let _ = error.print();
            return code;
        }
    };
    let done = settings::apply(surroundings, &matches, &mut arguments);
    let done = done.and_then(|()| report::check_stdout(arguments.command.reports()));
    let done = done.and_then(|()| carry_out(surroundings, arguments));
    let code = done.unwrap_or_else(|refusal| {
        match refusal.text {
            Text::Plain => stderr!("{}", harmless::lines(&refusal.message)),
            Text::Painted => stderr!("{}", refusal.message),
        }
        refusal.code
    });
    if code == ExitCode::Conforms && output::was_lost() {
        stderr!("error: the standard output could not be written");
        return ExitCode::CouldNotRun;
    }
    code
}

fn carry_out(surroundings: &CliContext<'_>, arguments: Arguments) -> Result<ExitCode, CliError> {
    match arguments.command {
        Command::Test(command) => test::run(surroundings, &arguments.common, command),
        Command::Explore(command) => explore::run(surroundings, &arguments.common, &command),
        Command::Load(command) => load::run(surroundings, &arguments.common, &command),
        Command::Compare(command) => compare::run(surroundings, &command),
        Command::Serve(command) => serve::run(&arguments.common, surroundings, &command),
        Command::History(command) => history::run(&command),
        Command::Certify(command) => certify::certify(surroundings, &command),
        Command::Verify(command) => certify::verify(surroundings, &arguments.common, &command),
        Command::Badge(command) => certify::make_badge(&command),
        Command::Undo(command) => undo::run(surroundings, &arguments.common, &command),
        Command::Report(command) => report::run(surroundings, &command),
        Command::List(command) => list::run(surroundings, &arguments.common, &command),
        Command::Coverage(command) => coverage::run(surroundings, &arguments.common, &command),
        Command::Check(command) => check::run(surroundings, &arguments.common, &command),
        Command::Discover(command) => discover::run(surroundings, &arguments.common, &command),
        Command::Call(command) => call::run(surroundings, &arguments.common, &command),
        Command::Target(command) => target_init::run(surroundings, &arguments.common, &command),
        Command::New(command) => new::run(surroundings, &arguments.common, &command),
        Command::Doctor(command) => doctor::run(surroundings, &arguments.common, &command),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command(), "assay", &mut script);
            Sink::Out.write(&script);
            Ok(ExitCode::Conforms)
        }
        Command::Man => man(),
    }
}

fn man() -> Result<ExitCode, CliError> {
    let page = clap_mangen::Man::new(command());
    page.render(&mut output::Results).map_err(|error| CliError::could_not("the manual can't be written", error))?;
    Ok(ExitCode::Conforms)
}

//! From the command line to the command, and to the exit code.

use clap::FromArgMatches;

use crate::arguments::{Arguments, Command, command};
use crate::context::CliContext;
use crate::error::{CliError, Text};
use crate::exit_code::ExitCode;
use crate::output::{self, Sink, stderr};
use crate::report::output::check_stdout;
use crate::{
    call, certify, check, compare, coverage, discover, doctor, explore, history, list, load, new, report, serve,
    settings, shell, target_init, test, undo,
};
use assay_suite::source::harmless;

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
    let done = done.and_then(|()| check_stdout(arguments.command.reports()));
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
        Command::Shell(command) => shell::run(surroundings, &arguments.common, &command),
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

//! `assay shell`: requests by hand, one a line.

mod complete;
mod history;
mod line;
mod live;
mod words;

use std::cell::RefCell;
use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::Path;
use std::rc::Rc;

use clap::Parser;
use rustyline::Editor;
use rustyline::config::{CompletionType, Config};
use rustyline::error::ReadlineError;
use rustyline::history::MemHistory;
use tokio::runtime::Runtime;

use assay_engine::deployment::is_secret_argument;
use assay_engine::verdict::Discovery;
use assay_reference::Settings;
use assay_suite::source::harmless;

use super::arguments::{CallRequest, Common, ShellArguments};
use super::call::{self, Caller};
use super::runtime::runtime;
use super::{CliContext, CliError, ExitCode, discover, documents, target};
use crate::output::{Sink, stderr, stdout};

use complete::{Completion, Operations};
use history::HistoryFile;
use line::Line;
use live::LiveValues;

/// A longer line of a script is none, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

const COMMANDS: &str = "\
OPERATION NAME=VALUE ...  asks for it; --output, --columns, --filter, --all, --wait and the other options of `assay call` go
                          with it
sync                      asks which operations the deployment has; from then on these are completed
help OPERATION            shows what it takes, and the chapter that describes it
help                      shows this
exit, or Ctrl-D           leaves
";

/// What a line wants.
#[derive(Debug)]
enum Entered {
    Nothing,
    Exit,
    /// Help on an operation, or on all.
    Help(Option<String>),
    /// What the deployment has.
    Sync,
    Call(Box<CallRequest>),
}

pub(super) fn run(
    surroundings: &CliContext<'_>,
    common: &Common,
    command: &ShellArguments,
) -> Result<ExitCode, CliError> {
    let library = documents::library(surroundings, common)?;
    let runtime = runtime()?;
    let opened = runtime.block_on(target::open(surroundings, &library, &command.target, Settings::default()))?;
    let suite = target::suite_of(&opened.target, &library, &command.suite)?;
    let caller = Caller::new(surroundings, &library, &opened.target, suite);
    let documented = suite.operations.keys().map(|name| name.0.clone()).collect();
    let shell = Shell { caller: &caller, runtime: &runtime, command, operations: Rc::new(RefCell::new(documented)) };
    if surroundings.terminal && io::stdin().is_terminal() {
        shell.talk(HistoryFile::of(surroundings.environment))
    } else {
        shell.read_script()
    }
}

struct Shell<'a> {
    caller: &'a Caller<'a>,
    runtime: &'a Runtime,
    command: &'a ShellArguments,
    /// Those that are completed.
    operations: Operations,
}

/// What goes on after a line.
#[derive(Debug, PartialEq, Eq)]
enum After {
    More(ExitCode),
    Over,
}

impl Shell<'_> {
    /// Reads lines from a person.
    fn talk(&self, mut kept: HistoryFile) -> Result<ExitCode, CliError> {
        let cannot = |error| CliError::could_not("no line can be read", error);
        let config = Config::builder().completion_type(CompletionType::List).auto_add_history(false);
        let config = config.max_history_size(history::MOST_LINES).map_err(cannot)?.build();
        let lines = MemHistory::with_config(&config);
        let mut editor: Editor<Completion<'_>, MemHistory> = Editor::with_history(config, lines).map_err(cannot)?;
        let live = LiveValues::new(self.caller, self.runtime, self.command.account.as_deref());
        editor.set_helper(Some(Completion::new(
            self.caller.suite,
            Rc::clone(&self.operations),
            self.caller.accounts(),
            live,
        )));
        for line in kept.read() {
            editor.add_history_entry(line).map_err(cannot)?;
        }
        let place = format!("{}@{}", self.command.suite, self.caller.target_name());
        let prompt = format!("{}> ", harmless::line(&place));
        loop {
            let line = match editor.readline(prompt.as_str()) {
                Ok(line) => line,
                // Ctrl-C gives up the line and nothing else.
                Err(ReadlineError::Interrupted) => continue,
                Err(ReadlineError::Eof) => return Ok(ExitCode::Conforms),
                Err(error) => return Err(cannot(error)),
            };
            editor.add_history_entry(line.as_str()).map_err(cannot)?;
            let entered = self.parse(&line);
            if entered.as_ref().is_ok_and(|entered| self.may_be_kept(&line, entered)) {
                kept.add(line.trim());
            }
            let done = entered.and_then(|entered| match entered {
                Entered::Call(request) => self.runtime.block_on(until_interrupted(self.caller.call(&request))),
                Entered::Sync => self.runtime.block_on(until_interrupted(self.sync())),
                entered => self.do_locally(&entered),
            });
            if let Some(helper) = editor.helper() {
                helper.forget();
            }
            if after_reporting(done) == After::Over {
                return Ok(ExitCode::Conforms);
            }
        }
    }

    /// Reads lines from a file or a pipe. All are carried out; the exit code is that of the first that did not go well.
    fn read_script(&self) -> Result<ExitCode, CliError> {
        let (mut input, mut code) = (io::stdin().lock(), ExitCode::Conforms);
        loop {
            let mut line = Vec::new();
            let read = input.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line);
            match read.map_err(|error| CliError::could_not("no line can be read", error))? {
                0 => return Ok(code),
                length if length as u64 == LONGEST_LINE => {
                    return Err(CliError::could_not("a line can't be read", "it is longer than 1 MiB"));
                }
                _ => {}
            }
            let done = self.parse(&String::from_utf8_lossy(&line)).and_then(|entered| match entered {
                Entered::Call(request) => self.runtime.block_on(self.caller.call(&request)).map(After::More),
                Entered::Sync => self.runtime.block_on(self.sync()).map(After::More),
                entered => self.do_locally(&entered),
            });
            match after_reporting(done) {
                After::Over => return Ok(code),
                After::More(next) if code == ExitCode::Conforms => code = next,
                After::More(_) => {}
            }
        }
    }

    fn parse(&self, line: &str) -> Result<Entered, CliError> {
        let usage = |message: String| CliError::new(ExitCode::Usage, message);
        let words = words::split(line).map_err(|unclosed| usage(format!("error: {unclosed}")))?;
        match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            [] => return Ok(Entered::Nothing),
            ["exit" | "quit"] => return Ok(Entered::Exit),
            ["sync"] => return Ok(Entered::Sync),
            ["help" | "?"] => return Ok(Entered::Help(None)),
            ["help" | "?", operation] => return Ok(Entered::Help(Some((*operation).to_owned()))),
            _ => {}
        }
        let parsed = Line::try_parse_from(&words).map_err(|error| usage(error.to_string().trim_end().to_owned()))?;
        let mut request = parsed.request;
        if request.help {
            return Ok(Entered::Help(request.operation));
        }
        if request.body.as_deref() == Some(Path::new("-")) {
            return Err(usage("error: lines are read from the standard input: give --body a file".to_owned()));
        }
        request.account = request.account.or_else(|| self.command.account.clone());
        request.output = request.output.or(self.command.output);
        Ok(Entered::Call(Box::new(request)))
    }

    fn do_locally(&self, entered: &Entered) -> Result<After, CliError> {
        let text = match entered {
            Entered::Exit => return Ok(After::Over),
            Entered::Help(Some(operation)) => call::of_operation(self.caller.suite, operation)?,
            Entered::Help(None) => format!("{}\n{COMMANDS}", call::of_suite(self.caller.suite)),
            Entered::Nothing | Entered::Sync | Entered::Call(_) => String::new(),
        };
        Sink::Out.write(text.as_bytes());
        Ok(After::More(ExitCode::Conforms))
    }

    /// Asks which operations the deployment has: from then on these are completed.
    async fn sync(&self) -> Result<ExitCode, CliError> {
        let caller = self.caller;
        let Discovery { offered, lacking, undocumented, .. } =
            discover::ask(caller.target, caller.library, caller.suite).await?;
        let documented = caller.suite.operations.keys().map(|name| &name.0);
        let there = documented.filter(|name| !lacking.contains(name)).chain(&undocumented).cloned();
        *self.operations.borrow_mut() = there.collect();
        let (lacking, undocumented) = (lacking.len(), undocumented.len());
        stdout!(
            "{offered} operations are there; {undocumented} of them are not documented, {lacking} documented ones are not there"
        );
        Ok(ExitCode::Conforms)
    }

    /// Whether a line may be in a file: it holds no secret, by its names and by the target's keys.
    fn may_be_kept(&self, line: &str, entered: &Entered) -> bool {
        let names_secret = |request: &CallRequest| {
            let operation = request.operation.as_deref().unwrap_or_default();
            let is_secret = |name: &str| {
                let documented = self.caller.suite.operations.get(operation);
                let documented = documented.and_then(|operation| operation.parameters.get(name));
                documented.is_some_and(|parameter| parameter.secret || parameter.credential.is_some())
                    || is_secret_argument(self.caller.suite, operation, name)
            };
            request.arguments.iter().any(|argument| is_secret(&argument.name))
        };
        let of_call = match entered {
            Entered::Nothing => return false,
            Entered::Call(request) => names_secret(request),
            Entered::Exit | Entered::Help(_) | Entered::Sync => false,
        };
        !of_call && self.caller.redactor.text(line) == line
    }
}

/// Ctrl-C ends the waiting for an answer, and not the shell.
async fn until_interrupted(line: impl Future<Output = Result<ExitCode, CliError>>) -> Result<After, CliError> {
    tokio::select! {
        done = line => done.map(After::More),
        _ = tokio::signal::ctrl_c() => {
            Err(CliError::new(ExitCode::Interrupted, "interrupted: the request may have been carried out"))
        }
    }
}

/// What comes after a line. What went wrong with it is reported; the next may go well.
fn after_reporting(done: Result<After, CliError>) -> After {
    done.unwrap_or_else(|error| {
        stderr!("{}", harmless::lines(&error.message));
        After::More(error.code)
    })
}

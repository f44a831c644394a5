//! The program: arguments, environment and terminal come in here, and nowhere else.

use std::io::IsTerminal;
use std::process::ExitCode;

use assay::{CliContext, run};

fn main() -> ExitCode {
    let surroundings = CliContext {
        arguments: std::env::args_os().collect(),
        environment: &|name| std::env::var(name).ok(),
        terminal: std::io::stdout().is_terminal(),
    };
    run(&surroundings).into()
}

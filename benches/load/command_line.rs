//! What the bench's program is asked to do: a bench, or the part of a child process of one.

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use crate::bench::{Bench, Length, Place};
use crate::hold::Kind;
use crate::table::Verdict;
use crate::{goose_load, server};

/// A bound was missed, or a bench could not be run.
const MISSED: u8 = 1;
/// It was not understood what to do.
const USAGE: u8 = 2;

/// Does what the arguments say.
pub fn run() -> ExitCode {
    // Cargo adds `--bench` to the arguments of every bench.
    let arguments: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments[..] {
        ["serve", kind, stamps] => match Kind::parse(kind) {
            Some(kind) => server::serve(kind, Path::new(stamps)).map_err(Into::into),
            None => return usage(USAGE),
        },
        ["spin"] => {
            spin();
            Ok(())
        }
        ["goose", url, users, seconds] => goose_load::run(url, users, None, seconds),
        ["goose", url, users, seconds, rate] => goose_load::run(url, users, Some(rate), seconds),
        [name] => return bench(name, Length::Short),
        [name, "--long"] => return bench(name, Length::Long),
        [] => return usage(0),
        _ => return usage(USAGE),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&*error),
    }
}

fn bench(name: &str, length: Length) -> ExitCode {
    let Some((_, _, bench)) = Bench::ALL.iter().find(|(known, _, _)| *known == name) else { return usage(USAGE) };
    match Place::new(name).and_then(|place| bench.run(&place, length)) {
        Ok(Verdict::Kept) => ExitCode::SUCCESS,
        Ok(Verdict::Missed) => ExitCode::from(MISSED),
        Err(failure) => failed(&failure),
    }
}

/// Takes a core for itself until its standard input ends: so a generator is made late.
fn spin() {
    let waiting = std::thread::spawn(|| std::io::stdin().read_to_end(&mut Vec::new()));
    while !waiting.is_finished() {
        std::hint::spin_loop();
    }
}

fn failed(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(MISSED)
}

fn usage(code: u8) -> ExitCode {
    println!("just bench NAME [--long]\n");
    Bench::ALL.iter().for_each(|(name, shows, _)| println!("  {name:<9} {shows}"));
    ExitCode::from(code)
}

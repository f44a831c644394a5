//! Credentials that are had before a target is asked: from a file, a command, or a server.

use std::io::Read as _;
use std::process::{Command, Stdio};

use assay_engine::deployment::{CredentialSource, Prepared, Target, Wanted};
use assay_suite::source::{Diagnostic, Paint};

use super::target::send;
use super::{CliError, ExitCode};

/// So many bytes may a credential have.
const LONGEST: u64 = 64 << 10;

/// The target with the credentials that it wants.
pub(super) async fn obtained(mut target: Target) -> Result<Target, CliError> {
    for wanted in std::mem::take(&mut target.wanted) {
        let text = match &wanted.source {
            CredentialSource::File(path) => of_file(path),
            CredentialSource::Command(words) => of_command(words),
            CredentialSource::Request(request) => match Prepared::plain(request.request()) {
                Ok(prepared) => request.token(&send(&target, prepared).await?),
                Err(error) => Err(error.to_string()),
            },
        };
        let text = text.and_then(|text| usable(&text)).map_err(|why| refusal(&wanted, &why))?;
        target.obtain(&wanted, &text);
    }
    Ok(target)
}

fn refusal(wanted: &Wanted, why: &str) -> CliError {
    let mistake = Diagnostic::error(&wanted.place, format!("credential `{}` can't be had: {why}", wanted.name));
    let mistake = mistake.help("see that what is written here gives it, outside of assay");
    CliError::new(ExitCode::CouldNotRun, mistake.render(Paint::Plain))
}

fn of_file(path: &str) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("{path} can't be read: {error}"))?;
    read(file).map_err(|error| format!("{path} can't be read: {error}"))
}

/// What a command prints. What it complains of is shown as it comes.
fn of_command(words: &[String]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("the command names no program")?;
    let failed = |error: std::io::Error| format!("{program} can't be run: {error}");
    let mut child =
        Command::new(program).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let text = child.stdout.take().map(read).transpose().map_err(failed)?.unwrap_or_default();
    let status = child.wait().map_err(failed)?;
    if status.success() { Ok(text) } else { Err(format!("{program} ended with {status}")) }
}

fn read(from: impl std::io::Read) -> std::io::Result<String> {
    let mut text = String::new();
    from.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

/// A credential without the line break at its end; one with others inside no request can carry.
fn usable(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches(['\r', '\n']);
    match text {
        "" => Err("it is empty".to_owned()),
        text if text.contains(char::is_control) => Err("it has a line break or a control character".to_owned()),
        text => Ok(text.to_owned()),
    }
}

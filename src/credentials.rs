//! Credentials that are had before a target is asked: from a file, a command, or a server.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stderr;
use crate::request::send;
use assay_engine::deployment::{CredentialSource, Obtained, Prepared, Target, Wanted};
use assay_suite::source::{Diagnostic, Paint};

/// So many bytes may a credential have.
const LONGEST: u64 = 64 << 10;
/// A server that gives credentials is not asked more often than this.
const SHORTEST_PAUSE: Duration = Duration::from_millis(500);

/// The target with the credentials that it wants. Those that don't last are had anew as long as the tasks are kept.
pub(super) async fn obtained(mut target: Target) -> Result<(Arc<Target>, JoinSet<()>), CliError> {
    let mut passing = Vec::new();
    for wanted in std::mem::take(&mut target.wanted) {
        let obtained = had(&target, &wanted).await.map_err(|why| refusal(&wanted, &why))?;
        target.obtain(&wanted, &obtained);
        passing.extend(wanted.lifetime(&obtained).map(|lifetime| (wanted, lifetime)));
    }
    let (target, mut renewals) = (Arc::new(target), JoinSet::new());
    for (wanted, lifetime) in passing {
        renewals.spawn(renew(Arc::clone(&target), wanted, lifetime));
    }
    Ok((target, renewals))
}

/// Has a credential anew, each time before its time is over.
async fn renew(target: Arc<Target>, wanted: Wanted, mut lifetime: Duration) {
    let mut left = lifetime;
    loop {
        let pause = (left * 3 / 4).max(SHORTEST_PAUSE);
        tokio::time::sleep(pause).await;
        match had(&target, &wanted).await {
            Ok(obtained) => {
                target.renew(&wanted, &obtained);
                lifetime = wanted.lifetime(&obtained).unwrap_or(lifetime);
                left = lifetime;
            }
            Err(why) => {
                left = left.saturating_sub(pause);
                stderr!("warning: credential `{}` can't be had anew, and is used as it is: {why}", wanted.name);
            }
        }
    }
}

async fn had(target: &Target, wanted: &Wanted) -> Result<Obtained, String> {
    let lasting = |text| Obtained { text, lasts: None };
    let obtained = match &wanted.source {
        CredentialSource::File(path) => of_file(path).map(lasting)?,
        CredentialSource::Command(words) => {
            let words = words.clone();
            let printed = tokio::task::spawn_blocking(move || of_command(&words)).await;
            lasting(printed.map_err(|error| error.to_string())??)
        }
        CredentialSource::Request(request) => {
            let prepared = Prepared::plain(request.request()).map_err(|error| error.to_string())?;
            let answer = send(target, prepared).await.map_err(|error| error.to_string())?;
            request.token(&answer)?
        }
    };
    Ok(Obtained { text: usable(&obtained.text)?, ..obtained })
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

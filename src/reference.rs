//! The embedded reference cloud, and the target file that leads to it.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crate::arguments::duration;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use assay_reference::{Cloud, Credentials, Demonstration, Fault, Latency, RunningCloud, Settings};
use assay_suite::Suite;

/// Starts the reference cloud for these suites.
pub(crate) async fn start(suites: Vec<Arc<Suite>>, settings: Settings) -> Result<RunningCloud, CliError> {
    Cloud::start(settings, suites).await.map_err(|error| CliError::could_not("the reference cloud can't start", error))
}

/// The faults with these names.
pub(crate) fn faults(names: &[String]) -> Result<Vec<Fault>, CliError> {
    let fault = |name: &String| {
        Fault::from_name(name).map_err(|_| {
            let known: Vec<_> = Fault::all().iter().map(|fault| fault.name()).collect();
            let near = assay_suite::source::closest(name, known);
            let help = near.map_or("`assay list faults` shows them".to_owned(), |near| format!("did you mean {near}?"));
            CliError::new(ExitCode::Usage, format!("error: there is no fault `{name}`: {help}"))
        })
    };
    names.iter().map(fault).collect()
}

/// A target file for the reference cloud: everything it holds is for demonstration, so it may do anything.
pub fn target_file(name: &str, demonstration: &Demonstration) -> String {
    let mut text =
        format!("# Written by assay serve. The keys are for demonstration and of no use elsewhere.\ntarget: {name}\n");
    // Writing to a string can't fail.
    let _ = write_target(&mut text, demonstration);
    text
}

fn write_target(text: &mut String, demonstration: &Demonstration) -> std::fmt::Result {
    writeln!(text, "suites:")?;
    for service in &demonstration.services {
        writeln!(text, "  {}:", service.suite)?;
        writeln!(text, "    url: {}", quoted(service.url.as_str()))?;
        if let Some(main) = service.accounts.first() {
            keys(main).iter().try_for_each(|key| writeln!(text, "    {key}"))?;
            writeln!(text, "    accounts:")?;
        }
        for account in &service.accounts {
            let mut known: Vec<_> = account.url.iter().map(|url| format!("url: {}", quoted(url.as_str()))).collect();
            known.extend(keys(account));
            writeln!(text, "      {}: {{{}}}", account.account, known.join(", "))?;
        }
        if !service.variables.is_empty() {
            writeln!(text, "    variables:")?;
        }
        for (variable, value) in &service.variables {
            writeln!(text, "      {variable}: {}", quoted(value.as_str()))?;
        }
    }
    writeln!(text, "limits: {{longest_job: 10s}}")?;
    writeln!(text, "allow: [reads, creates, changes, removes, load]")?;
    writeln!(text, "server: {}", quoted(demonstration.server.as_str()))
}

pub(crate) fn quoted(value: impl Into<serde_json::Value>) -> String {
    value.into().to_string()
}

/// The two signing keys are separate, all others under `credentials`.
fn keys(account: &Credentials) -> Vec<String> {
    let signs = |name: &str| matches!(name, "api_key" | "secret_key");
    let written = |(name, key): &(&str, String)| format!("{name}: {}", quoted(key.as_str()));
    let mut lines: Vec<_> = account.keys.iter().filter(|(name, _)| signs(name)).map(written).collect();
    let others: Vec<_> = account.keys.iter().filter(|(name, _)| !signs(name)).map(written).collect();
    if !others.is_empty() {
        lines.push(format!("credentials: {{{}}}", others.join(", ")));
    }
    lines
}

/// How long answers are held back; not at all when nothing is said.
pub(crate) fn latency(text: Option<&str>) -> Result<Latency, CliError> {
    let read = text.map_or(Ok(Latency::None), read_latency);
    read.map_err(|message| CliError::new(ExitCode::Usage, format!("error: {message}")))
}

/// `5ms`, or `99%:1ms,0.9%:20ms,0.1%:100ms`.
fn read_latency(text: &str) -> Result<Latency, String> {
    if !text.contains(':') {
        return Ok(Latency::Fixed(duration(text)?));
    }
    let mut choices = Vec::new();
    for choice in text.split(',') {
        let (share, time) = choice.split_once("%:").ok_or("write shares and durations: 99%:1ms,1%:20ms")?;
        let share: f64 = share.trim().parse().map_err(|_| format!("`{share}` is not a share in percent"))?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a million")]
        let weight = (share.clamp(0.0, 100.0) * 10_000.0).round() as u32;
        choices.push((weight, duration(time)?));
    }
    Ok(Latency::Weighted(choices))
}

/// How long a job of the embedded cloud takes in a test run.
pub(crate) const JOB_TIME: Duration = Duration::from_millis(10);

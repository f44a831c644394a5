//! `assay serve`: the reference cloud, until somebody stops it.

use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stdout;
use crate::reference::{faults, latency, start, target_file};
use assay_engine::plan::Library;
use assay_reference::{Demonstration, Exposure, Integration, SHOP, Service, Settings, Shop, Throttle};
use assay_suite::{Suite, SuiteName};

use super::arguments::{Behaviour, Common, ServeArguments};
use super::runtime::{Signals, runtime};
use super::{documents, files};

/// So long the answers under way have to be sent when the cloud is stopped.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

pub(super) fn run(
    common: &Common,
    surroundings: &CliContext<'_>,
    command: &ServeArguments,
) -> Result<ExitCode, CliError> {
    if let Some(file) = &command.write_target {
        files::check_regular(file).map_err(|error| unwritable(file, error))?;
    }
    let library = documents::library(surroundings, common)?;
    let settings = settings(command)?;
    let suites = suites(&library, &command.apis)?;
    runtime()?.block_on(async {
        let mut signals = Signals::listen();
        let cloud = start(suites, settings).await?;
        let demonstration = cloud.demonstration();
        for service in &demonstration.services {
            stdout!("{} at {}", service.suite, service.url);
            if let Some(document) = document(service) {
                stdout!("{} is described at {document}", service.suite);
            }
            for url in service.accounts.iter().filter_map(|account| account.url.as_ref()) {
                stdout!("{} without keys at {url}", service.suite);
            }
        }
        if let Some(file) = &command.write_target {
            std::fs::write(file, target_file("demonstration", demonstration))
                .map_err(|error| unwritable(file, error))?;
            stdout!("Its target file is {}:", file.display());
            tests(demonstration).iter().for_each(|test| stdout!("  {test} --target {}", file.display()));
        }
        stdout!("Ctrl-C stops it.");
        signals.next().await;
        // A client that never ends its request is not waited for; a second signal ends the waiting, too.
        tokio::select! {
            () = cloud.stop() => {}
            () = tokio::time::sleep(LAST_ANSWERS) => {}
            () = signals.next() => {}
        }
        Ok(ExitCode::Conforms)
    })
}

fn unwritable(file: &Path, error: std::io::Error) -> CliError {
    CliError::could_not(&format!("{} can't be written", file.display()), error)
}

/// Where the document of an API is served that has one.
fn document(service: &Service) -> Option<String> {
    let host = service.url.strip_suffix("/v1").filter(|_| service.suite == SHOP)?;
    Some(format!("{host}/openapi.yaml"))
}

/// What tests all that is served: a suite that comes from a document needs it.
fn tests(demonstration: &Demonstration) -> Vec<String> {
    let (described, others): (Vec<_>, Vec<_>) = demonstration.services.iter().map(document).partition(Option::is_some);
    let of_others = (!others.is_empty()).then(|| "assay test".to_owned());
    let described = described.into_iter().flatten().map(|document| format!("assay test --openapi {document}"));
    of_others.into_iter().chain(described).collect()
}

/// The suites that are served: those that are named, or all.
fn suites(library: &Library, named: &[String]) -> Result<Vec<Arc<Suite>>, CliError> {
    let known = |name: &String| name == SHOP || library.suites.contains_key(&SuiteName(name.clone()));
    if let Some(unknown) = named.iter().find(|name| !known(name)) {
        let all: Vec<_> = library.suites.keys().map(|name| name.0.as_str()).chain([SHOP]).collect();
        let message = format!("error: there is no API `{unknown}`: {}", all.join(", "));
        return Err(CliError::new(ExitCode::Usage, message));
    }
    let is_named = |suite: &&Arc<Suite>| named.is_empty() || named.contains(&suite.name.value.0);
    Ok(library.suites.values().filter(is_named).cloned().collect())
}

fn settings(command: &ServeArguments) -> Result<Settings, CliError> {
    let usage = |message: String| CliError::new(ExitCode::Usage, format!("error: {message}"));
    Ok(Settings {
        listen: command.listen,
        exposure: if command.expose_to_the_network { Exposure::Anywhere } else { Exposure::Loopback },
        behaviour: match command.behaviour {
            Behaviour::Documented => assay_reference::Behaviour::Documented,
            Behaviour::CloudStack41 => assay_reference::Behaviour::CloudStack41,
        },
        faults: faults(&command.faults)?,
        job_time: command.job_time,
        latency: latency(command.latency.as_deref())?,
        throttle: command.throttle.as_deref().map(throttle).transpose().map_err(usage)?,
        shop: if command.apis.iter().any(|name| name == SHOP) { Shop::Served } else { Shop::Closed },
        integration: command.integration_port.map_or(Integration::Closed, Integration::On),
        ..Settings::default()
    })
}

/// `25/s`.
fn throttle(text: &str) -> Result<Throttle, String> {
    let requests = text.strip_suffix("/s").and_then(|number| number.parse::<NonZeroU32>().ok());
    let requests = requests.ok_or("write a rate: 25/s")?;
    Ok(Throttle { requests, interval: Duration::from_secs(1) })
}

//! The target that a command names: a file, or the embedded reference cloud.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use tokio::task::JoinSet;

use crate::output::stderr;
use assay_engine::deployment::{
    Client, Prepared, RequestSpec, RequestSpecError, Target, check_names, credential_names,
};
use assay_engine::plan::Library;
use assay_reference::{Cloud, Credentials, Demonstration, Fault, RunningCloud, Settings};
use assay_suite::http::Exchange;
use assay_suite::source::{Diagnostics, SourceFile};
use assay_suite::{Suite, SuiteName};

use super::{CliContext, CliError, ExitCode, credentials};

/// The name of the target that needs no file: the embedded reference cloud.
pub(super) const REFERENCE: &str = "reference";

/// A target, and the cloud behind it if that is the embedded one.
pub(super) struct OpenTarget {
    /// The target.
    pub target: Arc<Target>,
    /// The cloud; it stops when this is dropped.
    _cloud: Option<RunningCloud>,
    /// What has passing credentials anew, as long as this is kept.
    _renewals: JoinSet<()>,
}

/// Reads a target file, or starts the reference cloud.
pub(super) async fn open(
    surroundings: &CliContext<'_>,
    library: &Library,
    name: &str,
    settings: Settings,
) -> Result<OpenTarget, CliError> {
    if name == REFERENCE {
        let cloud = start(library.suites.values().cloned().collect(), settings).await?;
        let text = target_file(REFERENCE, cloud.demonstration());
        let target = parse(surroundings, &SourceFile::new("the reference cloud's target", text))?;
        return Ok(OpenTarget { target: Arc::new(target), _cloud: Some(cloud), _renewals: JoinSet::new() });
    }
    let file = super::documents::read_target(Path::new(name))?;
    let target = parse(surroundings, &file)?;
    let mut mistakes = Diagnostics::new();
    check_all_names(&file, library, &mut mistakes);
    if mistakes.has_errors() {
        return Err(CliError::mistakes(&mistakes, surroundings.paint()));
    }
    if let Some(warning) = target.certificates.warning() {
        stderr!("warning: {warning}");
    }
    for warning in target.secrets_too_short() {
        stderr!("warning: {warning}");
    }
    let (target, renewals) = credentials::obtained(target).await?;
    Ok(OpenTarget { target, _cloud: None, _renewals: renewals })
}

/// Reports suites and credentials of a target file that there are not.
pub(super) fn check_all_names(file: &Arc<SourceFile>, library: &Library, mistakes: &mut Diagnostics) {
    check_names(file, &credential_names(library.suites.values().map(AsRef::as_ref)), mistakes);
    super::openapi::check_credentials(file, library, mistakes);
}

/// Whether a target is named by its address.
pub(super) fn is_address(name: &str) -> bool {
    name.starts_with("http://") || name.starts_with("https://")
}

/// A target that is no more than an address: that of the API of an `OpenAPI` document.
pub(super) fn at_address(
    surroundings: &CliContext<'_>,
    library: &Library,
    url: &str,
    suite: &SuiteName,
    allow: &[String],
) -> Result<OpenTarget, CliError> {
    let described = library.suites.get(suite).and_then(|suite| suite.described.as_ref());
    let has_path = url.splitn(4, '/').nth(3).is_some_and(|path| !path.is_empty());
    // Where nothing is said of a path, it is that of the document's first server.
    let base_path = described.map(|described| described.base_path.as_str()).filter(|_| !has_path).unwrap_or_default();
    let address = format!("{}{base_path}", url.trim_end_matches('/'));
    let allowed: Vec<&str> = std::iter::once("reads").chain(allow.iter().map(String::as_str)).collect();
    let text = format!(
        "target: {suite}\nsuites:\n  {suite}: {{url: {}}}\nallow: [{}]\n",
        quoted(address.as_str()),
        allowed.join(", ")
    );
    let target = parse(surroundings, &SourceFile::new("the target", text))?;
    Ok(OpenTarget { target: Arc::new(target), _cloud: None, _renewals: JoinSet::new() })
}

/// Starts the reference cloud for these suites.
pub(super) async fn start(suites: Vec<Arc<Suite>>, settings: Settings) -> Result<RunningCloud, CliError> {
    Cloud::start(settings, suites).await.map_err(|error| CliError::could_not("the reference cloud can't start", error))
}

/// The faults with these names.
pub(super) fn faults(names: &[String]) -> Result<Vec<Fault>, CliError> {
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

fn parse(surroundings: &CliContext<'_>, file: &Arc<SourceFile>) -> Result<Target, CliError> {
    let mut mistakes = Diagnostics::new();
    let target = Target::read(file, surroundings.environment, &mut mistakes);
    target.ok_or_else(|| CliError::mistakes(&mistakes, surroundings.paint()))
}

/// Checks that a target serves the suites that were asked for.
pub(super) fn served(target: &Target, library: &Library, suites: &[String]) -> Result<Vec<SuiteName>, CliError> {
    suites.iter().map(|name| Ok(suite_of(target, library, name)?.name.value.clone())).collect()
}

/// The suite with a name, which the target serves.
pub(super) fn suite_of<'l>(target: &Target, library: &'l Library, name: &str) -> Result<&'l Arc<Suite>, CliError> {
    let wanted = SuiteName(name.to_owned());
    let Some(suite) = library.suites.get(&wanted) else {
        let known: Vec<_> = library.suites.keys().map(|name| name.0.as_str()).collect();
        let message = format!("error: there is no suite `{name}`: {}", known.join(", "));
        return Err(CliError::new(ExitCode::Usage, message));
    };
    if !target.services.contains_key(&wanted) {
        let message = format!("error: target {} does not serve {name}: give it a url and keys there", target.name);
        return Err(CliError::new(ExitCode::Usage, message));
    }
    Ok(suite)
}

/// Makes ready the request that a command asks for.
pub(super) fn prepare(target: &Target, ask: &RequestSpec<'_>) -> Result<Prepared, CliError> {
    let prepared = target.prepare(ask, Timestamp::now());
    prepared.map_err(|error| {
        let message = match error {
            // A scenario gives it in another way than the command line.
            RequestSpecError::NoPath { operation, parameter } => {
                format!("error: the path of {operation} needs `{parameter}`: write {parameter}=VALUE")
            }
            error => format!("error: {error}"),
        };
        CliError::new(ExitCode::Usage, message)
    })
}

/// Sends one request outside of any run. What comes of it may hold secrets.
pub(super) async fn send(target: &Target, prepared: Prepared) -> Result<Exchange, CliError> {
    let client = Client::new(target.limits, target.certificates, Instant::now());
    let client = client.map_err(|error| CliError::could_not("no request can be sent", error))?;
    Ok(client.send(prepared).await)
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

pub(super) fn quoted(value: impl Into<serde_json::Value>) -> String {
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

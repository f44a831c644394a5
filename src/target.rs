//! The target that a command names: a file, or the embedded reference cloud.

pub(crate) mod name;

use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::context::CliContext;
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::output::stderr;
use crate::reference::{quoted, start, target_file};
use assay_engine::deployment::{Target, check_names, credential_names};
use assay_engine::plan::Library;
use assay_reference::{RunningCloud, Settings};
use assay_suite::source::{Diagnostics, SourceFile};
use assay_suite::{Suite, SuiteName};

use super::{credentials, documents, openapi};
use name::REFERENCE;

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
    let file = documents::read_target(Path::new(name))?;
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
    openapi::check_credentials(file, library, mistakes);
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

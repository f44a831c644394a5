//! The file of known failures, applied to a run.

use std::path::Path;

use jiff::Zoned;

use crate::contents::contents;
use crate::context::CliContext;
use crate::error::CliError;
use crate::output::stderr;
use assay_engine::plan::Library;
use assay_report::{Baseline, Summary};
use assay_suite::RequirementId;
use assay_suite::source::{Diagnostic, Diagnostics, Node, closest};

/// Reads a baseline, if one is named.
pub(super) fn read(surroundings: &CliContext<'_>, path: Option<&Path>) -> Result<Option<Baseline>, CliError> {
    let Some(path) = path else { return Ok(None) };
    let mut mistakes = Diagnostics::new();
    let file = contents(path, path.display().to_string())?.map_err(|mistake| mistakes.add(*mistake)).ok();
    let baseline = file.and_then(|file| Baseline::read(&file, &mut mistakes));
    baseline.map(Some).ok_or_else(|| CliError::mistakes(&mistakes, surroundings.paint()))
}

/// Warns of entries whose requirement no suite has: they could never be shown. An entry may also be about a document that this run
/// does not read, so it is no more than a warning.
pub(super) fn warn_of_unknown(
    surroundings: &CliContext<'_>,
    path: Option<&Path>,
    library: &Library,
) -> Result<(), CliError> {
    let Some(path) = path else { return Ok(()) };
    let Ok(file) = contents(path, path.display().to_string())? else { return Ok(()) };
    let Ok(node) = Node::parse(&file) else { return Ok(()) };
    let mut found = Diagnostics::new();
    for entry in node.field("baseline").map(Node::one_or_many).unwrap_or_default() {
        let Some(named) = entry.field("requirement").and_then(|node| node.leaves().into_iter().next()) else {
            continue;
        };
        let id = RequirementId(named.value);
        if id.is_law() || library.suites.values().any(|suite| suite.requirements.contains_key(&id)) {
            continue;
        }
        let known = library.suites.values().flat_map(|suite| suite.requirements.keys()).map(|known| known.0.as_str());
        let help = closest(&id.0, known).map_or_else(
            || "`assay list requirements` shows them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        found.add(Diagnostic::warning(&named.place, format!("no suite has a requirement `{}`", id.0)).help(help));
    }
    if found.iter().next().is_some() {
        stderr!("{}\n", found.render(surroundings.paint()));
    }
    Ok(())
}

/// Marks the known failures of a run.
pub(super) fn apply(baseline: Option<&Baseline>, summary: &mut Summary) {
    if let Some(baseline) = baseline {
        baseline.apply(summary, Zoned::now().date());
    }
}

//! A comparison of test runs for other programs.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::cause::Cause;
use crate::error::ReportError;

use super::comparison::Changes;

#[derive(Serialize)]
struct Document {
    baseline: Value,
    run: Value,
    new_failures: bool,
    #[serde(flatten)]
    parts: Map<String, Value>,
    untested: Value,
    in_both: usize,
}

/// A comparison as JSON.
pub fn changes_json(changes: &Changes<'_>) -> Result<String, ReportError> {
    let mut parts = Map::new();
    for (part, causes) in changes.parts() {
        let causes: Vec<_> = causes.iter().map(Cause::document).collect();
        parts.insert(part.slug().to_owned(), serde_json::to_value(causes)?);
    }
    let untested: Map<String, Value> = changes
        .untested
        .iter()
        .map(|(reason, cases)| (reason.clone(), cases.iter().map(|case| json!(case.name)).collect()))
        .collect();
    crate::json::document(&Document {
        baseline: serde_json::to_value(changes.baseline)?,
        run: serde_json::to_value(changes.run)?,
        new_failures: !changes.new.is_empty(),
        parts,
        untested: untested.into(),
        in_both: changes.in_both,
    })
}

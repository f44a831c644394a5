//! SARIF 2.1.0 (OASIS): a result for each cause, a rule for each requirement that one is about.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::cause::Cause;
use crate::error::ReportError;
use crate::summary::{Ending, Summary};
use assay_suite::source::harmless;

use super::annotation::{Weight, location, message, rule};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The causes as SARIF.
pub fn sarif(summary: &Summary) -> Result<String, ReportError> {
    let causes = summary.causes();
    let rules: BTreeMap<String, Value> = causes.iter().map(|cause| (rule(cause), described(cause))).collect();
    let results: Vec<_> = causes.iter().map(result).collect();
    let notifications: Vec<_> = summary
        .unmet()
        .map(|gate| {
            let rendered = format!("{}: expected {}, observed {}", gate.name, gate.expected, gate.observed);
            json!({"level": "error", "message": {"text": harmless::line(&rendered)}})
        })
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "assay",
                "version": harmless::line(&summary.run.assay),
                "rules": rules.into_values().collect::<Vec<_>>(),
            }},
            "automationDetails": {"id": format!("assay/{}/", harmless::line(&summary.run.target))},
            "invocations": [{
                "executionSuccessful": summary.run.ending == Ending::Completed,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    Ok(harmless::lines(&serde_json::to_string_pretty(&log)?) + "\n")
}

fn described(cause: &Cause<'_>) -> Value {
    let text = match cause.requirements().first() {
        Some(promise) => format!("{} ({})", promise.text, promise.source),
        None => cause.verdict().to_string(),
    };
    json!({"id": rule(cause), "shortDescription": {"text": harmless::line(&text)}})
}

fn result(cause: &Cause<'_>) -> Value {
    let level = match Weight::of(cause.verdict()) {
        Weight::Error => "error",
        Weight::Warning => "warning",
    };
    let locations: Vec<_> = location(cause)
        .map(|location| {
            let path = harmless::line(location.path);
            json!({"physicalLocation": {
                "artifactLocation": {"uri": path},
                "region": {"startLine": location.line},
            }})
        })
        .into_iter()
        .collect();
    json!({
        "ruleId": rule(cause),
        "level": level,
        "message": {"text": message(cause)},
        "locations": locations,
        "occurrenceCount": cause.count(),
        "partialFingerprints": {"assay/cause/v1": cause.id},
    })
}

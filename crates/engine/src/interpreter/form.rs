//! To which promises a departure in the form of an answer is charged.

use crate::plan::{PlannedAction, PlannedStep};
use assay_suite::http::Response;
use assay_suite::{RequirementId, Suite};

/// What a finding is charged to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charged {
    /// The promises of its step.
    ToStep,
    /// The promises of the form of its answer, where there are any.
    ToForm,
}

/// The promises that decide the form of an answer: those of the step, or else those of its operation.
pub(super) fn promises_of_form(suite: &Suite, step: &PlannedStep, answer: Option<&Response>) -> Vec<RequirementId> {
    const OF_ANSWERS: [&str; 4] = ["list-answer", "job-accepted", "synchronous-answer", "rest-answer"];
    const OF_REFUSALS: [&str; 2] = ["error-answer", "both-formats"];
    let accepted = answer.is_some_and(|answer| (200..300).contains(&answer.status));
    let promises: &[&str] = if accepted { &OF_ANSWERS } else { &OF_REFUSALS };
    let is_of_form = |id: &&RequirementId| {
        let promised = suite.requirements.get(*id).map(|found| found.promises.as_slice()).unwrap_or_default();
        promised.iter().any(|promise| promises.contains(&promise.value.as_str()))
    };
    let own: Vec<_> = step.verifies.iter().filter(is_of_form).cloned().collect();
    if !own.is_empty() {
        return own;
    }
    let operations = step.operations();
    let Some(operation) = operations.first() else { return Vec::new() };
    let documented = suite.operations.get(operation);
    let asks = matches!(step.action, PlannedAction::Call { .. });
    let promises: &[&str] = match documented {
        _ if !accepted => &OF_REFUSALS,
        Some(documented) if documented.asynchronous && asks => &["job-accepted", "synchronous-answer"],
        Some(documented) if documented.list.is_some() => &["list-answer", "synchronous-answer", "rest-answer"],
        _ => &["synchronous-answer", "rest-answer"],
    };
    let of_operation = promises.iter().map(|promise| {
        let found = suite.requirements_for(promise, operation);
        found.map(|requirement| requirement.id.value.clone()).collect::<Vec<_>>()
    });
    of_operation.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

//! What a finding comes to, given what is known of the document and of the server.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::{Case, PlannedStep};
use crate::verdict::{Finding, Verdict};
use assay_formats::record::Strictness;
use assay_suite::http::Response;
use assay_suite::{Basis, Deviation, Observed, OperationName, RequirementId};

use super::outcome::CaseOutcome;

/// What a broken promise that the document does not spell out comes to: it decides nothing. Nothing if the document does, or
/// if the run is strict.
pub(super) fn not_spelt_out(case: &Case, finding: &Finding) -> Option<Finding> {
    if case.strictness == Strictness::Everything || finding.verdict != Verdict::Violates {
        return None;
    }
    if !finding.requirements.is_empty() && finding.requirements.iter().all(RequirementId::is_law) {
        let observed = format!("{}; but no document promises it: `--strict` decides by it", finding.observed);
        let open = || Finding { verdict: Verdict::Inconclusive, observed, ..finding.clone() };
        return (case.strictness != Strictness::Laws).then(open);
    }
    let bases = finding.requirements.iter().filter_map(|id| case.suite.requirements.get(id));
    let bases: Vec<_> = bases.map(|requirement| requirement.basis).collect();
    let weakest = bases.iter().max()?;
    if bases.contains(&Basis::Documented) {
        return None;
    }
    let basis = match weakest {
        Basis::Example => "only an example shows it",
        Basis::Inferred | Basis::Documented => "it is inferred",
    };
    let observed = format!("{}; but {basis}: `--strict` decides by it", finding.observed);
    Some(Finding { verdict: Verdict::Inconclusive, observed, ..finding.clone() })
}

/// The finding, as a known deviation if it is one. One in the place of a known deviation that shows something else is not. What a
/// server is known to do to the form of an answer (`form` are the promises of that) shows in what follows from it, too.
pub(super) fn as_known(
    case: &Case,
    operations: &[OperationName],
    mut finding: Finding,
    answer: Option<&Response>,
    form: &[RequirementId],
) -> Finding {
    if !matches!(finding.verdict, Verdict::Violates | Verdict::Inconclusive) {
        return finding;
    }
    let here = || case.deviations.iter().filter(|known| covers(known, case, operations, &finding.requirements));
    let of_form = case.deviations.iter().filter(|known| !form.is_empty() && covers(known, case, operations, form));
    let answer = answer.map(|response| (response.status, response.body.as_str()));
    let observed = Observed { answer, expected: &finding.expected, found: &finding.observed };
    if let Some(known) = here().chain(of_form).find(|known| known.shows_in(&observed)) {
        finding.verdict = Verdict::DeviatesAsKnown;
        finding.observed = format!("{}; known of {}: {}", finding.observed, known.server, known.description);
        finding.deviation = Some(known.place.clone());
    } else if let Some(other) = here().next().filter(|_| finding.verdict == Verdict::Violates) {
        let (server, place, description) = (&other.server, &other.place, &other.description);
        finding.observed = format!("{}; not what is known of {server} here: {description} ({place})", finding.observed);
    }
    finding
}

/// Whether a deviation is about a step's promises. Where a step decides none, one that names its case is.
fn covers(deviation: &Deviation, case: &Case, operations: &[OperationName], requirements: &[RequirementId]) -> bool {
    let by_operation = |id: &RequirementId| {
        let about = |operation: Option<&OperationName>| deviation.covers(id, &case.name, operation);
        about(case.operation.as_ref()) || operations.iter().any(|operation| about(Some(operation)))
    };
    if requirements.is_empty() {
        return deviation.cases.is_some() && deviation.requirements.iter().any(by_operation);
    }
    requirements.iter().any(by_operation)
}

/// The promises of a step that, broken, are more than a notice.
fn binding(case: &Case, step: &PlannedStep) -> Vec<RequirementId> {
    step.verifies.iter().filter(|id| is_binding(case, id)).cloned().collect()
}

/// Whether a promise, broken, is more than a notice.
pub(super) fn is_binding(case: &Case, id: &RequirementId) -> bool {
    let requirement = case.suite.requirements.get(id);
    case.strictness == Strictness::Everything
        || id.is_law() && case.strictness == Strictness::Laws
        || requirement.is_some_and(|requirement| requirement.basis == Basis::Documented)
}

/// Whether a case could show a known deviation: a step of it decides one of its promises.
fn could_show(deviation: &Deviation, case: &Case) -> bool {
    case.steps.iter().any(|step| {
        let binding = binding(case, step);
        !binding.is_empty() && covers(deviation, case, &step.operations(), &binding)
    })
}

/// Marks the outcomes of cases in which a known deviation should have shown. Only where all that could show it were run,
/// read an answer and conform is it known to be gone.
pub fn mark_stale(cases: &[Arc<Case>], outcomes: &mut [CaseOutcome]) {
    let mut exercised: Vec<(&Deviation, Vec<&str>)> = Vec::new();
    for case in cases {
        for deviation in case.deviations.iter().filter(|deviation| could_show(deviation, case)) {
            match exercised.iter_mut().find(|(known, _)| known.place.to_string() == deviation.place.to_string()) {
                Some((_, names)) => names.push(&case.name),
                None => exercised.push((deviation, vec![&case.name])),
            }
        }
    }
    let conforming: BTreeMap<String, usize> = outcomes
        .iter()
        .enumerate()
        .filter(|(_, outcome)| outcome.verdict == Verdict::Conforms)
        .filter(|(_, outcome)| outcome.sightings.values().any(|sighting| sighting.tested))
        .map(|(index, outcome)| (outcome.case.clone(), index))
        .collect();
    for (deviation, names) in exercised {
        let all: Option<Vec<usize>> = names.iter().map(|name| conforming.get(*name).copied()).collect();
        for index in all.unwrap_or_default() {
            outcomes[index].verdict = Verdict::StaleDeviation;
            outcomes[index].reason = Some(format!(
                "{} is known to depart here ({}: {}), but did not: the entry can go",
                deviation.server, deviation.place, deviation.description
            ));
        }
    }
}

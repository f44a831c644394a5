//! What a finding comes to, given what is known of the document and of the server.

use crate::plan::{Case, PlannedStep};
use crate::record::Strictness;
use crate::suite::{Basis, Deviation, OperationName, RequirementId};
use crate::verdict::{Finding, Verdict};

use super::CaseOutcome;

/// What a broken promise that the document does not spell out comes to: it decides nothing. Nothing if the document does, or
/// if the run is strict.
pub(super) fn not_spelt_out(case: &Case, finding: &Finding) -> Option<Finding> {
    if case.strictness == Strictness::Everything || finding.verdict != Verdict::Violates {
        return None;
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

/// The finding, as a known deviation if it is one.
pub(super) fn as_known(case: &Case, step: &PlannedStep, mut finding: Finding) -> Finding {
    if !matches!(finding.verdict, Verdict::Violates | Verdict::Inconclusive) {
        return finding;
    }
    if let Some(deviation) =
        case.deviations.iter().find(|deviation| covers(deviation, case, step, &finding.requirements))
    {
        finding.verdict = Verdict::DeviatesAsKnown;
        finding.deviation = Some(deviation.place.clone());
        finding.observed = format!("{}; known of {}: {}", finding.observed, deviation.server, deviation.observed);
    }
    finding
}

/// Whether a deviation speaks of a step's promises. Where a step decides none, one that names its case does.
fn covers(deviation: &Deviation, case: &Case, step: &PlannedStep, requirements: &[RequirementId]) -> bool {
    let operations = step.operations();
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
    let is_binding = |id: &&RequirementId| {
        let requirement = case.suite.requirements.get(*id);
        case.strictness == Strictness::Everything
            || requirement.is_some_and(|requirement| requirement.basis == Basis::Documented)
    };
    step.verifies.iter().filter(is_binding).cloned().collect()
}

/// Marks the outcomes of cases in which a known deviation should have shown, if it showed in none of them.
pub fn mark_stale(cases: &[std::sync::Arc<Case>], outcomes: &mut [CaseOutcome]) {
    let mut exercised: Vec<(&Deviation, Vec<&str>)> = Vec::new();
    for case in cases {
        for deviation in case.deviations.iter() {
            let speaks = case.steps.iter().any(|step| {
                let binding = binding(case, step);
                !binding.is_empty() && covers(deviation, case, step, &binding)
            });
            if !speaks {
                continue;
            }
            match exercised.iter_mut().find(|(known, _)| known.place.to_string() == deviation.place.to_string()) {
                Some((_, names)) => names.push(&case.name),
                None => exercised.push((deviation, vec![&case.name])),
            }
        }
    }
    for (deviation, names) in exercised {
        let place = deviation.place.to_string();
        let of_these = |outcome: &&mut CaseOutcome| names.contains(&outcome.case.as_str());
        let seen = outcomes
            .iter()
            .flat_map(|outcome| &outcome.findings)
            .any(|finding| finding.deviation.as_ref().is_some_and(|known| known.to_string() == place));
        if seen {
            continue;
        }
        for outcome in outcomes.iter_mut().filter(of_these).filter(|outcome| outcome.verdict == Verdict::Conforms) {
            outcome.verdict = Verdict::StaleDeviation;
            outcome.reason = Some(format!(
                "{} is known to depart here ({place}: {}), but did not: the entry can go",
                deviation.server, deviation.observed
            ));
        }
    }
}

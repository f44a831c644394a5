//! Operations that a deployment does not have: one finding for each, and the other cases that asked for it are skipped.
//!
//! Cases run at once, so this is settled when all are over; a record that is judged again is settled alike.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::plan::Case;
use crate::verdict::{Finding, Verdict, status};
use assay_suite::http::Response;
use assay_suite::{OperationName, RequirementId, SuiteName};

use super::known_deviations::{as_known, is_binding, not_spelt_out};
use super::outcome::CaseOutcome;
use super::sighting::OPERATION_NAMED;

/// An operation that the deployment does not have.
struct Absent {
    /// The case that carries the finding.
    carrier: String,
    /// Where that case is in the order in which a carrier is chosen.
    rank: (Rank, usize),
    /// The exchange that shows it, as a number within that case.
    exchange: usize,
    /// The answer that shows it.
    answer: Response,
}

/// Which of several cases carries the finding.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// One that asks whether the operation is there.
    Existence,
    /// One that is about it.
    Subject,
    /// Another.
    Use,
}

type AbsentOperations<'a> = BTreeMap<(&'a SuiteName, OperationName), Absent>;

/// Replaces what follows from an operation that the deployment does not have by one finding. It is taken for absent where a
/// good request was answered so, and no answer of the run shows that it exists.
pub fn settle_absent(cases: &[Arc<Case>], outcomes: &mut [CaseOutcome]) {
    let planned: BTreeMap<&str, (usize, &Case)> =
        cases.iter().enumerate().map(|(index, case)| (case.name.as_str(), (index, case.as_ref()))).collect();
    let absent = absent_operations(&planned, outcomes);
    if absent.is_empty() {
        return;
    }
    for outcome in outcomes {
        if let Some((_, case)) = planned.get(outcome.case.as_str()) {
            settle(case, outcome, &absent);
        }
    }
}

/// The operation that alone keeps a case from conforming, as far as the case shows: it was answered that there is none. Whether
/// the deployment lacks it is settled when all cases are over.
pub fn refused_as_absent(outcome: &CaseOutcome) -> Option<&OperationName> {
    let shows = |finding: &Finding| {
        let number = finding.exchange?;
        let mut sightings = outcome.sightings.iter().filter(|(_, sighting)| !sighting.exists);
        sightings.find(|(_, sighting)| sighting.absent.contains(&number)).map(|(operation, _)| operation)
    };
    let mut violations = outcome.findings.iter().filter(|finding| finding.verdict == Verdict::Violates);
    let first = violations.next().and_then(shows)?;
    violations.all(|finding| shows(finding).is_some()).then_some(first)
}

fn absent_operations<'a>(
    planned: &BTreeMap<&str, (usize, &'a Case)>,
    outcomes: &[CaseOutcome],
) -> AbsentOperations<'a> {
    let mut absent = AbsentOperations::new();
    let mut existing = Vec::new();
    for outcome in outcomes {
        let Some((index, case)) = planned.get(outcome.case.as_str()) else { continue };
        for (operation, sighting) in &outcome.sightings {
            let key = (&case.suite.name.value, operation.clone());
            if sighting.exists {
                existing.push(key);
            } else if let Some((exchange, answer)) = &sighting.absent_for_good {
                let rank = (rank(case, operation), *index);
                if absent.get(&key).is_none_or(|known| rank < known.rank) {
                    let (carrier, exchange, answer) = (outcome.case.clone(), *exchange, answer.clone());
                    absent.insert(key, Absent { carrier, rank, exchange, answer });
                }
            }
        }
    }
    existing.iter().for_each(|key| drop(absent.remove(key)));
    absent
}

fn rank(case: &Case, operation: &OperationName) -> Rank {
    if case.operation.as_ref() != Some(operation) {
        return Rank::Use;
    }
    let verified = case.steps.iter().flat_map(|step| &step.verifies);
    let mut promises = verified.filter_map(|id| case.suite.requirements.get(id)).flat_map(|found| &found.promises);
    if promises.any(|promise| promise.value == OPERATION_NAMED) { Rank::Existence } else { Rank::Subject }
}

fn settle(case: &Case, outcome: &mut CaseOutcome, absent: &AbsentOperations<'_>) {
    let of = |operation: &OperationName| {
        absent.get_key_value(&(&case.suite.name.value, operation.clone())).map(|((_, name), found)| (name, found))
    };
    let met: Vec<_> = outcome.sightings.iter().filter(|(_, sighting)| !sighting.absent.is_empty()).collect();
    let met: Vec<_> = met.iter().filter_map(|(operation, sighting)| Some((of(operation)?, *sighting))).collect();
    let about = case.operation.as_ref().and_then(of).filter(|_| outcome.verdict != Verdict::Skipped);
    let Some((operation, found)) = about.or(met.first().map(|(found, _)| *found)) else { return };
    let numbers: Vec<usize> = met.iter().flat_map(|(_, sighting)| sighting.absent.iter().copied()).collect();
    let carried: Vec<_> =
        met.iter().map(|(found, _)| *found).filter(|(_, found)| found.carrier == outcome.case).collect();
    let reason = format!("the deployment does not have {operation}: see {}", found.carrier);
    let follows = |finding: &Finding| {
        let shown = finding.exchange.is_some_and(|number| numbers.contains(&number));
        let undecided = !matches!(finding.verdict, Verdict::Violates | Verdict::DeviatesAsKnown);
        shown || (about.is_some() && undecided)
    };
    let cited: Vec<RequirementId> =
        outcome.findings.iter().filter(|finding| follows(finding)).flat_map(|f| f.requirements.clone()).collect();
    outcome.findings.retain(|finding| !follows(finding));
    let (mut findings, mut notices) = (Vec::new(), Vec::new());
    for (operation, found) in carried {
        match lacking(case, operation, found, &cited) {
            Ok(finding) => findings.push(finding),
            Err(notice) => notices.push(notice),
        }
    }
    outcome.findings.extend(findings);
    outcome.notices.extend(notices);
    let worst = outcome.findings.iter().map(|finding| finding.verdict).max();
    outcome.verdict = worst.unwrap_or(Verdict::Skipped);
    outcome.reason = worst.is_none().then_some(reason);
    if worst.is_none() {
        outcome.steps_run = 0;
    }
}

/// The finding that an operation is not there; a notice where the document does not spell out that it should be.
fn lacking(
    case: &Case,
    operation: &OperationName,
    absent: &Absent,
    cited: &[RequirementId],
) -> Result<Finding, String> {
    let named = case.suite.requirements_for(OPERATION_NAMED, operation).map(|requirement| &requirement.id.value);
    let named: Vec<_> = named.filter(|id| is_binding(case, id)).cloned().collect();
    let place = case.suite.operations.get(operation).map_or(&case.scenario.title.place, |found| &found.name.place);
    let finding = Finding {
        verdict: Verdict::Violates,
        expected: format!("the deployment has {operation}, which the document lists"),
        observed: status(&absent.answer),
        place: place.clone(),
        requirements: if named.is_empty() { cited.to_vec() } else { named },
        exchange: Some(absent.exchange),
        deviation: None,
    };
    match not_spelt_out(case, &finding) {
        Some(open) => Err(open.observed),
        None => Ok(as_known(case, std::slice::from_ref(operation), finding, Some(&absent.answer), &[])),
    }
}

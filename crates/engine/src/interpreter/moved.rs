//! The world may move between two requests: what differs between two answers is looked at again before it counts, and so is a
//! reading that was refused.

use crate::plan::{Case, PlannedAction, PlannedStep, Purpose};
use crate::scenario::{Expectation, Matcher, Template};
use crate::verdict::{Finding, Verdict};
use assay_formats::record::Part;
use assay_suite::http::Exchange;
use assay_suite::{Effect, Variable};

use super::sighting::{is_accepted, is_to_be_accepted};

/// The step from which on to look again, if what was found compares an answer with what earlier steps read, and nothing but
/// reading lies between.
pub(super) fn compared_since(case: &Case, at: usize, found: &[Finding]) -> Option<usize> {
    let step = case.steps.get(at)?;
    if found.is_empty() {
        return None;
    }
    let is_meant = |place: &assay_suite::source::Place| found.iter().any(|finding| finding.place == *place);
    let compared = step.expect.iter().filter(|expectation| is_meant(&expectation.place));
    let compared: Vec<Variable> = compared.flat_map(|expectation| variables(&expectation.value)).collect();
    let saves = |step: &PlannedStep| step.save.iter().any(|(variable, _)| compared.contains(variable));
    let readings = (0..=at).rev().take_while(|index| case.steps.get(*index).is_some_and(|step| only_reads(case, step)));
    readings.filter(|index| *index < at && case.steps.get(*index).is_some_and(|step| saves(step))).min()
}

/// Whether a reading was refused that should not be: a list may fail while what it shows is being removed.
pub(super) fn was_refused_reading(case: &Case, at: usize, found: &[Finding], exchanges: &[(Part, Exchange)]) -> bool {
    let was_refused = |finding: &Finding| {
        let exchange = finding.exchange.and_then(|number| exchanges.get(number));
        let answer = exchange.and_then(|(_, exchange)| exchange.outcome.as_ref().ok());
        finding.verdict == Verdict::Violates && answer.is_some_and(|answer| !is_accepted(answer))
    };
    let Some(step) = case.steps.get(at).filter(|_| !found.is_empty()) else { return false };
    is_to_be_accepted(step) && only_reads(case, step) && found.iter().all(was_refused)
}

/// The variables that an expectation compares with.
fn variables(expectation: &Expectation) -> Vec<Variable> {
    let of_matcher =
        |matcher: &Matcher| matcher.templates().into_iter().flat_map(Template::variables).cloned().collect::<Vec<_>>();
    match expectation {
        Expectation::Field(path, matcher) => path.variables().into_iter().chain(of_matcher(matcher)).collect(),
        Expectation::Recent(path) => path.variables(),
        Expectation::Header(_, matcher) | Expectation::Body(matcher) => of_matcher(matcher),
        _ => Vec::new(),
    }
}

fn only_reads(case: &Case, step: &PlannedStep) -> bool {
    let suite = step.suite.as_ref().unwrap_or(&case.suite);
    let reads = |name: &str| suite.operations.get(name).is_some_and(|operation| operation.effect == Effect::Reads);
    match &step.action {
        PlannedAction::Call { calls, until: None } => {
            step.purpose == Purpose::Scenario && calls.iter().all(|call| reads(&call.operation))
        }
        _ => false,
    }
}

/// A difference that was there once and not when it was looked for again.
pub(super) fn passing(mut finding: Finding) -> Finding {
    finding.verdict = Verdict::Inconclusive;
    finding.observed.push_str("; asked again, it was not so: others may have changed it meanwhile");
    finding
}

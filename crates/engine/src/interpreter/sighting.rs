//! What the answers of a case show of the operations that it asked for.

use std::collections::BTreeMap;

use crate::deployment::decode;
use crate::plan::{PlannedAction, PlannedCall, PlannedStep, Purpose};
use crate::scenario::{Expectation, Outcome};
use assay_schema::Schemas;
use assay_suite::http::{Exchange, Response};
use assay_suite::{Operation, OperationName, Suite};

/// The name of the promise that each documented operation is there.
pub(super) const OPERATION_NAMED: &str = "operation-named";

/// So much is kept of an answer that there is no such operation, in bytes.
const LONGEST_EVIDENCE: usize = 4 << 10;

/// What a case saw of each operation of its suite.
pub type Sightings = BTreeMap<OperationName, Sighting>;

/// What a case saw of one operation.
#[derive(Clone, Debug, Default)]
pub struct Sighting {
    /// Whether a step of the scenario, not of a fixture, asked for it and got an answer.
    pub tested: bool,
    /// The exchanges, as numbers within the case, whose answer says that there is no such operation.
    pub absent: Vec<usize>,
    /// The first of them that answers a good request: its number, and the answer.
    pub absent_for_good: Option<(usize, Response)>,
    /// Whether an answer shows that it exists: a request was accepted, or a good one refused for another reason.
    pub exists: bool,
}

/// A step that asks for operations of a suite.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub suite: &'a Suite,
    pub schemas: &'a Schemas,
    pub step: &'a PlannedStep,
}

impl Asking<'_> {
    /// Notes what the answer in an exchange, of this number within the case, shows of the operation.
    pub fn note(&self, sightings: &mut Sightings, call: &PlannedCall, number: usize, exchange: &Exchange) {
        let Some(operation) = self.suite.operations.get(call.operation.as_str()) else { return };
        let Ok(response) = &exchange.outcome else { return };
        let sighting = sightings.entry(operation.name.value.clone()).or_default();
        sighting.tested |= self.step.purpose == Purpose::Scenario;
        let is_good = self.is_good(call);
        if self.says_absent(operation, call, response) {
            sighting.absent.push(number);
            if is_good {
                let evidence = exchange.evidence(LONGEST_EVIDENCE).outcome.ok();
                sighting.absent_for_good =
                    sighting.absent_for_good.take().or(evidence.map(|response| (number, response)));
            }
        } else {
            sighting.exists |= is_accepted(response) || (is_good && !is_busy(self.suite, response));
        }
    }

    fn says_absent(&self, operation: &Operation, call: &PlannedCall, response: &Response) -> bool {
        let is_refusal = || {
            let path = self.suite.refusal_schema();
            let shape = self.schemas.shape(&path);
            let read = decode(&response.body, call.answered, &self.suite.envelope, &shape);
            read.is_ok_and(|read| !read.value.is_null() && self.schemas.validate(&path, &read.value).is_empty())
        };
        let mut answers = self.suite.absent.iter();
        answers.any(|answer| answer.matches(operation, response.status, &response.body, is_refusal))
    }

    /// Whether nothing is wrong with a request on purpose: one that is refused may be refused for that alone.
    fn is_good(&self, call: &PlannedCall) -> bool {
        let is_plain = call.sign.is_empty() && call.method.is_none() && call.account.is_none();
        let names_it = || {
            let requirements = self.step.verifies.iter().filter_map(|id| self.suite.requirements.get(id));
            requirements.into_iter().flat_map(|found| &found.promises).any(|promise| promise.value == OPERATION_NAMED)
        };
        is_plain
            && match &self.step.action {
                PlannedAction::Call { .. } => call.withheld.is_empty() && is_to_be_accepted(self.step) || names_it(),
                PlannedAction::Await { .. } | PlannedAction::Paginate(_) => call.withheld.is_empty(),
            }
    }
}

pub(super) fn is_to_be_accepted(step: &PlannedStep) -> bool {
    let mut expect = step.expect.iter().map(|expectation| &expectation.value);
    let outcome = expect.clone().find_map(|expectation| match expectation {
        Expectation::Outcome(outcome) => Some(*outcome),
        _ => None,
    });
    match outcome {
        Some(outcome) => outcome == Outcome::Accepted,
        None => !expect.any(|expectation| matches!(expectation, Expectation::Status(_))),
    }
}

pub(super) fn is_accepted(response: &Response) -> bool {
    (200..300).contains(&response.status)
}

/// Whether an answer shows the deployment's state and not of the request.
fn is_busy(suite: &Suite, response: &Response) -> bool {
    matches!(response.status, 401 | 429 | 502..=504)
        || suite.throttled.iter().any(|pattern| pattern.matches(response.status))
}

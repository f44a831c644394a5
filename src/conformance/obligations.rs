//! What a case has created, and so has to remove.

use serde_json::Value;

use crate::plan::PlannedCall;
use crate::scenario::{Path, plain};
use crate::suite::{OperationName, Suite, Undo};

/// What a case has to remove before it is over.
#[derive(Debug, Default)]
pub(super) struct Obligations(Vec<Obligation>);

/// Something that a case has to see to before it is over.
#[derive(Debug)]
pub(super) enum Obligation {
    /// A job that was not followed yet: it may create something, or still be at work on what is to be removed.
    Job { id: Value, of: OperationName },
    /// Something that exists: the operation that removes it, with its arguments.
    Thing { call: OperationName, arguments: Vec<(String, String)> },
}

impl Obligations {
    /// A request was carried out: it may have created something, or removed what was to be removed.
    pub fn accepted(
        &mut self,
        suite: &Suite,
        call: &PlannedCall,
        arguments: &[(String, String)],
        answer: Option<&Value>,
    ) {
        self.0.retain(|obligation| match obligation {
            Obligation::Thing { call: undo, arguments: known } => {
                undo.0 != call.operation || !known.iter().all(|argument| arguments.contains(argument))
            }
            Obligation::Job { .. } => true,
        });
        let Some(operation) = suite.operations.get(call.operation.as_str()) else { return };
        match (operation.asynchronous, &suite.jobs) {
            (true, Some(jobs)) => {
                let id = answer.and_then(|answer| answer.get(&jobs.id)).cloned();
                self.0.extend(id.map(|id| Obligation::Job { id, of: operation.name.value.clone() }));
            }
            _ => self.0.extend(operation.undo.as_ref().zip(answer).and_then(|(undo, answer)| thing(undo, answer))),
        }
    }

    /// A job has ended; what it created is in its result.
    pub fn job_ended(&mut self, suite: &Suite, job: &Value, of: Option<&OperationName>, result: Option<&Value>) {
        self.0.retain(|obligation| !matches!(obligation, Obligation::Job { id, .. } if id == job));
        let undo = of.and_then(|of| suite.operations.get(of)).and_then(|operation| operation.undo.as_ref());
        self.0.extend(undo.zip(result).and_then(|(undo, result)| thing(undo, result)));
    }

    /// The latest that is not met.
    pub fn next(&mut self) -> Option<Obligation> {
        self.0.pop()
    }
}

/// What removes a thing; nothing if the answer does not name it.
fn thing(undo: &Undo, answer: &Value) -> Option<Obligation> {
    let mut arguments = Vec::new();
    for (name, written) in &undo.with {
        let value = match Path::parse(&written.value) {
            Ok(path) => plain(path.select(answer).first()?),
            Err(_) => written.value.clone(),
        };
        arguments.push((name.clone(), value));
    }
    Some(Obligation::Thing { call: undo.call.value.clone(), arguments })
}

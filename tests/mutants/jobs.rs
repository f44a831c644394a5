//! Changes of what is said of a job.

use serde_json::{Value, json};

use assay_engine::scenario::JobEnd;
use assay_engine::verdict::{JobState, job_state};
use assay_suite::Jobs;

use super::change::{Change, altered};
use super::memory::Memory;
use super::operator::{Operator, Operator as O};

/// Changes what is said of a job, as far as the operator does that.
pub fn changed(operator: Operator, jobs: &Jobs, id: &str, said: &mut Value, memory: &Memory) -> Change {
    let JobState::Ended(end) = job_state(jobs, said) else { return Change::None };
    let before = memory.ended.contains(id);
    let result = jobs.result.as_ref().and_then(|field| said.get(field)).cloned();
    match (operator, end) {
        (O::NeverEnds, _) => set(jobs, said, jobs.states.pending.first(), None),
        (O::GoesBack, _) if before => set(jobs, said, jobs.states.pending.first(), None),
        (O::EndsOtherwise, JobEnd::Succeeded) if before => set(jobs, said, jobs.states.failed.first(), result),
        (O::EndsOtherwise, JobEnd::Failed) if before => set(jobs, said, jobs.states.succeeded.first(), result),
        (O::JobFails, JobEnd::Succeeded) => set(jobs, said, jobs.states.failed.first(), result),
        (O::JobSucceeds, JobEnd::Failed) => {
            set(jobs, said, jobs.states.succeeded.first(), Some(memory.result.clone().unwrap_or(json!({}))))
        }
        (O::UnknownState, _) => {
            let known = said.get(&jobs.status).is_some_and(Value::is_number);
            set(jobs, said, Some(&if known { json!(7) } else { json!("assay") }), result)
        }
        (O::ResultLost, JobEnd::Succeeded) if result.is_some() => {
            let status = said.get(&jobs.status).cloned();
            set(jobs, said, status.as_ref(), None)
        }
        (O::ResultChanges, _) if before => {
            let Some(other) = result.as_ref().and_then(altered) else { return Change::None };
            let status = said.get(&jobs.status).cloned();
            set(jobs, said, status.as_ref(), Some(other))
        }
        _ => Change::None,
    }
}

/// Says of a job that it is in this state, and came to that.
fn set(jobs: &Jobs, said: &mut Value, status: Option<&Value>, result: Option<Value>) -> Change {
    let Some((fields, status)) = said.as_object_mut().zip(status) else { return Change::None };
    fields.insert(jobs.status.clone(), status.clone());
    if let Some(field) = &jobs.result {
        fields.shift_remove(field);
        fields.extend(result.map(|result| (field.clone(), result)));
    }
    Change::Made
}

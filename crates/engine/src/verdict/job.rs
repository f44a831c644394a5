//! The state of a job, from what the API says of it.

use serde_json::Value;

use crate::scenario::JobEnd;
use assay_schema::decimal;
use assay_suite::Jobs;

/// What a job's answer says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobState {
    /// It has not ended.
    Pending,
    /// It has ended so.
    Ended(JobEnd),
    /// Something that the document does not know.
    Undocumented(String),
}

impl JobState {
    /// How it ended; nothing if it has not, or says nothing that is documented.
    pub fn end(&self) -> Option<JobEnd> {
        match self {
            Self::Ended(end) => Some(*end),
            Self::Pending | Self::Undocumented(_) => None,
        }
    }
}

/// Reads a job's state from the answer of the operation that reports it.
pub fn job_state(jobs: &Jobs, answer: &Value) -> JobState {
    let status = jobs.status_in(answer);
    let is = |known: &[Value]| status.is_some_and(|status| known.iter().any(|known| decimal::equal(known, status)));
    if is(&jobs.states.pending) {
        JobState::Pending
    } else if is(&jobs.states.succeeded) {
        JobState::Ended(JobEnd::Succeeded)
    } else if is(&jobs.states.failed) {
        JobState::Ended(JobEnd::Failed)
    } else {
        let observed = status.map_or_else(|| format!("there is no {}", jobs.status), super::shown);
        JobState::Undocumented(observed)
    }
}

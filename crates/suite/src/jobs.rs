//! How asynchronous jobs are followed.

use crate::name::OperationName;
use crate::value::value_at;

/// How asynchronous jobs are followed.
#[derive(Clone, Debug)]
pub struct Jobs {
    /// The field of an accepted request that names its job; as in all of these names, a dot leads into an object.
    pub id: String,
    /// The operation that reports a job's state.
    pub poll: OperationName,
    /// The parameter of that operation that names the job.
    pub parameter: String,
    /// The field of its answer that holds the state.
    pub status: String,
    /// The field of its answer that holds the outcome, if it does.
    pub result: Option<String>,
    /// The field of the outcome of a failed job that holds the code of its reason, if it does.
    pub code: Option<String>,
    /// The field of its answer that names the thing that the job is about, if it does.
    pub instance: Option<String>,
    /// The states of a job, as they are written in answers.
    pub states: JobStates,
}

impl Jobs {
    /// What names the job in an answer that gives one.
    pub fn id_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, &self.id)
    }

    /// The state in an answer about a job.
    pub fn status_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, &self.status)
    }

    /// The outcome in an answer about a job.
    pub fn result_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, self.result.as_ref()?)
    }

    /// What names the thing that a job is about, in an answer about the job.
    pub fn instance_in<'a>(&self, answer: &'a serde_json::Value) -> Option<&'a serde_json::Value> {
        value_at(answer, self.instance.as_ref()?)
    }

    /// The code of the reason in the outcome of a failed job.
    pub fn code_in(&self, result: &serde_json::Value) -> Option<u16> {
        let code = value_at(result, self.code.as_ref()?)?;
        code.as_u64().and_then(|code| code.try_into().ok()).or_else(|| code.as_str()?.parse().ok())
    }
}

/// The states of a job, as they are written in answers.
#[derive(Clone, Debug)]
pub struct JobStates {
    /// Not finished.
    pub pending: Vec<serde_json::Value>,
    /// Finished well.
    pub succeeded: Vec<serde_json::Value>,
    /// Finished badly.
    pub failed: Vec<serde_json::Value>,
}

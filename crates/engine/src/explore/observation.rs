//! What an exchange says of a step: whether it was carried out, and with what answer.

use serde_json::Value;

use crate::plan::{PlannedAction, PlannedStep};
use crate::scenario::{Bindings, Expectation, JobEnd, Outcome};
use crate::verdict::{JobState, RequestContext, job_state, judge_answer};
use assay_schema::Schemas;
use assay_suite::http::Exchange;
use assay_suite::source::Located;
use assay_suite::{Encoding, OperationName, Suite};

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Observed {
    pub came: Came,
    pub status: Option<u16>,
    pub value: Option<Value>,
}

/// What both answered to a step, in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// What the deployment did, such as `200, carried out`.
    pub deployment: String,
    /// What the model did; none where there is no model.
    pub model: Option<String>,
}

/// Whether a step was carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// The request was accepted, or its job succeeded.
    Accepted,
    /// The request was refused.
    Refused,
    /// Its job failed.
    JobFailed,
    /// Its job did not end in time, or has no documented state.
    JobOpen,
    /// There was no answer, or none that can be read.
    Unreadable,
}

impl Came {
    /// As a sentence goes on after the operation's name.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Accepted => "is carried out",
            Self::Refused => "is refused",
            Self::JobFailed => "is accepted, and its job fails",
            Self::JobOpen => "is accepted, and its job does not end",
            Self::Unreadable => "has no readable answer",
        }
    }
}

impl Observed {
    /// In a few words, such as `431, refused`.
    pub fn brief(&self) -> String {
        let came = match self.came {
            Came::Accepted => "carried out",
            Came::Refused => "refused",
            Came::JobFailed => "the job fails",
            Came::JobOpen => "the job does not end",
            Came::Unreadable => "no readable answer",
        };
        self.status.map_or_else(|| came.to_owned(), |status| format!("{status}, {came}"))
    }
}

/// Reads the exchange that decides a step.
pub(super) fn observe(suite: &Suite, schemas: &Schemas, step: &PlannedStep, exchange: &Exchange) -> Observed {
    let suite = step.suite.as_deref().unwrap_or(suite);
    let (operation, of, format) = match &step.action {
        PlannedAction::Call { calls, .. } => match calls.first() {
            Some(call) => (call.operation.as_str(), None, call.answered),
            None => ("", None, Encoding::Json),
        },
        PlannedAction::Paginate(call) => (call.operation.as_str(), None, call.answered),
        PlannedAction::Await { of, .. } => {
            let poll = suite.jobs.as_ref().map(|jobs| jobs.poll.0.as_str()).unwrap_or_default();
            (poll, of.as_ref(), suite.usual_format())
        }
    };
    let result_schema = of.map(|of: &OperationName| suite.result_schema(&of.0));
    let any = Located { value: Expectation::Outcome(Outcome::Any), place: step.place.clone() };
    let asked =
        RequestContext { suite, schemas, operation, said: &[], format, result_schema: result_schema.as_deref() };
    let judged = judge_answer(asked, &[any], exchange, &Bindings::new());
    let (status, value) = (judged.status, judged.value);
    let state = match (&step.action, &suite.jobs, &value) {
        (PlannedAction::Await { .. }, Some(jobs), Some(value)) if judged.accepted => Some(job_state(jobs, value)),
        _ => None,
    };
    let came = match state {
        _ if status.is_none() => Came::Unreadable,
        Some(JobState::Ended(JobEnd::Succeeded)) => Came::Accepted,
        Some(JobState::Ended(JobEnd::Failed)) => Came::JobFailed,
        Some(JobState::Pending | JobState::Undocumented(_)) => Came::JobOpen,
        None if judged.accepted && value.is_none() => Came::Unreadable,
        None if judged.accepted => Came::Accepted,
        None => Came::Refused,
    };
    Observed { came, status, value }
}

//! A job, and what the answer about one that has ended says.

use std::time::Duration;

use serde_json::Value;

use crate::scenario::Expectation;
use assay_formats::record::Part;
use assay_suite::source::{Located, Place};
use assay_suite::{Jobs, OperationName};

/// A job to be followed.
pub(super) struct Job<'a> {
    pub id: &'a Value,
    pub of: Option<&'a OperationName>,
    pub within: Duration,
    pub part: Part,
    pub place: &'a Place,
    /// Who asks; the main account when nothing is said.
    pub account: Option<&'a str>,
    /// What is expected of each answer about it: its form, or nothing.
    pub expect: Vec<Located<Expectation>>,
}

impl Job<'_> {
    /// Whether the form of its answers is tested.
    pub fn expects_form(&self) -> bool {
        !self.expect.is_empty()
    }
}

/// What the answer about a job that has ended says.
#[derive(Clone, Copy)]
pub(super) struct JobReport<'a> {
    /// The arguments of the request that started it.
    pub said: &'a [(String, Value)],
    pub result: Option<&'a Value>,
    /// What names the thing that the job is about.
    pub instance: Option<&'a Value>,
}

impl<'a> JobReport<'a> {
    /// What an answer says.
    pub fn of(jobs: &Jobs, said: &'a [(String, Value)], answer: Option<&'a Value>) -> Self {
        Self { said, result: outcome_of(jobs, answer), instance: answer.and_then(|answer| jobs.instance_in(answer)) }
    }
}

/// What a finished job holds, if its API says.
pub(super) fn outcome_of<'a>(jobs: &Jobs, answer: Option<&'a Value>) -> Option<&'a Value> {
    jobs.result_in(answer?)
}

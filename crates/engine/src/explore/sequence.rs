//! A counterexample as a sequence of requests, and what both sides answered to each.

use std::time::Duration;

use serde_json::Value;

use super::observation::Answers;
use super::render::{Shown, written};
use crate::plan::PlannedAction;
use crate::scenario::Template;

/// A step of a counterexample.
#[derive(Clone, Debug)]
pub struct SequenceStep {
    /// The operation that was asked for, or whose job was followed.
    pub operation: String,
    /// Whether the job of an earlier step was followed.
    pub is_job: bool,
    /// Who asked; none for the main account.
    pub account: Option<String>,
    /// The arguments, as in the scenario: what an earlier step gave is a variable.
    pub arguments: Vec<(String, String)>,
    /// The variables that its answer gives values to.
    pub kept: Vec<String>,
    /// What both answered.
    pub answers: Answers,
    /// When the answers were there, since the sequence began.
    pub at: Duration,
}

impl SequenceStep {
    /// A step that was shown, without secrets.
    pub(super) fn of(shown: &Shown, redact: &impl Fn(&str) -> String) -> Self {
        let text = |value: &Template| match written(value) {
            Value::String(text) => redact(&text),
            value => redact(&value.to_string()),
        };
        let (account, arguments, is_job) = match &shown.step.action {
            PlannedAction::Call { calls, .. } => {
                let call = calls.first();
                let arguments = call.map(|call| call.arguments.as_slice()).unwrap_or_default();
                (call.and_then(|call| call.account.clone()), arguments, false)
            }
            PlannedAction::Paginate(call) => (call.account.clone(), call.arguments.as_slice(), false),
            PlannedAction::Await { account, .. } => (account.clone(), &[][..], true),
        };
        Self {
            operation: shown.step.operations().first().map(ToString::to_string).unwrap_or_default(),
            is_job,
            account,
            arguments: arguments.iter().map(|(name, value)| (name.clone(), text(value))).collect(),
            kept: shown.step.save.iter().map(|(variable, _)| variable.0.clone()).collect(),
            answers: shown.answers.clone(),
            at: shown.at,
        }
    }
}

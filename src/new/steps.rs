//! Recorded calls as the steps of a scenario.

use serde_json::{Map, Value};

use assay_suite::{Effect, Envelope, Operation, Style, Suite};

use super::call::Call;
use super::recorded::{Recorded, Spot};

/// One step: a call, or the wait for a job.
#[derive(Debug)]
pub(super) struct Step<'a> {
    /// The number of its call: of several that ask for one job, the first.
    pub call: usize,
    /// Where its request is in the file.
    pub place: &'a Spot,
    pub operation: &'a Operation,
    pub kind: StepKind,
    pub arguments: Vec<(String, Value)>,
    pub status: Option<u16>,
    /// The text of the answer, where it was recorded. It takes less room than its value.
    pub answer: Option<&'a str>,
    pub location: Option<&'a str>,
    /// What later steps take from its answer: the name, and the path.
    pub saves: Vec<(String, String)>,
}

/// What a step does.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum StepKind {
    Call,
    /// Waits for a job that ends so.
    Await(JobEnd),
}

/// How a recorded job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum JobEnd {
    Succeeded,
    Failed,
}

impl<'a> Step<'a> {
    pub fn new(suite: &'a Suite, recorded: &'a Recorded, number: usize, call: Call<'a>) -> Self {
        let answer = recorded.answer.as_ref();
        let body = answer.and_then(|answer| answer.body.as_deref());
        let kind = job_end(suite, call.operation, body).map_or(StepKind::Call, StepKind::Await);
        let own = recorded.saves.iter().map(|(name, path)| (variable_name(name), path.clone()));
        Self {
            call: number,
            place: &recorded.place,
            operation: call.operation,
            kind,
            arguments: call.arguments,
            // Without what a browser had kept the answer is another.
            status: answer.map(|answer| answer.status).filter(|status| *status != 304),
            answer: body,
            location: answer.and_then(|answer| answer.location.as_deref()),
            saves: if suite.style == Style::Rest { own.collect() } else { Vec::new() },
        }
    }

    pub fn creates(&self) -> bool {
        self.operation.effect == Effect::Creates && self.status.is_none_or(|status| (200..300).contains(&status))
    }

    /// The step as YAML, each value in the form of JSON.
    pub fn written(&self, suite: &Suite) -> String {
        let line = |key: &str, value: &Value| format!("    {key}: {value}\n");
        let saves: Map<_, _> =
            self.saves.iter().map(|(name, path)| (name.clone(), Value::from(path.as_str()))).collect();
        let mut text = String::new();
        match &self.kind {
            StepKind::Await(end) => {
                let job = self.arguments.first().map_or(Value::Null, |(_, job)| job.clone());
                text.push_str(&format!("  - await: {job}\n"));
                if *end == JobEnd::Failed {
                    text.push_str("    ends: failed\n");
                }
            }
            StepKind::Call => {
                text.push_str(&format!("  - call: {}\n", Value::from(self.operation.name.value.0.as_str())));
                if !self.arguments.is_empty() {
                    text.push_str(&line("with", &Value::Object(self.arguments.iter().cloned().collect())));
                }
                text.push_str(&line("expect", &self.expected(suite)));
            }
        }
        if !saves.is_empty() {
            text.push_str(&line("save", &Value::Object(saves)));
        }
        text
    }

    fn expected(&self, suite: &Suite) -> Value {
        let Some(status) = self.status else { return Value::from("accepted") };
        let refusals = suite.refusals_of(&self.operation.name.value.0);
        let outcome = match status {
            200..300 => "accepted",
            _ if refusals.iter().any(|pattern| pattern.matches(status)) => "refused",
            _ => "any",
        };
        serde_json::json!({"outcome": outcome, "status": status})
    }
}

/// Leaves out that a job was asked for again and again: one step waits for it, and what it came to is the last answer.
pub(super) fn without_polls(steps: Vec<Step<'_>>) -> Vec<Step<'_>> {
    let mut kept: Vec<Step<'_>> = Vec::new();
    for step in steps {
        let same = |known: &&mut Step<'_>| known.kind != StepKind::Call && known.arguments == step.arguments;
        if step.kind != StepKind::Call
            && let Some(known) = kept.iter_mut().find(same)
        {
            (known.kind, known.answer) = (step.kind, step.answer);
            continue;
        }
        kept.push(step);
    }
    kept
}

/// What an answer says within its envelope.
pub(super) fn said(suite: &Suite, answer: &str) -> Option<Value> {
    match serde_json::from_str(answer).ok()? {
        Value::Object(fields) if suite.envelope != Envelope::None && fields.len() == 1 => {
            fields.into_iter().next().map(|(_, value)| value)
        }
        body => Some(body),
    }
}

/// How the job ended that an answer is about; none where it is about none.
fn job_end(suite: &Suite, operation: &Operation, answer: Option<&str>) -> Option<JobEnd> {
    let jobs = suite.jobs.as_ref().filter(|jobs| jobs.poll == operation.name.value)?;
    let answer = answer.and_then(|answer| said(suite, answer));
    let state = answer.as_ref().and_then(|answer| jobs.status_in(answer));
    let has_failed = state.is_some_and(|state| jobs.states.failed.contains(state));
    Some(if has_failed { JobEnd::Failed } else { JobEnd::Succeeded })
}

/// A text as the name of a variable, and none that a case has of its own unless it is one.
pub(super) fn variable_name(text: &str) -> String {
    let mut name: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if name.chars().all(|c| !c.is_ascii_lowercase()) {
        name.make_ascii_lowercase();
    }
    let first = name.chars().next().map(|c| c.to_ascii_lowercase());
    match first.filter(char::is_ascii_lowercase) {
        Some(first) => format!("{first}{}", name.get(1..).unwrap_or_default()),
        None => format!("v{name}"),
    }
}

//! Recorded calls as the steps of a scenario.

use serde_json::{Map, Value};

use assay_engine::scenario::Template;
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

    /// The step as YAML, each value in the form of JSON; `wait` is what follows the job that it is given.
    pub fn written(&self, suite: &Suite, wait: Option<&Self>) -> String {
        let mut text = String::new();
        let mut line = |key: &str, value: &Value| text.push_str(&format!("    {key}: {value}\n"));
        match self.kind {
            StepKind::Await(_) => {}
            StepKind::Call => {
                if !self.arguments.is_empty() {
                    line("with", &Value::Object(self.arguments.iter().cloned().collect()));
                }
                line("expect", &self.expected(suite));
            }
        }
        let own_job = wait.and_then(Self::awaited);
        let kept = self.saves.iter().filter(|(name, _)| Some(name.as_str()) != own_job);
        let saves: Map<_, _> = kept.map(|(name, path)| (name.clone(), Value::from(path.as_str()))).collect();
        if !saves.is_empty() {
            line("save", &Value::Object(saves));
        }
        match &self.kind {
            StepKind::Await(end) => {
                let job = self.arguments.first().map_or(Value::Null, |(_, job)| job.clone());
                let ends = if *end == JobEnd::Failed { "    ends: failed\n" } else { "" };
                format!("  - await: {job}\n{ends}{text}")
            }
            StepKind::Call => {
                let name = Value::from(self.operation.name.value.0.as_str());
                let wait = wait.map(|wait| wait.written_below(suite)).unwrap_or_default();
                format!("  - call: {name}\n{text}{wait}")
            }
        }
    }

    /// What the step says of the job of the call before it, below that.
    fn written_below(&self, suite: &Suite) -> String {
        let written = self.written(suite, None);
        let lines: Vec<_> = written.lines().skip(1).map(|line| format!("  {line}\n")).collect();
        if lines.is_empty() { "    await: true\n".to_owned() } else { format!("    await:\n{}", lines.concat()) }
    }

    /// The name of the variable that holds the id of the job which it awaits.
    fn awaited(&self) -> Option<&str> {
        let (_, job) = self.arguments.first().filter(|_| self.kind != StepKind::Call)?;
        job.as_str()?.strip_prefix('$')
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

/// What follows the job that a step is given, if nothing else asks for that.
pub(super) fn own_wait<'s, 'a>(suite: &Suite, steps: &'s [Step<'a>], position: usize) -> Option<&'s Step<'a>> {
    let (call, wait) = (steps.get(position)?, steps.get(position + 1)?);
    let (job, id) = (wait.awaited()?, &suite.jobs.as_ref()?.id);
    let is_own = call.kind == StepKind::Call && call.saves.contains(&(job.to_owned(), format!("$.{id}")));
    let arguments = steps.iter().flat_map(|step| &step.arguments);
    let templates = arguments.map(|(_, value)| Template::parse(value));
    let uses: usize = templates.map(|value| value.variables().iter().filter(|name| name.0 == job).count()).sum();
    (is_own && uses == 1).then_some(wait)
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

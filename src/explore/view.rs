//! What an exploration found, for people and for programs.

use serde_json::{Value, json};

use crate::output::stdout;
use assay_engine::explore::{Counterexample, Explored, SequenceStep};
use assay_suite::SuiteName;
use assay_suite::source::harmless;

/// One disagreement in one line, as soon as it is found.
pub(super) fn line(suite: &SuiteName, found: &Counterexample) -> String {
    let operation = &found.disagreement.operation;
    let line = format!("{suite}: {}: {operation}: {}", verdict(found), found.disagreement.aspect);
    harmless::line(&line)
}

fn verdict(found: &Counterexample) -> String {
    if found.requirements.is_empty() {
        return "undecided by the document".to_owned();
    }
    let ids: Vec<_> = found.requirements.iter().map(ToString::to_string).collect();
    format!("violates {}", ids.join(", "))
}

/// What was found in one suite.
pub(super) fn report(suite: &SuiteName, explored: &Explored) {
    for (number, found) in explored.counterexamples.iter().enumerate() {
        let folder = if found.requirements.is_empty() { "undecided" } else { "scenarios" };
        let lines = [
            line(suite, found),
            format!("  requests: {}", found.calls.join(", ")),
            format!("  expected: {}", found.disagreement.expected),
            format!("  observed: {}", found.disagreement.observed),
            format!(
                "  found after {} steps and {:.1} s, in walk {}; shown again {} of 2 times; met {} times",
                found.after_steps,
                found.after.as_secs_f64(),
                found.walk,
                found.reproduced,
                found.times
            ),
            format!("  scenario: {folder}/{suite}/explored-{}.yaml", number + 1),
        ];
        stdout!("{}\n", harmless::lines(&lines.join("\n")));
    }
    let reached = &explored.reached;
    stdout!(
        "{suite}: {} walks, {} steps; {} operations asked for, {} carried out; {} pairs of operation and state; {} \
         disagreements",
        explored.walks,
        explored.steps,
        reached.operations(),
        reached.operations_accepted(),
        reached.pairs().len(),
        explored.counterexamples.len()
    );
}

/// All that was found.
pub(super) fn json(seed: u64, all: &[(SuiteName, Explored)]) -> String {
    let suites: Vec<Value> = all.iter().map(|(suite, explored)| of_suite(suite, explored)).collect();
    format!("{:#}", json!({"seed": seed, "suites": suites}))
}

fn of_suite(suite: &SuiteName, explored: &Explored) -> Value {
    let found: Vec<_> = explored.counterexamples.iter().map(of_counterexample).collect();
    json!({
        "suite": suite,
        "walks": explored.walks,
        "steps": explored.steps,
        "interrupted": explored.interrupted,
        "operations": explored.reached.operations(),
        "operations_accepted": explored.reached.operations_accepted(),
        "reached": explored.reached.pairs(),
        "disagreements": found,
    })
}

fn of_counterexample(found: &Counterexample) -> Value {
    json!({
        "verdict": if found.requirements.is_empty() { "undecided" } else { "violates" },
        "requirements": found.requirements,
        "operation": found.disagreement.operation,
        "aspect": found.disagreement.aspect.to_string(),
        "title": found.title,
        "requests": found.calls,
        "sequence": found.sequence.iter().map(of_step).collect::<Vec<_>>(),
        "expected": found.disagreement.expected,
        "observed": found.disagreement.observed,
        "walk": found.walk,
        "after_steps": found.after_steps,
        "after_seconds": found.after.as_secs_f64(),
        "reproduced": found.reproduced,
        "times": found.times,
    })
}

fn of_step(step: &SequenceStep) -> Value {
    let arguments: serde_json::Map<_, _> =
        step.arguments.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    json!({
        "operation": step.operation,
        "job": step.is_job,
        "account": step.account,
        "arguments": arguments,
        "deployment": step.answers.deployment,
        "model": step.answers.model,
        "at_seconds": step.at.as_secs_f64(),
    })
}

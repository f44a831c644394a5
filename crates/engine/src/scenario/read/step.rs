//! Reads the steps of a scenario.

use std::time::Duration;

use crate::scenario::{Action, Await, Call, CallOptions, Expectation, JobEnd, Source, Step, StepRole, Until};
use assay_suite::SuiteName;
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node};

use super::{call_options, expectation, path};

/// Reads a list of steps; `what` is what it is called there.
pub(crate) fn read_steps(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Vec<Step> {
    let Some(steps) = node.list(what, mistakes) else { return Vec::new() };
    if steps.is_empty() {
        mistakes.add(Diagnostic::error(&node.place, format!("{what} can't be empty")).help("write at least one"));
    }
    steps.iter().filter_map(|step| read_step(step, mistakes)).collect()
}

fn read_step(node: &Node, mistakes: &mut Diagnostics) -> Option<Step> {
    let mut fields = node.fields("a step", mistakes)?;
    let action = read_action(node, &mut fields, mistakes)?;
    let suite = fields.text("suite", mistakes).map(|name| name.map(SuiteName));
    let each = fields.take("each").and_then(|node| node.list("`each`", mistakes)).unwrap_or_default();
    let each = each.iter().filter_map(|node| read_variation(node, mistakes)).collect();
    let expect = fields.take("expect").map(|node| expectation::read(node, mistakes)).unwrap_or_default();
    expectation::check(&action, &expect, mistakes);
    let save = fields.take("save").map(|node| read_save(node, mistakes)).unwrap_or_default();
    let verifies = fields.texts("verifies", mistakes);
    fields.finish(mistakes);
    Some(Step { action, suite, each, expect, save, verifies, role: StepRole::Tests })
}

fn read_action(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Located<Action>> {
    let call = fields.take("call");
    let paginate = fields.take("paginate");
    let job = fields.take("await");
    let action = match (call, paginate, job) {
        (Some(call), None, None) => read_call(call, fields, mistakes).map(Action::Call),
        (None, Some(call), None) => read_paginate(call, fields, mistakes).map(Action::Paginate),
        (None, None, Some(job)) => read_await(job, fields, mistakes).map(Action::Await),
        _ => no_action(node, fields, mistakes),
    };
    let place = call.or(paginate).or(job).map_or(&node.place, |node| &node.place);
    Some(Located { value: action?, place: place.clone() })
}

/// Reports a step that does nothing, or several things. What else is in it is not looked at.
fn no_action(node: &Node, fields: &Fields<'_>, mistakes: &mut Diagnostics) -> Option<Action> {
    let mut actions: Vec<_> =
        ["call", "await", "paginate"].into_iter().filter_map(|name| fields.place_of(name)).collect();
    actions.sort_by_key(|place| place.bytes.start);
    mistakes.add(match actions.get(1) {
        Some(second) => Diagnostic::error(second, "a step does one thing")
            .help("begin this line with `- `: then it is another step"),
        None => Diagnostic::error(&node.place, "a step needs one of: call, await, paginate")
            .help("write `call: ` and the name of an operation"),
    });
    None
}

fn read_call(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Call> {
    let message = "`ends` is of a job, and this step does not await one";
    fields.refuse("ends", message, "write it in the step that awaits the job", mistakes);
    let operation = node.text("an operation's name", mistakes).map(call_options::template);
    let options = call_options::read(fields, mistakes);
    let until = read_until(fields, mistakes);
    Some(Call { operation: operation?, options, until })
}

/// What a call is repeated for, and how long.
fn read_until(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Until> {
    let Some(node) = fields.take("until") else {
        let message = "`within` says how long a job or `until` may take, and this step has neither";
        fields.refuse("within", message, "write `until: {$.status: done}`, or await a job", mistakes);
        return None;
    };
    let reached = expectation::read(node, mistakes);
    for condition in &reached {
        if !matches!(condition.value, Expectation::Field(..) | Expectation::Header(..) | Expectation::Status(_)) {
            let mistake = Diagnostic::error(&condition.place, "`until` looks at paths, headers and the status");
            mistakes.add(mistake.help("write a path: until: {$.status: done}"));
        }
    }
    Some(Until { reached, within: read_within(fields, mistakes) })
}

fn read_within(fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Duration {
    const LONGEST_UNSAID: Duration = Duration::from_secs(10 * 60);
    fields.take("within").and_then(|node| node.duration("`within`", mistakes)).unwrap_or(LONGEST_UNSAID)
}

fn read_paginate(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Call> {
    for name in ["each", "save", "until", "suite"] {
        fields.refuse(name, &format!("`paginate` takes no `{name}`"), "write it in a step that calls", mistakes);
    }
    read_call(node, fields, mistakes)
}

fn read_variation(node: &Node, mistakes: &mut Diagnostics) -> Option<Located<CallOptions>> {
    let mut fields = node.fields("one of `each`", mistakes)?;
    let value = call_options::read(&mut fields, mistakes);
    fields.finish(mistakes);
    Some(Located { value, place: node.place.clone() })
}

fn read_await(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Await> {
    for name in ["with", "add", "without", "method", "format", "sign", "each", "until"] {
        fields.refuse(name, &format!("`await` takes no `{name}`"), "write it in a step that calls", mistakes);
    }
    let job = node.text("a job's id", mistakes).map(call_options::template);
    let within = read_within(fields, mistakes);
    let account = fields.text("account", mistakes).map(|name| name.value);
    let ends = [("succeeded", JobEnd::Succeeded), ("failed", JobEnd::Failed)];
    let ends = fields.take("ends").and_then(|node| node.choice("`ends`", &ends, mistakes));
    Some(Await { job: job?, within, account, ends: ends.unwrap_or(JobEnd::Succeeded) })
}

fn read_save(node: &Node, mistakes: &mut Diagnostics) -> Vec<(Variable, Located<Source>)> {
    let entries = node.entries("`save`", mistakes).unwrap_or_default();
    let saves = entries.iter().filter_map(|(name, node)| {
        let text = node.text("a path", mistakes)?;
        let source = match text.value.strip_prefix("header.") {
            Some(header) => Some(Located { value: Source::Header(header.to_lowercase()), place: text.place.clone() }),
            None => path::read(&text, mistakes).map(|path| path.map(Source::Path)),
        };
        Some((Variable::read(name, mistakes)?.value, source?))
    });
    saves.collect()
}

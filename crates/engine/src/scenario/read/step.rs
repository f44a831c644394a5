//! Reads the steps of a scenario.

use crate::scenario::Expectation;
use crate::scenario::step::{Action, Await, Call, CallOptions, Step, StepRole, Until};
use assay_suite::SuiteName;
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, Fields, Located, Node};

use super::own_job::OwnJob;
use super::parts::{read_ends, read_save, read_within};
use super::{call_options, expectation};

/// Reads a list of steps; `what` is what it is called there.
pub(crate) fn read_steps(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Vec<Step> {
    read_list(node, what, &Variable::own_job(None), mistakes)
}

/// Reads the steps of a fixture that provides these variables.
pub(super) fn read_fixture_steps(node: &Node, provides: &[Located<Variable>], mistakes: &mut Diagnostics) -> Vec<Step> {
    let job = Variable::own_job(provides.first().map(|variable| &variable.value));
    read_list(node, "`steps`", &job, mistakes)
}

fn read_list(node: &Node, what: &str, job: &Variable, mistakes: &mut Diagnostics) -> Vec<Step> {
    let Some(steps) = node.list(what, mistakes) else { return Vec::new() };
    if steps.is_empty() {
        mistakes.add(Diagnostic::error(&node.place, format!("{what} can't be empty")).help("write at least one"));
    }
    steps.iter().flat_map(|step| read_step(step, job, mistakes)).collect()
}

/// Reads one step; a call that awaits its own job is two. `job` is the variable that holds that job's id.
fn read_step(node: &Node, job: &Variable, mistakes: &mut Diagnostics) -> Vec<Step> {
    let Some(mut fields) = node.fields("a step", mistakes) else { return Vec::new() };
    let own_job = OwnJob::of(&mut fields);
    let Some(action) = read_action(node, own_job.as_ref(), &mut fields, mistakes) else { return Vec::new() };
    let suite = fields.text("suite", mistakes).map(|name| name.map(SuiteName));
    let each = fields.take("each").and_then(|node| node.list("`each`", mistakes)).unwrap_or_default();
    let each = each.iter().filter_map(|node| read_variation(node, mistakes)).collect();
    let expect = fields.take("expect").map(|node| expectation::read(node, mistakes)).unwrap_or_default();
    expectation::check(&action, &expect, mistakes);
    let save = fields.take("save").map(|node| read_save(node, mistakes)).unwrap_or_default();
    let verifies = fields.texts("verifies", mistakes);
    fields.finish(mistakes);
    let mut steps = vec![Step { action, suite, each, expect, save, verifies, role: StepRole::Tests }];
    if let (Some(own_job), [call]) = (own_job, steps.as_mut_slice()) {
        let follows = own_job.follows(call, job, mistakes);
        steps.extend(follows);
    }
    steps
}

fn read_action(
    node: &Node,
    own_job: Option<&OwnJob<'_>>,
    fields: &mut Fields<'_>,
    mistakes: &mut Diagnostics,
) -> Option<Located<Action>> {
    let call = fields.take("call");
    let paginate = fields.take("paginate");
    let job = fields.take("await").filter(|_| own_job.is_none());
    let action = match (call, paginate, job) {
        (Some(call), None, None) => read_call(call, own_job, fields, mistakes).map(Action::Call),
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
    let help = match (fields.place_of("call"), fields.place_of("await")) {
        (Some(_), Some(_)) => {
            "write `await: true` for the job of this call; or begin this line with `- `, for another step"
        }
        _ => "begin this line with `- `: then it is another step",
    };
    mistakes.add(match actions.get(1) {
        Some(second) => Diagnostic::error(second, "a step does one thing").help(help),
        None => Diagnostic::error(&node.place, "a step needs one of: call, await, paginate")
            .help("write `call: ` and the name of an operation"),
    });
    None
}

fn read_call(
    node: &Node,
    own_job: Option<&OwnJob<'_>>,
    fields: &mut Fields<'_>,
    mistakes: &mut Diagnostics,
) -> Option<Call> {
    let operation = node.text("an operation's name", mistakes).map(call_options::template);
    let options = call_options::read(fields, mistakes);
    let until = if own_job.is_some() {
        OwnJob::refuse_others(fields, mistakes);
        None
    } else {
        let message = "`ends` is of a job, and this step does not await one";
        fields.refuse("ends", message, "write it in the step that awaits the job", mistakes);
        read_until(fields, mistakes)
    };
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

fn read_paginate(node: &Node, fields: &mut Fields<'_>, mistakes: &mut Diagnostics) -> Option<Call> {
    for name in ["each", "save", "until", "suite"] {
        fields.refuse(name, &format!("`paginate` takes no `{name}`"), "write it in a step that calls", mistakes);
    }
    read_call(node, None, fields, mistakes)
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
    let (within, ends) = (read_within(fields, mistakes), read_ends(fields, mistakes));
    let account = fields.text("account", mistakes).map(|name| name.value);
    Some(Await { job: job?, within, account, ends })
}

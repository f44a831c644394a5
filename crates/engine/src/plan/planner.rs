//! Resolves the steps of a case: operations, arguments, formats, promises.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::scenario::{
    Action, Allowed, Bindings, Call, CallOptions, Expectation, Fixture, LawName, Matcher, RequestedFormat, Source,
    Step, StepRole, Template, Until,
};
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, Diagnostics, Located};
use assay_suite::{Encoding, Jobs, OperationName, RequirementId, Suite, SuiteName};
use serde_json::Value;

use super::arguments;
use super::case::{PlannedAction, PlannedCall, PlannedStep, Purpose};

/// Resolves the steps of one case.
pub(super) struct Planner<'a> {
    pub suite: &'a Arc<Suite>,
    /// All suites: a step can ask another one.
    pub suites: &'a BTreeMap<SuiteName, Arc<Suite>>,
    pub fixtures: &'a [Arc<Fixture>],
    pub longest_job: Duration,
    pub bindings: &'a Bindings,
    /// Those of them that hold for every case of the suite.
    pub conventions: &'a Bindings,
    /// What may be done to the target.
    pub allowed: &'a Allowed,
    pub format: Encoding,
    /// Which variable holds a job of which operation.
    pub jobs: Vec<(Variable, OperationName)>,
    pub mistakes: &'a mut Diagnostics,
}

impl Planner<'_> {
    /// A planner for steps that know nothing of what a scenario is repeated for.
    pub fn for_fixture(&mut self) -> Planner<'_> {
        Planner { bindings: self.conventions, jobs: Vec::new(), mistakes: &mut *self.mistakes, ..*self }
    }

    pub fn step(&mut self, step: &Step, purpose: &Purpose) -> PlannedStep {
        let mut operations = Vec::new();
        let other = step.suite.as_ref().and_then(|name| self.suites.get(&name.value)).cloned();
        let suite = Arc::clone(other.as_ref().unwrap_or(self.suite));
        let longest_job = self.longest_job;
        let action = match &step.action.value {
            Action::Call(call) => {
                let calls = self.calls(&suite, call, step);
                operations.extend(calls.iter().map(|call| OperationName(call.operation.clone())));
                let until = call.until.as_ref().map(|until| Until {
                    reached: until.reached.iter().map(|condition| bound(condition, self.bindings)).collect(),
                    within: until.within.min(longest_job),
                });
                PlannedAction::Call { calls, until }
            }
            Action::Paginate(call) => {
                let call = self.call(&suite, call, &call.options, &step.action);
                operations.push(OperationName(call.operation.clone()));
                PlannedAction::Paginate(call)
            }
            Action::Await(job) => {
                let template = job.job.value.bind(self.bindings);
                let variables = template.variables();
                let of = self.jobs.iter().rev().find(|(variable, _)| variables.contains(&variable));
                let of = of.map(|(_, operation)| operation.clone());
                self.check_own_job(&suite, &job.job, of.as_ref());
                operations.extend(of.clone());
                operations.extend(suite.jobs.as_ref().map(|jobs| jobs.poll.clone()));
                let (within, account) = (job.within.min(longest_job), job.account.clone());
                PlannedAction::Await { job: template, of, within, account, ends: job.ends }
            }
        };
        for (variable, _) in &step.save {
            self.jobs.extend(operations.first().map(|operation| (variable.clone(), operation.clone())));
        }
        PlannedStep {
            place: step.action.place.clone(),
            purpose: match step.role {
                StepRole::Tests => purpose.clone(),
                StepRole::Prepares => {
                    Purpose::Fixture(step.save.iter().map(|(variable, _)| variable.clone()).collect())
                }
            },
            action,
            suite: other,
            expect: step.expect.iter().map(|expectation| bound(expectation, self.bindings)).collect(),
            save: step.save.iter().map(|save| saved(&suite, save)).collect(),
            verifies: verifies(self.suite, step, &operations),
        }
    }

    /// A call can await its job if it has one.
    fn check_own_job(&mut self, suite: &Suite, job: &Located<Template>, of: Option<&OperationName>) {
        let is_own = matches!(&job.value, Template::Variable(variable) if variable.is_own_job());
        // Of what is not documented nothing is known.
        let operation = of.and_then(|of| suite.operations.get(of)).filter(|_| is_own);
        let Some(operation) = operation.filter(|operation| !operation.asynchronous || suite.jobs.is_none()) else {
            return;
        };
        let message = format!("{} has no job to await", operation.name.value);
        let help = "remove `await`; what is not done at once is asked for with `until`";
        self.mistakes.add(Diagnostic::error(&job.place, message).help(help));
    }

    fn calls(&mut self, suite: &Suite, call: &Call, step: &Step) -> Vec<PlannedCall> {
        if step.each.is_empty() {
            return vec![self.call(suite, call, &call.options, &step.action)];
        }
        let variations = step.each.iter();
        variations.map(|each| self.call(suite, call, &merged(&call.options, &each.value), each)).collect()
    }

    fn call<T>(&mut self, suite: &Suite, call: &Call, options: &CallOptions, at: &Located<T>) -> PlannedCall {
        let operation = call.operation.value.bind(self.bindings).to_string();
        let complete =
            matches!(&call.operation.value, Template::Variable(name) if name.0 == "operation" || name.0 == "poll");
        let documented = suite.operations.get(operation.as_str());
        let wanted = arguments::Wanted { documented, options, bindings: self.bindings, complete };
        let arguments = match arguments::arguments(&wanted) {
            Ok(arguments) => arguments,
            Err(arguments::NoValue { operation, parameter, place }) => {
                let message = format!("no request can be made up for {operation}: `{parameter}` has no `value`");
                let mistake = Diagnostic::error(&place, message);
                self.mistakes.add(mistake.help("give it a literal, or a variable such as $zone"));
                // That it is not given says no more.
                vec![(parameter, Template::text(""))]
            }
        };
        let asked = match options.format {
            // Another suite may not have the format of the case.
            None => suite.formats.iter().map(|format| format.encoding).find(|encoding| *encoding == self.format),
            Some(RequestedFormat::Encoding(encoding)) => Some(encoding),
            Some(RequestedFormat::Default) => None,
        };
        PlannedCall {
            operation,
            arguments,
            withheld: arguments::names(&options.without, self.bindings),
            asked,
            answered: asked.unwrap_or_else(|| default_format(suite)),
            method: options.method,
            account: options.account.clone(),
            sign: options.sign.clone(),
            place: at.place.clone(),
        }
    }
}

/// The format of answers when a request names none: the one that needs no parameter.
fn default_format(suite: &Suite) -> Encoding {
    let unasked = suite.formats.iter().find(|format| format.parameters.is_empty());
    unasked.or(suite.formats.first()).map_or(Encoding::Json, |format| format.encoding)
}

/// What is kept: a job's id is where the suite that is asked has it.
fn saved(suite: &Suite, (variable, source): &(Variable, Located<Source>)) -> (Variable, Located<Source>) {
    let field = |jobs: &Jobs| Bindings::from([(Variable("job_field".to_owned()), Value::from(jobs.id.as_str()))]);
    let value = match (&source.value, &suite.jobs) {
        (Source::Path(path), Some(jobs)) if variable.is_own_job() => Source::Path(path.bind(&field(jobs))),
        (other, _) => other.clone(),
    };
    (variable.clone(), Located { value, place: source.place.clone() })
}

fn merged(base: &CallOptions, variation: &CallOptions) -> CallOptions {
    let mut options = base.clone();
    options.with.retain(|(name, _)| !variation.with.iter().any(|(other, _)| other.value == name.value));
    options.with.extend(variation.with.iter().cloned());
    options.add.extend(variation.add.iter().cloned());
    options.without.extend(variation.without.iter().cloned());
    options.sign.extend(variation.sign.iter().cloned());
    options.method = variation.method.or(base.method);
    options.account = variation.account.clone().or(base.account.clone());
    options.format = variation.format.or(base.format);
    options
}

fn bound(expectation: &Located<Expectation>, bindings: &Bindings) -> Located<Expectation> {
    let value = match &expectation.value {
        Expectation::Field(path, matcher) => Expectation::Field(path.bind(bindings), bound_matcher(matcher, bindings)),
        Expectation::Given(path, matcher) => Expectation::Given(path.bind(bindings), bound_matcher(matcher, bindings)),
        Expectation::Recent(path) => Expectation::Recent(path.bind(bindings)),
        Expectation::Header(name, matcher) => Expectation::Header(name.clone(), bound_matcher(matcher, bindings)),
        Expectation::Body(matcher) => Expectation::Body(bound_matcher(matcher, bindings)),
        other => other.clone(),
    };
    Located { value, place: expectation.place.clone() }
}

fn bound_matcher(matcher: &Matcher, bindings: &Bindings) -> Matcher {
    match matcher {
        Matcher::Equals(template) => Matcher::Equals(template.bind(bindings)),
        Matcher::Not(template) => Matcher::Not(template.bind(bindings)),
        Matcher::Contains(template) => Matcher::Contains(template.bind(bindings)),
        Matcher::Includes(template) => Matcher::Includes(template.bind(bindings)),
        Matcher::Excludes(template) => Matcher::Excludes(template.bind(bindings)),
        Matcher::OneOf(templates) => Matcher::OneOf(templates.iter().map(|template| template.bind(bindings)).collect()),
        Matcher::All(matchers) => {
            Matcher::All(matchers.iter().map(|matcher| bound_matcher(matcher, bindings)).collect())
        }
        other => other.clone(),
    }
}

fn verifies(suite: &Suite, step: &Step, operations: &[OperationName]) -> Vec<RequirementId> {
    let mut ids = Vec::new();
    for name in &step.verifies {
        if let Some(requirement) = suite.requirements.get(name.value.as_str()) {
            ids.push(requirement.id.value.clone());
            continue;
        }
        let before = ids.len();
        for operation in operations {
            ids.extend(suite.requirements_for(&name.value, operation).map(|requirement| requirement.id.value.clone()));
        }
        let law = LawName::parse(&name.value).filter(|_| ids.len() == before);
        ids.extend(law.map(LawName::id));
    }
    ids.sort();
    ids.dedup();
    ids
}

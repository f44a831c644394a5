//! One scenario becomes a case for everything it is repeated for, in every format.

use std::sync::Arc;

use serde_json::Value;

use crate::scenario::{
    Action, AskedFormat, Bindings, Call, Expectation, Manner, Matcher, ParameterChoice, Scenario, Step, Template,
    Variable,
};
use crate::source::{Diagnostic, Diagnostics, Located};
use crate::suite::{Alternatives, Encoding, Operation, OperationName, Presence, RequirementId, Suite};
use crate::target::Target;

use super::case::{Case, Isolation, PlannedAction, PlannedCall, PlannedStep, Purpose, Readiness};
use super::{Library, arguments, needs};

/// A scenario on its way to cases.
pub(super) struct Expansion<'a> {
    pub library: &'a Library,
    pub suite: &'a Arc<Suite>,
    pub scenario: &'a Arc<Scenario>,
    pub target: &'a Target,
}

/// What a scenario is applied to, once.
struct Application<'a> {
    operation: Option<&'a Operation>,
    label: String,
    bindings: Bindings,
}

impl<'a> Expansion<'a> {
    pub fn cases(&self, mistakes: &mut Diagnostics) -> Vec<Case> {
        let suite_formats: Vec<_> = self.suite.formats.iter().map(|format| format.encoding).collect();
        let formats = suite_formats.iter().filter(|format| {
            self.scenario.formats.is_empty() || self.scenario.formats.contains(format)
        });
        let formats: Vec<_> = formats.copied().collect();
        let mut cases = Vec::new();
        for application in self.applications() {
            for format in &formats {
                cases.push(self.case(&application, *format, mistakes));
            }
        }
        cases
    }

    fn applications(&self) -> Vec<Application<'a>> {
        let conventions = conventions(self.suite);
        let Some(for_each) = &self.scenario.for_each else {
            return vec![Application { operation: None, label: String::new(), bindings: conventions }];
        };
        let operations = self.suite.operations.values().filter(|operation| for_each.operations.includes(operation));
        let mut applications = Vec::new();
        for operation in operations {
            let name = operation.name.value.0.as_str();
            let mut bound = conventions.clone();
            bound.extend([variable("operation", name), variable("required", &arguments::obligatory_names(operation))]);
            let Some(choice) = for_each.parameters else {
                let label = name.to_owned();
                applications.push(Application { operation: Some(operation), label, bindings: bound });
                continue;
            };
            for (label, more) in parameter_bindings(operation, choice) {
                let mut bindings = bound.clone();
                bindings.extend(more);
                applications.push(Application {
                    operation: Some(operation),
                    label: format!("{name}.{label}"),
                    bindings,
                });
            }
        }
        applications
    }

    fn case(&self, application: &Application<'a>, format: Encoding, mistakes: &mut Diagnostics) -> Case {
        let scenario = self.scenario;
        let mut parts = vec![self.suite.name.value.0.clone(), scenario.file.stem().to_owned(), slug(&scenario.title)];
        if !application.label.is_empty() {
            parts.push(application.label.clone());
        }
        parts.push(format.to_string());
        let name = parts.join("::");
        let mut bindings = application.bindings.clone();
        bindings.extend(self.target.variables.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut planner = Planner { expansion: self, bindings: &application.bindings, format, jobs: Vec::new(), mistakes };
        let steps: Vec<_> = scenario.steps.iter().map(|step| planner.step(step, &Purpose::Scenario)).collect();
        let (steps, readiness) = match needs::with_fixtures(&mut planner, steps, &bindings) {
            Ok(steps) => {
                let readiness = needs::readiness(self.suite, self.target, &steps);
                (steps, readiness)
            }
            Err(reason) => (Vec::new(), Readiness::Skipped(reason)),
        };
        Case {
            longest_job: self.target.limits.longest_job,
            isolation: isolation(self.suite, &steps),
            operation: application.operation.map(|operation| operation.name.value.clone()),
            suite: Arc::clone(self.suite),
            scenario: Arc::clone(scenario),
            name,
            format,
            bindings,
            steps,
            readiness,
        }
    }
}

/// Resolves the steps of one case.
pub(super) struct Planner<'e, 'a, 'm> {
    pub expansion: &'e Expansion<'a>,
    pub bindings: &'e Bindings,
    pub format: Encoding,
    /// Which variable holds a job of which operation.
    pub jobs: Vec<(Variable, OperationName)>,
    pub mistakes: &'m mut Diagnostics,
}

impl Planner<'_, '_, '_> {
    pub fn step(&mut self, step: &Step, purpose: &Purpose) -> PlannedStep {
        let mut operations = Vec::new();
        let longest_job = self.expansion.target.limits.longest_job;
        let action = match &step.action.value {
            Action::Call(call) => {
                let calls = self.calls(call, step);
                operations.extend(calls.iter().map(|call| OperationName(call.operation.clone())));
                PlannedAction::Call(calls)
            }
            Action::Paginate(call) => {
                let call = self.call(call, &call.manner, &step.action);
                operations.push(OperationName(call.operation.clone()));
                PlannedAction::Paginate(call)
            }
            Action::Await(job) => {
                let template = job.job.value.bind(self.bindings);
                let variables = template.variables();
                let of = self.jobs.iter().rev().find(|(variable, _)| variables.contains(&variable));
                let of = of.map(|(_, operation)| operation.clone());
                operations.extend(of.clone());
                operations.extend(self.expansion.suite.jobs.as_ref().map(|jobs| jobs.poll.clone()));
                PlannedAction::Await { job: template, of, within: job.within.min(longest_job), ends: job.ends }
            }
        };
        for (variable, _) in &step.save {
            self.jobs.extend(operations.first().map(|operation| (variable.clone(), operation.clone())));
        }
        PlannedStep {
            place: step.action.place.clone(),
            purpose: purpose.clone(),
            action,
            expect: step.expect.iter().map(|expectation| bound(expectation, self.bindings)).collect(),
            save: step.save.clone(),
            verifies: verifies(self.expansion.suite, step, &operations),
        }
    }

    fn calls(&mut self, call: &Call, step: &Step) -> Vec<PlannedCall> {
        if step.each.is_empty() {
            return vec![self.call(call, &call.manner, &step.action)];
        }
        step.each.iter().map(|variation| self.call(call, &merged(&call.manner, &variation.value), variation)).collect()
    }

    fn call<T>(&mut self, call: &Call, manner: &Manner, at: &Located<T>) -> PlannedCall {
        let operation = call.operation.value.bind(self.bindings).to_string();
        let complete = matches!(&call.operation.value, Template::Variable(name) if name.0 == "operation");
        let documented = self.expansion.suite.operations.get(operation.as_str());
        let wanted = arguments::Wanted { documented, manner, bindings: self.bindings, complete };
        let arguments = match arguments::arguments(&wanted) {
            Ok(arguments) => arguments,
            Err(arguments::NoValue { operation, parameter, place }) => {
                let message = format!("no request can be made up for {operation}: `{parameter}` has no `value`");
                let mistake = Diagnostic::error(&place, message);
                self.mistakes.add(mistake.help("give it a literal, or a variable such as $zone"));
                Vec::new()
            }
        };
        let asked = match manner.format {
            None => Some(self.format),
            Some(AskedFormat::Encoding(encoding)) => Some(encoding),
            Some(AskedFormat::Unsaid) => None,
        };
        PlannedCall {
            operation,
            arguments,
            asked,
            answered: asked.unwrap_or_else(|| default_format(self.expansion.suite)),
            method: manner.method.unwrap_or(crate::http::Method::Get),
            account: manner.account.clone(),
            sign: manner.sign.clone(),
            place: at.place.clone(),
        }
    }
}

/// The format of answers when a request names none: the one that needs no parameter.
fn default_format(suite: &Suite) -> Encoding {
    let unasked = suite.formats.iter().find(|format| format.parameters.is_empty());
    unasked.or(suite.formats.first()).map_or(Encoding::Json, |format| format.encoding)
}

fn merged(base: &Manner, variation: &Manner) -> Manner {
    let mut manner = base.clone();
    manner.with.retain(|(name, _)| !variation.with.iter().any(|(other, _)| other == name));
    manner.with.extend(variation.with.iter().cloned());
    manner.add.extend(variation.add.iter().cloned());
    manner.without.extend(variation.without.iter().cloned());
    manner.sign.extend(variation.sign.iter().cloned());
    manner.method = variation.method.or(base.method);
    manner.account = variation.account.clone().or(base.account.clone());
    manner.format = variation.format.or(base.format);
    manner
}

fn bound(expectation: &Located<Expectation>, bindings: &Bindings) -> Located<Expectation> {
    let value = match &expectation.value {
        Expectation::Field(path, matcher) => Expectation::Field(path.bind(bindings), bound_matcher(matcher, bindings)),
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
        Matcher::All(matchers) => Matcher::All(matchers.iter().map(|matcher| bound_matcher(matcher, bindings)).collect()),
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
        for operation in operations {
            ids.extend(suite.requirements_for(&name.value, operation).map(|requirement| requirement.id.value.clone()));
        }
    }
    ids.sort();
    ids.dedup();
    ids
}

fn variable(name: &str, value: &str) -> (Variable, Value) {
    (Variable(name.to_owned()), Value::from(value))
}

/// The names that a suite's conventions give to parameters and operations, for scenarios that serve many suites.
fn conventions(suite: &Suite) -> Bindings {
    let mut bindings = Bindings::new();
    if let Some(paging) = &suite.paging {
        bindings.extend([variable("page_parameter", &paging.page), variable("size_parameter", &paging.size)]);
    }
    if let Some(jobs) = &suite.jobs {
        bindings.extend([variable("poll", &jobs.poll.0), variable("job_parameter", &jobs.parameter)]);
    }
    bindings
}

/// What `$parameter`, `$partner` and `$field` stand for, with a label for the case's name.
fn parameter_bindings(operation: &Operation, choice: ParameterChoice) -> Vec<(String, Bindings)> {
    let bind = |label: String, pairs: &[(&str, &str)]| {
        (label, pairs.iter().map(|(name, value)| variable(name, value)).collect::<Bindings>())
    };
    let alternatives = |sets: &Option<Alternatives>| {
        let sets = sets.as_ref().map(|sets| sets.0.iter().map(|set| set.join(",")).collect::<Vec<_>>());
        let sets = sets.unwrap_or_default();
        let first = sets.first().cloned().unwrap_or_default();
        let others = sets.into_iter().skip(1);
        others.map(|other| bind(first.clone(), &[("parameter", &first), ("partner", &other)])).collect()
    };
    match choice {
        ParameterChoice::ExactlyOne => return alternatives(&operation.exactly_one),
        ParameterChoice::AtLeastOne => return alternatives(&operation.at_least_one),
        _ => {}
    }
    let mut found = Vec::new();
    for parameter in operation.parameters.values() {
        let name = parameter.name.value.as_str();
        let single = || bind(name.to_owned(), &[("parameter", name)]);
        let partners = |partners: &[String]| -> Vec<_> {
            let bound = partners.iter().map(|partner| bind(name.to_owned(), &[("parameter", name), ("partner", partner)]));
            bound.collect()
        };
        let list = operation.list.as_ref().map(|list| list.items.as_str()).unwrap_or_default();
        let with = parameter.with.join(",");
        let field = |field: &str| {
            let bound = [("parameter", name), ("field", field), ("items", list), ("partners", &with)];
            bind(name.to_owned(), &bound)
        };
        match (choice, &parameter.filter) {
            (ParameterChoice::Required, _) if parameter.presence == Presence::Required => found.push(single()),
            (ParameterChoice::Enumerated, _) if !parameter.values.is_empty() => found.push(single()),
            (ParameterChoice::Paired, _) => found.extend(partners(&parameter.with)),
            (ParameterChoice::Excluded, _) => found.extend(partners(&parameter.excludes)),
            (ParameterChoice::Filter, Some(crate::suite::Filter::Equals(name))) => found.push(field(name)),
            (ParameterChoice::Search, Some(crate::suite::Filter::Contains(name))) => found.push(field(name)),
            _ => {}
        }
    }
    found
}

fn isolation(suite: &Suite, steps: &[PlannedStep]) -> Isolation {
    let mut isolation = Isolation::None;
    for step in steps {
        match &step.action {
            PlannedAction::Paginate(_) => return Isolation::Exclusive,
            PlannedAction::Call(calls) if calls.iter().any(|call| needs::writes(suite, &call.operation)) => {
                isolation = Isolation::Shared;
            }
            _ => {}
        }
    }
    isolation
}

/// A title as part of a name: lower case, words joined by hyphens.
fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

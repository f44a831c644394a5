//! One scenario becomes a case for everything it is repeated for, in every format.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::deployment::Target;
use crate::scenario::{Bindings, Scenario};
use assay_formats::record::Strictness;
use assay_suite::source::Diagnostics;
use assay_suite::{Company, Deviation, Encoding, Operation, Paging, Suite};

use super::case::{Case, Isolation, PlannedAction, PlannedCall, PlannedStep, Purpose, Readiness};
use super::fixtures::{Completion, PlannedFixtures};
use super::parameters::variable;
use super::planner::Planner;
use super::{Library, arguments, needs, parameters};

/// A scenario on its way to cases.
pub(super) struct Expansion<'a> {
    pub library: &'a Library,
    pub suite: &'a Arc<Suite>,
    pub scenario: &'a Arc<Scenario>,
    pub target: &'a Target,
    pub deviations: &'a Arc<[Deviation]>,
    pub strictness: Strictness,
    /// The values of the target's variables.
    pub given: &'a Arc<Bindings>,
    /// What the suite's conventions are called.
    pub conventions: &'a Bindings,
}

/// The planned steps of fixtures in each format.
pub(super) type PlannedByFormat = BTreeMap<Encoding, PlannedFixtures>;

/// What a scenario is applied to, once.
struct Application<'a> {
    operation: Option<&'a Operation>,
    label: String,
    bindings: Bindings,
}

impl<'a> Expansion<'a> {
    pub fn cases(&self, planned: &mut PlannedByFormat, mistakes: &mut Diagnostics) -> Vec<Case> {
        let suite_formats: Vec<_> = self.suite.formats.iter().map(|format| format.encoding).collect();
        let formats = suite_formats
            .iter()
            .filter(|format| self.scenario.formats.is_empty() || self.scenario.formats.contains(format));
        let formats: Vec<_> = formats.copied().collect();
        let mut cases = Vec::new();
        for application in self.applications() {
            for format in &formats {
                let case = self.case(&application, *format, planned, mistakes);
                // What is not allowed is reported; what would be about another resource is no case.
                if case.readiness != Readiness::Ready || needs::has_its_path(self.suite, &case.steps) {
                    cases.push(case);
                }
            }
        }
        cases
    }

    fn applications(&self) -> Vec<Application<'a>> {
        let conventions = self.conventions.clone();
        if let Some(derived) = &self.scenario.derived {
            let operation = self.suite.operations.get(&derived.operation);
            return vec![Application { operation, label: derived.label.clone(), bindings: conventions }];
        }
        let Some(for_each) = &self.scenario.for_each else {
            return vec![Application { operation: None, label: String::new(), bindings: conventions }];
        };
        let operations =
            self.suite.operations.values().filter(|operation| for_each.operations.includes(self.suite, operation));
        let mut applications = Vec::new();
        for operation in operations {
            let name = operation.name.value.0.as_str();
            let bound = bound_to(self.suite, operation, &conventions);
            let Some(choice) = for_each.parameters else {
                let label = name.to_owned();
                applications.push(Application { operation: Some(operation), label, bindings: bound });
                continue;
            };
            for (label, more) in parameters::bindings(operation, choice) {
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

    fn case(
        &self,
        application: &Application<'a>,
        format: Encoding,
        planned: &mut PlannedByFormat,
        mistakes: &mut Diagnostics,
    ) -> Case {
        let scenario = self.scenario;
        let mut parts = vec![self.suite.name.value.0.clone(), scenario.file.stem().to_owned(), slug(&scenario.title)];
        if !application.label.is_empty() {
            parts.push(application.label.clone());
        }
        parts.push(format.to_string());
        let name = parts.join("::");
        let mut planner = Planner {
            suite: self.suite,
            suites: &self.library.suites,
            fixtures: &self.library.written.fixtures,
            longest_job: self.target.limits.longest_job,
            bindings: &application.bindings,
            conventions: self.conventions,
            allowed: &self.target.allow,
            format,
            jobs: Vec::new(),
            mistakes,
        };
        let steps: Vec<_> = scenario.steps.iter().map(|step| planner.step(step, &Purpose::Scenario)).collect();
        let completion = Completion::new(&mut planner, planned.entry(format).or_default(), self.given);
        let (steps, readiness, waits_for) = match completion.complete(steps) {
            Ok(steps) => {
                let readiness = needs::readiness(self.suite, self.target, &steps);
                (steps, readiness, None)
            }
            Err(missing) => (Vec::new(), Readiness::Skipped(missing.to_string()), Some(missing.0)),
        };
        Case {
            longest_job: self.target.limits.longest_job,
            isolation: self.isolation(&steps),
            in_turn: needs::in_turn(self.suite, self.given, &steps),
            vlan_user: None,
            waits_for,
            operation: application.operation.map(|operation| operation.name.value.clone()),
            suite: Arc::clone(self.suite),
            scenario: Arc::clone(scenario),
            name,
            format,
            bindings: application.bindings.clone(),
            given: Arc::clone(self.given),
            steps,
            readiness,
            strictness: self.strictness,
            deviations: Arc::clone(self.deviations),
        }
    }
}

impl Expansion<'_> {
    /// What may run at the same time as the steps.
    fn isolation(&self, steps: &[Arc<PlannedStep>]) -> Isolation {
        match self.scenario.company {
            Company::Alone => Isolation::Exclusive,
            Company::Others => isolation(self.suite, steps),
        }
    }
}

/// The values of variables where something is repeated for operations, and this is one of them.
pub(super) fn bound_to(suite: &Suite, operation: &Operation, conventions: &Bindings) -> Bindings {
    let mut bound = conventions.clone();
    bound.extend(paging_conventions(suite.paging_of(operation)));
    let required = arguments::obligatory_names(operation);
    bound.extend([variable("operation", &operation.name.value.0), variable("required", &required)]);
    let echoed: Vec<_> = operation.optional_echoes().map(|parameter| parameter.name.value.as_str()).collect();
    bound.extend([variable("echoed", &echoed.join(","))]);
    bound
}

/// The names that a suite's conventions give to parameters and operations, for scenarios that serve many suites.
pub(super) fn conventions(suite: &Suite) -> Bindings {
    let mut bindings = paging_conventions(suite.paging.as_ref());
    if let Some(jobs) = &suite.jobs {
        bindings.extend([variable("poll", &jobs.poll.0), variable("job_parameter", &jobs.parameter)]);
        bindings.extend([variable("job_field", &jobs.id)]);
    }
    bindings
}

fn paging_conventions(paging: Option<&Paging>) -> Bindings {
    let names = paging
        .map(|paging| [variable("page_parameter", paging.start.parameter()), variable("size_parameter", &paging.size)]);
    names.into_iter().flatten().collect()
}

fn isolation(suite: &Suite, steps: &[Arc<PlannedStep>]) -> Isolation {
    let mut isolation = Isolation::None;
    for step in steps {
        match &step.action {
            PlannedAction::Paginate(_) => return Isolation::Exclusive,
            PlannedAction::Call { calls, .. } => {
                let suite = step.suite.as_deref().unwrap_or(suite);
                let company =
                    |call: &PlannedCall| suite.operations.get(call.operation.as_str()).map(|found| found.company);
                if calls.iter().any(|call| company(call) == Some(Company::Alone)) {
                    return Isolation::Exclusive;
                }
                if calls.iter().any(|call| needs::writes(suite, &call.operation)) {
                    isolation = Isolation::Shared;
                }
            }
            PlannedAction::Await { .. } => {}
        }
    }
    isolation
}

/// A title as part of a name: lower case, words joined by hyphens.
pub(super) fn slug(title: &str) -> String {
    let words = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}

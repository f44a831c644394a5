//! Which requirement a disagreement breaks: the one that a scenario verifies by looking at the same thing.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::Library;
use crate::scenario::{Action, Expectation, Scenario, Step, Template};
use assay_suite::{OperationName, RequirementId, Suite, Variable};

use super::compare::{Difference, DifferenceKind};
use super::generator::Broken;
use super::laws::Law;

/// What scenarios look at, and which requirements that verifies.
pub(super) struct RequirementIndex<'a> {
    suite: &'a Suite,
    looks: Vec<Look>,
}

/// One look of a scenario at what an operation answers.
struct Look {
    operation: OperationName,
    /// The last names of the paths that it looks at.
    fields: BTreeSet<String>,
    requirements: Vec<RequirementId>,
    /// How many operations the scenario is repeated for.
    operations: usize,
}

/// What a disagreement is about.
pub(super) struct About<'a> {
    pub operation: &'a OperationName,
    /// What was written before, the latest first: a look at it may show what that did.
    pub written: &'a [OperationName],
    pub difference: Option<&'a Difference>,
    pub broken: Option<&'a Broken>,
    pub law: Option<Law>,
    /// The names of the arguments.
    pub arguments: &'a [String],
}

impl<'a> RequirementIndex<'a> {
    pub fn new(library: &Library, suite: &'a Suite) -> Self {
        let scenarios = library.written.scenarios.iter().filter(|scenario| scenario.scope.includes(suite));
        Self { suite, looks: scenarios.flat_map(|scenario| looks(suite, scenario)).collect() }
    }

    /// The requirements that it breaks; none if the document says nothing of it.
    pub fn broken(&self, about: &About<'_>) -> Vec<RequirementId> {
        if let Some(law) = about.law {
            let claimed = self.suite.requirements_for(law.name(), about.operation);
            return claimed.map(|requirement| requirement.id.value.clone()).collect();
        }
        let of_kind = self.by_name(about);
        if !of_kind.is_empty() {
            return of_kind;
        }
        let Some(difference) = about.difference else { return self.of_outcome(about) };
        let field = last_name(&difference.path);
        let operations = std::iter::once(about.operation).chain(about.written);
        for operation in operations {
            let fitting = self.looks.iter().filter(|look| look.operation == *operation && look.fields.contains(&field));
            if let Some(look) = fitting.min_by_key(|look| look.operations) {
                return look.requirements.clone();
            }
        }
        Vec::new()
    }

    /// What scenarios that serve many APIs call it.
    fn by_name(&self, about: &About<'_>) -> Vec<RequirementId> {
        let named = |name: &str| -> Vec<_> {
            let of_operation = self.suite.requirements_for(name, about.operation);
            of_operation.map(|requirement| requirement.id.value.clone()).collect()
        };
        match about.broken {
            Some(Broken::Missing(_)) => return named("required-parameters"),
            Some(Broken::WrongValue(_)) => return named("enumerated-values"),
            Some(Broken::Unknown(_)) | None => {}
        }
        let operation = self.suite.operations.get(about.operation);
        let Some((operation, difference)) = operation.zip(about.difference) else { return Vec::new() };
        let field = last_name(&difference.path);
        match difference.kind {
            DifferenceKind::ItemUnexpected | DifferenceKind::ItemMissing => {
                let is_filter =
                    |name: &String| operation.parameters.get(name).is_some_and(|parameter| parameter.filter.is_some());
                if about.arguments.iter().any(is_filter) { named("filters") } else { Vec::new() }
            }
            DifferenceKind::Value | DifferenceKind::Missing
                if operation.echoes.iter().any(|name| name.value == field) && about.arguments.contains(&field) =>
            {
                named("echoes")
            }
            _ => Vec::new(),
        }
    }

    /// Of a request that one carries out and the other does not: what is said of that operation alone.
    fn of_outcome(&self, about: &About<'_>) -> Vec<RequirementId> {
        let mut counted: BTreeMap<&RequirementId, usize> = BTreeMap::new();
        let of_operation = self.looks.iter().filter(|look| look.operation == *about.operation && look.operations == 1);
        for requirement in of_operation.flat_map(|look| &look.requirements) {
            *counted.entry(requirement).or_default() += 1;
        }
        let most = counted.into_iter().max_by_key(|(_, times)| *times);
        most.map(|(requirement, _)| requirement.clone()).into_iter().collect()
    }
}

/// The name of the field that a path leads to.
fn last_name(path: &str) -> String {
    assay_suite::way(path).pop().unwrap_or_default()
}

fn looks(suite: &Suite, scenario: &Scenario) -> Vec<Look> {
    let all: Vec<_> = match &scenario.for_each {
        Some(for_each) => {
            let meant = suite.operations.values().filter(|operation| for_each.operations.includes(suite, operation));
            meant.map(|operation| operation.name.value.clone()).collect()
        }
        None => Vec::new(),
    };
    let mut jobs: Vec<(Variable, Vec<OperationName>)> = Vec::new();
    let mut looks = Vec::new();
    for step in &scenario.steps {
        let operations = match &step.action.value {
            Action::Call(call) | Action::Paginate(call) => match call.operation.value.as_literal() {
                Some(name) => vec![OperationName(name.to_owned())],
                None => all.clone(),
            },
            Action::Await(job) => {
                let variables = job.job.value.variables();
                let of = jobs.iter().rev().find(|(variable, _)| variables.contains(&variable));
                of.map(|(_, operations)| operations.clone()).unwrap_or_default()
            }
        };
        jobs.extend(step.save.iter().map(|(variable, _)| (variable.clone(), operations.clone())));
        let fields = fields(step);
        for operation in &operations {
            let requirements = verified(suite, step, operation);
            if !requirements.is_empty() {
                let (operation, operations) = (operation.clone(), operations.len());
                looks.push(Look { operation, fields: fields.clone(), requirements, operations });
            }
        }
    }
    looks
}

/// The names that a step looks at, those in filters of its paths included.
fn fields(step: &Step) -> BTreeSet<String> {
    let paths = step.expect.iter().filter_map(|expectation| match &expectation.value {
        Expectation::Field(path, _) => Some(path.to_string()),
        _ => None,
    });
    paths.map(|path| last_name(&path)).collect()
}

fn verified(suite: &Suite, step: &Step, operation: &OperationName) -> Vec<RequirementId> {
    let mut ids = Vec::new();
    for name in &step.verifies {
        if let Some(requirement) = suite.requirements.get(name.value.as_str()) {
            ids.push(requirement.id.value.clone());
        } else {
            let of_operation = suite.requirements_for(&name.value, operation);
            ids.extend(of_operation.map(|requirement| requirement.id.value.clone()));
        }
    }
    ids
}

/// The names of arguments.
pub(super) fn names_of(arguments: &[(String, Template)]) -> Vec<String> {
    arguments.iter().map(|(name, _)| name.clone()).collect()
}

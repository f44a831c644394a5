//! Puts the steps of fixtures before the steps that need what they provide.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::scenario::{Bindings, Fixture, Step};
use assay_suite::Variable;
use assay_suite::source::{Diagnostic, misspelt};

use super::case::{PlannedStep, Purpose};
use super::needs::{conditions, suite_values, unprovided, uses};
use super::planner::Planner;

/// The steps of fixtures by their numbers, planned once for all cases of a suite in one format.
pub(super) type PlannedFixtures = HashMap<usize, Vec<Arc<PlannedStep>>>;

/// A variable that nothing provides: the target file has to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it needs {0}: the target file can give it under `variables`")]
pub(super) struct Missing(pub Variable);

/// A case on its way to being complete.
pub(super) struct Completion<'a, 'p> {
    pub planner: &'a mut Planner<'p>,
    pub planned: &'a mut PlannedFixtures,
    /// What the target gives.
    pub given: &'a Bindings,
    /// What earlier steps save.
    saved: BTreeSet<Variable>,
    /// What steps save that are still to come.
    to_come: BTreeSet<Variable>,
    complete: Vec<Arc<PlannedStep>>,
    /// The variables that are being provided, to find circles.
    path: Vec<Variable>,
    /// Why the case can't be run: the first variable that nothing provides.
    lacking: Option<Missing>,
}

impl<'a, 'p> Completion<'a, 'p> {
    pub fn new(planner: &'a mut Planner<'p>, planned: &'a mut PlannedFixtures, given: &'a Bindings) -> Self {
        let saved = BTreeSet::from(Variable::of_a_case());
        let to_come = BTreeSet::new();
        Self { planner, planned, given, saved, to_come, complete: Vec::new(), path: Vec::new(), lacking: None }
    }

    /// The steps with all that they need; an error says which variable is not provided.
    pub fn complete(self, steps: Vec<PlannedStep>) -> Result<Vec<Arc<PlannedStep>>, Missing> {
        self.complete_before(steps, &[])
    }

    /// The same, and what other steps need that are not among them; an error says which variable is not provided.
    pub fn complete_before(
        mut self,
        steps: Vec<PlannedStep>,
        others: &[PlannedStep],
    ) -> Result<Vec<Arc<PlannedStep>>, Missing> {
        let saves = steps.iter().chain(others).flat_map(|step| &step.save);
        self.to_come = saves.map(|(variable, _)| variable.clone()).collect();
        for step in steps {
            self.add(Arc::new(step));
        }
        for step in others {
            self.provide(step);
            self.saved.extend(step.save.iter().map(|(variable, _)| variable.clone()));
        }
        self.lacking.map_or(Ok(self.complete), Err)
    }

    fn add(&mut self, step: Arc<PlannedStep>) {
        self.provide(&step);
        self.saved.extend(step.save.iter().map(|(variable, _)| variable.clone()));
        self.complete.push(step);
    }

    fn knows(&self, variable: &Variable) -> bool {
        self.saved.contains(variable)
            || self.given.contains_key(variable)
            || self.planner.bindings.contains_key(variable)
    }

    fn provide(&mut self, step: &PlannedStep) {
        let suite = self.planner.suite;
        if let Some(variable) = conditions(suite, step).into_iter().find(|variable| !self.knows(variable)) {
            self.lacking.get_or_insert(Missing(variable));
        }
        for variable in uses(step) {
            if self.knows(&variable) {
                continue;
            }
            let fixture = self.fixture_of(&variable);
            match fixture {
                None => self.report_unknown(step, &variable),
                Some(_) if self.path.contains(&variable) => self.report_circle(step, &variable),
                Some(_) => {}
            }
            let Some(number) = fixture.filter(|_| !self.path.contains(&variable)) else {
                self.lacking.get_or_insert(Missing(variable));
                continue;
            };
            self.path.push(variable);
            for step in self.steps_of(number) {
                self.add(step);
            }
            self.path.pop();
        }
    }

    /// Reports a variable that is saved too late, and remarks on one that is nearly one that something provides.
    fn report_unknown(&mut self, step: &PlannedStep, variable: &Variable) {
        let suite = self.planner.suite;
        if self.to_come.contains(variable) && !suite_values(suite).contains(variable) {
            let mistake = Diagnostic::error(&step.place, format!("{variable} is used before it is saved"));
            let is_own = step.save.iter().any(|(saved, _)| saved == variable);
            let help = if is_own {
                "save it in an earlier step: this one saves it from its own answer"
            } else {
                "save it in an earlier step"
            };
            return self.planner.mistakes.add(mistake.help(help));
        }
        let fixtures = self.planner.fixtures.iter().filter(|fixture| fixture.scope.includes(suite));
        let provided = fixtures.flat_map(|fixture| &fixture.provides).map(|name| &name.value).chain(&self.saved);
        let near = misspelt(&variable.0, provided.map(|known| known.0.as_str()));
        // What an operation gives its parameter is the target's to say.
        if let Some(near) = near.filter(|_| !suite_values(suite).contains(variable)) {
            let remark = unprovided(&step.place, variable, near);
            self.planner.mistakes.add(remark);
        }
    }

    /// Reports that a fixture needs what it is to provide.
    fn report_circle(&mut self, step: &PlannedStep, variable: &Variable) {
        let between = self.path.iter().skip_while(|known| *known != variable).skip(1);
        let way: Vec<_> = between.map(|variable| format!("{variable} needs ")).collect();
        let message = format!("fixtures go in a circle: {variable} needs {}{variable}", way.concat());
        let mistake = Diagnostic::error(&step.place, message);
        let help = "let this fixture make what it needs in a step of its own, or let the target file give it";
        self.planner.mistakes.add(mistake.help(help));
    }

    fn fixture_of(&self, variable: &Variable) -> Option<usize> {
        let suite = self.planner.suite;
        let provides = |fixture: &Fixture| {
            fixture.scope.includes(suite) && fixture.provides.iter().any(|provided| provided.value == *variable)
        };
        let is_allowed = |fixture: &Fixture| {
            let operations = fixture.steps.iter().filter_map(Step::literal_operation);
            let effects = operations.filter_map(|name| Some(suite.operations.get(name)?.effect));
            effects.into_iter().all(|effect| self.planner.allowed.contains(&effect))
        };
        let fixtures = &self.planner.fixtures;
        let allowed = fixtures.iter().position(|fixture| provides(fixture) && is_allowed(fixture));
        allowed.or_else(|| fixtures.iter().position(|fixture| provides(fixture)))
    }

    /// The steps of a fixture. They know nothing of what a scenario is repeated for, so they are the same in every case.
    fn steps_of(&mut self, number: usize) -> Vec<Arc<PlannedStep>> {
        if let Some(steps) = self.planned.get(&number) {
            return steps.clone();
        }
        let fixtures = self.planner.fixtures;
        let Some(fixture) = fixtures.get(number) else { return Vec::new() };
        let provides: Vec<_> = fixture.provides.iter().map(|name| name.value.clone()).collect();
        let mut planner = self.planner.for_fixture();
        let planned = fixture.steps.iter().map(|step| planner.step(step, &Purpose::Fixture(provides.clone())));
        let planned: Vec<_> = planned.map(Arc::new).collect();
        self.planned.insert(number, planned.clone());
        planned
    }
}

//! What scenarios, suites and profiles name must be there, and what they ask for and expect must be possible.

pub(super) mod arguments;
mod reach;
mod steps;
mod suite;

use std::collections::{BTreeMap, BTreeSet};

use crate::deployment::Target;
use crate::profile::Profile;
use crate::scenario::{LawName, Scenario, Scope, Step};
use assay_formats::record::{RecordedService, RecordedTarget};
use assay_suite::source::{Diagnostic, Diagnostics, Located, closest};
use assay_suite::{AnswerSchema, Requirement, RequirementId, Standing, Suite, SuiteName};

use super::load::is_promise_name;
use super::{Case, Choice, ConformancePlan, Library, LoadChoice, LoadPlan, PlannedProfile};
use steps::StepCheck;
use suite::SuiteCheck;

impl Library {
    /// Reports every reference that leads nowhere, and every documented operation without an answer's schema.
    pub(super) fn check(&self, mistakes: &mut Diagnostics) {
        self.schemas.check(&self.documents, mistakes);
        for suite in self.suites.values().filter(|suite| suite.described.is_none()) {
            self.check_schemas(suite, mistakes);
            self.check_kinds(suite, mistakes);
        }
        // What follows from a document names what is there.
        for scenario in self.written.scenarios.iter().filter(|scenario| scenario.derived.is_none()) {
            self.check_scope(&scenario.scope, &scenario.title, mistakes);
            self.check_choice(scenario, mistakes);
            scenario.steps.iter().for_each(|step| self.check_step(step, &scenario.scope, mistakes));
        }
        for fixture in &self.written.fixtures {
            fixture.steps.iter().for_each(|step| self.check_step(step, &fixture.scope, mistakes));
        }
        for profile in &self.profiles {
            self.check_profile(profile, mistakes);
        }
    }

    /// Reports what only shows when scenarios and profiles are applied: parameters that no request can be made up for,
    /// rates and service levels that no document has.
    pub fn check_expansion(&self, mistakes: &mut Diagnostics) {
        let service = || RecordedService {
            url: String::new(),
            accounts: Vec::new(),
            account_urls: BTreeMap::new(),
            variables: BTreeMap::new(),
        };
        let target = Target::recorded(&RecordedTarget {
            name: String::new(),
            services: self
                .suites
                .keys()
                .filter(|name| !self.is_sound(name))
                .map(|name| (name.clone(), service()))
                .collect(),
            allow: BTreeSet::new(),
            variables: BTreeMap::new(),
            certificates: assay_suite::http::Certificates::default(),
            longest_job: std::time::Duration::ZERO,
            server: None,
        });
        let mut found = Diagnostics::new();
        for suite in self.suites.values() {
            self.check_suite(suite, &mut found);
        }
        let plan = ConformancePlan::new(self, &target, &Choice::default(), &mut found);
        self.check_cases(plan.cases.iter().map(AsRef::as_ref), &mut found);
        let load = LoadPlan::new(self, &target, &LoadChoice::default(), &mut found);
        self.check_cases(load.profiles().flat_map(PlannedProfile::cases), &mut found);
        mistakes.extend(found.without_repetition());
    }

    /// Whether all that a suite is tested by is known to be without mistakes.
    fn is_sound(&self, suite: &SuiteName) -> bool {
        let folders = ["suites", "schemas", "scenarios"].map(|folder| format!("{folder}/{suite}/"));
        let folders = folders.iter().map(String::as_str).chain(["scenarios/common/"]);
        folders.flat_map(|folder| self.documents.below(folder)).all(|file| self.documents.is_sound(&file.path))
    }

    /// Reports what can't work in the steps of cases by what is documented.
    pub fn check_cases<'c>(&self, cases: impl Iterator<Item = &'c Case>, mistakes: &mut Diagnostics) {
        let mut steps = StepCheck::new(self);
        for case in cases {
            steps.case(case, mistakes);
        }
    }

    /// Reports what a suite says of answers, and their schemas do not.
    pub fn check_suite(&self, suite: &Suite, mistakes: &mut Diagnostics) {
        if suite.described.is_none() && !self.documents.is_sound(&suite.name.place.file.path) {
            SuiteCheck { library: self, suite, mistakes }.check();
        }
    }

    /// Reports kinds of promises that no scenario verifies.
    fn check_kinds(&self, suite: &Suite, mistakes: &mut Diagnostics) {
        let scenarios = self.written.scenarios.iter().flat_map(|scenario| &scenario.steps);
        let steps = scenarios.chain(self.profiles.iter().flat_map(|profile| profile.steps()));
        let verified: BTreeSet<_> = steps.flat_map(|step| &step.verifies).map(|name| name.value.as_str()).collect();
        let testable = suite.requirements.values().filter(|requirement| requirement.standing == Standing::Testable);
        for promise in testable.flat_map(|requirement| &requirement.promises) {
            let is_known = verified.contains(promise.value.as_str()) || is_promise_name(&promise.value);
            if is_known || self.documents.is_sound(&promise.place.file.path) {
                continue;
            }
            let message = format!("no scenario verifies `{}`", promise.value);
            mistakes.add(match closest(&promise.value, verified.iter().copied()) {
                Some(near) => Diagnostic::error(&promise.place, message).help(format!("did you mean `{near}`?")),
                None => Diagnostic::warning(&promise.place, message)
                    .help("name it under `verifies` in a scenario, or remove it"),
            });
        }
    }

    fn meant<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Suite> {
        self.suites.values().map(AsRef::as_ref).filter(|suite| scope.includes(suite))
    }

    fn check_schemas(&self, suite: &Suite, mistakes: &mut Diagnostics) {
        for operation in suite.operations.values() {
            let name = &operation.name;
            let answer = format!("schemas/{}", suite.answer_schema(&name.value.0));
            // Of one that is there and can't be read its own mistake is reported, and that is enough.
            if operation.answer.is_none() && self.documents.get(&answer).is_none() {
                let mistake = Diagnostic::error(&name.place, format!("the answer of {} has no schema", name.value));
                mistakes.add(mistake.help(format!("write {answer}, or name another file: `answer: common/job.json`")));
            }
            let result = format!("schemas/{}", suite.result_schema(&name.value.0));
            for (key, named, file) in [("answer", &operation.answer, answer), ("result", &operation.result, result)] {
                self.check_named_once(key, named.as_ref(), &file, mistakes);
            }
        }
    }

    /// A file of one's own goes before what an operation of assay's documents names. Whoever writes both means one of them.
    fn check_named_once(&self, key: &str, named: Option<&AnswerSchema>, file: &str, mistakes: &mut Diagnostics) {
        let Some(place) = named.map(AnswerSchema::place) else { return };
        if self.documents.get(file).is_some() && !self.documents.is_sound(&place.file.path) {
            let mistake = Diagnostic::warning(place, format!("{file} goes before this `{key}`"));
            mistakes.add(mistake.help(format!("remove the file, or `{key}`")));
        }
    }

    fn check_scope(&self, scope: &Scope, title: &Located<String>, mistakes: &mut Diagnostics) {
        if let Scope::Suite(name) = scope
            && !self.knows(name)
        {
            let mistake = Diagnostic::error(&title.place, format!("there is no suite `{name}`"));
            mistakes.add(mistake.help("scenarios belong in a folder with the name of a suite, or in common"));
        }
    }

    /// Whether there is a suite. One that has mistakes is not here: its own mistakes are reported, and that is enough.
    fn knows(&self, name: &SuiteName) -> bool {
        self.suites.contains_key(name) || self.documents.below(&format!("suites/{name}/")).next().is_some()
    }

    fn check_choice(&self, scenario: &Scenario, mistakes: &mut Diagnostics) {
        let choice = scenario.for_each.as_ref().map(|for_each| &for_each.operations);
        for name in choice.into_iter().flat_map(|choice| choice.named.iter().chain(&choice.except)) {
            self.check_operation(name, &name.value, &scenario.scope, mistakes);
        }
    }

    fn check_profile(&self, profile: &Profile, mistakes: &mut Diagnostics) {
        let scope = Scope::Suite(profile.suite.clone());
        if self.knows(&profile.suite) {
            let choice = profile.for_each.as_ref().map(|for_each| &for_each.choice);
            for name in choice.into_iter().flat_map(|choice| choice.named.iter().chain(&choice.except)) {
                self.check_operation(name, &name.value, &scope, mistakes);
            }
        } else {
            let mistake = Diagnostic::error(&profile.title.place, format!("there is no suite `{}`", profile.suite));
            mistakes.add(mistake.help("profiles belong in scenarios/<suite>/load"));
        }
        for portion in &profile.mix {
            let operation = &portion.operation;
            if let Some(name) = operation.value.as_literal() {
                self.check_operation(operation, name, &scope, mistakes);
            }
            if profile.for_each.is_none() && !operation.value.variables().is_empty() {
                let message = format!("`{}` is undefined here: the profile is not repeated", operation.value);
                let mistake = Diagnostic::error(&operation.place, message);
                mistakes.add(mistake.help("name the operation, or write for_each: {operation: all}"));
            }
        }
        profile.steps().for_each(|step| self.check_step(step, &scope, mistakes));
    }

    fn check_step(&self, step: &Step, scope: &Scope, mistakes: &mut Diagnostics) {
        // A scenario calls an operation that is not documented only to see it refused.
        let refused = step.expect.iter().any(|expectation| {
            matches!(expectation.value, crate::scenario::Expectation::Outcome(crate::scenario::Outcome::Refused))
        });
        if let Some(name) = step.literal_operation().filter(|name| !name.is_empty() && !refused) {
            let asked = step.suite.as_ref().map(|suite| Scope::Suite(suite.value.clone()));
            self.check_operation(&step.action, name, asked.as_ref().unwrap_or(scope), mistakes);
        }
        if let Some(suite) = step.suite.as_ref().filter(|suite| !self.knows(&suite.value)) {
            let near = closest(&suite.value.0, self.suites.keys().map(|name| name.0.as_str()).collect::<Vec<_>>());
            let help = near.map_or("assay list suites shows them".to_owned(), |near| format!("did you mean `{near}`?"));
            mistakes.add(Diagnostic::error(&suite.place, format!("there is no suite `{}`", suite.value)).help(help));
        }
        for (index, name) in step.verifies.iter().enumerate() {
            self.check_promise(name, scope, mistakes);
            if step.verifies[..index].iter().any(|earlier| earlier.value == name.value) {
                let mistake = Diagnostic::error(&name.place, format!("`{}` is a duplicate", name.value));
                mistakes.add(mistake.help("keep one of them"));
            }
        }
    }

    fn check_operation<T>(&self, at: &Located<T>, name: &str, scope: &Scope, mistakes: &mut Diagnostics) {
        let meant = || self.meant(scope);
        if meant().next().is_none() || meant().any(|suite| suite.operations.contains_key(name)) {
            return;
        }
        let known = meant().flat_map(|suite| suite.operations.keys()).map(|name| name.0.as_str());
        let near = closest(name, known);
        let help = near.map_or("assay list operations shows them".to_owned(), |near| format!("did you mean `{near}`?"));
        mistakes.add(Diagnostic::error(&at.place, format!("no suite has an operation `{name}`")).help(help));
    }

    fn check_promise(&self, name: &Located<String>, scope: &Scope, mistakes: &mut Diagnostics) {
        let known = || self.meant(scope).flat_map(|suite| suite.requirements.iter());
        let names = |(id, requirement): (&RequirementId, &Requirement)| {
            id.0 == name.value || requirement.promises.iter().any(|promise| promise.value == name.value)
        };
        // A scenario may show a law where none is made for the operation.
        if known().next().is_none() || known().any(names) || LawName::parse(&name.value).is_some() {
            return;
        }
        let promises = known().flat_map(|(_, requirement)| &requirement.promises).map(|promise| promise.value.as_str());
        let near = closest(&name.value, known().map(|(id, _)| id.0.as_str()).chain(promises));
        let help = near.map_or("assay list requirements shows ids and promises".to_owned(), |near| {
            format!("did you mean `{near}`?")
        });
        let mistake = Diagnostic::error(&name.place, format!("`{}` is no requirement and no promise", name.value));
        mistakes.add(mistake.help(help));
    }
}

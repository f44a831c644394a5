//! Laws of what belongs to somebody else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use assay_suite::{Availability, Company, Effect, Operation, OperationName, Stranger, Suite, Variable, way};

use super::maker::Maker;
use super::request;
use super::request::Arguments;
use super::resource::{self, Resource, Shown};
use super::steps::{Request, Steps};
use super::things::{as_before, kept, variable};
use crate::scenario::document::{Fixture, Scenario, Written};
use crate::scenario::step::{Action, Source};
use crate::scenario::{Matcher, Template};

/// Whether what a list shows belongs to accounts.
fn is_owned(stranger: &Stranger, shown: &Shown<'_>) -> bool {
    stranger.owner.as_ref().is_none_or(|owner| shown.operation.parameters.contains_key(owner))
}

/// The variables that name what a fixture made, by the identity under which a list shows what belongs to an account.
pub(super) fn variables_owned(suite: &Suite, written: &Written) -> BTreeSet<Variable> {
    let mut owned = BTreeSet::new();
    if suite.stranger.is_none() {
        return owned;
    }
    let fixtures: Vec<_> = written.fixtures.iter().filter(|fixture| fixture.scope.includes(suite)).collect();
    let undone_by = undone_by(suite);
    // One fixture may alter what another made.
    loop {
        let before = owned.len();
        for fixture in &fixtures {
            let more = owned_by(suite, &undone_by, fixture, &owned);
            owned.extend(more);
        }
        if owned.len() == before {
            return owned;
        }
    }
}

/// The fields by which creations of what a list shows are undone, by the list.
type UndoneBy<'a> = BTreeMap<&'a OperationName, BTreeSet<String>>;

fn undone_by(suite: &Suite) -> UndoneBy<'_> {
    let mut fields = UndoneBy::new();
    for creation in suite.operations.values() {
        let Some(undo) = &creation.undo else { continue };
        if let Some(shown) = resource::shown(suite, creation, None) {
            let found = undo.with.iter().filter_map(|(_, path)| way(&path.value).pop());
            fields.entry(&shown.operation.name.value).or_default().extend(found);
        }
    }
    fields
}

/// The variables of one fixture that name what it made, or what is `known` to be made.
fn owned_by(suite: &Suite, undone_by: &UndoneBy<'_>, fixture: &Fixture, known: &BTreeSet<Variable>) -> Vec<Variable> {
    let (mut owned, mut identity, mut is_made) = (Vec::new(), Identity::None, false);
    let is_everything = suite.stranger.as_ref().is_some_and(|stranger| stranger.owner.is_none());
    for step in &fixture.steps {
        if let Action::Call(call) = &step.action.value {
            let operation = call.operation.value.as_literal().and_then(|name| suite.operations.get(name));
            let mut used = call.options.with.iter().flat_map(|(_, value)| value.value.variables());
            is_made |= operation.is_some_and(|operation| operation.effect == Effect::Creates);
            let is_about_it = is_made || used.any(|variable| known.contains(variable));
            identity = match operation.filter(|_| is_about_it) {
                Some(operation) => Identity::of(suite, undone_by, operation),
                // What another API makes belongs to the same account here, if everything belongs to one.
                None if step.suite.is_some() && is_everything => Identity::Any,
                None => Identity::None,
            };
        }
        let saved = step.save.iter().filter(|(_, source)| identity.is_at(&source.value));
        owned.extend(saved.map(|(variable, _)| variable.clone()));
    }
    owned
}

/// The fields of an answer that name what belongs to an account.
enum Identity {
    None,
    Any,
    Fields(Vec<String>),
}

impl Identity {
    /// In the answer to an operation: what its list is identified by, and what creations of what it shows are undone by.
    fn of(suite: &Suite, undone_by: &UndoneBy<'_>, operation: &Operation) -> Self {
        let shown = resource::shown(suite, operation, None).zip(suite.stranger.as_ref());
        let Some((shown, _)) = shown.filter(|(shown, stranger)| is_owned(stranger, shown)) else { return Self::None };
        let undone_by = undone_by.get(&shown.operation.name.value).into_iter().flatten().cloned();
        Self::Fields(undone_by.chain([shown.key.to_owned()]).collect())
    }

    fn is_at(&self, source: &Source) -> bool {
        match self {
            Self::None => false,
            Self::Any => true,
            Self::Fields(names) => {
                let last = source.path().and_then(|path| way(&path.to_string()).pop());
                last.is_some_and(|last| names.contains(&last))
            }
        }
    }
}

impl<'a> Maker<'a> {
    /// What one account created another does not find: neither by its identity nor among all that it is shown.
    pub(super) fn seen_by_others(&self) -> Vec<Arc<Scenario>> {
        let Some(stranger) = &self.suite.stranger else { return Vec::new() };
        let scenarios = self.resources().into_iter().filter_map(|resource| {
            let Resource { create, made, shown, .. } = resource;
            let sent = request::plain(create);
            if !is_owned(stranger, &shown) || !Self::has_values(create, &sent) {
                return None;
            }
            let mut steps = Steps::new(self.suite, self.law.name.name(), &create.name.place);
            steps.prepare(Request::new(create, sent.clone()), &[("made", made)])?;
            // It is there: who created it finds it.
            let found = (shown.keys(), Matcher::Includes(variable("made")));
            let look = |arguments| Request::new(shown.operation, arguments);
            let by_identity = shown.arguments(&variable("made"), create, &sent);
            steps.expect(look(by_identity.clone()), vec![found], Vec::new())?;
            let hidden = || Matcher::Excludes(variable("made"));
            if shown.by.is_some() {
                let asked = look(by_identity).by(&stranger.account);
                steps.expect_if_accepted(asked, &shown.keys(), hidden())?;
            }
            let all = look(request::plain(shown.operation)).by(&stranger.account);
            steps.expect_if_accepted(all, &shown.keys(), hidden())?;
            Some(self.scenario(create, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }

    /// What one account made another neither changes nor removes, and what it tries changes nothing.
    pub(super) fn changed_by_others(&self) -> Vec<Arc<Scenario>> {
        let Some(stranger) = &self.suite.stranger else { return Vec::new() };
        let operations = self.suite.operations.values();
        operations.filter_map(|operation| self.attempt(stranger, operation)).collect()
    }

    fn attempt(&self, stranger: &'a Stranger, operation: &'a Operation) -> Option<Arc<Scenario>> {
        if operation.effect == Effect::Reads || operation.availability == Availability::Removed {
            return None;
        }
        let arguments = request::plain(operation);
        if !Self::has_values(operation, &arguments) || !self.names_owned(operation, &arguments) {
            return None;
        }
        let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
        let attempt = Request::new(operation, arguments.clone()).by(&stranger.account);
        let Some((shown, identity)) = self.named_thing(stranger, operation, &arguments) else {
            steps.refused(attempt);
            return Some(self.scenario(operation, Company::Others, steps.finish()));
        };
        let item = shown.item(&identity.0);
        let named = shown.arguments(&Template::Variable(identity), operation, &arguments);
        let look = || Request::new(shown.operation, named.clone());
        steps.read(look(), vec![kept("before", &item)?]);
        steps.refused(attempt);
        let same = as_before("before", self.volatile(shown.list));
        steps.expect(look(), vec![(item, same)], Vec::new())?;
        Some(self.scenario(operation, Company::Others, steps.finish()))
    }

    /// Whether a request is about something that the case's account owns: itself, or what something is made of or for.
    fn names_owned(&self, operation: &Operation, arguments: &Arguments) -> bool {
        arguments.iter().any(|(name, _)| {
            let value = request::value(operation, arguments, name);
            matches!(value, Some(Template::Variable(variable)) if self.owned.contains(&variable))
        })
    }

    /// The thing of the case that a request names, if a list shows whether it changes.
    fn named_thing(
        &self,
        stranger: &Stranger,
        operation: &Operation,
        arguments: &Arguments,
    ) -> Option<(Shown<'a>, Variable)> {
        let shown = resource::shown(self.suite, operation, None)?;
        if !is_owned(stranger, &shown) || !shown.is_found_by(arguments) {
            return None;
        }
        match request::value(operation, arguments, shown.named_by(operation)?) {
            Some(Template::Variable(identity)) if self.owned.contains(&identity) => Some((shown, identity)),
            _ => None,
        }
    }
}

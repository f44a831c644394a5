//! Laws of what belongs to somebody else.

use std::sync::Arc;

use assay_suite::{Company, Effect, Operation, Stranger};

use super::resource::{self, Resource, Shown};
use super::steps::{Request, Steps};
use super::things::{kept, variable};
use super::{Maker, request};
use crate::scenario::{Matcher, Scenario, Template, Unchanged};

impl<'a> Maker<'a> {
    /// Whether what a list shows belongs to accounts.
    fn is_owned(stranger: &Stranger, shown: &Shown<'_>) -> bool {
        stranger.owner.as_ref().is_none_or(|owner| shown.operation.parameters.contains_key(owner))
    }

    /// What one account created another does not find: neither by its identity nor among all that it is shown.
    pub(super) fn seen_by_others(&self) -> Vec<Arc<Scenario>> {
        let Some(stranger) = &self.suite.stranger else { return Vec::new() };
        let scenarios = self.resources().into_iter().filter_map(|resource| {
            let Resource { create, made, shown, .. } = resource;
            let sent = request::plain(create);
            if !Self::is_owned(stranger, &shown) || !Self::has_values(create, &sent) {
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
        if !matches!(operation.effect, Effect::Changes | Effect::Removes) {
            return None;
        }
        let arguments = request::plain(operation);
        if !Self::has_values(operation, &arguments) {
            return None;
        }
        let shown = resource::shown(self.suite, operation, None)?;
        let identity = shown.by.and_then(|by| request::value(operation, &arguments, by));
        let Some(Template::Variable(identity)) = identity.filter(|_| Self::is_owned(stranger, &shown)) else {
            return None;
        };
        if !self.own.contains(&identity) {
            return None;
        }
        let item = shown.item(&identity.0);
        let named = shown.arguments(&Template::Variable(identity.clone()), operation, &arguments);
        let look = || Request::new(shown.operation, named.clone());
        let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
        steps.read(look(), vec![kept("before", &item)?]);
        steps.refused(Request::new(operation, arguments).by(&stranger.account));
        let except = shown.list.volatile.clone();
        let same = Matcher::Unchanged(Unchanged { before: variable("before"), except });
        steps.expect(look(), vec![(item, same)], Vec::new())?;
        Some(self.scenario(operation, Company::Others, steps.finish()))
    }
}

//! Laws of what is created and removed.

use std::sync::Arc;

use assay_suite::{Company, Number, Operation, Variable};

use super::maker::Maker;
use super::request;
use super::resource::Resource;
use super::steps::{Request, Steps};
use crate::scenario::document::Scenario;
use crate::scenario::step::Source;
use crate::scenario::{Matcher, Path, Template, Unchanged};

/// A variable as a value.
pub(super) fn variable(name: &str) -> Template {
    Template::Variable(Variable(name.to_owned()))
}

/// What is at a path, kept under a name.
pub(super) fn kept(name: &str, path: &str) -> Option<(Variable, Source)> {
    Some((Variable(name.to_owned()), Source::Path(Path::parse(path).ok()?)))
}

/// That what is found is as what was kept under a name, but for some fields.
pub(super) fn as_before(name: &str, except: Vec<String>) -> Matcher {
    Matcher::Unchanged(Unchanged { before: variable(name), except })
}

impl<'a> Maker<'a> {
    fn steps(&self, resource: &Resource<'a>) -> Steps<'a> {
        Steps::new(self.suite, self.law.name.name(), &resource.create.name.place)
    }

    /// What was created is listed, and shows what it was asked for with.
    pub(super) fn read_back(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.resources().into_iter().filter_map(|resource| {
            let Resource { create, made, shown, .. } = resource;
            let sent = request::full(create);
            if !Self::has_values(create, &sent) {
                return None;
            }
            let mut steps = self.steps(&resource);
            steps.prepare(Request::new(create, sent.clone()), &[("made", made)])?;
            let look = shown.arguments(&variable("made"), create, &sent);
            let mut fields = vec![(shown.keys(), Matcher::Includes(variable("made")))];
            let echoed = create.echoes.iter().map(|echoed| echoed.value.as_str());
            for name in echoed.filter(|name| self.has_field(&shown, name)) {
                if let Some(value) = request::value(create, &sent, name) {
                    fields.push((format!("{}.{name}", shown.item("made")), Matcher::Says(value)));
                }
            }
            steps.expect(Request::new(shown.operation, look), fields, Vec::new())?;
            if let Some(created) = &shown.list.created {
                steps.expect_recent(&format!("{}.{created}", shown.item("made")))?;
            }
            Some(self.scenario(create, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }

    /// Requests that lack what they must have, or name what there is not, are refused, and nothing with their name is listed.
    pub(super) fn refused_creations(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.resources().into_iter().filter_map(|resource| {
            let Resource { create, shown, .. } = resource;
            let is_listed = |name: &str| self.has_field(&shown, name);
            let (named, value) = create.parameters.values().find_map(|parameter| {
                let value = request::documented(parameter).filter(request::is_unique)?;
                is_listed(&parameter.name.value).then_some((parameter.name.value.as_str(), value))
            })?;
            let good = request::with(request::plain(create), named, value.clone());
            let look = request::plain(shown.operation);
            if !Self::has_values(create, &good) || !Self::has_values(shown.operation, &look) {
                return None;
            }
            let wrong = request::wrong(create, &good, named);
            wrong.first()?;
            let mut steps = self.steps(&resource);
            wrong.into_iter().for_each(|arguments| steps.refused(Request::new(create, arguments)));
            let path = format!("$.{}[*].{named}", shown.list.items);
            steps.expect(Request::new(shown.operation, look), vec![(path, Matcher::Excludes(value))], Vec::new())?;
            Some(self.scenario(create, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }

    /// Of two that were created one is removed: it is gone, and the other is as it was.
    pub(super) fn remove_one(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.resources().into_iter().filter_map(|resource| {
            let Resource { create, made, shown, remove } = resource;
            let (remove, by) = remove.filter(|(remove, _)| !ends_later(remove))?;
            let one = request::plain(create);
            if create.number == Number::One || !Self::has_values(create, &one) {
                return None;
            }
            let mut removal = request::plain(remove);
            removal.retain(|(name, _)| name != by);
            if !Self::has_values(remove, &removal) {
                return None;
            }
            let other = request::apart_from(create, &one);
            let mut steps = self.steps(&resource);
            let sent = one.clone();
            steps.prepare(Request::new(create, one), &[("made", made)])?;
            steps.prepare(Request::new(create, other), &[("other", made)])?;
            let look = || Request::new(shown.operation, shown.arguments(&variable("other"), create, &sent));
            steps.read(look(), vec![kept("before", &shown.item("other"))?]);
            steps.prepare(Request::new(remove, request::with(removal, by, variable("made"))), &[])?;
            let same = as_before("before", self.volatile(shown.list));
            steps.expect(look(), vec![(shown.item("other"), same)], Vec::new())?;
            let gone = Matcher::Excludes(variable("made"));
            let all = Request::new(shown.operation, shown.arguments(&variable("made"), create, &sent));
            steps.expect_if_accepted(all, &shown.lasting_keys(), gone)?;
            Some(self.scenario(create, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }

    /// What is created after another was removed has an identity of its own.
    pub(super) fn identities(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.resources().into_iter().filter_map(|resource| {
            let Resource { create, made, shown, remove } = resource;
            let (remove, by) = remove.filter(|(remove, _)| !ends_later(remove))?;
            let one = request::plain(create);
            let mut removal = request::plain(remove);
            removal.retain(|(name, _)| name != by);
            if !Self::has_values(create, &one) || !Self::has_values(remove, &removal) {
                return None;
            }
            // Who gives the identity may give it again.
            let given = create.parameters.contains_key(shown.key);
            if given {
                return None;
            }
            let mut steps = self.steps(&resource);
            steps.prepare(Request::new(create, one.clone()), &[("made", made)])?;
            steps.prepare(Request::new(remove, request::with(removal, by, variable("made"))), &[])?;
            steps.prepare(Request::new(create, request::apart_from(create, &one)), &[("again", made)])?;
            let look = Request::new(shown.operation, shown.arguments(&variable("again"), create, &one));
            let fields = vec![(shown.keys(), Matcher::Excludes(variable("made")))];
            steps.expect(look, fields, Vec::new())?;
            Some(self.scenario(create, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }
}

/// Whether a removal may end after its answer, with no job that shows when (RFC 9110, 15.3.3): a look at once decides nothing.
fn ends_later(remove: &Operation) -> bool {
    !remove.asynchronous && remove.succeeds.iter().any(|status| status.matches(202))
}

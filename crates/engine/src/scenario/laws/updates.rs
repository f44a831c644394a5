//! Laws of changes.

use std::sync::Arc;

use assay_suite::{Company, Effect, Operation, Parameter};

use super::maker::Maker;
use super::request;
use super::resource::{self, Shown};
use super::steps::{Request, Steps};
use super::things::{as_before, kept};
use crate::scenario::document::Scenario;
use crate::scenario::{Matcher, Template};

/// An update of a thing that a list shows.
struct Update<'a> {
    operation: &'a Operation,
    shown: Shown<'a>,
    /// The identity of what is updated, as the plain request says it.
    identity: Template,
    /// What can be updated, with the value it is given first and another one.
    fields: Vec<(&'a Parameter, Template, Option<Template>)>,
}

impl<'a> Maker<'a> {
    fn update_of(&self, operation: &'a Operation) -> Option<Update<'a>> {
        if operation.effect != Effect::Changes {
            return None;
        }
        let shown = resource::shown(self.suite, operation, None)?;
        let is_required = |by: &&str| operation.parameters.get(*by).is_some_and(request::is_required);
        let by = shown.named_by(operation).filter(is_required)?;
        let plain = request::plain(operation);
        if !shown.is_found_by(&plain) {
            return None;
        }
        let identity = request::value(operation, &plain, by)?;
        let echoed: Vec<_> = operation.optional_echoes().collect();
        let shows = |parameter: &&&Parameter| self.has_field(&shown, &parameter.name.value);
        let fields: Vec<_> = echoed
            .iter()
            .filter(shows)
            .filter_map(|parameter| Some((*parameter, request::documented(parameter)?, request::another(parameter))))
            .collect();
        let is_some = !fields.is_empty() && Self::has_values(operation, &plain);
        is_some.then_some(Update { operation, shown, identity, fields })
    }

    /// All fields of a thing are set; then each of them is set to another value, and the others stay.
    pub(super) fn updates(&self) -> Vec<Arc<Scenario>> {
        let updates = self.suite.operations.values().filter_map(|operation| self.update_of(operation));
        updates.filter_map(|update| self.update(&update)).collect()
    }

    fn update(&self, update: &Update<'a>) -> Option<Arc<Scenario>> {
        let Update { operation, shown, identity, fields } = update;
        let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
        let mut all = request::plain(operation);
        for (parameter, value, _) in fields {
            all = request::with(all, &parameter.name.value, value.clone());
        }
        steps.prepare(Request::new(operation, all), &[])?;
        let given = request::plain(operation);
        let look = || Request::new(shown.operation, shown.arguments(identity, operation, &given));
        let item = match identity {
            Template::Variable(name) => shown.item(&name.0),
            _ => format!("$.{}[0]", shown.list.items),
        };
        let set = fields
            .iter()
            .map(|(parameter, value, _)| (format!("{item}.{}", parameter.name.value), Matcher::Says(value.clone())));
        steps.expect(look(), set.collect(), vec![kept("before", &item)?])?;
        for (parameter, _, other) in fields {
            let name = &parameter.name.value;
            let Some(other) = other else { continue };
            let one = request::with(request::plain(operation), name, other.clone());
            steps.prepare(Request::new(operation, one), &[])?;
            // What every request must say is said again.
            let mut except: Vec<_> = given.iter().map(|(name, _)| name.clone()).chain([name.clone()]).collect();
            except.extend(self.volatile(shown.list).into_iter().chain(operation.alters.iter().cloned()));
            let rest = as_before("before", except);
            let now = (format!("{item}.{name}"), Matcher::Says(other.clone()));
            steps.expect(look(), vec![now, (item.clone(), rest)], vec![kept("before", &item)?])?;
        }
        Some(self.scenario(operation, Company::Others, steps.finish()))
    }
}

//! Laws of reading: asked again the same comes back, and filters filter.

use std::sync::Arc;

use assay_suite::{Company, Effect, Filter, Operation, Parameter, Variable};

use super::maker::Maker;
use super::request;
use super::steps::{Request, Steps};
use super::things::as_before;
use crate::scenario::document::Scenario;
use crate::scenario::step::{Source, Taken};
use crate::scenario::{Matcher, Narrowing, Path, Template};

impl<'a> Maker<'a> {
    fn lists(&self) -> impl Iterator<Item = &'a Operation> {
        let reads = self.suite.operations.values().filter(|operation| operation.effect == Effect::Reads);
        reads.filter(|operation| operation.list.is_some() && Self::has_values(operation, &request::plain(operation)))
    }

    /// Each list, asked for twice.
    pub(super) fn repeated_reads(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.lists().filter_map(|operation| {
            let list = operation.list.as_ref()?;
            let path = format!("$.{}[*]", list.items);
            let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
            let once = Request::new(operation, request::plain(operation));
            steps.read(once, vec![(Variable("all".to_owned()), every(&path)?)]);
            let same = as_before("all", self.volatile(list));
            steps.expect(Request::new(operation, request::plain(operation)), vec![(path, same)], Vec::new())?;
            Some(self.scenario(operation, Company::Alone, steps.finish()))
        });
        scenarios.collect()
    }

    /// Each list with parameters that have defaults: without any, then with each as the document says that it is meant.
    pub(super) fn defaults(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.lists().filter_map(|operation| {
            let list = operation.list.as_ref()?;
            let given = request::plain(operation);
            let of_none = |parameter: &&Parameter| !given.iter().any(|(name, _)| *name == parameter.name.value);
            let parameters = operation.parameters.values().filter(of_none);
            let defaults: Vec<_> =
                parameters.filter_map(|parameter| Some((parameter, parameter.default.as_ref()?))).collect();
            defaults.first()?;
            let path = format!("$.{}[*]", list.items);
            let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
            let once = Request::new(operation, given.clone());
            steps.read(once, vec![(Variable("all".to_owned()), every(&path)?)]);
            for (parameter, default) in defaults {
                let mut arguments =
                    request::with(given.clone(), &parameter.name.value, Template::parse(&default.to_sent()));
                arguments.extend(parameter.with.iter().map(|partner| (partner.clone(), None)));
                let same = as_before("all", self.volatile(list));
                if Self::has_values(operation, &arguments) {
                    steps.expect(Request::new(operation, arguments), vec![(path.clone(), same)], Vec::new())?;
                }
            }
            Some(self.scenario(operation, Company::Alone, steps.finish()))
        });
        scenarios.collect()
    }

    /// Each list with filters: once without any, then with each.
    pub(super) fn filters(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.lists().filter_map(|operation| {
            let list = operation.list.as_ref()?;
            let key = list.key.as_ref()?;
            let filters = || {
                let parameters = operation.parameters.values();
                let filters = parameters.filter_map(|parameter| Some((parameter, parameter.filter.as_ref()?)));
                filters.filter(|(_, filter)| !filter.field().is_empty())
            };
            filters().next()?;
            let path = format!("$.{}[*]", list.items);
            let mut save = vec![(Variable("all".to_owned()), every(&path)?)];
            for (number, (_, filter)) in filters().enumerate() {
                let taken = match filter {
                    Filter::Equals(_) => Taken::Whole,
                    Filter::Contains(_) => Taken::Part,
                };
                let telling = Source::Telling(Path::parse(&path).ok()?, filter.field().to_owned(), taken);
                save.push((value_of(number), telling));
            }
            let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
            steps.read(Request::new(operation, request::plain(operation)), save);
            for (number, (parameter, filter)) in filters().enumerate() {
                let value = Template::Variable(value_of(number));
                let mut arguments = request::with(request::plain(operation), &parameter.name.value, value.clone());
                for partner in &parameter.with {
                    if !arguments.iter().any(|(known, _)| known == partner) {
                        arguments.push((partner.clone(), None));
                    }
                }
                let narrows = Matcher::Narrows(Narrowing {
                    all: Template::Variable(Variable("all".to_owned())),
                    key: key.clone(),
                    filter: filter.clone(),
                    value,
                });
                if Self::has_values(operation, &arguments) {
                    steps.expect(Request::new(operation, arguments), vec![(path.clone(), narrows)], Vec::new())?;
                }
            }
            Some(self.scenario(operation, Company::Alone, steps.finish()))
        });
        scenarios.collect()
    }
}

/// The variable that holds the value of a filter.
fn value_of(number: usize) -> Variable {
    Variable(format!("value_{number}"))
}

/// All that is at a path.
fn every(path: &str) -> Option<Source> {
    Path::parse(path).ok().map(Source::Every)
}

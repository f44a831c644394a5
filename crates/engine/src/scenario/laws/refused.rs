//! Laws of requests that are good but for one thing: the state or the use of what they name, or a value.

use std::sync::Arc;

use assay_suite::source::Node;
use assay_suite::{Availability, Company, Effect, Operation, Use};

use super::law::LawName;
use super::maker::Maker;
use super::request::{self, Arguments};
use super::resource;
use super::steps::{Request, Steps};
use super::things::{as_before, kept, variable};
use crate::scenario::document::Scenario;
use crate::scenario::step::Step;
use crate::scenario::{Outcome, Template};

/// A request that is good but for the thing that a parameter names.
struct Attempt<'a> {
    operation: &'a Operation,
    parameter: &'a str,
    /// What is so about the thing.
    why: &'a str,
    value: Template,
    /// Whether it must be refused, or need only change nothing.
    outcome: Outcome,
}

impl<'a> Maker<'a> {
    /// Each operation by each value with which the suite says that it is refused, because of what the thing that it names is.
    pub(super) fn refused_things(&self) -> Vec<Arc<Scenario>> {
        let concerned = self.offered().filter(|operation| Self::law_of(operation) == self.law.name);
        let attempts = concerned.flat_map(|operation| {
            operation.parameters.values().flat_map(move |parameter| {
                let refused = parameter.refused.iter().map(|value| (value, Outcome::Refused));
                let others = parameter.no_effect.iter().map(|value| (value, Outcome::Any));
                let attempt = move |((why, value), outcome): (&'a (String, Node), Outcome)| {
                    let value = Template::parse(&value.to_sent());
                    Attempt { operation, parameter: &parameter.name.value, why, value, outcome }
                };
                refused.chain(others).map(attempt)
            })
        });
        attempts.filter(|attempt| names_thing(&attempt.value)).filter_map(|attempt| self.attempt_on(attempt)).collect()
    }

    /// What is created is used by something else: its removal is refused, and it is as it was.
    pub(super) fn used_things(&self) -> Vec<Arc<Scenario>> {
        let used = self.offered().flat_map(|create| {
            create.used_by.iter().filter_map(move |used| self.used_thing(create, used)).collect::<Vec<_>>()
        });
        used.chain(self.refused_things()).collect()
    }

    /// A second creation like the first, in what there can be only one of, is refused.
    pub(super) fn taken(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.offered().filter_map(|create| {
            let one = request::plain(create);
            if create.effect != Effect::Creates || create.unique.is_empty() || !Self::has_values(create, &one) {
                return None;
            }
            let mut second = request::apart_from(create, &one);
            second.iter_mut().filter(|(name, _)| create.unique.contains(name)).for_each(|(_, value)| *value = None);
            let mut steps = self.begin(create);
            steps.prepare(Request::new(create, one), &[])?;
            steps.refused(Request::new(create, second));
            Some(self.scenario(create, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }

    /// Requests with one wrong value each.
    pub(super) fn wrong_values(&self) -> Vec<Arc<Scenario>> {
        let scenarios = self.offered().filter_map(|operation| {
            let wrong = Self::wrong_requests(operation);
            let wrong: Vec<_> = wrong.into_iter().filter(|arguments| Self::has_values(operation, arguments)).collect();
            wrong.first()?;
            let mut steps = self.begin(operation);
            wrong.into_iter().for_each(|arguments| steps.refused(Request::new(operation, arguments)));
            Some(self.scenario(operation, Company::Others, steps.finish()))
        });
        scenarios.collect()
    }

    fn offered(&self) -> impl Iterator<Item = &'a Operation> {
        self.suite.operations.values().filter(|operation| operation.availability == Availability::Offered)
    }

    fn begin(&self, operation: &'a Operation) -> Steps<'a> {
        Steps::new(self.suite, self.law.name.name(), &operation.name.place)
    }

    /// The law by which an operation is refused for what a thing is.
    fn law_of(operation: &Operation) -> LawName {
        if operation.effect == Effect::Removes { LawName::UsedIsKept } else { LawName::StateIsRespected }
    }

    fn attempt_on(&self, attempt: Attempt<'a>) -> Option<Arc<Scenario>> {
        let Attempt { operation, parameter: name, why, value, outcome } = attempt;
        let arguments = request::giving(operation, name, value.clone())?;
        if !Self::has_values(operation, &arguments) {
            return None;
        }
        let mut steps = self.begin(operation);
        let shown = resource::shown(self.suite, operation, None)
            .filter(|shown| shown.named_by(operation) == Some(name) && shown.is_found_by(&arguments));
        let request = Request::new(operation, arguments.clone());
        if let (Some(shown), Template::Variable(identity)) = (shown, &value) {
            let item = shown.item(&identity.0);
            let named = shown.arguments(&value, operation, &arguments);
            let look = || Request::new(shown.operation, named.clone());
            steps.read(look(), vec![kept("before", &item)?]);
            match outcome {
                Outcome::Any => steps.attempt(request),
                _ => steps.refused(request),
            }
            let same = as_before("before", self.volatile(shown.list));
            steps.expect(look(), vec![(item, same)], Vec::new())?;
        } else if outcome == Outcome::Any {
            return None;
        } else {
            steps.refused(request);
        }
        Some(self.labelled(operation, why, steps.finish()))
    }

    fn used_thing(&self, create: &'a Operation, used: &Use) -> Option<Arc<Scenario>> {
        let undo = create.undo.as_ref()?;
        let [(parameter, made)] = undo.with.as_slice() else { return None };
        let plain = request::plain(create);
        let using = self.suite.operations.get(&used.by)?;
        let given = used.with.iter().map(|(name, value)| (name, Template::parse(&value.to_sent())));
        let uses = given.fold(request::plain(using), |arguments, (name, value)| request::with(arguments, name, value));
        if !Self::has_values(create, &plain) || !Self::has_values(using, &uses) {
            return None;
        }
        let mut steps = self.begin(create);
        steps.prepare(Request::new(create, plain.clone()), &[("made", made.value.as_str())])?;
        steps.prepare(Request::new(using, uses), &[])?;
        let shown = self.resource(create).map(|resource| resource.shown);
        let look = |shown: &resource::Shown<'a>| {
            Request::new(shown.operation, shown.arguments(&variable("made"), create, &plain))
        };
        if let Some(shown) = &shown {
            steps.read(look(shown), vec![kept("before", &shown.item("made"))?]);
        }
        match self.suite.operations.get(&undo.call.value) {
            Some(remove) => steps.refused(Request::new(remove, request::giving(remove, parameter, variable("made"))?)),
            None => steps.refused_by_name(&undo.call.value.0, parameter, variable("made")),
        }
        if let Some(shown) = &shown {
            let same = as_before("before", self.volatile(shown.list));
            steps.expect(look(shown), vec![(shown.item("made"), same)], Vec::new())?;
        }
        Some(self.labelled(create, &used.by.0, steps.finish()))
    }

    /// What the suite says is refused, and ranges that end before they begin.
    fn wrong_requests(operation: &Operation) -> Vec<Arguments> {
        let parameters = operation.parameters.values();
        let mut wrong = Vec::new();
        for parameter in parameters {
            let name = &parameter.name.value;
            let refused = parameter.refused.iter().map(|(_, value)| Template::parse(&value.to_sent()));
            let values = refused.filter(|value| !names_thing(value));
            wrong.extend(values.filter_map(|value| request::giving(operation, name, value)));
        }
        for (first, last) in &operation.ascending {
            let begun = request::giving(operation, first, Template::text("8081"));
            wrong.extend(begun.map(|arguments| request::with(arguments, last, Template::text("8080"))));
        }
        wrong
    }

    /// A scenario that says why its request is refused: there may be several of an operation.
    fn labelled(&self, operation: &Operation, why: &str, steps: Vec<Step>) -> Arc<Scenario> {
        let mut scenario = self.scenario(operation, Company::Others, steps);
        let label = format!("{}.{}", operation.name.value, why.replace(' ', "-"));
        if let Some(derived) = Arc::make_mut(&mut scenario).derived.as_mut() {
            derived.label = label;
        }
        scenario
    }
}

/// Whether a value names a thing, as against being wrong by itself.
fn names_thing(value: &Template) -> bool {
    matches!(value, Template::Variable(_)) && !request::is_unique(value)
}

//! Actions lead into states, and an operation that a state does not allow is refused.

use assay_suite::source::{Located, Place};
use assay_suite::{Operation, RequirementId, Resource, StateLaw, Through, Variable, Way};

use super::build::{
    About, Arguments, Call, accepted, at_path, created, field, identity, located, member, prepared, refused, scenario,
};
use super::maker::{Maker, Scenarios};
use super::positive::replaced;
use super::value::{Extent, Variant};
use crate::scenario::step::{Source, Step};
use crate::scenario::{Expectation, Matcher, Path, Template};

impl<'a> Maker<'a> {
    /// The cases of the states of a kind of things.
    pub(super) fn states(&self, resource: &'a Resource, scenarios: &mut Scenarios) {
        for law in &resource.states.laws {
            let (Some(operation), Some(steps)) = (self.operation(&law.operation), self.refused_in(resource, law))
            else {
                continue;
            };
            let title = "what the state of a thing does not allow is refused";
            scenarios.push(self.of_state(title, operation, &law.requirement, &law.place, steps));
        }
        for way in &resource.states.ways {
            let (Some(operation), Some(steps)) = (self.operation(&way.operation), self.leading(resource, way)) else {
                continue;
            };
            let title = "an action leads to the state that it is for";
            scenarios.push(self.of_state(title, operation, &way.requirement, &way.place, steps));
        }
    }

    fn of_state(
        &self,
        title: &str,
        operation: &Operation,
        requirement: &RequirementId,
        place: &Place,
        steps: Vec<Step>,
    ) -> std::sync::Arc<crate::scenario::Scenario> {
        let (label, subject) = (requirement.0.clone(), requirement.clone());
        scenario(self.suite, About { title, operation, label, subject, place, tag: "stateful" }, steps)
    }

    /// A thing is created and brought into a state, in which an operation is refused.
    fn refused_in(&self, resource: &'a Resource, law: &StateLaw) -> Option<Vec<Step>> {
        let (place, id) = (&law.place, &law.requirement);
        let operation = self.operation(&law.operation)?;
        let mut arguments = self.good(operation, Extent::All, Variant::Second, &id.0)?;
        // In whatever state: what is tested is not what the request knows of it.
        if let Some(guard) = operation.contract.as_deref()?.header("if-match") {
            arguments.retain(|(name, _)| *name != guard.argument);
            if guard.is_required {
                return None;
            }
        }
        let mut steps = vec![self.creating_for(resource, id, place)?];
        let shows = match &law.through {
            Through::Creation => Matcher::Not(Template::Literal(law.value.clone())),
            Through::Way(action) => {
                steps.push(self.acting(resource, self.operation(action)?, id, prepared(place), Vec::new())?);
                Matcher::Equals(Template::Literal(law.value.clone()))
            }
        };
        let mut expect = prepared(place);
        expect.push(given(&law.field, shows, place)?);
        steps.push(self.reading_state(resource, id, expect, Vec::new(), Vec::new())?);
        let arguments = replaced(arguments, &resource.parameter, Template::Variable(created()));
        let call = Call { operation, arguments, save: Vec::new() };
        steps.push(call.step(refused(&[409], place), vec![id.clone()]));
        Some(steps)
    }

    /// An action that leads to a state, after which reading shows it.
    fn leading(&self, resource: &'a Resource, way: &Way) -> Option<Vec<Step>> {
        let (place, id) = (&way.place, &way.requirement);
        let action = self.operation(&way.operation)?;
        let mut steps = vec![self.creating_for(resource, id, place)?];
        if let Some((_, before)) = resource.states.admitted.iter().find(|(admitted, _)| *admitted == way.operation) {
            steps.push(self.acting(resource, self.operation(before)?, id, prepared(place), Vec::new())?);
        }
        let (path, before) = (member("$", &way.field), Variable("state_before".to_owned()));
        let value = || Template::Literal(way.value.clone());
        let mut expect = prepared(place);
        expect.push(given(&way.field, Matcher::Not(value()), place)?);
        let save = vec![(before.clone(), at_path(&path)?)];
        steps.push(self.reading_state(resource, id, expect, save, Vec::new())?);
        steps.push(self.acting(resource, action, id, prepared(place), Vec::new())?);
        let mut expect = accepted(place);
        // What goes on by itself is in another state by then, but not in the one before.
        let shows = if way.is_said { Matcher::Equals(value()) } else { Matcher::Not(Template::Variable(before)) };
        expect.extend(field(&path, shows, place));
        steps.push(self.reading_state(resource, id, expect, Vec::new(), vec![id.clone()])?);
        Some(steps)
    }

    /// What comes before an operation that is accepted in a state only: a thing of its own is brought there.
    pub(super) fn admission(&self, operation: &Operation, place: &Place) -> Option<(&'a Resource, Vec<Step>)> {
        let name = &operation.name.value;
        let (resource, (_, before)) = self.described.resources.iter().find_map(|resource| {
            Some((resource, resource.states.admitted.iter().find(|(admitted, _)| admitted == name)?))
        })?;
        let id = RequirementId(name.0.clone());
        let create = self.creating_for(resource, &id, place)?;
        let act = self.acting(resource, self.operation(before)?, &id, prepared(place), Vec::new())?;
        Some((resource, vec![create, act]))
    }

    fn creating_for(&self, resource: &'a Resource, id: &RequirementId, place: &Place) -> Option<Step> {
        let create = self.operation(resource.create.as_ref()?)?;
        let sent = self.good(create, Extent::All, Variant::First, &id.0)?;
        let save = vec![(created(), identity(resource.created_key.as_ref()?, &sent)?)];
        Some(Call { operation: create, arguments: sent, save }.step(prepared(place), Vec::new()))
    }

    fn acting(
        &self,
        resource: &Resource,
        action: &Operation,
        id: &RequirementId,
        expect: Vec<Located<Expectation>>,
        verifies: Vec<RequirementId>,
    ) -> Option<Step> {
        let arguments = self.good(action, Extent::Required, Variant::First, &id.0)?;
        Some(
            Call { operation: action, arguments: of_created(resource, arguments), save: Vec::new() }
                .step(expect, verifies),
        )
    }

    fn reading_state(
        &self,
        resource: &Resource,
        id: &RequirementId,
        expect: Vec<Located<Expectation>>,
        save: Vec<(Variable, Source)>,
        verifies: Vec<RequirementId>,
    ) -> Option<Step> {
        let read = self.operation(resource.read.as_ref()?)?;
        let arguments = self.good(read, Extent::Required, Variant::First, &id.0)?;
        Some(Call { operation: read, arguments: of_created(resource, arguments), save }.step(expect, verifies))
    }
}

fn of_created(resource: &Resource, arguments: Arguments) -> Arguments {
    replaced(arguments, &resource.parameter, Template::Variable(created()))
}

/// That a field shows something; where it does not, what comes after it would decide nothing.
fn given(name: &str, matcher: Matcher, place: &Place) -> Option<Located<Expectation>> {
    Some(located(Expectation::Given(Path::parse(&member("$", name)).ok()?, matcher), place))
}

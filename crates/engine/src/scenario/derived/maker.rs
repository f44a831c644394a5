//! What makes the scenarios of a suite that an `OpenAPI` document describes.

use std::collections::HashMap;
use std::sync::Arc;

use assay_suite::{Described, Effect, Operation, OperationName, Resource, Suite, Variable, place_of};

use super::build::{Call, accepted, at_path, identity, in_header, member};
use super::judge::Judge;
use super::value::{self, Links, comparable};
use crate::scenario::document::{Fixture, Scenario, Scope};

/// Makes the scenarios of one suite.
pub(super) struct Maker<'a> {
    pub(super) suite: &'a Suite,
    pub(super) described: &'a Described,
    /// The variables by the names of the fields that hold them.
    pub(super) links: Links,
    /// The resource that each operation creates.
    pub(super) created: HashMap<&'a OperationName, &'a Resource>,
    /// The resources by where one of them is.
    pub(super) by_place: HashMap<String, &'a Resource>,
    /// The schemas of answers, by their paths.
    pub(super) schemas: HashMap<&'a str, &'a serde_json::Value>,
    pub(super) judge: Judge,
}

impl<'a> Maker<'a> {
    pub(super) fn new(suite: &'a Suite, described: &'a Described) -> Self {
        let mut links = Links::new();
        for resource in described.resources.iter().filter(|resource| resource.created_key.is_some()) {
            let noun = &resource.noun;
            let names = [resource.variable.0.clone(), format!("{noun}Id"), format!("{noun}Uuid")];
            for name in names {
                let name = comparable(&name);
                // A name that says nothing leads nowhere.
                if name.len() > 2 {
                    links.entry(name).or_insert_with(|| resource.variable.clone());
                }
            }
        }
        let created = described.resources.iter().filter_map(|resource| Some((resource.create.as_ref()?, resource)));
        let schemas = described.schemas.iter().map(|(path, schema)| (path.as_str(), schema));
        let mut by_place = HashMap::new();
        for resource in &described.resources {
            by_place.entry(resource.place()).or_insert(resource);
        }
        Self {
            suite,
            described,
            links,
            created: created.collect(),
            by_place,
            schemas: schemas.collect(),
            judge: Judge::default(),
        }
    }

    pub(super) fn operation(&self, name: &OperationName) -> Option<&'a Operation> {
        self.suite.operations.get(name)
    }

    /// The variable of what an operation is about, by the name of a part of its path.
    pub(super) fn variable_of(&self, operation: &Operation, argument: &str) -> Option<&'a Variable> {
        let path = &operation.request.as_ref()?.path;
        self.by_place.get(&place_of(path, argument)?).map(|resource| &resource.variable)
    }

    /// The resource of which an operation is about one.
    pub(super) fn resource_of(&self, operation: &Operation) -> Option<&'a Resource> {
        let path = operation.request.as_ref()?.path.trim_end_matches('/');
        let name = path.rsplit_once('{').and_then(|(_, name)| name.strip_suffix('}'))?;
        self.by_place.get(&place_of(path, name)?).copied()
    }

    /// The variable of the entity tag of what an operation is about, where it can be read.
    pub(super) fn tag_of(&self, operation: &Operation) -> Option<Variable> {
        let resource = self.resource_of(operation)?;
        self.has_tag(resource.read.as_ref()?).then(|| tag_variable(resource))
    }

    /// What provides one of a kind: its creation, or else the list of those that are there.
    pub(super) fn fixtures(&self, resource: &Resource) -> Vec<Fixture> {
        let mut fixtures = Vec::new();
        let mut add = |variable: Variable, steps| {
            let place = self.described_place(resource);
            let provides = vec![assay_suite::source::Located { value: variable, place }];
            fixtures.push(Fixture { provides, scope: Scope::Suite(self.suite.name.value.clone()), steps });
        };
        if let (Some(create), Some(key)) = (&resource.create, &resource.created_key)
            && let Some(operation) = self.operation(create).filter(|operation| operation.effect == Effect::Creates)
            && let Some(arguments) = self.good(operation, value::Extent::Required, value::Variant::First, &create.0)
        {
            let save =
                identity(key, &arguments).map(|source| (resource.variable.clone(), source)).into_iter().collect();
            let call = Call { operation, arguments, save };
            add(resource.variable.clone(), vec![call.step(accepted(&operation.name.place), Vec::new())]);
        }
        if let Some((list, path)) = &resource.list
            && let Some(operation) = self.operation(list)
            && let Some(arguments) = self.good(operation, value::Extent::Required, value::Variant::First, &list.0)
        {
            let save = at_path(path).map(|source| (resource.variable.clone(), source)).into_iter().collect();
            let call = Call { operation, arguments, save };
            add(resource.variable.clone(), vec![call.step(accepted(&operation.name.place), Vec::new())]);
        }
        if let Some(operation) =
            resource.read.as_ref().filter(|read| self.has_tag(read)).and_then(|read| self.operation(read))
            && let Some(arguments) =
                self.good(operation, value::Extent::Required, value::Variant::First, &resource.noun)
        {
            let call = Call { operation, arguments, save: vec![(tag_variable(resource), in_header("etag"))] };
            add(tag_variable(resource), vec![call.step(accepted(&operation.name.place), Vec::new())]);
        }
        if let (Some(field), Some(operation)) =
            (&resource.version, resource.read.as_ref().and_then(|read| self.operation(read)))
            && let Some(arguments) =
                self.good(operation, value::Extent::Required, value::Variant::First, &resource.noun)
        {
            let save = at_path(&member("$", field)).map(|source| (version_variable(resource), source));
            let call = Call { operation, arguments, save: save.into_iter().collect() };
            add(version_variable(resource), vec![call.step(accepted(&operation.name.place), Vec::new())]);
        }
        fixtures
    }

    pub(super) fn described_place(&self, resource: &Resource) -> assay_suite::source::Place {
        let operations = [&resource.create, &resource.read, &resource.remove, &resource.replace, &resource.patch];
        let named = operations.into_iter().flatten().find_map(|name| self.operation(name));
        named.map_or_else(|| self.suite.name.place.clone(), |operation| operation.name.place.clone())
    }
}

/// What the entity tag of one of a kind is called in cases.
pub(super) fn tag_variable(resource: &Resource) -> Variable {
    Variable(format!("{}_etag", resource.variable.0))
}

/// What the version of one of a kind is called in cases.
pub(super) fn version_variable(resource: &Resource) -> Variable {
    Variable(format!("{}_version", resource.variable.0))
}

/// Scenarios on their way to the library.
pub(super) type Scenarios = Vec<Arc<Scenario>>;

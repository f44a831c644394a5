//! The law of requests that name what there is not.

use std::sync::Arc;

use assay_suite::{Availability, Company, Effect, Location, Operation, Parameter};

use super::maker::Maker;
use super::request;
use super::steps::{Request, Steps};
use crate::scenario::Template;
use crate::scenario::document::Scenario;

impl Maker<'_> {
    /// Each parameter that names a thing names one that there is not, and that is refused.
    pub(super) fn unknown_names(&self) -> Vec<Arc<Scenario>> {
        self.suite.operations.values().filter_map(|operation| self.unknown_names_of(operation)).collect()
    }

    fn unknown_names_of(&self, operation: &Operation) -> Option<Arc<Scenario>> {
        if operation.effect == Effect::Reads || operation.availability != Availability::Offered {
            return None;
        }
        let good = request::plain(operation);
        let naming = operation.parameters.values().filter(|parameter| self.names_own_thing(parameter));
        let names: Vec<_> = naming.map(|parameter| parameter.name.value.as_str()).collect();
        if names.is_empty() || !Self::has_values(operation, &good) {
            return None;
        }
        let mut steps = Steps::new(self.suite, self.law.name.name(), &operation.name.place);
        for name in names {
            if let Some(arguments) = request::giving(operation, name, Template::text(request::UNKNOWN)) {
                steps.refused(Request::new(operation, arguments));
            }
        }
        Some(self.scenario(operation, Company::Others, steps.finish()))
    }

    /// Whether a parameter is given the identity of something that somebody made: what is of a few kinds, such as a format, has a
    /// name, too. In a path an unknown one leads to another resource.
    fn names_own_thing(&self, parameter: &Parameter) -> bool {
        let is_identity = parameter.name.value.to_ascii_lowercase().ends_with("id");
        let named = request::documented(parameter);
        let is_owned = matches!(named, Some(Template::Variable(variable)) if self.owned.contains(&variable));
        is_identity && is_owned && parameter.location != Location::Path && parameter.credential.is_none()
    }
}

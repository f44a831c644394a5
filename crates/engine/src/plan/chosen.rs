//! What a target has of the suites that are asked for.

use std::sync::Arc;

use crate::deployment::Target;
use crate::scenario::Bindings;
use assay_suite::{Deviation, Suite, SuiteName};

use super::library::Library;

/// The suites that are asked for; all that a target serves when none are.
pub(super) fn chosen(library: &Library, target: &Target, names: &[SuiteName]) -> Vec<Arc<Suite>> {
    let chosen = library.suites.values().filter(|suite| {
        let name = &suite.name.value;
        if names.is_empty() { target.services.contains_key(name) } else { names.contains(name) }
    });
    chosen.cloned().collect()
}

/// Where the server of a target is known to depart from the document.
pub(super) fn deviations(target: &Target, suite: &Suite) -> Arc<[Deviation]> {
    let known = suite.deviations.iter().filter(|deviation| target.server.as_ref() == Some(&deviation.server));
    known.cloned().collect()
}

/// The values of the variables of a target in one suite: those of its service go before those of the whole.
pub(super) fn given(target: &Target, suite: &Suite) -> Bindings {
    let own = target.services.get(&suite.name.value).map(|service| &service.variables);
    let all = target.variables.iter().chain(own.into_iter().flatten());
    all.map(|(name, value)| (name.clone(), value.clone())).collect()
}

//! Scenarios that follow from an `OpenAPI` document alone. The same document always gives the same ones.

mod breaking;
mod build;
mod choosing;
mod compare;
mod headers;
mod judge;
mod kept;
mod laws;
mod left_out;
mod links;
mod lists;
mod maker;
mod negative;
mod positive;
mod relations;
mod request;
mod states;
mod subject;
mod text;
mod value;

use std::sync::Arc;

use assay_suite::{Described, Suite};

use super::document::Written;

pub use links::{Linked, links};

use maker::Maker;

/// Adds the scenarios and fixtures of a suite to those that people wrote.
pub(crate) fn add(suite: &Suite, described: &Described, written: &mut Written) {
    let maker = Maker::new(suite, described);
    let before = written.scenarios.len();
    for operation in suite.operations.values() {
        maker.positive(operation, &mut written.scenarios);
        maker.negative(operation, &mut written.scenarios);
        maker.heads(operation, &mut written.scenarios);
    }
    maker.methods(&mut written.scenarios);
    for resource in &described.resources {
        maker.laws(resource, &mut written.scenarios);
        maker.lists(resource, &mut written.scenarios);
        maker.states(resource, &mut written.scenarios);
        written.fixtures.extend(maker.fixtures(resource).into_iter().map(Arc::new));
    }
    // Two cases of one name could be distinguished.
    let mut seen = std::collections::HashSet::new();
    let added = written.scenarios.split_off(before);
    written.scenarios.extend(added.into_iter().filter(|scenario| {
        let label = scenario.derived.as_ref().map(|derived| derived.label.clone());
        seen.insert((scenario.title.value.clone(), label))
    }));
}

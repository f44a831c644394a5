//! What a cloud begins with: enough of everything that a newcomer's first request finds something.
//!
//! Tests change only what they made themselves. What is seeded here is there to be looked at. `data/cloudn/seed.yaml` and
//! `data/cloudstack/seed.yaml` list the steps.

mod calendar;
mod machines;
mod people;
mod records;
mod seeding;
mod step;
mod steps;

use super::data;
use super::policy::Dialect;
use super::refusal::ApiError;
use super::world::{AccountIndex, World};
use assay_suite::source::{Diagnostic, Diagnostics, Node, Paint, Place};

use seeding::{Seeding, Variables};
use step::Step;

pub use calendar::moment;

/// The account that asks through the port without authentication.
pub const INTEGRATION: &str = "integration";

/// The document of a dialect.
fn path(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Cloudn => "cloudn/seed.yaml",
        Dialect::CloudStack => "cloudstack/seed.yaml",
    }
}

/// The steps of a document, with their places.
fn steps(path: &str, mistakes: &mut Diagnostics) -> Vec<(Place, Step)> {
    let document = data::node(path, mistakes);
    let listed = document.as_ref().and_then(|document| document.field("steps")).map(Node::one_or_many);
    let read = |node: &Node| Some((node.place.clone(), data::read(node, mistakes)?));
    listed.unwrap_or_default().iter().filter_map(read).collect()
}

/// Fills an empty world. What does not fit is shown with its place in the document.
pub fn fill(world: &mut World) -> Result<Variables, ApiError> {
    let mut mistakes = Diagnostics::new();
    let steps = steps(path(world.rules.dialect), &mut mistakes);
    let mut seeding = Seeding::new(world);
    for (place, step) in &steps {
        if let Err(refusal) = seeding.take(step) {
            mistakes.add(Diagnostic::error(place, refusal.text));
            break;
        }
    }
    // Other names are the document's own.
    seeding.variables.retain(|(name, _)| !name.starts_with('_'));
    if mistakes.has_errors() { Err(ApiError::value(mistakes.render(Paint::Plain))) } else { Ok(seeding.variables) }
}

/// The account of [`INTEGRATION`].
pub fn integration(world: &World) -> Option<AccountIndex> {
    world.accounts.find(|account| account.name == INTEGRATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_steps_have_no_mistakes() {
        for dialect in [Dialect::Cloudn, Dialect::CloudStack] {
            let mut mistakes = Diagnostics::new();
            assert!(!steps(path(dialect), &mut mistakes).is_empty());
            assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        }
    }
}

//! Reads `requirements.yaml`.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::source::{Diagnostics, Fields, Located, Node};
use crate::{AppliesTo, Basis, OperationName, Requirement, RequirementId, Standing};

pub(crate) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<IndexMap<RequirementId, Requirement>> {
    let mut fields = node.fields("requirements.yaml", mistakes)?;
    let requirements = fields.need("requirements", mistakes);
    // Read by themselves, once the requirements are known.
    fields.take("profiles");
    fields.finish(mistakes);
    let entries = requirements?.entries("`requirements`", mistakes)?;
    let requirements = entries.iter().filter_map(|(id, node)| read_requirement(id, node, mistakes));
    Some(requirements.map(|requirement| (requirement.id.value.clone(), requirement)).collect())
}

fn read_requirement(id: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<Requirement> {
    let mut fields: Fields<'_> = node.fields("a requirement", mistakes)?;
    let text = fields.need_text("text", mistakes);
    let source = fields.need_text("source", mistakes);
    let applies_to = fields.take("applies_to").map_or(AppliesTo::All, |node| {
        let names = node.texts("an operation's name", mistakes).into_iter().map(|name| OperationName(name.value));
        AppliesTo::Operations(names.collect::<BTreeSet<_>>())
    });
    let promises = fields.texts("promise", mistakes);
    let basis = fields.take("basis").and_then(|node| node.choice("`basis`", &Basis::NAMES, mistakes));
    let untestable = fields.text("untestable", mistakes);
    fields.finish(mistakes);
    Some(Requirement {
        id: Located { value: RequirementId(id.value.clone()), place: id.place.clone() },
        text: text?.value,
        source: source?.value,
        applies_to,
        promises,
        basis: basis.unwrap_or(Basis::Documented),
        standing: untestable.map_or(Standing::Testable, |reason| Standing::Untestable(reason.value)),
    })
}

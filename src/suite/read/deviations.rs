//! Reads `deviations/<server>.yaml`.

use crate::source::{Diagnostics, Node};
use crate::suite::{Deviation, OperationName, RequirementId};

use super::plain;

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<Deviation> {
    let Some(mut fields) = node.fields("a file of deviations", mistakes) else { return Vec::new() };
    let server = fields.need_text("server", mistakes);
    let entries = fields.need("deviations", mistakes).and_then(|node| node.list("`deviations`", mistakes));
    fields.finish(mistakes);
    let (Some(server), Some(entries)) = (server, entries) else { return Vec::new() };
    entries.iter().filter_map(|node| read_deviation(&server.value, node, mistakes)).collect()
}

fn read_deviation(server: &str, node: &Node, mistakes: &mut Diagnostics) -> Option<Deviation> {
    let mut fields = node.fields("a deviation", mistakes)?;
    let requirements = fields.need("requirements", mistakes)?.some("`requirements`", mistakes);
    let requirements: Vec<_> = requirements
        .iter()
        .filter_map(|node| Some(RequirementId(node.text("a requirement", mistakes)?.value)))
        .collect();
    let operations = plain(fields.texts("operations", mistakes)).into_iter().map(OperationName).collect();
    let cases = fields.text("cases", mistakes).map(|text| text.value);
    let observed = fields.need_text("observed", mistakes);
    let since = fields.text("since", mistakes).map(|text| text.value);
    let why = fields.text("why", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    Some(Deviation {
        place: node.place.clone(),
        server: server.to_owned(),
        requirements,
        operations,
        cases,
        observed: observed?.value,
        since,
        why,
    })
}

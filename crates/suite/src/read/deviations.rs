//! Reads `deviations/<server>.yaml`.

use crate::source::{Diagnostic, Diagnostics, Fields, Node, NodeKind};
use crate::{Deviation, Observation, OperationName, RequirementId, StatusPattern};

use super::texts::plain;

pub(crate) fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<Deviation> {
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
    let observed = fields.need("observed", mistakes).map(|node| read_observed(node, mistakes));
    let description = fields.need_text("description", mistakes);
    let since = fields.text("since", mistakes).map(|text| text.value);
    let why = fields.text("why", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    Some(Deviation {
        place: node.place.clone(),
        server: server.to_owned(),
        requirements,
        operations,
        cases,
        observed: observed?,
        description: description?.value,
        since,
        why,
    })
}

/// What is observed; of several one.
fn read_observed(node: &Node, mistakes: &mut Diagnostics) -> Vec<Observation> {
    const HELP: &str = "write what shows it: {status: 432, body: \"*does not exist*\"}, or what the finding says: {found: \"it comes in *\"}";
    if let NodeKind::Text(_) = node.kind {
        let mistake = Diagnostic::error(&node.place, "text alone does not identify what is observed");
        mistakes.add(mistake.help(format!("{HELP}; the words go under `description`")));
        return Vec::new();
    }
    let entries = node.some("`observed`", mistakes);
    let observations = entries.iter().filter_map(|node| {
        let mut fields = node.fields("an observation", mistakes)?;
        let statuses = fields.take("status").map(|node| StatusPattern::read(node, mistakes)).unwrap_or_default();
        let body = read_patterns(&mut fields, "body", mistakes);
        let expected = read_patterns(&mut fields, "expected", mistakes);
        let found = read_patterns(&mut fields, "found", mistakes);
        fields.finish(mistakes);
        if statuses.is_empty() && body.is_empty() && found.is_empty() {
            mistakes.add(Diagnostic::error(&node.place, "this observation names nothing that is seen").help(HELP));
        }
        Some(Observation { statuses, body, expected, found })
    });
    observations.collect()
}

/// Patterns for a text. One that fits any text shows nothing.
fn read_patterns(fields: &mut Fields<'_>, name: &'static str, mistakes: &mut Diagnostics) -> Vec<String> {
    let patterns = fields.texts(name, mistakes);
    for pattern in patterns.iter().filter(|pattern| pattern.value.chars().all(|character| character == '*')) {
        let mistake = Diagnostic::error(&pattern.place, format!("this pattern of `{name}` fits any text"));
        mistakes.add(mistake.help("write a part of the text with * before or after it"));
    }
    plain(patterns)
}

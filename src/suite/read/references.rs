//! Names that refer to something of a suite must find it. All that is written counts, even if it has other mistakes.

use crate::source::{Diagnostic, Diagnostics, Located, Node, closest};

type Entries<'a> = &'a [(Located<String>, Node)];

/// Reports every name in a suite's three files that refers to nothing.
pub(super) fn check(suite: &Node, operations: &Node, requirements: &Node, mistakes: &mut Diagnostics) {
    let shared = operations.field("shared").map(Node::pairs).unwrap_or_default();
    let Some(operations) = operations.field("operations").map(Node::pairs) else { return };
    let requirements = requirements.field("requirements").map(Node::pairs).unwrap_or_default();
    let poll = suite.field("jobs").and_then(|jobs| jobs.field("poll"));
    let undo = operations.iter().filter_map(|(_, operation)| operation.field("undo"));
    let undo = undo.flat_map(|undo| [Some(undo), undo.field("find"), undo.field("shown_by")]).flatten();
    // What stands beside the document is the public API's, which nobody lists here.
    let undo = undo.filter(|called| called.field("beside").is_none()).map(|called| called.field("call"));
    let applies_to = requirements.iter().filter_map(|(_, requirement)| requirement.field("applies_to"));
    for name in poll.into_iter().chain(undo.flatten()).chain(applies_to).flat_map(Node::leaves) {
        check_operation(&name, operations, mistakes);
    }
    let rest = suite
        .field("request")
        .and_then(|request| request.field("style"))
        .is_some_and(|style| style.leaves().iter().any(|style| style.value == "rest"));
    for (operation, node) in operations {
        check_parameters(operation, node, shared, mistakes);
        if rest && node.field("request").is_none() {
            let mistake = Diagnostic::error(&operation.place, format!("{} needs `request`", operation.value));
            mistakes.add(mistake.help("write its method and path: GET /v1/hosts/{host}"));
        }
    }
}

/// Reports every name in a file of deviations that refers to nothing.
pub(super) fn check_deviations(node: &Node, operations: &Node, requirements: &Node, mistakes: &mut Diagnostics) {
    let operations = operations.field("operations").map(Node::pairs).unwrap_or_default();
    let requirements = requirements.field("requirements").map(Node::pairs).unwrap_or_default();
    for deviation in node.field("deviations").map(Node::one_or_many).unwrap_or_default() {
        for name in deviation.field("operations").map(Node::leaves).unwrap_or_default() {
            check_operation(&name, operations, mistakes);
        }
        for id in deviation.field("requirements").map(Node::leaves).unwrap_or_default() {
            if !requirements.iter().any(|(known, _)| known.value == id.value) {
                let message = format!("requirements.yaml has no requirement `{}`", id.value);
                mistakes.add(missing(&id, message, requirements, "assay list requirements shows them"));
            }
        }
    }
}

fn check_operation(name: &Located<String>, operations: Entries<'_>, mistakes: &mut Diagnostics) {
    if !operations.iter().any(|(known, _)| known.value == name.value) {
        let message = format!("operations.yaml has no operation `{}`", name.value);
        mistakes.add(missing(name, message, operations, "write it as the document lists it, or list it there"));
    }
}

fn check_parameters(operation: &Located<String>, node: &Node, shared: Entries<'_>, mistakes: &mut Diagnostics) {
    let parameters = node.field("parameters").map(Node::pairs).unwrap_or_default();
    let sets: Vec<_> = node.field("shares").map(Node::leaves).unwrap_or_default();
    let shared = shared.iter().filter(|(name, _)| sets.iter().any(|set| set.value == name.value));
    let known: Vec<_> = shared.flat_map(|(_, set)| set.pairs()).chain(parameters).map(|(name, _)| name).collect();
    let named = ["exactly_one", "at_least_one", "echoes"].into_iter().filter_map(|key| node.field(key));
    let related = parameters
        .iter()
        .flat_map(|(_, parameter)| ["with", "excludes"].into_iter().filter_map(|key| parameter.field(key)));
    for name in named.chain(related).flat_map(Node::leaves) {
        if !known.iter().any(|known| known.value == name.value) {
            let near = closest(&name.value, known.iter().map(|known| known.value.as_str()));
            let help = near.map_or("list it under `parameters`".to_owned(), |near| format!("did you mean `{near}`?"));
            let message = format!("{} has no parameter `{}`", operation.value, name.value);
            mistakes.add(Diagnostic::error(&name.place, message).help(help));
        }
    }
}

/// A name that refers to nothing, with the nearest that could be meant.
fn missing(name: &Located<String>, message: String, known: Entries<'_>, help: &str) -> Diagnostic {
    let near = closest(&name.value, known.iter().map(|(known, _)| known.value.as_str()));
    let help = near.map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?"));
    Diagnostic::error(&name.place, message).help(help)
}

//! Names that refer to something of a suite must find it. All that is written counts, even if it has other mistakes.

use crate::RequirementId;
use crate::source::{Diagnostic, Diagnostics, Located, Node, NodeKind, closest};

type Entries<'a> = &'a [(Located<String>, Node)];

/// Reports every name in a suite's three files that refers to nothing.
pub(super) fn check(suite: &Node, operations: &Node, requirements: &Node, mistakes: &mut Diagnostics) {
    let shared = operations.field("parameter_sets").map(Node::pairs).unwrap_or_default();
    let Some(operations) = operations.field("operations").map(Node::pairs) else { return };
    let requirements = requirements.field("requirements").map(Node::pairs).unwrap_or_default();
    let poll = suite.field("jobs").and_then(|jobs| jobs.field("poll"));
    let undo = operations.iter().filter_map(|(_, operation)| operation.field("undo"));
    let undo = undo.flat_map(|undo| [Some(undo), undo.field("find"), undo.field("shown_by")]).flatten();
    // Undocumented operations are those of the public API, which is not listed here.
    let undo = undo.filter(|called| called.field("undocumented").is_none()).map(|called| called.field("call"));
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
        check_path(operation, node, shared, mistakes);
        check_undo(node, operations, shared, mistakes);
        check_uses(node, operations, shared, mistakes);
        if rest && node.field("request").is_none() {
            let mistake = Diagnostic::error(&operation.place, format!("{} needs `request`", operation.value));
            mistakes.add(mistake.help("write its method and path: GET /v1/hosts/{host}"));
        }
    }
}

/// Reports every operation that variables are looked up by and that is not documented, and every one that changes something.
pub(super) fn check_variables(node: &Node, operations: &Node, mistakes: &mut Diagnostics) {
    let operations = operations.field("operations").map(Node::pairs).unwrap_or_default();
    let variables = node.field("variables").map(Node::pairs).unwrap_or_default();
    let find = variables.iter().filter_map(|(_, variable)| variable.field("find"));
    let calls = find.filter(|find| find.field("undocumented").is_none()).filter_map(|find| find.field("call"));
    for name in calls.flat_map(Node::leaves) {
        check_operation(&name, operations, mistakes);
        let documented = operations.iter().find(|(known, _)| known.value == name.value);
        let effect = documented.and_then(|(_, operation)| operation.field("effect"));
        if effect.is_some_and(|effect| effect.leaves().iter().any(|effect| effect.value != "reads")) {
            let mistake = Diagnostic::error(&name.place, format!("{} does more than read", name.value));
            mistakes.add(mistake.help("look variables up by an operation that reads"));
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
            let is_law = RequirementId(id.value.clone()).is_law();
            if !is_law && !requirements.iter().any(|(known, _)| known.value == id.value) {
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
    let known: Vec<_> = parameters_of(node, shared).into_iter().map(|(name, _)| name).collect();
    let named =
        ["exactly_one", "at_least_one", "echoes", "unique", "ascending"].into_iter().filter_map(|key| node.field(key));
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

/// What uses a thing is asked for by operations and parameters that there are.
fn check_uses(node: &Node, operations: Entries<'_>, shared: Entries<'_>, mistakes: &mut Diagnostics) {
    for (by, arguments) in node.field("used_by").map(Node::pairs).unwrap_or_default() {
        check_operation(by, operations, mistakes);
        let Some((_, using)) = operations.iter().find(|(known, _)| known.value == by.value) else { continue };
        let known = parameters_of(using, shared);
        for (name, _) in arguments.pairs() {
            if !known.iter().any(|(known, _)| known.value == name.value) {
                let near = closest(&name.value, known.iter().map(|(known, _)| known.value.as_str()));
                let help =
                    near.map_or("list it under `parameters`".to_owned(), |near| format!("did you mean `{near}`?"));
                let message = format!("{} has no parameter `{}`", by.value, name.value);
                mistakes.add(Diagnostic::error(&name.place, message).help(help));
            }
        }
    }
}

/// The parameters of an operation: its own, and those of shared sets that it does not have itself.
fn parameters_of<'a>(operation: &'a Node, shared: Entries<'a>) -> Vec<&'a (Located<String>, Node)> {
    let own = operation.field("parameters").map(Node::pairs).unwrap_or_default();
    let sets: Vec<_> = operation.field("include").map(Node::leaves).unwrap_or_default();
    let shared = shared.iter().filter(|(name, _)| sets.iter().any(|set| set.value == name.value));
    let shared = shared.flat_map(|(_, set)| set.pairs());
    shared.filter(|(name, _)| own.iter().all(|(known, _)| known.value != name.value)).chain(own).collect()
}

fn is(node: &Node, field: &str, value: &str) -> bool {
    node.field(field).is_some_and(|node| node.leaves().iter().any(|text| text.value == value))
}

fn is_true(node: &Node, field: &str) -> bool {
    node.field(field).is_some_and(|node| matches!(node.kind, NodeKind::Boolean(true)))
}

/// The path of a request and the parameters that are in it name each other.
fn check_path(operation: &Located<String>, node: &Node, shared: Entries<'_>, mistakes: &mut Diagnostics) {
    let Some(line) = node.field("request").and_then(|line| line.leaves().into_iter().next()) else { return };
    let path = line.value.split_once('?').map_or(line.value.as_str(), |(path, _)| path);
    let named: Vec<_> = path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect();
    if path.matches(['{', '}']).count() != 2 * named.len() {
        let mistake = Diagnostic::error(&line.place, "a brace in this path has no counterpart");
        mistakes.add(mistake.help("write a parameter's name in braces: GET /v1/hosts/{host}"));
    }
    let parameters = parameters_of(node, shared);
    for name in &named {
        match parameters.iter().find(|(known, _)| known.value == *name) {
            Some((_, parameter)) if is(parameter, "in", "path") => {}
            Some((known, _)) => {
                let message = format!("`{name}` is in the path of {}, and not documented so", operation.value);
                mistakes.add(Diagnostic::error(&known.place, message).help("write `in: path`"));
            }
            None => {
                let near = closest(name, parameters.iter().map(|(known, _)| known.value.as_str()));
                let help = near.map_or_else(
                    || format!("list it under `parameters`: {name}: {{in: path, required: true}}"),
                    |near| format!("did you mean `{{{near}}}`?"),
                );
                let message = format!("{} has no parameter `{name}`", operation.value);
                mistakes.add(Diagnostic::error(&line.place, message).help(help));
            }
        }
    }
    for (name, parameter) in parameters {
        if is(parameter, "in", "path") && !named.contains(&name.value.as_str()) {
            let message = format!("the path of {} has no `{{{}}}`", operation.value, name.value);
            let help =
                "write it in braces in `request`, or say otherwise where the parameter is: in: query, header or body";
            mistakes.add(Diagnostic::error(&name.place, message).help(help));
        }
    }
}

/// What an undo gives, the operation that it calls takes; and what that can't do without is given.
fn check_undo(node: &Node, operations: Entries<'_>, shared: Entries<'_>, mistakes: &mut Diagnostics) {
    // Undocumented operations have parameters that are not listed here.
    let Some(undo) = node.field("undo").filter(|undo| undo.field("undocumented").is_none()) else { return };
    for call in [Some(undo), undo.field("find")].into_iter().flatten() {
        let Some(name) = call.field("call").and_then(|name| name.leaves().into_iter().next()) else { continue };
        let called = operations.iter().find(|(known, _)| known.value == name.value).map(|(_, called)| called);
        let Some(called) = called.filter(|called| called.field("name_only").is_none()) else { continue };
        let (parameters, given) =
            (parameters_of(called, shared), call.field("with").map(Node::pairs).unwrap_or_default());
        for (argument, _) in given {
            if parameters.iter().all(|(known, _)| head(&known.value) != head(&argument.value)) {
                let near = closest(&argument.value, parameters.iter().map(|(known, _)| known.value.as_str()));
                let help = near.map_or_else(
                    || format!("write a parameter that operations.yaml lists for {}", name.value),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("{} has no parameter `{}`", name.value, argument.value);
                mistakes.add(Diagnostic::error(&argument.place, message).help(help));
            }
        }
        let needed = parameters.iter().filter(|(_, parameter)| {
            (is_true(parameter, "required") || is(parameter, "in", "path")) && parameter.field("credential").is_none()
        });
        for (parameter, _) in needed {
            if given.iter().all(|(argument, _)| head(&argument.value) != head(&parameter.value)) {
                let mistake = Diagnostic::error(&name.place, format!("{} needs `{}`", name.value, parameter.value));
                mistakes.add(mistake.help(format!("give it under `with`: {}: $.id", parameter.value)));
            }
        }
    }
}

/// A parameter's name without what numbers it, or leads into a body.
fn head(name: &str) -> &str {
    name.split(['.', '[']).next().unwrap_or(name)
}

/// A name that refers to nothing, with the nearest that could be meant.
fn missing(name: &Located<String>, message: String, known: Entries<'_>, help: &str) -> Diagnostic {
    let near = closest(&name.value, known.iter().map(|(known, _)| known.value.as_str()));
    let help = near.map_or_else(|| help.to_owned(), |near| format!("did you mean `{near}`?"));
    Diagnostic::error(&name.place, message).help(help)
}

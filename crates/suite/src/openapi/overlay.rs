//! What is added to an `OpenAPI` document: `operations.yaml`, `requirements.yaml`, `variables.yaml` and deviations extend it
//! and go before it.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::read;
use crate::source::{Diagnostic, Diagnostics, Documents, Located, Node, closest};
use crate::{Deviation, Effect, Operation, OperationName, Presence, StatusPattern, TargetVariable};

use super::requirements::Requirements;

/// What goes before what is inferred.
#[derive(Default)]
pub(super) struct Overlay {
    /// What these operations do.
    pub effects: BTreeMap<OperationName, Effect>,
    /// The operations of which it is said how what they create is removed, or that it is not.
    pub removals: BTreeSet<OperationName>,
    pub deviations: Vec<Deviation>,
    pub variables: Vec<TargetVariable>,
}

/// Reads what is added to the document, and notes it with the operations.
pub(super) fn read(
    documents: &Documents,
    folder: &str,
    operations: &mut IndexMap<OperationName, Operation>,
    mistakes: &mut Diagnostics,
) -> Overlay {
    let mut overlay = Overlay::default();
    let parse = |name: &str, mistakes: &mut Diagnostics| {
        let file = documents.yaml(&format!("{folder}{name}"))?;
        Node::parse(file).map_err(|mistake| mistakes.add(mistake)).ok()
    };
    if let Some(node) = parse("operations", mistakes) {
        for (name, node) in entries(&node, "operations", mistakes) {
            let known = operations.keys().map(|known| known.0.as_str());
            let near = closest(&name.value, known).map(str::to_owned);
            let Some(operation) = operations.get_mut(name.value.as_str()) else {
                let message = format!("the document has no operation `{}`", name.value);
                let help = near
                    .map_or("assay list operations shows them".to_owned(), |near| format!("did you mean `{near}`?"));
                mistakes.add(Diagnostic::error(&name.place, message).help(help));
                continue;
            };
            override_operation(operation, node, &mut overlay, mistakes);
        }
    }
    if let Some(node) = parse("variables", mistakes) {
        overlay.variables = read::variables::read(&node, mistakes);
    }
    for file in documents.below(&format!("{folder}deviations/")).filter(|file| file.is_yaml()) {
        match Node::parse(file) {
            Ok(node) => overlay.deviations.extend(read::deviations::read(&node, mistakes)),
            Err(mistake) => mistakes.add(mistake),
        }
    }
    check_undo(operations, mistakes);
    overlay
}

/// Reads the requirements that are added to the document.
pub(super) fn requirements(
    documents: &Documents,
    folder: &str,
    requirements: &mut Requirements,
    mistakes: &mut Diagnostics,
) {
    let Some(file) = documents.yaml(&format!("{folder}requirements")) else { return };
    match Node::parse(file) {
        Ok(node) => requirements.extend(read::requirements::read(&node, mistakes).unwrap_or_default()),
        Err(mistake) => mistakes.add(mistake),
    }
}

fn entries<'a>(node: &'a Node, key: &'static str, mistakes: &mut Diagnostics) -> &'a [(Located<String>, Node)] {
    let Some(mut fields) = node.fields("operations.yaml", mistakes) else { return &[] };
    let found = fields.need(key, mistakes);
    fields.finish(mistakes);
    found.and_then(|node| node.entries("`operations`", mistakes)).unwrap_or_default()
}

fn override_operation(operation: &mut Operation, node: &Node, overlay: &mut Overlay, mistakes: &mut Diagnostics) {
    let Some(mut fields) = node.fields("an operation", mistakes) else { return };
    let name = operation.name.value.clone();
    if let Some(effect) = fields.take("effect").and_then(|node| node.choice("`effect`", &Effect::NAMES, mistakes)) {
        operation.effect = effect;
        overlay.effects.insert(name.clone(), effect);
    }
    let undo = fields.take("undo").and_then(|node| read::operations::read_undo(node, mistakes));
    let no_undo = fields.text("no_undo", mistakes);
    if undo.is_some() || no_undo.is_some() {
        overlay.removals.insert(name);
        (operation.undo, operation.no_undo) = (undo, no_undo);
    }
    if let Some(list) = fields.take("list").and_then(|node| read::operations::read_list(node, mistakes)) {
        operation.list = Some(list);
    }
    if let Some(refusals) = fields.take("refusals") {
        operation.refusals = StatusPattern::read(refusals, mistakes);
    }
    let needs = fields.texts("needs", mistakes);
    operation.needs.extend(needs);
    if let Some(service_level) =
        fields.take("service_level").and_then(|node| read::operations::read_service_level(node, mistakes))
    {
        operation.service_level = Some(service_level);
    }
    let parameters = fields.take("parameters").and_then(|node| node.entries("`parameters`", mistakes));
    for (name, node) in parameters.unwrap_or_default() {
        override_parameter(operation, name, node, mistakes);
    }
    fields.finish(mistakes);
}

fn override_parameter(operation: &mut Operation, name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) {
    let near = closest(&name.value, operation.parameters.keys().map(String::as_str)).map(str::to_owned);
    let Some(parameter) = operation.parameters.get_mut(&name.value) else {
        let message = format!("{} has no parameter `{}`", operation.name.value, name.value);
        let help =
            near.map_or("write one that the document describes".to_owned(), |near| format!("did you mean `{near}`?"));
        return mistakes.add(Diagnostic::error(&name.place, message).help(help));
    };
    let Some(mut fields) = node.fields("a parameter", mistakes) else { return };
    if let Some(value) = fields.take("value") {
        parameter.value = Some(value.clone());
        parameter.usual = true;
    }
    if fields.flag("required", mistakes) {
        parameter.presence = Presence::Required;
    }
    parameter.secret |= fields.flag("secret", mistakes);
    fields.finish(mistakes);
}

/// What removes is an operation of the document.
fn check_undo(operations: &IndexMap<OperationName, Operation>, mistakes: &mut Diagnostics) {
    for undo in operations.values().filter_map(|operation| operation.undo.as_ref()) {
        let call = &undo.call;
        if operations.contains_key(&call.value) {
            continue;
        }
        let near = closest(&call.value.0, operations.keys().map(|known| known.0.as_str()));
        let help = near.map_or("assay list operations shows them".to_owned(), |near| format!("did you mean `{near}`?"));
        mistakes
            .add(Diagnostic::error(&call.place, format!("the document has no operation `{}`", call.value)).help(help));
    }
}

//! Reads what a scenario is repeated for.

use crate::scenario::{ForEach, OperationChoice, ParameterChoice};
use assay_suite::source::{Diagnostics, Node, NodeKind};
use assay_suite::{Availability, Effect};

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Option<ForEach> {
    let mut fields = node.fields("`for_each`", mistakes)?;
    let operations = fields.need("operation", mistakes).and_then(|node| read_operation_choice(node, mistakes));
    let parameters =
        fields.take("parameter").and_then(|node| node.choice("`parameter`", &ParameterChoice::NAMES, mistakes));
    fields.finish(mistakes);
    Some(ForEach { operations: operations?, parameters })
}

pub(crate) fn read_operation_choice(node: &Node, mistakes: &mut Diagnostics) -> Option<OperationChoice> {
    match &node.kind {
        NodeKind::Text(text) if text == "all" => return Some(OperationChoice::default()),
        NodeKind::Text(_) | NodeKind::List(_) => {
            return Some(OperationChoice { named: node.texts("an operation", mistakes), ..OperationChoice::default() });
        }
        _ => {}
    }
    let mut fields = node.fields("a choice of operations", mistakes)?;
    let named = fields.texts("named", mistakes);
    let except = fields.texts("except", mistakes);
    let effect = fields.take("effect").and_then(|node| node.choice("`effect`", &Effect::NAMES, mistakes));
    let job = fields.take("job").and_then(|node| node.boolean("`job`", mistakes));
    let list = fields.take("list").and_then(|node| node.boolean("`list`", mistakes));
    let name_only = fields.take("name_only").and_then(|node| node.boolean("`name_only`", mistakes));
    let required = fields.take("required").and_then(|node| node.boolean("`required`", mistakes));
    let paged = fields.take("paged").and_then(|node| node.boolean("`paged`", mistakes));
    let echoes = fields.take("echoes").and_then(|node| node.boolean("`echoes`", mistakes));
    let removed = fields.flag("removed", mistakes);
    let group = fields.text("group", mistakes).map(|text| text.value);
    fields.finish(mistakes);
    let availability = if removed { Availability::Removed } else { Availability::Offered };
    Some(OperationChoice { named, except, effect, job, list, name_only, required, paged, echoes, group, availability })
}

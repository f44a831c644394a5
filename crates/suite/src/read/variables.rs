//! Reads `variables.yaml`.

use crate::source::{Diagnostics, Located, Node};
use crate::{Lookup, OperationName, Sharing, TargetVariable};

use super::operations::read_arguments;

pub(crate) fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<TargetVariable> {
    let Some(mut fields) = node.fields("variables.yaml", mistakes) else { return Vec::new() };
    let variables = fields.need("variables", mistakes).and_then(|node| node.entries("`variables`", mistakes));
    fields.finish(mistakes);
    let variables = variables.unwrap_or_default().iter();
    variables.filter_map(|(name, node)| read_variable(name, node, mistakes)).collect()
}

fn read_variable(name: &Located<String>, node: &Node, mistakes: &mut Diagnostics) -> Option<TargetVariable> {
    let mut fields = node.fields("a variable", mistakes)?;
    let text = fields.need_text("text", mistakes);
    let sharing = if fields.flag("in_turn", mistakes) { Sharing::InTurn } else { Sharing::AtOnce };
    let find = fields.take("find").and_then(|node| read_lookup(node, mistakes));
    fields.finish(mistakes);
    Some(TargetVariable { name: name.clone(), text: text?.value, sharing, find })
}

fn read_lookup(node: &Node, mistakes: &mut Diagnostics) -> Option<Lookup> {
    let mut fields = node.fields("`find`", mistakes)?;
    let call = fields.need_text("call", mistakes).map(|name| name.map(OperationName));
    let account = fields.text("account", mistakes).map(|text| text.value);
    // Only the check of names looks at it.
    fields.flag("undocumented", mistakes);
    let with = read_arguments(&mut fields, mistakes);
    let take = fields.need_text("take", mistakes);
    fields.finish(mistakes);
    Some(Lookup { call: call?, account, with, take: take? })
}

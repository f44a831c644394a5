//! Reads what is asked for, and how often.

use std::num::NonZeroU32;

use crate::profile::Portion;
use crate::scenario;
use assay_suite::source::{Diagnostic, Diagnostics, Node};

pub(super) fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<Portion> {
    let Some(portions) = node.list("`mix`", mistakes) else { return Vec::new() };
    if portions.is_empty() {
        let mistake = Diagnostic::error(&node.place, "`mix` can't be empty");
        mistakes.add(mistake.help("write what is asked for: mix: [{call: listZones}]"));
    }
    portions.iter().filter_map(|node| read_portion(node, mistakes)).collect()
}

fn read_portion(node: &Node, mistakes: &mut Diagnostics) -> Option<Portion> {
    let mut fields = node.fields("a portion of a mix", mistakes)?;
    let operation = fields.need_text("call", mistakes).map(scenario::read_template);
    for name in ["expect", "save", "verifies", "until", "each"] {
        let message = format!("a portion takes no `{name}`: its answers are held against the document");
        fields.refuse(name, &message, "remove it, or write a step under `set_up`", mistakes);
    }
    let options = scenario::read_manner(&mut fields, mistakes);
    let weight = fields.take("weight").and_then(|node| node.count("`weight`", mistakes));
    fields.finish(mistakes);
    Some(Portion { operation: operation?, options, weight: weight.unwrap_or(NonZeroU32::MIN) })
}

//! Reads rates.

use crate::profile::{Rate, WrittenRate};
use assay_suite::source::{Diagnostic, Diagnostics, Located, Node, NodeKind};

/// A number of requests in a time.
pub(super) fn read(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Option<Located<Rate>> {
    let rate = match &node.kind {
        NodeKind::Text(text) => Rate::parse(text),
        _ => None,
    };
    if rate.is_none() {
        let mistake = Diagnostic::error(&node.place, format!("{what} is a number of requests in a time"));
        mistakes.add(mistake.help("write it with /s, /min or /h: 100/s"));
    }
    rate.map(|value| Located { value, place: node.place.clone() })
}

/// The same, or the word for the documented one.
pub(super) fn read_written(node: &Node, what: &str, mistakes: &mut Diagnostics) -> Option<WrittenRate> {
    match &node.kind {
        NodeKind::Text(text) if text == "documented" => Some(WrittenRate::Documented),
        _ => read(node, what, mistakes).map(|rate| WrittenRate::Given(rate.value)),
    }
}

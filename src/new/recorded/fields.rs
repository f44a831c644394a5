//! Fields of recorded documents, read leniently.

use assay_suite::source::{Node, NodeKind};

/// The text of a field; empty where there is none.
pub(super) fn text<'a>(node: &'a Node, name: &str) -> &'a str {
    match node.field(name).map(|field| &field.kind) {
        Some(NodeKind::Text(text)) => text,
        _ => "",
    }
}

/// The items of a list; none of anything else.
pub(super) fn items<'a>(node: &'a Node, name: &str) -> &'a [Node] {
    match node.field(name).map(|field| &field.kind) {
        Some(NodeKind::List(items)) => items,
        _ => &[],
    }
}

/// Pairs of a name and a value under these keys, without those that are switched off.
pub(super) fn pairs(nodes: &[Node], name: &str) -> Vec<(String, String)> {
    let is_on =
        |node: &&Node| !matches!(node.field("disabled").map(|field| &field.kind), Some(NodeKind::Boolean(true)));
    let pair = |node: &Node| (text(node, name).to_owned(), text(node, "value").to_owned());
    nodes.iter().filter(is_on).map(pair).filter(|(name, _)| !name.is_empty()).collect()
}

/// A status of HTTP, if it is one.
pub(super) fn status(node: &Node, name: &str) -> Option<u16> {
    match node.field(name)?.kind {
        NodeKind::Integer(status) => u16::try_from(status).ok().filter(|status| (100..600).contains(status)),
        _ => None,
    }
}

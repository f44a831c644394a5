//! Single values of a document, read leniently, and where they are.

use crate::source::{Node, NodeKind, Place};

/// A text, or a number as it is written: titles and versions are often written without quotes.
pub(super) fn lenient_text(node: &Node) -> Option<String> {
    match &node.kind {
        NodeKind::Text(text) => Some(text.clone()),
        NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Boolean(_) => Some(crate::plain(&node.to_sent())),
        NodeKind::Null | NodeKind::List(_) | NodeKind::Map(_) => None,
    }
}

/// `file:line`, by which people find it.
pub(super) fn cite(place: &Place) -> String {
    format!("{}:{}", place.file.path, place.line)
}

pub(super) fn is_true(node: &Node, name: &str) -> bool {
    node.field(name).is_some_and(|value| matches!(value.kind, NodeKind::Boolean(true)))
}

/// Whether a value says nothing.
pub(super) fn is_blank(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Null)
}

//! What documents refer to by name.

use assay_suite::source::{Diagnostic, Diagnostics, Node};

use crate::data;
use crate::fault::Fault;
use crate::kind::Kind;

/// The kinds that may be referred to.
pub struct Names(pub Vec<Kind>);

impl Names {
    /// The kind that a text names.
    pub fn kind(&self, node: &Node, mistakes: &mut Diagnostics) -> Option<Kind> {
        data::named(node, "kind", self.0.iter().map(|kind| (kind.key(), *kind)), mistakes)
    }

    /// The kind and the field of it that a text names: `zone.name`.
    pub fn kind_and_field(&self, node: &Node, mistakes: &mut Diagnostics) -> Option<(Kind, String)> {
        let text = node.text("a field of a kind", mistakes)?.value;
        let Some((kind, field)) = text.split_once('.') else {
            let mistake = Diagnostic::error(&node.place, format!("`{text}` names no field"));
            mistakes.add(mistake.help("write the kind, a dot, and its field: zone.name"));
            return None;
        };
        Some((self.kind(&Node::of_text(kind, &node.place), mistakes)?, field.to_owned()))
    }
}

/// The fault that a text names.
pub fn fault(node: &Node, mistakes: &mut Diagnostics) -> Option<Fault> {
    data::named(node, "fault", Fault::all().iter().map(|fault| (fault.name(), *fault)), mistakes)
}

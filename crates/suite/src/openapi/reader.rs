//! Reads the parts of a document.

use crate::name::SuiteName;
use crate::source::{Diagnostic, Diagnostics, Node, Place};

use super::files::Resolver;
use super::version::Version;

/// Reads the parts of a document.
pub(super) struct Reader<'a, 'n> {
    pub(super) suite: &'a SuiteName,
    pub(super) resolver: &'a Resolver<'n>,
    pub(super) root: &'n Node,
    pub(super) version: Version,
    pub(super) mistakes: &'a mut Diagnostics,
    /// The schemas of answers, by their paths.
    pub(super) schemas: Vec<(String, serde_json::Value)>,
    /// The names of the operations so far.
    pub(super) names: std::collections::HashSet<String>,
}

impl<'n> Reader<'_, 'n> {
    /// What a value is, or what it refers to; a reference that leads nowhere is a mistake.
    pub(super) fn resolved(&mut self, node: &'n Node) -> Option<&'n Node> {
        self.resolver.resolve(node).map_err(|mistake| self.mistakes.add(mistake)).ok()
    }

    pub(super) fn wrong(&mut self, place: &Place, message: impl Into<String>, help: &str) {
        self.mistakes.add(Diagnostic::error(place, message).help(help));
    }
}

//! The versions of `OpenAPI` that are read.

use crate::source::{Diagnostic, Diagnostics, Node};

use super::values::lenient_text;

/// The versions of `OpenAPI` that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// Swagger 2.0.
    Swagger2,
    /// 3.0.
    V30,
    /// 3.1 and what follows: schemas are JSON Schema.
    V31,
}

impl Version {
    pub(super) fn is_before_31(self) -> bool {
        self < Self::V31
    }

    /// Reads `openapi: 3.1.0` or `swagger: "2.0"`.
    pub(super) fn read(root: &Node, mistakes: &mut Diagnostics) -> Option<Self> {
        const HELP: &str = "assay reads OpenAPI 3.0, 3.1 and 3.2, and Swagger 2.0";
        let (key, node) = match (root.field("openapi"), root.field("swagger")) {
            (Some(node), _) => ("openapi", node),
            (None, Some(node)) => ("swagger", node),
            (None, None) => {
                let mistake = Diagnostic::error(&root.place, "this is no OpenAPI document: it has no `openapi`");
                mistakes.add(mistake.help("write `openapi: 3.1.0` at its head"));
                return None;
            }
        };
        let text = lenient_text(node).unwrap_or_default();
        let version = match (key, text.as_str()) {
            ("swagger", text) if text == "2" || text.starts_with("2.") => Some(Self::Swagger2),
            ("openapi", text) if text.starts_with("3.0") => Some(Self::V30),
            ("openapi", text) if text == "3" || text.starts_with("3.") => Some(Self::V31),
            _ => None,
        };
        if version.is_none() {
            mistakes.add(Diagnostic::error(&node.place, format!("`{text}` is not a version that is read")).help(HELP));
        }
        version
    }
}

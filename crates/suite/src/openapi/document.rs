//! What is asked of a document before it is read as a suite.

use std::sync::Arc;

use crate::source::{Located, Node, SourceFile};

use super::files;
use super::values::lenient_text;

/// The other files that a document refers to, as their paths are written in it.
pub fn references(file: &Arc<SourceFile>) -> Vec<String> {
    Node::parse_large(file).map(|node| files::references(&node)).unwrap_or_default()
}

/// A relative path as a document refers to it, seen from the document; none if it leads above it.
pub fn referred(from: &str, reference: &str) -> Option<String> {
    files::joined(from, reference).ok()
}

/// The names of the security schemes of a document, whether or not an operation asks for them.
pub fn security_schemes(file: &Arc<SourceFile>) -> Vec<String> {
    let Ok(root) = Node::parse_large(file) else { return Vec::new() };
    let of_3 = root.field("components").and_then(|components| components.field("securitySchemes"));
    let schemes = of_3.or_else(|| root.field("securityDefinitions")).map(Node::pairs).unwrap_or_default();
    schemes.iter().map(|(name, _)| name.value.clone()).collect()
}

/// A name for the suite of a document: that of its file, or of its title where the file's says nothing.
pub fn suite_name(file: &Arc<SourceFile>) -> String {
    let title = || {
        let root = Node::parse_large(file).ok()?;
        lenient_text(root.field("info")?.field("title")?)
    };
    let stem = file.stem().to_lowercase();
    let is_version =
        stem.trim_start_matches('v').chars().all(|letter| letter.is_ascii_digit() || "._-".contains(letter));
    let says_nothing =
        is_version || matches!(stem.as_str(), "openapi" | "swagger" | "api" | "spec" | "latest" | "index");
    let text = if says_nothing { title().unwrap_or(stem) } else { stem };
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.take(4).collect::<Vec<_>>().join("-").to_lowercase();
    if name.is_empty() || name == "common" || name == "assay" { "api".to_owned() } else { name }
}

/// The document that a `suite.yaml` names under `openapi`, if it names one.
pub fn named(suite: &Node) -> Option<Located<String>> {
    let node = suite.field("openapi")?;
    Some(Located { value: lenient_text(node).unwrap_or_default(), place: node.place.clone() })
}

//! HTTP statuses as documents write them: one, or a family.

use std::fmt;

use crate::source::{Diagnostic, Diagnostics, Node, NodeKind};

/// One status (`401`) or a family (`4xx`, `53x`).
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StatusPattern(String);

impl StatusPattern {
    /// Reads one status or family, or a list of them.
    pub fn read(node: &Node, mistakes: &mut Diagnostics) -> Vec<Self> {
        let mut patterns = Vec::new();
        for item in node.one_or_many() {
            let written = match &item.kind {
                NodeKind::Integer(status) => status.to_string(),
                NodeKind::Text(text) => text.clone(),
                _ => String::new(),
            };
            match Self::new(&written) {
                Some(pattern) => patterns.push(pattern),
                None => mistakes.add(
                    Diagnostic::error(&item.place, "this is not an HTTP status")
                        .help("write 401, or a family: 4xx, 53x"),
                ),
            }
        }
        patterns
    }

    /// The status that HTTP itself has for too many requests (RFC 6585, chapter 4).
    pub fn too_many_requests() -> Self {
        Self("429".to_owned())
    }

    /// Three characters, digits or a trailing `x` or `xx`.
    pub fn new(pattern: &str) -> Option<Self> {
        let digits = pattern.trim_end_matches('x');
        let fits = pattern.len() == 3 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| Self(pattern.to_owned()))
    }

    /// Whether this is one status, and no family.
    pub fn is_one(&self) -> bool {
        !self.0.contains('x')
    }

    /// Whether a status is of this family.
    pub fn matches(&self, status: u16) -> bool {
        let digits = self.0.trim_end_matches('x');
        let status = status.to_string();
        status.len() == 3 && status.starts_with(digits)
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

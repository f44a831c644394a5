//! One document as it was read.

use std::sync::Arc;

/// The endings of YAML files.
pub const YAML: [&str; 2] = [".yaml", ".yml"];

/// One document: the path it is known by (relative, with `/`) and its whole text.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as a person would type it.
    pub path: String,
    /// The text, unchanged.
    pub text: String,
    /// Whether messages may show it.
    privacy: Privacy,
}

/// Whether messages may show what a document holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Privacy {
    /// They may.
    #[default]
    Open,
    /// They may not: there are secrets in it. Names and places are enough.
    Private,
}

impl SourceFile {
    /// A shared file, cheap to point at from every value that was read from it.
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { path: path.into(), text: text.into(), privacy: Privacy::default() })
    }

    /// The same file; no message shows what it holds.
    #[must_use]
    pub fn kept_private(&self) -> Arc<Self> {
        Arc::new(Self { path: self.path.clone(), text: self.text.clone(), privacy: Privacy::Private })
    }

    /// Whether no message may show what it holds.
    pub fn is_private(&self) -> bool {
        self.privacy == Privacy::Private
    }

    /// A value of it as messages show it: in quotes, or not at all.
    pub(super) fn quoted(&self, value: &str) -> String {
        if self.is_private() { "this".to_owned() } else { format!("`{value}`") }
    }

    /// Whether it is YAML by its name (RFC 9512, 2.1 names both endings).
    pub fn is_yaml(&self) -> bool {
        YAML.iter().any(|ending| self.path.ends_with(ending))
    }

    /// The file's name without folders and extension.
    pub fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

//! Documents as people wrote them: files, values that remember their place, and mistakes shown with file, line and column.

mod amounts;
mod diagnostic;
mod documents;
mod fields;
mod file;
pub mod harmless;
mod json;
mod keys;
mod node;
mod parse;
mod place;
mod spelling;
mod syntax;
mod yaml;

pub use diagnostic::{Diagnostic, Diagnostics, Paint, Severity};
pub use documents::Documents;
pub use fields::Fields;
pub use file::{SourceFile, YAML};
pub use node::{Node, NodeKind};
pub use place::{Located, Place};
pub use spelling::{closest, misspelt};

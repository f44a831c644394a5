//! Reads files and documents.

use std::sync::Arc;

use serde_saphyr::Spanned;

use super::diagnostic::Diagnostic;
use super::file::SourceFile;
use super::json;
use super::node::Node;
use super::place::Place;
use super::syntax::syntax_error;
use super::yaml::{Raw, locate};

impl Node {
    /// Reads a whole document. A syntax error is the only mistake this can find, and there is one at most.
    pub fn parse(file: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        let options = serde_saphyr::options! { strict_booleans: true };
        serde_saphyr::from_str_with_options::<Spanned<Raw>>(&file.text, options)
            .map(|raw| locate(raw, file))
            .map_err(|error| syntax_error(&error, file))
    }

    /// Reads a whole document that others wrote, of any size that can be worked with: JSON if it begins like that, else YAML.
    pub fn parse_large(file: &Arc<SourceFile>) -> Result<Self, Diagnostic> {
        if file.text.trim_start().starts_with('{') {
            let is_json = file.path.ends_with(".json");
            return match json::parse(file) {
                Err(mistake) if !is_json => Self::parse(file).map_err(|_| mistake),
                read => read,
            };
        }
        let budget = serde_saphyr::budget! {
            max_nodes: MOST_NODES,
            max_events: 2 * MOST_NODES,
            max_depth: 128,
        };
        let options = serde_saphyr::options! { strict_booleans: true, budget: budget };
        serde_saphyr::from_str_with_options::<Spanned<Raw>>(&file.text, options)
            .map(|raw| locate(raw, file))
            .map_err(|error| syntax_error(&error, file))
    }
}

impl SourceFile {
    /// A file as it was read. Its bytes must be text; a mark of their order before it says nothing.
    pub fn from_bytes(path: impl Into<String>, bytes: Vec<u8>) -> Result<Arc<Self>, Box<Diagnostic>> {
        let error = match String::from_utf8(bytes) {
            Ok(text) => return Ok(Self::new(path, text.strip_prefix('\u{feff}').unwrap_or(&text))),
            Err(error) => error,
        };
        let good = error.utf8_error().valid_up_to();
        let file = Self::new(path, String::from_utf8_lossy(error.as_bytes()));
        // Up to there the two are the same.
        let before = &file.text[..good];
        let line = u32::try_from(before.matches('\n').count() + 1).unwrap_or(u32::MAX);
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = u32::try_from(before[start..].chars().count() + 1).unwrap_or(u32::MAX);
        let bytes = good..good + char::REPLACEMENT_CHARACTER.len_utf8();
        let mistake = Diagnostic::error(&Place { file, line, column, bytes }, "this is not text in UTF-8");
        Err(Box::new(mistake.help("save the file in UTF-8: editors offer it as \"encoding\"")))
    }
}

/// Documents of others may have so many values.
const MOST_NODES: usize = 2_000_000;

//! Places of a recording. Its text has secrets, so no message keeps it.

use std::fmt;
use std::sync::Arc;

use assay_suite::source::{Place, SourceFile};

/// The file, the line and the column where something is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::new) struct Spot {
    file: Arc<str>,
    line: u32,
    column: u32,
}

impl Spot {
    /// The beginning of a line.
    pub fn line(file: &Arc<str>, line: u32) -> Self {
        Self { file: Arc::clone(file), line, column: 1 }
    }

    /// The beginning of a file.
    pub fn start(path: &str) -> Self {
        Self::line(&Arc::from(path), 1)
    }

    /// A place of a text that begins here.
    pub fn within(&self, line: u32, column: u32) -> Self {
        let column = if line == 1 { self.column.saturating_add(column).saturating_sub(1) } else { column };
        Self { file: Arc::clone(&self.file), line: self.line.saturating_add(line).saturating_sub(1), column }
    }

    /// The same for mistakes.
    pub fn place(&self) -> Place {
        let file = SourceFile::new(&*self.file, "").kept_private();
        Place { file, line: self.line, column: self.column, bytes: 0..0 }
    }
}

impl From<&Place> for Spot {
    fn from(place: &Place) -> Self {
        Self { file: Arc::from(place.file.path.as_str()), line: place.line, column: place.column }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The places of a text's bytes. One after another they cost no more than the text: lines may be as long as that.
pub(super) struct Spots<'t> {
    text: &'t str,
    byte: usize,
    spot: Spot,
}

impl<'t> Spots<'t> {
    pub fn of(path: &str, text: &'t str) -> Self {
        Self { text, byte: 0, spot: Spot::start(path) }
    }

    /// The place of a byte.
    pub fn at(&mut self, byte: usize) -> Spot {
        if byte < self.byte {
            (self.byte, self.spot.line, self.spot.column) = (0, 1, 1);
        }
        let end = (self.byte..=byte.min(self.text.len())).rev().find(|end| self.text.is_char_boundary(*end));
        let end = end.unwrap_or(self.byte);
        let passed = &self.text[self.byte..end];
        let length = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        match passed.rsplit_once('\n') {
            Some((before, last)) => {
                let lines = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
                self.spot.line = self.spot.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
                self.spot.column = length(last).saturating_add(1);
            }
            None => self.spot.column = self.spot.column.saturating_add(length(passed)),
        }
        self.byte = end;
        self.spot.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_have_lines_and_columns() {
        let mut spots = Spots::of("a.har", "aé\nb\n\ncd");
        for (byte, expected) in [(0, "1:1"), (3, "1:3"), (4, "2:1"), (6, "3:1"), (8, "4:2"), (1, "1:2"), (99, "4:3")] {
            assert_eq!(spots.at(byte).to_string(), format!("a.har:{expected}"), "{byte}");
        }
        assert_eq!(spots.at(1).within(1, 3).to_string(), "a.har:1:4");
        assert_eq!(spots.at(1).within(2, 3).to_string(), "a.har:2:3");
    }
}

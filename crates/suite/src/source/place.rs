//! Where something was written.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::file::SourceFile;

/// Where something was written.
#[derive(Clone)]
pub struct Place {
    /// The document.
    pub file: Arc<SourceFile>,
    /// Line, counted from 1.
    pub line: u32,
    /// Column, counted from 1 in characters.
    pub column: u32,
    /// The bytes of the text that the place covers.
    pub bytes: Range<usize>,
}

impl PartialEq for Place {
    /// The same spot of a document of the same path.
    fn eq(&self, other: &Self) -> bool {
        (self.line, self.column, &self.bytes) == (other.line, other.column, &other.bytes)
            && self.file.path == other.file.path
    }
}

impl Eq for Place {}

impl Place {
    /// A line and a column of a document.
    pub fn at(file: &Arc<SourceFile>, line: u32, column: u32) -> Self {
        let start = byte_offset(&file.text, line, column);
        Self { file: Arc::clone(file), line, column, bytes: start..start }
    }

    /// The beginning of a document: for what concerns the whole of it.
    pub fn start_of(file: &Arc<SourceFile>) -> Self {
        Self { file: Arc::clone(file), line: 1, column: 1, bytes: 0..0 }
    }

    /// A line of a document, counted from 1, that begins at a byte of its text.
    pub fn line_at(file: &Arc<SourceFile>, line: u32, start: usize) -> Self {
        let length = file.text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
        Self { file: Arc::clone(file), line, column: 1, bytes: start..start + length }
    }

    /// A byte of a line, of which no more than its beginning is at hand: records are long.
    pub fn within_line(path: &str, line: u32, beginning: &str, byte: usize) -> Self {
        let start = (0..=byte.min(beginning.len())).rev().find(|at| beginning.is_char_boundary(*at)).unwrap_or(0);
        let column = u32::try_from(beginning[..start].chars().count() + 1).unwrap_or(u32::MAX);
        let end = beginning[start..].chars().next().map_or(start, |character| start + character.len_utf8());
        Self { file: SourceFile::new(path, beginning), line, column, bytes: start..end }
    }

    /// The number of the first line that the file's text has: above 1 where no more than a part of it is at hand.
    pub(super) fn first_line(&self) -> usize {
        let before = self.file.text.get(..self.bytes.start).map_or(0, |before| before.matches('\n').count());
        (self.line as usize).saturating_sub(before).max(1)
    }
}

/// `path:line:column`, as editors and terminals understand it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file.path, self.line, self.column)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value and the place where it was written.
#[derive(Clone, Debug)]
pub struct Located<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub place: Place,
}

impl<T> Located<T> {
    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: change(self.value), place: self.place }
    }
}

impl<T> std::ops::Deref for Located<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

pub(super) fn byte_offset(text: &str, line: u32, column: u32) -> usize {
    let mut start = 0;
    for (number, content) in (1..).zip(text.split_inclusive('\n')) {
        if number == line {
            let within =
                content.char_indices().nth(column.saturating_sub(1) as usize).map_or(content.len(), |(at, _)| at);
            return start + within;
        }
        start += content.len();
    }
    text.len()
}

//! Documents as people wrote them: files, values that remember their place, and mistakes shown with file, line and column.

mod amounts;
mod diagnostic;
mod fields;
pub mod harmless;
mod json;
mod node;
mod places;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

pub use diagnostic::{Diagnostic, Diagnostics, Paint, Severity};
pub use fields::{Fields, closest, misspelt};
pub use node::{Node, NodeKind};

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
    fn quoted(&self, value: &str) -> String {
        if self.is_private() { "this".to_owned() } else { format!("`{value}`") }
    }

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
        let start = places::byte_offset(&file.text, line, column);
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
    fn first_line(&self) -> usize {
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

/// All documents of a run by their paths: suites, schemas, scenarios, as they were given.
#[derive(Clone, Debug, Default)]
pub struct Documents {
    files: BTreeMap<String, Arc<SourceFile>>,
    /// The paths of those that were found without mistakes before, as long as none of them is replaced.
    sound: BTreeSet<String>,
    /// What was wrong with files that could not be taken in.
    refused: Diagnostics,
}

impl Documents {
    /// Adds a document; one with the same path is replaced.
    pub fn insert(&mut self, file: Arc<SourceFile>) {
        if self.sound.contains(&file.path) && self.get(&file.path).is_some_and(|known| known.text != file.text) {
            // The others may refer to it.
            self.sound.clear();
        }
        self.files.insert(file.path.clone(), file);
    }

    /// Adds a document that is known to be without mistakes together with all others that are added so.
    pub fn insert_sound(&mut self, file: Arc<SourceFile>) {
        self.sound.insert(file.path.clone());
        self.files.insert(file.path.clone(), file);
    }

    /// Keeps what is wrong with a file that can't be a document.
    pub fn refuse(&mut self, mistake: Diagnostic) {
        self.refused.add(mistake);
    }

    /// What is wrong with the files themselves: those that could not be read, and those of which only one can be meant.
    pub fn file_mistakes(&self) -> Diagnostics {
        let mut mistakes = self.refused.clone();
        for file in self.files.values() {
            let Some(twin) = file.path.strip_suffix(".yml").and_then(|stem| self.get(&format!("{stem}.yaml"))) else {
                continue;
            };
            let message = format!("{} has the same name", twin.path);
            let mistake = Diagnostic::error(&Place::start_of(file), message);
            mistakes.add(mistake.help("keep one of them; what replaces a document of assay has its name and ending"));
        }
        mistakes
    }

    /// The YAML document with a path that is given without its ending.
    pub fn yaml(&self, stem: &str) -> Option<&Arc<SourceFile>> {
        YAML.iter().find_map(|ending| self.get(&format!("{stem}{ending}")))
    }

    /// Whether a document is known to be without mistakes.
    pub fn is_sound(&self, path: &str) -> bool {
        self.sound.contains(path)
    }

    /// The document with a path.
    pub fn get(&self, path: &str) -> Option<&Arc<SourceFile>> {
        self.files.get(path)
    }

    /// The documents below a folder (given with a final `/`), ordered by path.
    pub fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Arc<SourceFile>> {
        self.files
            .range(folder.to_owned()..)
            .map(|(_, file)| file)
            .take_while(move |file| file.path.starts_with(folder))
    }

    /// All documents, ordered by path.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<SourceFile>> {
        self.files.values()
    }
}

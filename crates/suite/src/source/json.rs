//! JSON as a tree in which every value knows its place. YAML readers take most of it, but neither tabs nor pairs of escapes.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::Diagnostic;
use super::file::SourceFile;
use super::node::{Node, NodeKind};
use super::place::{Located, Place};

/// Lists and objects within each other beyond this depth are refused.
const DEEPEST: usize = 128;
/// Documents of more values than this are refused: in memory each takes many times the room of its text.
const MOST_VALUES: usize = 3_000_000;

/// Reads a whole document (RFC 8259). The first syntax error is the only mistake that it can find.
pub(super) fn parse(file: &Arc<SourceFile>) -> Result<Node, Diagnostic> {
    let mut reader = Reader { file, text: &file.text, at: 0, line: 1, line_start: 0, columns: (0, 1), values: 0 };
    reader.skip_space();
    let node = reader.value(0)?;
    reader.skip_space();
    match reader.peek() {
        None => Ok(node),
        Some(_) => Err(reader.wrong("text goes on after the end of the document", "remove it, or close what is open")),
    }
}

struct Reader<'f> {
    file: &'f Arc<SourceFile>,
    text: &'f str,
    at: usize,
    line: u32,
    line_start: usize,
    /// A byte of the line whose column is known, and that column: lines may be as long as the document.
    columns: (usize, u32),
    values: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\r' => {}
                b'\n' => {
                    self.line += 1;
                    self.line_start = self.at + 1;
                    self.columns = (self.line_start, 1);
                }
                _ => return,
            }
            self.at += 1;
        }
    }

    fn place(&mut self, bytes: Range<usize>) -> Place {
        let (known, column) = self.columns;
        let more = self.text.get(known..bytes.start).map_or(0, |text| text.chars().count());
        let column = column.saturating_add(u32::try_from(more).unwrap_or(u32::MAX));
        self.columns = (bytes.start, column);
        Place { file: Arc::clone(self.file), line: self.line, column, bytes }
    }

    fn wrong(&mut self, message: &str, help: &str) -> Diagnostic {
        let start = (0..=self.at.min(self.text.len())).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let end = self.text[start..].chars().next().map_or(start, |letter| start + letter.len_utf8());
        let place = self.place(start.max(self.columns.0)..end.max(self.columns.0));
        Diagnostic::error(&place, message).help(help)
    }

    fn value(&mut self, depth: usize) -> Result<Node, Diagnostic> {
        self.values += 1;
        if depth > DEEPEST || self.values > MOST_VALUES {
            return Err(self.wrong("the document is nested too deep or too large", "write it in more documents"));
        }
        let start = self.at;
        let mut place = self.place(start..start + 1);
        let kind = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => NodeKind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        if !matches!(kind, NodeKind::List(_) | NodeKind::Map(_)) {
            place.bytes.end = self.at;
        }
        Ok(Node::written_at(kind, place, start..self.at))
    }

    fn object(&mut self, depth: usize) -> Result<NodeKind, Diagnostic> {
        self.at += 1;
        let (mut entries, mut seen) = (Vec::new(), HashSet::new());
        self.skip_space();
        while self.peek() != Some(b'}') {
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key must begin here", "write it in double quotes"));
            }
            let start = self.at;
            let mut place = self.place(start..start + 1);
            let key = self.string()?;
            place.bytes.end = self.at;
            if !seen.insert(key.clone()) {
                let message = format!("duplicate key {}", self.file.quoted(&key));
                return Err(Diagnostic::error(&place, message).help("keep one of them, or make one of both"));
            }
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.wrong("a colon is missing here", "write `:` between a key and its value"));
            }
            self.at += 1;
            self.skip_space();
            entries.push((Located { value: key, place }, self.value(depth + 1)?));
            self.next(b'}', "entries are parted by commas", "write `,` before the next entry, or close with }")?;
        }
        self.at += 1;
        Ok(NodeKind::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Result<NodeKind, Diagnostic> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        while self.peek() != Some(b']') {
            items.push(self.value(depth + 1)?);
            self.next(b']', "items are parted by commas", "write `,` before the next item, or close with ]")?;
        }
        self.at += 1;
        Ok(NodeKind::List(items))
    }

    /// Goes on to the next entry, or to the end.
    fn next(&mut self, end: u8, message: &str, help: &str) -> Result<(), Diagnostic> {
        self.skip_space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.skip_space();
                if self.peek() == Some(end) {
                    return Err(self.wrong("nothing follows the comma", "remove the comma"));
                }
                Ok(())
            }
            Some(byte) if byte == end => Ok(()),
            None => Err(self.wrong("the document ends within a value", "close what is open")),
            Some(_) => Err(self.wrong(message, help)),
        }
    }

    /// A text in double quotes. A line break in it is none of JSON.
    fn string(&mut self) -> Result<String, Diagnostic> {
        let start = self.at;
        let mut at = start + 1;
        loop {
            match self.text.as_bytes().get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(byte) if *byte >= b' ' => at += 1,
                _ => return Err(self.wrong("the text that begins here does not end", "close it with a double quote")),
            }
        }
        let read = self.text.get(start..=at).and_then(|text| serde_json::from_str(text).ok());
        match read {
            Some(text) => {
                self.at = at + 1;
                Ok(text)
            }
            None => Err(self.wrong("this text has an escape that JSON does not know", "write `\\\\` for a backslash")),
        }
    }

    fn number(&mut self) -> Result<NodeKind, Diagnostic> {
        let rest = &self.text[self.at..];
        let length = rest.find(|letter: char| !matches!(letter, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let text = &rest[..length.unwrap_or(rest.len())];
        let number: Option<serde_json::Number> = serde_json::from_str(text).ok();
        let kind = number.and_then(|number| match number.as_i64() {
            Some(whole) => Some(NodeKind::Integer(whole)),
            None => number.as_f64().map(NodeKind::Number),
        });
        let Some(kind) = kind else { return Err(self.wrong("this is no number", "put it in quotes if it is text")) };
        self.at += text.len();
        Ok(kind)
    }

    fn word(&mut self) -> Result<NodeKind, Diagnostic> {
        let words = [("true", NodeKind::Boolean(true)), ("false", NodeKind::Boolean(false)), ("null", NodeKind::Null)];
        for (word, kind) in words {
            if self.text[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(match self.peek() {
            None => self.wrong("the document ends within a value", "close what is open"),
            Some(_) => self.wrong("no value begins like this", "write text in double quotes"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Arc<SourceFile> {
        SourceFile::new("a.json", text)
    }

    #[test]
    fn values_and_keys_know_their_places() {
        let node = parse(&file("{\n\t\"ä\": {\"b\": [1, -2.5, \"\\ud83d\\ude00\"]},\n  \"c\": null}")).unwrap();
        assert_eq!(node.to_json(), serde_json::json!({"ä": {"b": [1, -2.5, "😀"]}, "c": null}));
        let b = node.field("ä").unwrap().field("b").unwrap();
        assert_eq!(b.place.to_string(), "a.json:2:13");
        assert_eq!(node.pairs()[1].0.place.to_string(), "a.json:3:3");
    }

    #[test]
    fn a_mistake_has_its_place() {
        for (text, expected) in [
            ("{\"a\": 1,}", "a.json:1:9"),
            ("{\"a\" 1}", "a.json:1:6"),
            ("{\"a\": [1 2]}", "a.json:1:10"),
            ("{\"a\": tru}", "a.json:1:7"),
            ("{\"a\": 1, \"a\": 2}", "a.json:1:10"),
            ("[\n\"x", "a.json:2:1"),
            ("[", "a.json:1:2"),
            ("{} x", "a.json:1:4"),
            ("{\"a\": 01}", "a.json:1:7"),
        ] {
            let mistake = parse(&file(text)).unwrap_err();
            assert_eq!(mistake.place.unwrap().to_string(), expected, "{text}: {}", mistake.message);
        }
    }

    #[test]
    fn what_is_nested_too_deep_is_refused() {
        let mistake = parse(&file(&"[".repeat(100_000))).unwrap_err();
        assert!(mistake.message.contains("too deep"), "{}", mistake.message);
    }
}

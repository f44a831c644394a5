//! Where the values of a JSON text begin and end. None of them is kept: recordings are large, and little of them is used.

use std::ops::Range;

use serde::de::{DeserializeOwned, IgnoredAny};

/// The byte where a text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wrong(pub usize);

/// Reads over a text.
pub(super) struct Outline<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Outline<'t> {
    pub fn of(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// The byte where the next value begins.
    pub fn at(&mut self) -> usize {
        let rest = self.text.as_bytes()[self.at..].iter();
        self.at += rest.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        self.at
    }

    /// Takes a character, if it comes next.
    pub fn takes(&mut self, character: u8) -> bool {
        let at = self.at();
        let is_next = self.text.as_bytes().get(at) == Some(&character);
        self.at += usize::from(is_next);
        is_next
    }

    /// Whether another item follows the first `read` ones; else what they are in is left.
    pub fn has_more(&mut self, read: usize, end: u8) -> Result<bool, Wrong> {
        if self.takes(end) {
            return Ok(false);
        }
        if read > 0 && !self.takes(b',') { Err(Wrong(self.at)) } else { Ok(true) }
    }

    /// The name of a field.
    pub fn key(&mut self) -> Result<String, Wrong> {
        let (key, _) = self.read()?;
        if self.takes(b':') { Ok(key) } else { Err(Wrong(self.at)) }
    }

    /// The bytes of a whole value.
    pub fn value(&mut self) -> Result<Range<usize>, Wrong> {
        self.read::<IgnoredAny>().map(|(_, range)| range)
    }

    /// Nothing follows.
    pub fn end(&mut self) -> Result<(), Wrong> {
        let at = self.at();
        if at == self.text.len() { Ok(()) } else { Err(Wrong(at)) }
    }

    fn read<T: DeserializeOwned>(&mut self) -> Result<(T, Range<usize>), Wrong> {
        let start = self.at();
        let mut values = serde_json::Deserializer::from_str(&self.text[start..]).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                self.at = start + values.byte_offset();
                Ok((value, start..self.at))
            }
            Some(Err(error)) => Err(Wrong(start + offset(&self.text[start..], &error))),
            None => Err(Wrong(start)),
        }
    }
}

/// The byte that an error is about.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let before = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    (before + error.column().saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a list.
    fn items(text: &str) -> Result<Vec<&str>, Wrong> {
        let (mut outline, mut items) = (Outline::of(text), Vec::new());
        assert!(outline.takes(b'['));
        while outline.has_more(items.len(), b']')? {
            items.push(&text[outline.value()?]);
        }
        outline.end()?;
        Ok(items)
    }

    #[test]
    fn items_are_found_without_being_read() {
        assert_eq!(items(" [1 , {\"a\": [\"]\"]},\n\"x,\"] "), Ok(vec!["1", "{\"a\": [\"]\"]}", "\"x,\""]));
        assert_eq!(items("[]"), Ok(vec![]));
        let deep = format!("[{}{}]", "[".repeat(200_000), "]".repeat(200_000));
        assert_eq!(items(&deep).map(|items| items.len()), Ok(1));
    }

    #[test]
    fn what_is_no_json_has_its_place() {
        for (text, at) in [("[1 2]", 3), ("[1,]", 3), ("[\n{\"a\" 1}]", 7), ("[1", 2), ("[1] x", 4)] {
            assert_eq!(items(text), Err(Wrong(at)), "{text}");
        }
        assert_eq!(Outline::of("\"a\" 1").key(), Err(Wrong(4)));
    }
}

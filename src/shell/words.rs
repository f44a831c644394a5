//! A line as words, by the quotes of a POSIX shell: 'as it is', "with \" and \\", and a backslash before one character.

use std::fmt;

/// A quote that does not end.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unclosed(char);

impl fmt::Display for Unclosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the quote {} does not end", self.0)
    }
}

/// The words of a line before the cursor, and the one that is being written.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Partial {
    /// Those that are whole.
    pub before: Vec<String>,
    /// Where the last one begins in the line.
    pub start: usize,
    /// The last one, without its quotes; blank where none is begun.
    pub last: String,
}

/// The words of a line. A `#` at the beginning of a word begins a remark.
pub(super) fn split(line: &str) -> Result<Vec<String>, Unclosed> {
    let read = Read::of(line);
    match read.quote {
        Some(quote) => Err(Unclosed(quote)),
        None => Ok(read.words.into_iter().map(|(_, word)| word).collect()),
    }
}

/// A line whose last word may not be whole.
pub(super) fn partial(line: &str) -> Partial {
    let Read { mut words, in_word, .. } = Read::of(line);
    let (start, last) = if in_word { words.pop() } else { None }.unwrap_or((line.len(), String::new()));
    Partial { before: words.into_iter().map(|(_, word)| word).collect(), start, last }
}

/// A text as one word of a line.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "-_./:=@,+%".contains(character);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

struct Read {
    /// Each with its place in the line.
    words: Vec<(usize, String)>,
    /// Whether the line ends within a word.
    in_word: bool,
    /// The quote that is open at the end.
    quote: Option<char>,
}

impl Read {
    fn of(line: &str) -> Self {
        let mut read = Self { words: Vec::new(), in_word: false, quote: None };
        let mut characters = line.char_indices();
        while let Some((at, character)) = characters.next() {
            match (read.quote, character) {
                (Some(quote), character) if quote == character => read.quote = None,
                (Some('"'), '\\') => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => read.push(at, escaped),
                    Some((_, other)) => {
                        read.push(at, '\\');
                        read.push(at, other);
                    }
                    None => read.push(at, '\\'),
                },
                (Some(_), character) => read.push(at, character),
                (None, quote @ ('\'' | '"')) => {
                    read.begin(at);
                    read.quote = Some(quote);
                }
                (None, '\\') => {
                    read.begin(at);
                    if let Some((_, escaped)) = characters.next() {
                        read.push(at, escaped);
                    }
                }
                (None, '#') if !read.in_word => break,
                (None, character) if character.is_whitespace() => read.in_word = false,
                (None, character) => read.push(at, character),
            }
        }
        read
    }

    fn begin(&mut self, at: usize) {
        if !self.in_word {
            self.in_word = true;
            self.words.push((at, String::new()));
        }
    }

    fn push(&mut self, at: usize, character: char) {
        self.begin(at);
        if let Some((_, word)) = self.words.last_mut() {
            word.push(character);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quotes_hold_blanks_together() {
        let words = split(r#"  createVolume name="two words" tag='it is' a\ b "" # remark "#).unwrap();
        assert_eq!(words, ["createVolume", "name=two words", "tag=it is", "a b", ""]);
        assert_eq!(split("name='x"), Err(Unclosed('\'')));
        assert_eq!(split(r#"j:="{\"a\": 1}" x#y"#).unwrap(), [r#"j:={"a": 1}"#, "x#y"]);
        assert!(split(" # all of it").unwrap().is_empty());
    }

    #[test]
    fn the_word_at_the_cursor_is_known_with_its_place() {
        let at = |line: &str| partial(line);
        assert_eq!(at("list"), Partial { before: vec![], start: 0, last: "list".into() });
        assert_eq!(at("listZones "), Partial { before: vec!["listZones".into()], start: 10, last: String::new() });
        let quoted = at("é name='two w");
        assert_eq!((quoted.start, quoted.last.as_str()), (3, "name=two w"));
    }

    proptest! {
        /// A value of a server that is completed is read as it was.
        #[test]
        fn what_is_quoted_is_one_word_again(text in any::<String>()) {
            prop_assert_eq!(split(&quoted(&text)).unwrap(), vec![text]);
        }
    }
}

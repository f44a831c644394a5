//! Words of command lines, as a POSIX shell reads them. Nothing is expanded: variables become variables of the scenario.

use std::sync::Arc;

use assay_suite::source::SourceFile;

use super::error::RecordingError;
use super::placeholder::placeholder;
use super::spot::Spot;

/// No command has more words.
const MOST_WORDS: usize = 10_000;

/// A command: its words, and the line where it begins.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Command {
    pub line: u32,
    pub words: Vec<String>,
}

/// Reads the commands of a file, one after another.
pub(super) struct Commands<'f> {
    path: Arc<str>,
    text: &'f str,
    at: usize,
    line: u32,
}

impl<'f> Commands<'f> {
    pub fn of(file: &'f SourceFile) -> Self {
        Self { path: Arc::from(file.path.as_str()), text: &file.text, at: 0, line: 1 }
    }

    /// The next command. What follows a pipe or a redirection is no part of it.
    pub fn next_command(&mut self) -> Result<Option<Command>, RecordingError> {
        while self.at < self.text.len() {
            if let Some(command) = self.command()? {
                return Ok(Some(command));
            }
        }
        Ok(None)
    }

    /// The place of a line.
    pub fn place(&self, line: u32) -> Spot {
        Spot::line(&self.path, line)
    }

    fn rest(&self) -> &'f str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest().chars().nth(ahead)
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek(0)?;
        self.at += letter.len_utf8();
        self.line += u32::from(letter == '\n');
        Some(letter)
    }

    fn command(&mut self) -> Result<Option<Command>, RecordingError> {
        let (mut line, mut words, mut word) = (self.line, Vec::new(), None::<String>);
        // What a pipe or a redirection takes is read, and not kept.
        let mut kept = None;
        while let Some(letter) = self.peek(0) {
            match letter {
                '\\' if self.peek(1) == Some('\n') || self.peek(1) == Some('\r') && self.peek(2) == Some('\n') => {
                    while self.next() != Some('\n') {}
                }
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '>' | '<' => {
                    words.extend(word.take());
                    if words.len() > MOST_WORDS {
                        let place = self.place(line);
                        return Err(RecordingError::TooMany { what: "words of a command", most: MOST_WORDS, place });
                    }
                    self.next();
                    if words.is_empty() {
                        line = self.line;
                    }
                    match letter {
                        '|' | '>' | '<' => {
                            kept.get_or_insert(words.len());
                            // `2>&1`
                            if letter == '>' && self.peek(0) == Some('&') {
                                self.next();
                            }
                        }
                        '\n' | ';' | '&' => break,
                        _ => {}
                    }
                }
                '#' if word.is_none() => {
                    while self.peek(0).is_some_and(|letter| letter != '\n') {
                        self.next();
                    }
                }
                _ => self.piece(word.get_or_insert_default())?,
            }
        }
        words.extend(word);
        words.truncate(kept.unwrap_or(words.len()));
        Ok((!words.is_empty()).then_some(Command { line, words }))
    }

    /// A quoted part of a word, or one letter.
    fn piece(&mut self, word: &mut String) -> Result<(), RecordingError> {
        let place = self.place(self.line);
        let open = || RecordingError::OpenQuote(place.clone());
        match self.next() {
            Some('\'') => loop {
                match self.next().ok_or_else(open)? {
                    '\'' => return Ok(()),
                    letter => word.push(letter),
                }
            },
            Some('"') => loop {
                match self.next().ok_or_else(open)? {
                    '"' => return Ok(()),
                    '\\' => match self.next().ok_or_else(open)? {
                        '\n' => {}
                        letter @ ('"' | '\\' | '$' | '`') => word.push(letter),
                        letter => word.extend(['\\', letter]),
                    },
                    '$' => self.variable(word),
                    letter => word.push(letter),
                }
            },
            Some('$') if self.peek(0) == Some('\'') => {
                self.next();
                loop {
                    match self.next().ok_or_else(open)? {
                        '\'' => return Ok(()),
                        '\\' => self.escape(word),
                        letter => word.push(letter),
                    }
                }
            }
            Some('$') => self.variable(word),
            Some('\\') => word.extend(self.next()),
            letter => word.extend(letter),
        }
        Ok(())
    }

    /// `$name` or `${name}`; a dollar sign before anything else is one.
    fn variable(&mut self, word: &mut String) {
        let braces = self.peek(0) == Some('{');
        let start = self.at + usize::from(braces);
        let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let rest = self.text.get(start..).unwrap_or_default();
        let name = &rest[..rest.find(|letter: char| !is_of_name(letter)).unwrap_or(rest.len())];
        let end = start + name.len();
        let closes = !braces || rest[name.len()..].starts_with('}');
        if name.starts_with(|letter: char| letter.is_ascii_digit()) || name.is_empty() || !closes {
            return word.push('$');
        }
        self.at = end + usize::from(braces);
        word.push_str(&placeholder(name));
    }

    /// An escape within `$'...'`.
    fn escape(&mut self, word: &mut String) {
        let Some(letter) = self.next() else { return };
        let (radix, most) = match letter {
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => {
                self.at -= 1;
                (8, 3)
            }
            _ => {
                word.push(match letter {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    'a' => '\u{7}',
                    'b' => '\u{8}',
                    'e' | 'E' => '\u{1b}',
                    'f' => '\u{c}',
                    'v' => '\u{b}',
                    other => other,
                });
                return;
            }
        };
        let digits: String = self.rest().chars().take(most).take_while(|digit| digit.is_digit(radix)).collect();
        self.at += digits.len();
        let code = u32::from_str_radix(&digits, radix).ok().and_then(char::from_u32);
        word.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn commands(text: &str) -> Result<Vec<Vec<String>>, RecordingError> {
        let file = SourceFile::new("a.sh", text);
        let (mut reader, mut commands) = (Commands::of(&file), Vec::new());
        while let Some(command) = reader.next_command()? {
            commands.push(command.words);
        }
        Ok(commands)
    }

    fn words(text: &str) -> Vec<Vec<String>> {
        commands(text).unwrap()
    }

    #[test]
    fn words_are_read_as_a_shell_reads_them() {
        assert_eq!(words("curl 'a b' \"c \\\" \\$d\" e\\ f"), [["curl", "a b", "c \" $d", "e f"]]);
        assert_eq!(words("curl \\\n  -H 'x: y' \\\r\n  z"), [["curl", "-H", "x: y", "z"]]);
        assert_eq!(words(r"curl $'it\'s\n\u00fc\x41\101'"), [["curl", "it's\nüAA"]]);
        assert_eq!(words("curl 'it'\\''s'"), [["curl", "it's"]]);
        assert_eq!(words("curl ''"), [["curl", ""]]);
        assert_eq!(
            words("# a remark\ncurl a | jq . > out\ncurl b; curl c#d"),
            [["curl", "a"], ["curl", "b"], ["curl", "c#d"]]
        );
        let id = placeholder("ID");
        assert_eq!(words("curl \"x/${ID}/$ID\" $5"), [["curl".to_owned(), format!("x/{id}/{id}"), "$5".to_owned()]]);
    }

    #[test]
    fn a_quote_that_does_not_end_is_located() {
        let error = commands("curl a\ncurl 'b\n").unwrap_err();
        let rendered = error.diagnostic().render(assay_suite::source::Paint::Plain);
        assert!(rendered.contains("a.sh:2:1") && !rendered.contains("'b"), "{rendered}");
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        for text in ["\\", "$'\\", "$'\\x", "\"${", "\"\\", "$", "${", "$'\\400'", "'", "|", "a|", "\\\r"] {
            drop(commands(text));
        }
    }
}

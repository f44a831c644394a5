//! A record's lines, each of which is one event.

use std::io::{BufRead, Error};
use std::iter::Peekable;

use crate::source::Place;

/// The lines of a record that are not blank, numbered from 1.
pub(super) struct Lines<R: BufRead>(Peekable<std::io::Split<R>>, usize);

/// A line of a record.
pub(super) struct Line {
    /// Its number, counted from 1.
    pub number: usize,
    /// What it says.
    pub text: Vec<u8>,
    /// Whether it may be cut off.
    pub position: Position,
}

/// A line that can't be used: its number, and as much of it as shows where.
#[derive(Clone, Debug)]
pub struct BadLine {
    /// Its number, counted from 1.
    pub number: usize,
    beginning: String,
    byte: usize,
}

impl Line {
    /// This line, in which something is wrong from a byte on.
    pub fn bad_at(&self, byte: usize) -> BadLine {
        // A line may hold megabytes, and is to be shown.
        const SHOWN: usize = 60;
        let end = byte.saturating_add(SHOWN).min(self.text.len());
        let beginning = String::from_utf8_lossy(&self.text[..end]).trim_end().to_owned();
        BadLine { number: self.number, beginning, byte }
    }

    /// This line, which is no event.
    pub fn no_event(&self, error: &serde_json::Error) -> BadLine {
        self.bad_at(error.column().saturating_sub(1))
    }
}

impl BadLine {
    /// The beginning of a record in which nothing stands.
    pub fn none() -> Self {
        Self { number: 1, beginning: String::new(), byte: 0 }
    }

    /// Where that is, in a file with a path.
    pub fn place(&self, path: &str) -> Place {
        let number = u32::try_from(self.number).unwrap_or(u32::MAX);
        Place::within_line(path, number, &self.beginning, self.byte)
    }
}

/// What JSON's reader complains about, without the place: each event is a text of its own to it.
pub(super) fn complaint(error: &serde_json::Error) -> String {
    let told = error.to_string();
    told.split(" at line ").next().unwrap_or(&told).to_owned()
}

/// Where a line stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    /// Another follows.
    Within,
    /// It is the last: if the program was killed, it may be cut off.
    Last,
}

impl<R: BufRead> Lines<R> {
    pub fn of(input: R) -> Self {
        Self(input.split(b'\n').peekable(), 0)
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = match self.0.next()? {
                Ok(text) => text,
                Err(error) => return Some(Err(error)),
            };
            self.1 += 1;
            if !text.is_empty() {
                let position = if self.0.peek().is_none() { Position::Last } else { Position::Within };
                return Some(Ok(Line { number: self.1, text, position }));
            }
        }
    }
}

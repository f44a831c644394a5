//! A record's lines, each of which is one event.

use std::io::{BufRead, Error};
use std::iter::Peekable;

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

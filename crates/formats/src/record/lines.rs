//! A record's lines, each of which is one event.

use std::io::{BufRead, Error, Read};

use assay_suite::source::Place;

use super::checksum::{Damage, check};

/// The greatest length of a line, in bytes: of the longest body that is read, every byte may be escaped.
const LONGEST_LINE: u64 = 256 << 20;

/// The lines of a record that are not blank, numbered from 1.
pub(super) struct Lines<R: BufRead> {
    input: R,
    number: usize,
    /// How long a line is at most, in bytes.
    longest: u64,
}

/// A line of a record.
pub(super) struct Line {
    /// Its number, counted from 1.
    pub number: usize,
    /// What it says.
    pub text: Vec<u8>,
    /// Whether it is as long as it was written.
    pub end: End,
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

    /// Whether it is as it was written, in a record of a format.
    pub fn check(&self, format: u32) -> Result<(), (BadLine, Damage)> {
        check(&self.text, format).map_err(|damage| (self.bad_at(0), damage))
    }

    /// This line, which is no event.
    pub fn no_event(&self, error: &serde_json::Error) -> BadLine {
        self.bad_at(error.column().saturating_sub(1))
    }
}

impl BadLine {
    /// The beginning of a record in which nothing is.
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
    let rendered = error.to_string();
    rendered.split(" at line ").next().unwrap_or(&rendered).to_owned()
}

/// How a line ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With a line break, as it was written.
    Break,
    /// With the record: if the program was killed, it may be cut off.
    CutOff,
}

impl<R: BufRead> Lines<R> {
    pub fn of(input: R) -> Self {
        Self { input, number: 0, longest: LONGEST_LINE }
    }

    fn read(&mut self) -> Result<Option<(Vec<u8>, End)>, Error> {
        let mut text = Vec::new();
        if Read::by_ref(&mut self.input).take(self.longest + 1).read_until(b'\n', &mut text)? == 0 {
            return Ok(None);
        }
        if text.len() as u64 > self.longest {
            let (line, most) = (self.number + 1, self.longest >> 20);
            return Err(Error::other(format!("line {line} is longer than {most} MiB, the most that an event has")));
        }
        self.number += 1;
        let end = if text.last() == Some(&b'\n') { End::Break } else { End::CutOff };
        if end == End::Break {
            text.pop();
        }
        Ok(Some((text, end)))
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read() {
                Ok(Some((text, _))) if text.is_empty() => {}
                Ok(Some((text, end))) => return Some(Ok(Line { number: self.number, text, end })),
                Ok(None) => return None,
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufReader, repeat};

    use super::*;

    #[test]
    fn a_line_without_end_is_refused_at_its_bound() {
        let input = BufReader::new(Read::chain(&b"{}\n"[..], repeat(b'x')));
        let mut lines = Lines { input, number: 0, longest: 1 << 20 };
        assert!(lines.next().is_some_and(|line| line.is_ok()));
        let refused = lines.next().and_then(Result::err).map(|error| error.to_string());
        assert_eq!(refused.as_deref(), Some("line 2 is longer than 1 MiB, the most that an event has"));
    }
}

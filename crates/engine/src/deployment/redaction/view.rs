//! A text as it reads once its escapes are decoded, and where each of its bytes is in the text itself.

use std::ops::Range;

use super::coded::Coded;
use super::entities;
use super::escape::{Decoded, Escape, hexadecimal};

/// A text after some decoding. Each byte knows the part of the text that it was decoded from; where nothing was decoded, that is
/// the byte itself.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    bytes: Vec<u8>,
    origins: Option<Vec<(u32, u32)>>,
}

impl View {
    pub fn of(text: &str) -> Self {
        Self { bytes: text.as_bytes().to_vec(), origins: None }
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The part of the text that some of these bytes come from.
    pub fn origin(&self, range: Range<usize>) -> Range<usize> {
        let Some(origins) = &self.origins else { return range };
        let all = origins.get(range).unwrap_or_default();
        let start = all.iter().map(|(start, _)| *start).min().unwrap_or_default();
        let end = all.iter().map(|(_, end)| *end).max().unwrap_or_default();
        start as usize..end as usize
    }

    /// The same with one layer of escapes taken off: those of addresses, JSON, XML and HTML alike. Nothing if there are none.
    pub fn decoded(&self) -> Option<Self> {
        if !may_have_escapes(&self.bytes) {
            return None;
        }
        let mut decoded = Self::default();
        decode(&self.bytes, |byte, range| decoded.push_from(self, byte, range));
        (decoded.bytes.len() < self.bytes.len()).then_some(decoded)
    }

    /// The same without white space: keys may be broken over lines.
    pub fn squeezed(&self) -> Self {
        let mut squeezed = Self::default();
        for (at, byte) in self.bytes.iter().enumerate().filter(|(_, byte)| !byte.is_ascii_whitespace()) {
            squeezed.push_from(self, *byte, at..at + 1);
        }
        squeezed
    }

    /// What a run of Base64 or hexadecimal digits encodes.
    pub fn within(&self, coded: &Coded) -> Self {
        let mut within = Self::default();
        coded.decode(&self.bytes, |byte, range| within.push_from(self, byte, range));
        within
    }

    fn push(&mut self, byte: u8, origin: Range<usize>) {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        self.bytes.push(byte);
        self.origins.get_or_insert_default().push((number(origin.start), number(origin.end)));
    }

    fn push_from(&mut self, source: &Self, byte: u8, range: Range<usize>) {
        let origin = source.origin(range);
        self.push(byte, origin);
    }
}

/// Whether a text may hold escapes.
pub(super) fn may_have_escapes(bytes: &[u8]) -> bool {
    bytes.iter().any(|byte| matches!(byte, b'%' | b'\\' | b'&'))
}

/// Some bytes with all layers of escapes taken off.
pub(super) fn fully_decoded(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = bytes.to_vec();
    // Each layer makes it shorter.
    loop {
        let next = decoded_once(&decoded);
        if next.len() == decoded.len() {
            return decoded;
        }
        decoded = next;
    }
}

/// Some bytes with one layer of escapes taken off.
pub(super) fn decoded_once(bytes: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(bytes.len());
    decode(bytes, |byte, _| decoded.push(byte));
    decoded
}

/// Hands over each decoded byte with the range that it comes from.
fn decode(bytes: &[u8], mut push: impl FnMut(u8, Range<usize>)) {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let escape = match byte {
            b'%' => percent(rest),
            b'\\' => backslash(rest),
            b'&' => entities::entity(rest),
            _ => None,
        };
        let length = match escape {
            Some(Escape { decoded: Decoded::Byte(byte), length }) => {
                push(byte, at..at + length);
                length
            }
            Some(Escape { decoded: Decoded::Character(character), length }) => {
                character.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| push(byte, at..at + length));
                length
            }
            None => {
                push(*byte, at..at + 1);
                1
            }
        };
        at += length;
    }
}

/// `%2F`, and `%u002F` as old scripts write it.
fn percent(rest: &[u8]) -> Option<Escape> {
    if matches!(rest.get(1), Some(b'u' | b'U')) {
        return Escape::of(hexadecimal(rest.get(2..6)?)?, 6);
    }
    let byte = u8::try_from(hexadecimal(rest.get(1..3)?)?).ok()?;
    Some(Escape { decoded: Decoded::Byte(byte), length: 3 })
}

/// The escapes of JSON, and those of programming languages that look alike.
fn backslash(rest: &[u8]) -> Option<Escape> {
    let plain = |byte| Some(Escape { decoded: Decoded::Byte(byte), length: 2 });
    match rest.get(1)? {
        quoted @ (b'"' | b'\'' | b'\\' | b'/') => plain(*quoted),
        b'n' => plain(b'\n'),
        b'r' => plain(b'\r'),
        b't' => plain(b'\t'),
        b'b' | b'f' => plain(b' '),
        b'x' => Escape::of(hexadecimal(rest.get(2..4)?)?, 4),
        b'U' => Escape::of(hexadecimal(rest.get(2..10)?)?, 10),
        b'u' if rest.get(2) == Some(&b'{') => {
            let length = rest.iter().take(10).position(|byte| *byte == b'}')?;
            Escape::of(hexadecimal(rest.get(3..length)?)?, length + 1)
        }
        b'u' => {
            let unit = hexadecimal(rest.get(2..6)?)?;
            let low = || hexadecimal(rest.get(6..8).filter(|open| *open == b"\\u").and_then(|_| rest.get(8..12))?);
            match (unit, low) {
                (0xd800..=0xdbff, low) => {
                    let low = low().filter(|low| (0xdc00..=0xdfff).contains(low))?;
                    Escape::of(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00), 12)
                }
                (unit, _) => Escape::of(unit, 6),
            }
        }
        _ => None,
    }
}

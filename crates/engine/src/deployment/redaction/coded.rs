//! Runs of Base64 and of hexadecimal digits that a text may hide in.

use std::ops::Range;

/// A run shorter than this can't hold a text that is looked for.
const SHORTEST_RUN: usize = 11;
/// So many characters in a row must be readable for a run to be worth a look: chance hardly makes so many.
const SHORTEST_TEXT: usize = 8;

/// A run of digits, read from one of the places where it may begin.
#[derive(Clone, Debug)]
pub(super) struct Coded {
    kind: Kind,
    range: Range<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Base64,
    Hexadecimal,
}

impl Coded {
    /// The runs in some bytes that read as text, at whichever digit they begin. `foreign` says whether characters beyond ASCII
    /// are looked for.
    pub fn in_text(bytes: &[u8], foreign: bool) -> Vec<Self> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < bytes.len() {
            let length = bytes[at..].iter().take_while(|byte| sextet(**byte).is_some()).count();
            if length >= SHORTEST_RUN {
                let range = at..at + length;
                let all = (0..4).map(|skipped| Self { kind: Kind::Base64, range: range.start + skipped..range.end });
                found.extend(all.filter(|coded| coded.reads_as_text(bytes, foreign)));
                Self::hexadecimal(bytes, range, foreign, &mut found);
            }
            at += length + 1;
        }
        found
    }

    fn hexadecimal(bytes: &[u8], run: Range<usize>, foreign: bool, found: &mut Vec<Self>) {
        let mut at = run.start;
        while at < run.end {
            let length = bytes[at..run.end].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            if length >= 2 * SHORTEST_TEXT {
                let all = (0..2).map(|skipped| Self { kind: Kind::Hexadecimal, range: at + skipped..at + length });
                found.extend(all.filter(|coded| coded.reads_as_text(bytes, foreign)));
            }
            at += length + 1;
        }
    }

    fn reads_as_text(&self, bytes: &[u8], foreign: bool) -> bool {
        if !foreign && !self.may_read_as_text(bytes) {
            return false;
        }
        let (mut current, mut longest) = (0, 0);
        self.decode(bytes, |byte, _| {
            let readable = matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r') || (foreign && byte >= 0x80);
            current = if readable { current + 1 } else { 0 };
            longest = longest.max(current);
        });
        longest >= SHORTEST_TEXT
    }

    /// A quick look: eight readable characters in a row hold two whole groups of digits, whose first digits are few.
    fn may_read_as_text(&self, bytes: &[u8]) -> bool {
        let digits = &bytes[self.range.clone()];
        let (step, wanted) = match self.kind {
            Kind::Base64 => (4, 2),
            Kind::Hexadecimal => (2, SHORTEST_TEXT),
        };
        let mut in_a_row = 0;
        digits.iter().step_by(step).any(|digit| {
            let fits = match self.kind {
                Kind::Base64 => matches!(digit, b'C'..=b'Z' | b'a'..=b'f'),
                Kind::Hexadecimal => matches!(digit, b'0' | b'2'..=b'7'),
            };
            in_a_row = if fits { in_a_row + 1 } else { 0 };
            in_a_row >= wanted
        })
    }

    /// Hands over each byte that the run encodes, with the range of the digits that write it.
    pub fn decode(&self, bytes: &[u8], mut push: impl FnMut(u8, Range<usize>)) {
        let Range { start, end } = self.range;
        let digits = &bytes[start..end];
        match self.kind {
            Kind::Hexadecimal => {
                for (number, pair) in digits.chunks_exact(2).enumerate() {
                    let value = pair.iter().fold(0, |value, digit| value * 16 + nibble(*digit));
                    push(value, start + 2 * number..start + 2 * number + 2);
                }
            }
            Kind::Base64 => {
                let mut bits = 0_u32;
                for (number, digit) in digits.iter().enumerate() {
                    bits = (bits << 6) | u32::from(sextet(*digit).unwrap_or_default());
                    // After 6, 12, 18 and 24 bits there is none, one, two and three bytes.
                    let left = match number % 4 {
                        0 => continue,
                        1 => 4,
                        2 => 2,
                        _ => 0,
                    };
                    let byte = (bits >> left).to_le_bytes()[0];
                    push(byte, start + number - 1..start + number + 1);
                }
            }
        }
    }
}

/// What a digit of Base64 counts, in its usual alphabet or in that for addresses.
fn sextet(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

fn nibble(digit: u8) -> u8 {
    match digit {
        b'a'..=b'f' => digit - b'a' + 10,
        b'A'..=b'F' => digit - b'A' + 10,
        _ => digit.wrapping_sub(b'0'),
    }
}

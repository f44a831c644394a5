//! Chance that is the same each time, and what it makes of a text.

use assay_formats::chance;

/// What it makes of a text, by the numbers that it draws.
pub struct Chance(pub chance::Chance);

/// What texts that break readers are made of.
const TOKENS: &[&str] = &[
    "",
    "\n",
    "\r\n",
    "\t",
    "  ",
    " ",
    ": ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "'",
    ",",
    "#",
    "&a ",
    "*a",
    "<<: *a",
    "? ",
    "|\n",
    ">-\n",
    "---\n",
    "...\n",
    "%",
    "@",
    "`",
    "!!binary ",
    "!tag ",
    "\u{feff}",
    "\0",
    "\u{85}",
    "\u{2028}",
    "\u{202e}",
    "null",
    "true",
    "yes",
    "~",
    ".nan",
    ".inf",
    "-1",
    "0",
    "18446744073709551616",
    "9223372036854775807",
    "1e400",
    "4294967295",
    "$",
    "${",
    "${unique}",
    "$.",
    "[?@",
    "..",
    "<![CDATA[",
    "<!DOCTYPE a [<!ENTITY b \"b\">]>",
    "&#0;",
    "\\u0000",
    "\\ud800",
    "99999999999999h",
];

impl Chance {
    /// The next number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.0.bits() % u64::try_from(limit.max(1)).unwrap()).unwrap()
    }

    fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// A part of a text: where it begins and ends.
    fn part(&mut self, bytes: &[u8], longest: usize) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        start..(start + self.below(longest + 1)).min(bytes.len())
    }

    /// One of the seeds, changed in a few places.
    pub fn mutant(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = self.one_of(seeds).clone();
        for _ in 0..=self.below(6) {
            self.mutate(&mut bytes, seeds);
        }
        bytes.truncate(MOST_BYTES);
        bytes
    }

    fn mutate(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        match self.below(9) {
            // A byte, or a few, are others.
            0 => {
                let at = self.below(bytes.len());
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << self.below(8);
                }
            }
            1 => drop(bytes.splice(self.part(bytes, 12), [])),
            2 | 3 => {
                let token = *self.one_of(TOKENS);
                drop(bytes.splice(self.part(bytes, 8), token.bytes()));
            }
            // A part is twice, or many times, or elsewhere.
            4 => {
                let part = bytes[self.part(bytes, 60)].to_vec();
                let times = if self.below(20) == 0 { 1 + self.below(3_000) } else { 1 };
                let at = self.below(bytes.len() + 1);
                drop(bytes.splice(at..at, part.repeat(times)));
            }
            5 => {
                let other = self.one_of(seeds);
                let part = other[self.part(other, 400)].to_vec();
                drop(bytes.splice(self.part(bytes, 40), part));
            }
            // A line is gone, is twice, or is indented otherwise.
            6 => self.mutate_line(bytes),
            // A number is another.
            7 => {
                let digits: Vec<_> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
                if let Some(at) = (!digits.is_empty()).then(|| *self.one_of(&digits)) {
                    let number = ["0", "-1", "18446744073709551615", "0.0000001", "1e308", "4294967296"][self.below(6)];
                    drop(bytes.splice(at..=at, number.bytes()));
                }
            }
            // It ends early.
            _ => bytes.truncate(self.below(bytes.len() + 1)),
        }
    }

    fn mutate_line(&mut self, bytes: &mut Vec<u8>) {
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
        let at = self.below(lines.len());
        let Some(line) = lines.get(at).cloned() else { return };
        match self.below(4) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, line),
            2 => lines[at].insert(0, b' '),
            _ => {
                let other = self.below(lines.len());
                lines.swap(at, other);
            }
        }
        *bytes = lines.concat();
    }
}

/// Inputs are kept short, so that many are tried.
const MOST_BYTES: usize = 64 * 1024;

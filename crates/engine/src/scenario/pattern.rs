//! Texts that a regular expression matches.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::rc::Rc;

use assay_schema::SingleSchema;
use regex_syntax::hir::{Hir, HirKind};
use serde_json::{Value, json};

/// Texts longer than this are not made.
const LONGEST: usize = 10_000;

/// Repetitions that have no end are made so much longer than they must be, one after the other, until a text is long enough.
const LONGER: [u32; 9] = [0, 1, 3, 7, 15, 31, 63, 255, 1_000];

/// The same for texts that are not to be equal: about as long as a name is, or else as they can be.
const ROOMY: [u32; 8] = [7, 5, 3, 1, 0, 15, 31, 63];

/// Texts that have of everything something, for patterns that look ahead.
const OF_EVERYTHING: [&str; 4] = ["Assay-0123!a", "Assay0123a", "assay-0123", "ASSAY_0123"];

/// So many patterns are kept: a document has the same ones in many places, and to read one takes long.
const KEPT: usize = 1_000;

thread_local! {
    static READ: RefCell<HashMap<String, Rc<Pattern>>> = RefCell::default();
}

/// A pattern of a document.
pub(super) struct Pattern {
    /// What it says without what it only looks at; none where that can't be read.
    parts: Option<Hir>,
    check: Check,
}

/// How a text is held against a pattern.
enum Check {
    Plain(regex::Regex),
    /// Patterns of ECMA-262 can look ahead, and refer back.
    Looking(SingleSchema),
    /// It is understood, but a program that checks it would be too large.
    TooLarge,
    /// It is no pattern that anything here can read.
    Unreadable,
}

impl Pattern {
    /// Reads a pattern, once for each thread.
    pub fn read(pattern: &str) -> Rc<Self> {
        READ.with_borrow_mut(|read| {
            if read.len() > KEPT {
                read.clear();
            }
            Rc::clone(read.entry(pattern.to_owned()).or_insert_with(|| Rc::new(Self::new(pattern))))
        })
    }

    fn new(pattern: &str) -> Self {
        let check = match regex::Regex::new(pattern) {
            Ok(pattern) => Check::Plain(pattern),
            Err(regex::Error::CompiledTooBig(_)) => Check::TooLarge,
            Err(_) => SingleSchema::new(&json!({ "pattern": pattern })).map_or(Check::Unreadable, Check::Looking),
        };
        Self { parts: regex_syntax::Parser::new().parse(&without_looks(pattern)).ok(), check }
    }

    /// Whether a text is good; none where that can't be said.
    fn allows(&self, text: &str) -> Option<bool> {
        match &self.check {
            Check::Plain(pattern) => Some(pattern.is_match(text)),
            Check::Looking(schema) => Some(schema.accepts(&Value::from(text))),
            Check::TooLarge | Check::Unreadable => None,
        }
    }

    /// Whether it is known to find itself in a text.
    pub fn finds(&self, text: &str) -> bool {
        self.allows(text) == Some(true)
    }

    /// Whether it is known not to find itself in a text.
    pub fn refuses(&self, text: &str) -> bool {
        self.allows(text) == Some(false)
    }

    /// A text that it finds itself in, with so many letters. Of several letters or branches that fit, the seed chooses.
    pub fn matching(&self, lengths: &RangeInclusive<usize>, seed: u64) -> Option<String> {
        self.written(&LONGER, lengths, seed)
            .or_else(|| OF_EVERYTHING.into_iter().map(str::to_owned).find(|text| self.fits(text, lengths)))
    }

    /// The same, long enough that another seed gives another text, where there is room for that.
    pub fn distinct(&self, lengths: &RangeInclusive<usize>, seed: u64) -> Option<String> {
        self.written(&ROOMY, lengths, seed)
    }

    fn fits(&self, text: &str, lengths: &RangeInclusive<usize>) -> bool {
        // What is too large to be checked is right as it was written.
        lengths.contains(&text.chars().count()) && (self.finds(text) || matches!(self.check, Check::TooLarge))
    }

    fn written(&self, longer: &[u32], lengths: &RangeInclusive<usize>, seed: u64) -> Option<String> {
        let parts = self.parts.as_ref()?;
        // Of one repetition the length may have to be exact.
        let exact = lengths.start().saturating_sub(4)..=*lengths.start();
        let exact = exact.filter_map(|longer| u32::try_from(longer).ok().filter(|longer| *longer as usize <= LONGEST));
        longer.iter().copied().chain(exact).find_map(|longer| {
            let mut writer = Writer { text: String::new(), seed, longer };
            writer.write(parts).then_some(writer.text).filter(|text| self.fits(text, lengths))
        })
    }
}

/// A pattern without what it only looks at.
fn without_looks(pattern: &str) -> String {
    let mut rest = pattern.to_owned();
    while let Some(start) = ["(?=", "(?!", "(?<=", "(?<!"].into_iter().filter_map(|look| rest.find(look)).min() {
        let (mut depth, mut end, mut is_escaped) = (0_usize, rest.len(), false);
        for (position, letter) in rest[start..].char_indices() {
            match letter {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 && letter == ')' {
                end = start + position + 1;
                break;
            }
        }
        rest.replace_range(start..end, "");
    }
    rest
}

/// Writes a text for a pattern.
struct Writer {
    text: String,
    seed: u64,
    /// So many more than must be are written where a repetition has no end.
    longer: u32,
}

impl Writer {
    fn write(&mut self, part: &Hir) -> bool {
        if self.text.len() > LONGEST {
            return false;
        }
        match part.kind() {
            HirKind::Empty | HirKind::Look(_) => true,
            HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
                Ok(literal) => {
                    self.text.push_str(literal);
                    true
                }
                Err(_) => false,
            },
            HirKind::Class(regex_syntax::hir::Class::Unicode(class)) => {
                // Letters and digits first: what is written most often is taken best.
                let letters: Vec<char> = ('0'..='9').chain('a'..='z').chain('A'..='Z').collect();
                let is_in = |letter: &char| class.iter().any(|range| (range.start()..=range.end()).contains(letter));
                let usual: Vec<char> = letters.into_iter().filter(is_in).collect();
                let chosen = if usual.is_empty() {
                    class.iter().next().map(regex_syntax::hir::ClassUnicodeRange::start)
                } else {
                    usual.get(self.choice(usual.len())).copied()
                };
                self.text.extend(chosen);
                chosen.is_some()
            }
            HirKind::Class(regex_syntax::hir::Class::Bytes(_)) => false,
            HirKind::Repetition(repetition) => {
                let least = repetition.min;
                let usual = if least == 0 { 1 } else { least };
                let count = usual.saturating_add(self.longer).min(repetition.max.unwrap_or(u32::MAX));
                (0..count).all(|_| self.write(&repetition.sub))
            }
            HirKind::Capture(capture) => self.write(&capture.sub),
            HirKind::Concat(parts) => parts.iter().all(|part| self.write(part)),
            HirKind::Alternation(parts) => {
                let chosen = self.choice(parts.len());
                parts.get(chosen).is_some_and(|part| self.write(part))
            }
        }
    }

    /// A number below another.
    fn choice(&mut self, below: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.seed >> 33).unwrap_or_default() % below.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_matches() {
        for pattern in ["^[A-Z]{3}-[0-9]{4}$", "^(de|en)(-[A-Z]{2})?$", r"^\d+$", "^.+@.+$", "[äöü]", "^$", r"^\S*$"]
        {
            for seed in 0..20 {
                let text = Pattern::read(pattern).matching(&(0..=usize::MAX), seed).unwrap();
                assert!(Pattern::read(pattern).finds(&text), "{pattern}: {text}");
            }
        }
        assert_eq!(Pattern::read("(").matching(&(0..=9), 1), None);
        assert_eq!(Pattern::read("a{5000}{5000}").matching(&(0..=9), 1), None);
        let large = Pattern::read("^.{0,262144}$").matching(&(0..=9), 1);
        assert_eq!(large.map(|text| text.len()), Some(1));
    }

    #[test]
    fn what_is_made_is_as_long_as_it_must_be() {
        for (pattern, lengths) in [
            ("^[a-zA-Z0-9_-]+$", 2..=30),
            ("^[a-z]*$", 8..=8),
            ("^[a-z]*$", 3..=3),
            ("^[a-z]+$", 12..=12),
            ("^x[a-z]*$", 13..=13),
            ("^[a-z]+(-[a-z]+)*$", 20..=40),
            ("^x?[0-9]{2,}$", 5..=6),
            ("^[a-z]{0,5}$", 0..=usize::MAX),
        ] {
            let text = Pattern::read(pattern).matching(&lengths, 7).unwrap_or_else(|| panic!("{pattern} {lengths:?}"));
            assert!(Pattern::read(pattern).finds(&text) && lengths.contains(&text.len()), "{pattern}: {text}");
        }
    }

    #[test]
    fn what_looks_ahead_is_made_too() {
        for pattern in [r"^(?=.*[A-Z])(?=.*\d)(?=.*[!$]).{8,}$", r"^(?!0+$)[0-9]{4}$", r"^(?=\()\([a-z]+\)$"] {
            let text = Pattern::read(pattern).matching(&(0..=40), 7).unwrap_or_else(|| panic!("{pattern}"));
            assert!(Pattern::read(pattern).finds(&text), "{pattern}: {text}");
        }
    }
}

//! Texts that a regular expression matches.

use std::ops::RangeInclusive;

use regex_syntax::hir::{Hir, HirKind};
use serde_json::{Value, json};

/// Texts longer than this are not made.
const LONGEST: usize = 10_000;

/// Repetitions that have no end are made so much longer than they must be, one after the other, until a text is long enough.
const LONGER: [u32; 9] = [0, 1, 3, 7, 15, 31, 63, 255, 1_000];

/// Texts that have of everything something, for patterns that look ahead.
const OF_EVERYTHING: [&str; 4] = ["Assay-0123!a", "Assay0123a", "assay-0123", "ASSAY_0123"];

/// Whether a text is good by its pattern; none where the pattern can't be read.
fn allows(pattern: &str, text: &str) -> Option<bool> {
    match regex::Regex::new(pattern) {
        Ok(pattern) => Some(pattern.is_match(text)),
        // Patterns of ECMA-262 can look ahead, and refer back.
        Err(_) => assay_schema::SingleSchema::new(&json!({ "pattern": pattern }))
            .map(|schema| schema.accepts(&Value::from(text))),
    }
}

/// Whether a pattern is known to find itself in a text.
pub(super) fn finds(pattern: &str, text: &str) -> bool {
    allows(pattern, text) == Some(true)
}

/// Whether a pattern is known not to find itself in a text.
pub(super) fn refuses(pattern: &str, text: &str) -> bool {
    allows(pattern, text) == Some(false)
}

/// A text that a pattern finds itself in, with so many letters. Of several letters or branches that fit, the seed chooses.
pub(super) fn matching(pattern: &str, lengths: &RangeInclusive<usize>, seed: u64) -> Option<String> {
    let fits = |text: &String| lengths.contains(&text.chars().count()) && finds(pattern, text);
    let ahead = without_looks(pattern);
    let read = regex_syntax::Parser::new().parse(&ahead).ok()?;
    let made = LONGER.into_iter().find_map(|longer| {
        let mut writer = Writer { text: String::new(), seed, longer };
        writer.write(&read).then_some(writer.text).filter(fits)
    });
    made.or_else(|| OF_EVERYTHING.into_iter().map(str::to_owned).find(fits))
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
                let text = matching(pattern, &(0..=usize::MAX), seed).unwrap();
                assert!(finds(pattern, &text), "{pattern}: {text}");
            }
        }
        assert_eq!(matching("(", &(0..=9), 1), None);
        assert_eq!(matching("a{5000}{5000}", &(0..=9), 1), None);
    }

    #[test]
    fn what_is_made_is_as_long_as_it_must_be() {
        for (pattern, lengths) in [
            ("^[a-zA-Z0-9_-]+$", 2..=30),
            ("^[a-z]*$", 8..=8),
            ("^[a-z]+(-[a-z]+)*$", 20..=40),
            ("^x?[0-9]{2,}$", 5..=6),
            ("^[a-z]{0,5}$", 0..=usize::MAX),
        ] {
            let text = matching(pattern, &lengths, 7).unwrap_or_else(|| panic!("{pattern} {lengths:?}"));
            assert!(finds(pattern, &text) && lengths.contains(&text.len()), "{pattern}: {text}");
        }
    }

    #[test]
    fn what_looks_ahead_is_made_too() {
        for pattern in [r"^(?=.*[A-Z])(?=.*\d)(?=.*[!$]).{8,}$", r"^(?!0+$)[0-9]{4}$", r"^(?=\()\([a-z]+\)$"] {
            let text = matching(pattern, &(0..=40), 7).unwrap_or_else(|| panic!("{pattern}"));
            assert!(finds(pattern, &text), "{pattern}: {text}");
        }
    }
}

//! Texts that a regular expression matches.

use regex_syntax::hir::{Hir, HirKind};

/// Texts longer than this are not made.
const LONGEST: usize = 10_000;

/// Whether a pattern finds itself in a text; a pattern that can't be read finds nothing.
pub(super) fn finds(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
}

/// A text that a pattern finds itself in. Of several letters or branches that fit, the seed chooses.
pub(super) fn matching(pattern: &str, seed: u64) -> Option<String> {
    let read = regex_syntax::Parser::new().parse(pattern).ok()?;
    let (mut text, mut seed) = (String::new(), seed);
    write(&read, &mut text, &mut seed).then_some(text)
}

fn write(part: &Hir, text: &mut String, seed: &mut u64) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    match part.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match std::str::from_utf8(&literal.0) {
            Ok(literal) => {
                text.push_str(literal);
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
                usual.get(choice(seed, usual.len())).copied()
            };
            text.extend(chosen);
            chosen.is_some()
        }
        HirKind::Class(regex_syntax::hir::Class::Bytes(_)) => false,
        HirKind::Repetition(repetition) => {
            let least = repetition.min;
            let count = if least == 0 { repetition.max.map_or(1, |most| most.min(1)) } else { least };
            (0..count).all(|_| write(&repetition.sub, text, seed))
        }
        HirKind::Capture(capture) => write(&capture.sub, text, seed),
        HirKind::Concat(parts) => parts.iter().all(|part| write(part, text, seed)),
        HirKind::Alternation(parts) => {
            let chosen = choice(seed, parts.len());
            parts.get(chosen).is_some_and(|part| write(part, text, seed))
        }
    }
}

/// A number below another.
fn choice(seed: &mut u64, below: usize) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*seed >> 33).unwrap_or_default() % below.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_matches() {
        for pattern in ["^[A-Z]{3}-[0-9]{4}$", "^(de|en)(-[A-Z]{2})?$", r"^\d+$", "^.+@.+$", "[äöü]", "^$", r"^\S*$"]
        {
            for seed in 0..20 {
                let text = matching(pattern, seed).unwrap();
                assert!(finds(pattern, &text), "{pattern}: {text}");
            }
        }
        assert_eq!(matching("(", 1), None);
        assert_eq!(matching("a{5000}{5000}", 1), None);
    }
}

//! Fields, elements and parameters whose values are secret, found by their names wherever they are.

use std::ops::Range;

use super::names::{Names, may_be_numeric};

/// Part of a text that is secret by its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub range: Range<usize>,
    pub kind: HitKind,
}

/// What is written in place of a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HitKind {
    /// A mark that equal secrets have in common.
    Value,
    /// Another number.
    Number,
    /// That there was something: it is new each time, or proves who asks.
    Proof,
}

/// So long is a word between a name and its value at most.
const LONGEST_TAG: usize = 4096;
/// So long is the prefix of an element's name at most.
const LONGEST_PREFIX: usize = 128;

/// How many bytes may still be looked at in search of the ends of lists and elements: those that never end must not be looked
/// at from each of their names.
pub(super) struct Budget(usize);

impl Budget {
    pub fn of(bytes: &[u8]) -> Self {
        Self(8 * bytes.len() + LONGEST_TAG)
    }

    /// Takes one step, if there is one left.
    fn spend(&mut self, steps: usize) -> bool {
        self.0 = self.0.saturating_sub(steps);
        self.0 > 0
    }
}

/// The secret values that belong to a name at a place; and where the search for more names goes on.
pub(super) fn values_of(bytes: &[u8], stem: Range<usize>, names: &Names, budget: &mut Budget) -> (Vec<Hit>, usize) {
    let start = stem.start - bytes[..stem.start].iter().rev().take_while(|byte| is_of_a_name(**byte)).count();
    let end = stem.end + bytes[stem.end..].iter().take_while(|byte| is_of_a_name(**byte)).count();
    let name = &bytes[start..end];
    if !names.has_secret(name) {
        return (Vec::new(), end);
    }
    let mut hits = Vec::new();
    let before = bytes[..start].iter().rev().take(LONGEST_PREFIX);
    let prefix = before.take_while(|byte| is_of_a_name(**byte) || **byte == b':').count();
    if bytes[..start - prefix].ends_with(b"<") {
        element(bytes, name, end, budget, &mut hits);
    } else if bytes[..start].ends_with(b">") {
        named_by_element(bytes, end, budget, &mut hits);
    } else {
        after_name(bytes, name, end, budget, &mut hits);
    }
    hits.retain(|hit| !is_redacted(&bytes[hit.range.clone()]));
    (hits, end)
}

fn is_of_a_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.') || !byte.is_ascii()
}

/// Whether a value was taken out before.
fn is_redacted(value: &[u8]) -> bool {
    let mark = value.strip_prefix(b"[redacted").and_then(|rest| rest.strip_suffix(b"]"));
    value.is_empty() || mark.is_some_and(|mark| mark.len() <= 9 && mark.iter().skip(1).all(u8::is_ascii_hexdigit))
}

fn skip_space(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// What follows a name of JSON, YAML, a header, a query or an attribute.
fn after_name(bytes: &[u8], name: &[u8], end: usize, budget: &mut Budget, hits: &mut Vec<Hit>) {
    let quote = bytes.get(end).filter(|byte| matches!(byte, b'"' | b'\'')).copied();
    let after = skip_space(bytes, end + usize::from(quote.is_some()));
    match bytes.get(after) {
        Some(b':') => value(bytes, name, skip_space(bytes, after + 1), quote, budget, hits),
        Some(b'=') if quote.is_none() => {
            let start = after + bytes[after..].iter().take_while(|byte| matches!(byte, b'=' | b'>')).count();
            let start = skip_blanks(bytes, start);
            let range = quoted(bytes, start).unwrap_or_else(|| word(bytes, start));
            hits.push(Hit { range, kind: HitKind::Proof });
        }
        Some(b',') if quote.is_some() => named_by_value(bytes, after + 1, hits),
        _ => {}
    }
}

fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    at + bytes[at..].iter().take_while(|byte| **byte == b' ').count()
}

/// The value after a colon. In JSON it may be made of others.
fn value(bytes: &[u8], name: &[u8], start: usize, quote: Option<u8>, budget: &mut Budget, hits: &mut Vec<Hit>) {
    if let Some(range) = quoted(bytes, start) {
        return hits.push(Hit { range, kind: HitKind::Value });
    }
    match (bytes.get(start), quote) {
        (Some(b'[' | b'{'), Some(_)) => structure(bytes, start, budget, hits),
        (Some(b'-' | b'0'..=b'9'), Some(_)) => {
            let range = number(bytes, start);
            if may_be_numeric(name) {
                hits.push(Hit { range, kind: HitKind::Number });
            }
        }
        (Some(_), _) => {
            let mut range = line_word(bytes, start);
            if quote.is_some() {
                let closes = bytes[range.clone()].iter().position(|byte| matches!(byte, b'}' | b']'));
                range.end = closes.map_or(range.end, |length| range.start + length);
            }
            if !matches!(&bytes[range.clone()], b"true" | b"false" | b"null" | b"none" | b"None" | b"True" | b"False") {
                hits.push(Hit { range, kind: HitKind::Value });
            }
        }
        (None, _) => {}
    }
}

/// A text in quotes, without them; one that is cut off goes to the end.
fn quoted(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let quote = *bytes.get(start).filter(|byte| matches!(byte, b'"' | b'\''))?;
    let (mut at, from) = (start + 1, start + 1);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return Some(from..at),
            _ => at += 1,
        }
    }
    Some(from..bytes.len())
}

fn number(bytes: &[u8], start: usize) -> Range<usize> {
    let is_digit = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
    start..start + bytes[start..].iter().take_while(is_digit).count()
}

/// All texts and numbers within a list or an object.
fn structure(bytes: &[u8], start: usize, budget: &mut Budget, hits: &mut Vec<Hit>) {
    let (mut at, mut depth) = (start, 0_usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth -= 1,
            b'"' => {
                let range = quoted(bytes, at).unwrap_or(at..at);
                at = range.end.max(at);
                if bytes.get(skip_space(bytes, (at + 1).min(bytes.len()))) != Some(&b':') {
                    hits.push(Hit { range, kind: HitKind::Value });
                }
            }
            b'-' | b'0'..=b'9' => {
                let range = number(bytes, at);
                at = range.end - 1;
                hits.push(Hit { range, kind: HitKind::Number });
            }
            _ => {}
        }
        at += 1;
        if depth == 0 || !budget.spend(1) {
            return;
        }
    }
}

/// A word of a query.
fn word(bytes: &[u8], start: usize) -> Range<usize> {
    let is_inner = |byte: &&u8| {
        !byte.is_ascii_whitespace()
            && !matches!(byte, b'&' | b'"' | b'\'' | b'<' | b'>' | b',' | b';' | b'\\' | b'|' | 0)
    };
    start..start + bytes[start..].iter().take_while(is_inner).count()
}

/// A word after a colon, in a line of its own or in prose. `Bearer` and its like are followed by another.
fn line_word(bytes: &[u8], start: usize) -> Range<usize> {
    let first = word(bytes, start);
    let schemes: [&[u8]; 4] = [b"bearer", b"basic", b"token", b"apikey"];
    let is_scheme = schemes.iter().any(|scheme| bytes[first.clone()].eq_ignore_ascii_case(scheme));
    if is_scheme { word(bytes, skip_blanks(bytes, first.end)) } else { first }
}

/// What an element holds, and the values of its attributes.
fn element(bytes: &[u8], name: &[u8], end: usize, budget: &mut Budget, hits: &mut Vec<Hit>) {
    let mut at = end;
    let empty = loop {
        match bytes.get(at) {
            None => return,
            Some(b'>') => break bytes[..at].ends_with(b"/"),
            Some(b'"' | b'\'') => {
                let range = quoted(bytes, at).unwrap_or(at..at);
                at = range.end + 1;
                let declares = bytes[end..range.start].windows(5).any(|part| part == b"xmlns");
                if !declares {
                    hits.push(Hit { range, kind: HitKind::Value });
                }
            }
            Some(b'<') => return,
            Some(_) if at > end + LONGEST_TAG => return,
            Some(_) => at += 1,
        }
    };
    if !empty {
        content(bytes, name, at + 1, budget, hits);
    }
}

/// The texts of an element up to its end; of one that is cut off, up to the next mark-up.
fn content(bytes: &[u8], name: &[u8], start: usize, budget: &mut Budget, hits: &mut Vec<Hit>) {
    const CDATA: (&[u8], &[u8]) = (b"<![CDATA[", b"]]>");
    let (mut at, mut found) = (start, Vec::new());
    loop {
        let (rest, before) = (&bytes[at..], at);
        if let Some(inner) = rest.strip_prefix(CDATA.0) {
            let length = inner.windows(3).position(|part| part == CDATA.1).unwrap_or(inner.len());
            let from = at + CDATA.0.len();
            found.push(from..from + length);
            at = (from + length + CDATA.1.len()).min(bytes.len());
        } else if rest.starts_with(b"<") {
            let length = rest.iter().position(|byte| *byte == b'>').map_or(rest.len(), |length| length + 1);
            let tag = &rest[..length];
            at += length;
            if tag.starts_with(b"</") && tag[2..].windows(name.len()).any(|part| part == name) {
                break;
            }
        } else {
            let length = rest.iter().position(|byte| *byte == b'<').unwrap_or(rest.len());
            if !rest[..length].iter().all(u8::is_ascii_whitespace) {
                found.push(at..at + length);
            }
            at += length;
        }
        if at >= bytes.len() || !budget.spend(at - before) {
            // It does not end: only what comes first is sure to be part of it.
            found.truncate(1);
            break;
        }
    }
    hits.extend(found.into_iter().map(|range| Hit { range, kind: HitKind::Value }));
}

/// `{"name": "password", "value": "x"}`.
fn named_by_value(bytes: &[u8], after: usize, hits: &mut Vec<Hit>) {
    let at = skip_space(bytes, after);
    let Some(key) = quoted(bytes, at) else { return };
    let colon = skip_space(bytes, (key.end + 1).min(bytes.len()));
    if bytes[key].eq_ignore_ascii_case(b"value") && bytes.get(colon) == Some(&b':') {
        let range = quoted(bytes, skip_space(bytes, colon + 1));
        hits.extend(range.map(|range| Hit { range, kind: HitKind::Value }));
    }
}

/// `<name>password</name><value>x</value>`.
fn named_by_element(bytes: &[u8], end: usize, budget: &mut Budget, hits: &mut Vec<Hit>) {
    if !bytes[end..].starts_with(b"</") {
        return;
    }
    let Some(closed) = bytes[end..].iter().take(LONGEST_TAG).position(|byte| *byte == b'>') else { return };
    let open = skip_space(bytes, end + closed + 1);
    if bytes[open..].get(..7).is_some_and(|tag| tag.eq_ignore_ascii_case(b"<value>")) {
        content(bytes, &bytes[open + 1..open + 6], open + 7, budget, hits);
    }
}

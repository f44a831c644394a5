//! Looks for all kinds of secrets in a text, layer by layer.

use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::coded::Coded;
use super::fields::{Budget, Hit, HitKind, values_of};
use super::known::{Known, squeezed};
use super::names::{Names, STEMS};
use super::prose::{SIGNS, secret_at};
use super::view::{View, fully_decoded, may_have_escapes};

/// So many layers of escapes are taken off.
const MOST_LAYERS: usize = 4;
/// So deep may texts be coded in one another.
const DEEPEST: usize = 3;

/// What is looked for in a text.
pub(super) struct Secrets<'a> {
    /// Texts that are known.
    pub known: &'a [&'a Known],
    /// Names of fields; nothing where only what is known counts.
    pub names: Option<&'a Names>,
}

/// Part of a text that is secret.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub range: Range<usize>,
    pub kind: HitKind,
    /// What it reads as.
    pub value: String,
    /// What is written in its place, where that is known.
    pub replacement: Option<String>,
}

/// Looks for all kinds of secrets.
#[derive(Clone, Debug)]
pub(super) struct Scanner {
    signs: Option<AhoCorasick>,
}

impl Scanner {
    pub fn new() -> Self {
        let signs = STEMS.iter().chain(&SIGNS);
        Self { signs: AhoCorasick::builder().ascii_case_insensitive(true).build(signs).ok() }
    }

    /// The secrets of a text, from its beginning to its end; they don't overlap.
    pub fn scan(&self, text: &str, secrets: &Secrets<'_>) -> Vec<Found> {
        let bytes = text.as_bytes();
        let quick = squeezed(bytes);
        let is_foreign = secrets.known.iter().any(|known| known.is_foreign());
        let is_clean = !may_have_escapes(bytes)
            && !Known::may_be_cut(&quick)
            && !secrets.known.iter().any(|known| known.is_in(&quick))
            && secrets.names.is_none_or(|names| !self.has_signs(bytes, names))
            && Coded::in_text(&quick, is_foreign).is_empty();
        if is_clean {
            return Vec::new();
        }
        let mut found = Vec::new();
        self.layers(View::of(text), secrets, 0, &mut found);
        disjoint(text, found)
    }

    /// The values of parameters called `signature`.
    pub fn signatures(text: &str) -> Vec<String> {
        let lower = text.to_ascii_lowercase();
        let starts = lower.match_indices("signature=").map(|(at, name)| at + name.len());
        let value = |start: usize| text[start..].split(['&', ' ', '\t', '\r', '\n', ',']).next().unwrap_or_default();
        starts.map(|start| read(value(start).as_bytes())).collect()
    }

    fn has_signs(&self, bytes: &[u8], names: &Names) -> bool {
        self.signs.as_ref().is_none_or(|signs| signs.is_match(bytes)) || names.own().next().is_some()
    }

    /// Looks at a text as it is, and with each layer of escapes taken off.
    fn layers(&self, text: View, secrets: &Secrets<'_>, depth: usize, found: &mut Vec<Found>) {
        let mut view = text;
        for _ in 0..=MOST_LAYERS {
            self.layer(&view, secrets, depth, found);
            match view.decoded() {
                Some(decoded) => view = decoded,
                None => return,
            }
        }
    }

    fn layer(&self, view: &View, secrets: &Secrets<'_>, depth: usize, found: &mut Vec<Found>) {
        if let Some(names) = secrets.names {
            self.fields(view, names, found);
        }
        let quick = squeezed(view.bytes());
        let is_foreign = secrets.known.iter().any(|known| known.is_foreign());
        let coded = if depth < DEEPEST { Coded::in_text(&quick, is_foreign) } else { Vec::new() };
        let is_cut = Known::may_be_cut(&quick);
        let known: Vec<_> = secrets.known.iter().filter(|known| is_cut || known.is_in(&quick)).collect();
        if known.is_empty() && coded.is_empty() {
            return;
        }
        let bare = view.squeezed();
        for known in known {
            let cut = if is_cut { known.find_cut(&bare) } else { Vec::new() };
            found.extend(known.find(&bare).into_iter().chain(cut).map(|(range, replacement)| Found {
                range,
                kind: HitKind::Proof,
                value: String::new(),
                replacement: Some(replacement),
            }));
        }
        for coded in coded {
            self.layers(bare.within(&coded), secrets, depth + 1, found);
        }
    }

    fn fields(&self, view: &View, names: &Names, found: &mut Vec<Found>) {
        let bytes = view.bytes();
        let (mut next, mut budget) = (0, Budget::of(bytes));
        for (sign, is_word) in self.signs_in(bytes, names) {
            if sign.start < next {
                continue;
            }
            let hits = if is_word {
                secret_at(bytes, sign).into_iter().collect()
            } else {
                let (hits, end) = values_of(bytes, sign, names, &mut budget);
                next = end;
                hits
            };
            for Hit { range, kind } in hits.into_iter().filter(|hit| !hit.range.is_empty()) {
                next = next.max(range.end);
                let value = read(&bytes[range.clone()]);
                found.push(Found { range: view.origin(range), kind, value, replacement: None });
            }
        }
    }

    /// Where a name or a word of a secret may be, and whether it is a word.
    fn signs_in(&self, bytes: &[u8], names: &Names) -> Vec<(Range<usize>, bool)> {
        let signs = self.signs.iter().flat_map(|signs| signs.find_iter(bytes));
        let mut all: Vec<_> = signs.map(|sign| (sign.range(), sign.pattern().as_usize() >= STEMS.len())).collect();
        for name in names.own() {
            let at = bytes.windows(name.len()).enumerate();
            let at = at.filter(|(_, part)| part.eq_ignore_ascii_case(name.as_bytes()));
            all.extend(at.map(|(at, _)| (at..at + name.len(), false)));
        }
        all.sort_by_key(|(range, _)| range.start);
        all
    }
}

/// What some bytes read as once they are decoded.
fn read(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&fully_decoded(bytes)).into_owned()
}

/// In order, each once: of two that overlap the earlier and longer counts, and takes in the other.
fn disjoint(text: &str, mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by(|one, other| {
        let by_range = one.range.start.cmp(&other.range.start).then(other.range.end.cmp(&one.range.end));
        by_range.then(other.replacement.is_some().cmp(&one.replacement.is_some()))
    });
    let mut all: Vec<Found> = Vec::new();
    for mut next in found {
        next.range.start = (0..=next.range.start).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        next.range.end = (next.range.end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        match all.last_mut() {
            Some(last) if next.range.start < last.range.end => last.range.end = last.range.end.max(next.range.end),
            _ => all.push(next),
        }
    }
    all
}

//! Secrets whose text is known, looked for in a text that is decoded layer by layer.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use memchr::memmem::Finder;

use super::view::{View, decoded_once};

/// What is written where a text was cut.
const CUT: &[u8] = "…".as_bytes();
/// So many cuts of a text are looked at.
const MOST_CUTS: usize = 8;
/// A shorter part of a secret, left at a cut, gives nothing away.
const SHORTEST_PART: usize = 4;
/// A secret with fewer characters is not looked for in texts: it would be found in ordinary words.
const SHORTEST: usize = 6;
/// Nor are these: what is evidence would be taken out with them.
const COMMON: [&str; 13] = [
    "secret",
    "master",
    "public",
    "system",
    "password",
    "administrator",
    "superuser",
    "anonymous",
    "localhost",
    "username",
    "undefined",
    "development",
    "production",
];

/// Whether a secret is looked for in texts. Others are only taken out where they are sent, and where a name says what they are.
pub(in crate::deployment) fn is_searchable(secret: &str) -> bool {
    secret.chars().count() >= SHORTEST && !COMMON.contains(&secret.to_lowercase().as_str())
}

/// Secrets whose text is known, and what is written in place of each.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    search: Search,
    /// Each form that is searched for, and what is written in its place.
    forms: Vec<(Vec<u8>, String)>,
    /// What is written in place of a whole value.
    values: BTreeMap<String, String>,
    foreign: bool,
}

#[derive(Clone, Debug, Default)]
enum Search {
    /// There are none.
    #[default]
    Nothing,
    /// Any of these, letters' case aside.
    Forms(AhoCorasick),
    /// Any of these few: they are soon made ready.
    Few(Vec<Finder<'static>>),
    /// They can't be looked for: a text is taken out as a whole.
    Impossible,
}

impl Known {
    /// These secrets, each with its replacement. Of equal ones the first counts.
    pub fn of(secrets: impl IntoIterator<Item = (String, String)>) -> Self {
        let (mut forms, mut values) = (BTreeMap::new(), BTreeMap::new());
        for (secret, replacement) in secrets.into_iter().filter(|(secret, _)| is_searchable(secret)) {
            for form in forms_of(&secret) {
                forms.entry(form).or_insert_with(|| replacement.clone());
            }
            values.entry(secret).or_insert(replacement);
        }
        if forms.is_empty() {
            return Self { values, ..Self::default() };
        }
        let foreign = forms.keys().flatten().any(|byte| !byte.is_ascii());
        // The longest counts, for a form may begin with another. Tokens may be thousands of characters long: this kind takes
        // the least memory.
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        let search = builder.kind(Some(AhoCorasickKind::ContiguousNFA)).build(forms.keys());
        let search = search.map_or(Search::Impossible, Search::Forms);
        Self { search, forms: forms.into_iter().collect(), values, foreign }
    }

    /// A few texts that are looked for in one answer only, all with one replacement.
    pub fn few(secrets: impl IntoIterator<Item = String>, replacement: &str) -> Self {
        let mut forms: Vec<_> = secrets.into_iter().flat_map(|secret| forms_of(&secret)).collect();
        forms.sort_by_key(|form| Reverse(form.len()));
        forms.dedup();
        let search = Search::Few(forms.iter().map(|form| Finder::new(form).into_owned()).collect());
        let forms = forms.into_iter().map(|form| (form, replacement.to_owned())).collect();
        Self { search, forms, ..Self::default() }
    }

    /// Whether any of them has characters beyond ASCII.
    pub fn is_foreign(&self) -> bool {
        self.foreign
    }

    /// What is written in place of a value that is one of these.
    pub fn replacement(&self, value: &str) -> Option<&str> {
        self.values.get(value).map(String::as_str)
    }

    /// Whether no text can be searched for them.
    pub fn is_unsearchable(&self) -> bool {
        matches!(self.search, Search::Impossible)
    }

    /// Whether any of them is in some bytes without white space.
    pub fn is_in(&self, squeezed: &[u8]) -> bool {
        match &self.search {
            Search::Forms(forms) => forms.is_match(squeezed),
            Search::Few(finders) => finders.iter().any(|finder| finder.find(squeezed).is_some()),
            Search::Nothing | Search::Impossible => false,
        }
    }

    /// Where they are in a view without white space, with what to write there.
    pub fn find(&self, squeezed: &View) -> Vec<(Range<usize>, String)> {
        let bytes = squeezed.bytes();
        let found: Vec<_> = match &self.search {
            Search::Forms(forms) => {
                forms.find_iter(bytes).map(|found| (found.pattern().as_usize(), found.range())).collect()
            }
            Search::Few(finders) => {
                let each = |(number, finder): (usize, &Finder<'static>)| {
                    let length = finder.needle().len();
                    finder.find_iter(bytes).map(|at| (number, at..at + length)).collect::<Vec<_>>()
                };
                finders.iter().enumerate().flat_map(each).collect()
            }
            Search::Nothing | Search::Impossible => Vec::new(),
        };
        let replaced = found.into_iter().filter_map(|(number, range)| {
            let (_, replacement) = self.forms.get(number)?;
            Some((squeezed.origin(range), replacement.clone()))
        });
        replaced.collect()
    }

    /// Whether some bytes without white space are of a text that was cut.
    pub fn may_be_cut(squeezed: &[u8]) -> bool {
        Finder::new(CUT).find(squeezed).is_some()
    }

    /// Where a view without white space was cut within one of them, with what to write there.
    pub fn find_cut(&self, squeezed: &View) -> Vec<(Range<usize>, String)> {
        let bytes = squeezed.bytes();
        let mut found = Vec::new();
        for cut in Finder::new(CUT).find_iter(bytes).take(MOST_CUTS) {
            let before = bytes[..cut].strip_suffix(b"[").unwrap_or(&bytes[..cut]);
            let rest = &bytes[cut + CUT.len()..];
            let rest = rest.strip_prefix(b"]").unwrap_or(rest);
            let longest = |length: &dyn Fn(&[u8]) -> Option<usize>| {
                let lengths = self.forms.iter().filter_map(|(form, replacement)| Some((length(form)?, replacement)));
                lengths.max_by_key(|(length, _)| *length)
            };
            if let Some((length, replacement)) = longest(&|form| begun(form, before)) {
                found.push((squeezed.origin(before.len() - length..before.len()), replacement.clone()));
            }
            let start = bytes.len() - rest.len();
            if let Some((length, replacement)) = longest(&|form| ended(form, rest)) {
                found.push((squeezed.origin(start..start + length), replacement.clone()));
            }
        }
        found
    }
}

/// How much of a form some bytes end with.
fn begun(form: &[u8], bytes: &[u8]) -> Option<usize> {
    let longest = bytes.len().min(form.len() - 1);
    (SHORTEST_PART..=longest).rev().find(|length| bytes[bytes.len() - length..].eq_ignore_ascii_case(&form[..*length]))
}

/// How much of the end of a form some bytes begin with.
fn ended(form: &[u8], bytes: &[u8]) -> Option<usize> {
    let longest = bytes.len().min(form.len() - 1);
    (SHORTEST_PART..=longest).rev().find(|length| bytes[..*length].eq_ignore_ascii_case(&form[form.len() - length..]))
}

/// Some bytes without white space.
pub(super) fn squeezed(bytes: &[u8]) -> Cow<'_, [u8]> {
    if bytes.iter().any(u8::is_ascii_whitespace) {
        Cow::Owned(bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect())
    } else {
        Cow::Borrowed(bytes)
    }
}

/// What a secret may look like once a text was decoded: decoding may go too far where the secret itself holds an escape, and
/// forms write a space as `+`. The padding of Base64 proves nothing, and of `Bearer ...` only the second word does.
fn forms_of(secret: &str) -> Vec<Vec<u8>> {
    let second = secret.split_once(char::is_whitespace).map(|(_, rest)| rest.trim());
    let bare = [Some(secret), second].into_iter().flatten().map(|text| text.trim_end_matches('='));
    let mut forms = Vec::new();
    for text in bare {
        let mut text = text.as_bytes().to_vec();
        loop {
            let with_plus = text.iter().map(|byte| if *byte == b' ' { b'+' } else { *byte }).collect::<Vec<_>>();
            let without_plus = text.iter().copied().filter(|byte| *byte != b'+').collect::<Vec<_>>();
            forms.extend([&text, &with_plus, &without_plus].map(|form| squeezed(form).into_owned()));
            let next = decoded_once(&text);
            if next.len() == text.len() {
                break;
            }
            text = next;
        }
    }
    forms.retain(|form| form.len() >= SHORTEST);
    forms
}

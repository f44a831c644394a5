//! What of a recording is secret: by its name, by its form and the words around it, or because it said who asks.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Bound, Range};
use std::sync::LazyLock;

use regex::Regex;

use assay_engine::deployment::{Redactor, Target, is_secret_argument};
use assay_suite::Suite;
use assay_suite::source::{Diagnostics, SourceFile, harmless};

use super::call::Call;
use super::recorded::Recorded;

/// A shorter text may be elsewhere by chance.
const SHORTEST: usize = 8;
/// What is written in place of a secret.
const REDACTED: &str = "[redacted]";

/// JSON Web Tokens (RFC 7519, 3.1): their first part is the Base64 of `{"`.
static TOKEN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_.-]*").ok());
/// The marks of equal secrets differ from run to run.
static MARKED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\[redacted [0-9a-f]{8}\]").ok());

/// Knows what is secret in the requests to a suite.
pub(super) struct Secrets<'s> {
    pub suite: &'s Suite,
    /// Knows secrets by the words around them; it knows no target.
    redactor: Option<Redactor>,
    /// Texts that said who asks: they may be elsewhere, too. None begins with another.
    known: BTreeSet<String>,
    /// The names that were asked for, by operation: what a suite says of them is gathered anew for each.
    names: RefCell<BTreeMap<String, BTreeMap<String, bool>>>,
}

impl<'s> Secrets<'s> {
    pub fn of(suite: &'s Suite) -> Self {
        let file = SourceFile::new("target.yaml", "target: none\nsuites: {none: {url: \"http://127.0.0.1/\"}}\n");
        let target = Target::read(&file, &|_| None, &mut Diagnostics::new());
        let redactor = target.map(|target| Redactor::of(&target));
        Self { suite, redactor, known: BTreeSet::new(), names: RefCell::default() }
    }

    /// Keeps the secrets in the headers and the query of a request.
    pub fn learn(&mut self, request: &Recorded, call: &Call<'_>) {
        let headers = request.headers.iter().filter(|(name, _)| is_credential(&name.to_lowercase()));
        let words = headers.flat_map(|(_, value)| {
            value
                .split([' ', ';', ',', ':'])
                .flat_map(|word| [word, word.split_once('=').map_or("", |(_, value)| value)])
        });
        words.for_each(|word| self.keep(word));
        for (name, value) in &request.address.query {
            if self.has_name(&call.operation.name.value.0, name) {
                self.keep(value);
            }
        }
    }

    fn keep(&mut self, text: &str) {
        if text.len() < SHORTEST || self.beginning(text).is_some() {
            return;
        }
        let longer = self.known.range(text.to_owned()..).take_while(|known| known.starts_with(text));
        for known in longer.cloned().collect::<Vec<_>>() {
            self.known.remove(&known);
        }
        self.known.insert(text.to_owned());
    }

    /// The known text that begins a text. As none begins with another, it is the last one in order.
    fn beginning(&self, text: &str) -> Option<&str> {
        let mut before = self.known.range::<str, _>((Bound::Unbounded, Bound::Included(text)));
        before.next_back().map(String::as_str).filter(|known| text.starts_with(known))
    }

    fn first_known(&self, text: &str) -> Option<Range<usize>> {
        if self.known.is_empty() {
            return None;
        }
        text.char_indices().find_map(|(at, _)| self.beginning(&text[at..]).map(|known| at..at + known.len()))
    }

    /// Whether the value of a name is secret.
    pub fn has_name(&self, operation: &str, name: &str) -> bool {
        if let Some(known) = self.names.borrow().get(operation).and_then(|names| names.get(name)) {
            return *known;
        }
        let is_secret = is_secret_argument(self.suite, operation, name);
        self.names.borrow_mut().entry(operation.to_owned()).or_default().insert(name.to_owned(), is_secret);
        is_secret
    }

    /// Whether a value of a name is a secret, or holds one.
    pub fn holds(&self, operation: &str, name: &str, text: &str) -> bool {
        self.has_name(operation, name)
            || self.first_known(text).is_some()
            || TOKEN.as_ref().is_some_and(|token| token.is_match(text))
            || self.redactor.as_ref().is_some_and(|redactor| redactor.text(text) != text)
    }

    /// A text of the recording as messages show it: in one line, without secrets.
    pub fn hidden(&self, text: &str) -> String {
        let (mut rest, mut known) = (text, String::new());
        while let Some(range) = self.first_known(rest) {
            known.push_str(&rest[..range.start]);
            known.push_str(REDACTED);
            rest = &rest[range.end..];
        }
        known.push_str(rest);
        let mut hidden = self.redactor.as_ref().map_or_else(|| known.clone(), |redactor| redactor.text(&known));
        for pattern in [&TOKEN, &MARKED] {
            if let Some(pattern) = pattern.as_ref() {
                hidden = pattern.replace_all(&hidden, REDACTED).into_owned();
            }
        }
        harmless::line(&hidden)
    }
}

/// The names of what says who asks.
pub(super) fn credentials(request: &Recorded, call: &Call<'_>) -> Vec<String> {
    let names = request.headers.iter().map(|(name, _)| name.to_lowercase());
    names.filter(|name| is_credential(name)).chain(call.credentials.iter().cloned()).collect()
}

fn is_credential(header: &str) -> bool {
    ["authorization", "cookie", "token", "api-key", "apikey", "secret", "session"]
        .iter()
        .any(|part| header.contains(part))
}

#[cfg(test)]
mod tests {
    use assay_engine::plan::Library;
    use assay_suite::source::Documents;

    use super::*;

    fn knowing(suite: &Suite) -> Secrets<'_> {
        let mut secrets = Secrets::of(suite);
        for text in ["a-longer-token-2", "a-longer-token", "a-longer-token-1", "short"] {
            secrets.keep(text);
        }
        secrets
    }

    fn suite() -> Suite {
        let mut documents = Documents::default();
        for (path, text) in crate::suite_files("notes", crate::SuiteStyle::Rest) {
            documents.insert(SourceFile::new(path, text));
        }
        let library = Library::read(&documents, &mut Diagnostics::new());
        library.suites.values().next().map(|suite| suite.as_ref().clone()).unwrap()
    }

    #[test]
    fn secrets_are_found_by_their_form_by_the_words_around_them_and_as_known() {
        let suite = suite();
        let secrets = knowing(&suite);
        assert_eq!(secrets.known.iter().collect::<Vec<_>>(), ["a-longer-token"]);
        let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
        for text in ["Bearer a-word-of-it", "https://u:a-word@h/", token, "so a-longer-token-1", "é a-longer-tokens"] {
            assert!(secrets.holds("", "cursor", text), "{text}");
        }
        for text in ["a page", "a-long-token", "short", "eyJ.a.b", "Basic plan", ""] {
            assert!(!secrets.holds("", "cursor", text), "{text}");
        }
        assert!(secrets.holds("", "password", "x"));
        assert!(secrets.holds("", "password", "x"), "what is known of names is kept");
    }

    #[test]
    fn messages_show_neither_secrets_nor_control_characters() {
        let suite = suite();
        let secrets = knowing(&suite);
        for (text, shown) in [
            ("Basic dXNlcjpTVVBFUlNFQ1JFVA==", "Basic [redacted]"),
            ("/v1/a-longer-token/a-longer-token", "/v1/[redacted]/[redacted]"),
            ("/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl", "/[redacted]"),
            ("/v1/\u{1b}[31mRED\u{7}\nx", "/v1/\\u001b[31mRED\\u0007\\nx"),
        ] {
            assert_eq!(secrets.hidden(text), shown);
        }
    }
}

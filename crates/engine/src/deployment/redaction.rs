//! Takes secrets out of everything that is kept or shown. What is used and judged is what came.
//!
//! Secrets whose text is known are looked for in a text that is decoded layer by layer; others are found by the names and the
//! words around them.

mod coded;
mod entities;
mod escape;
mod fields;
mod known;
mod names;
mod prose;
mod scan;
mod view;

use std::borrow::Cow;
use std::collections::{BTreeSet, VecDeque};
use std::sync::OnceLock;

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha1::Sha1;

use assay_suite::Suite;
use assay_suite::http::{Exchange, Failure, Request, Response};
use assay_suite::{Variable, plain};

use super::credentials::Credentials;
use super::secret::Secret;
use super::target::Target;

use fields::HitKind;
use known::Known;
pub(super) use known::is_searchable;
use names::{Names, is_secret_header};
use scan::{Found, Scanner, Secrets};

/// Of the secrets that the answers of a case revealed, so many are looked for elsewhere.
const MOST_SEEN: usize = 256;
/// A longer one is only taken out of its own field.
const LONGEST_SEEN: usize = 4096;
/// What is written in place of what is new in each request, or proves who asks.
const PLAIN: &str = "[redacted]";

/// Replaces secrets by marks. Equal secrets of one run get equal marks, so that a changed password is still seen to change.
#[derive(Clone, Debug)]
pub struct Redactor {
    keys: Known,
    /// Too short to be looked for in texts: they are taken out where they are sent.
    short: BTreeSet<String>,
    /// Variables whose values are hidden as a whole.
    hidden: BTreeSet<Variable>,
    scanner: Scanner,
    key: [u8; 16],
}

/// The secrets that fields of the exchanges of one case revealed. They are taken out of the others, too.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    values: BTreeSet<String>,
    known: Known,
    /// What proved who asked, in the latest requests: a text about an answer may repeat it.
    proofs: VecDeque<String>,
}

/// Whether the value of an argument, or of a field in it, is a secret by its name or by what the suite says of it.
pub fn is_secret_argument(suite: &Suite, operation: &str, name: &str) -> bool {
    Names::of_request(suite, operation).has_secret(name.as_bytes())
}

impl Redactor {
    /// Knows the secrets of a target. All marks of one process agree.
    pub fn of(target: &Target) -> Self {
        static KEY: OnceLock<[u8; 16]> = OnceLock::new();
        Self::new(target, *KEY.get_or_init(|| *uuid::Uuid::new_v4().as_bytes()))
    }

    /// Knows the keys of a target, and what its variables take from the environment. `key` is random for each run.
    pub fn new(target: &Target, key: [u8; 16]) -> Self {
        let services = target.services.values();
        let credentials = services.flat_map(|service| {
            let others = service.accounts.values().map(|account| &account.credentials);
            std::iter::once(&service.main).chain(others)
        });
        let keys: BTreeSet<_> = credentials.flat_map(Credentials::secrets).map(Secret::reveal).collect();
        let variables: BTreeSet<_> = target.from_environment.iter().map(|(_, secret)| secret.reveal()).collect();
        let short = keys.iter().filter(|text| !is_searchable(text) && !text.is_empty());
        let short = short.map(|text| (*text).to_owned()).collect();
        let marked = variables.iter().map(|text| ((*text).to_owned(), format!("[redacted {}]", mark(&key, text))));
        let unmarked = keys.iter().map(|text| ((*text).to_owned(), PLAIN.to_owned()));
        let hidden = target.from_environment.iter().filter(|(_, secret)| !is_searchable(secret.reveal()));
        let hidden = hidden.map(|(variable, _)| variable.clone()).collect();
        Self { keys: Known::of(unmarked.chain(marked)), short, hidden, scanner: Scanner::new(), key }
    }

    /// An exchange without secrets, as it is recorded. `seen` gathers those that its case received.
    pub fn exchange(&self, exchange: &Exchange, suite: &Suite, operation: &str, seen: &mut Seen) -> Exchange {
        self.exchange_by(exchange, &Names::of_request(suite, operation), &Names::of(suite, operation), seen)
    }

    fn exchange_by(&self, exchange: &Exchange, asked: &Names, answered: &Names, seen: &mut Seen) -> Exchange {
        let proofs = self.proofs(&exchange.request);
        seen.proofs.extend(proofs.iter().cloned());
        seen.proofs.drain(..seen.proofs.len().saturating_sub(MOST_SEEN));
        let proofs = Known::few(proofs, PLAIN);
        let outcome = match &exchange.outcome {
            Ok(response) => Ok(self.response(response, &proofs, answered, seen)),
            Err(Failure { kind, message }) => {
                let message = self.without(message, &[&self.keys, &proofs, &seen.known], answered);
                Err(Failure { kind: *kind, message })
            }
        };
        Exchange {
            request: self.request(&exchange.request, asked, seen),
            outcome,
            timing: exchange.timing,
            sent: exchange.sent,
        }
    }

    fn response(&self, response: &Response, proofs: &Known, names: &Names, seen: &mut Seen) -> Response {
        for (_, value) in response.headers.iter().filter(|(name, _)| is_secret_header(name)) {
            self.see(value.clone(), seen);
        }
        let (body, revealed) = self.take_out(&response.body, &[&self.keys, proofs, &seen.known], names);
        let before = seen.values.len();
        revealed.into_iter().for_each(|value| self.see(value, seen));
        let known = [&self.keys, proofs, &seen.known];
        // A secret of a field may be repeated elsewhere in the same answer.
        let body = if seen.values.len() == before { body } else { self.without(&response.body, &known, names) };
        let headers = self.headers(&response.headers, |text| self.without(text, &known, names));
        Response { status: response.status, headers, body, lossy: response.lossy }
    }

    /// Any text without secrets.
    pub fn text(&self, text: &str) -> String {
        self.without(text, &[&self.keys], &Names::default())
    }

    /// The value of a variable, as it may be written.
    pub fn variable(&self, name: &Variable, value: &Value) -> Value {
        let whole = || Value::from(format!("[redacted {}]", mark(&self.key, &plain(value))));
        if self.hidden.contains(name) {
            return whole();
        }
        let named = serde_json::json!({ (name.0.as_str()): value });
        let hidden = serde_json::from_str::<Value>(&self.text(&named.to_string())).ok();
        hidden.and_then(|hidden| hidden.get(&name.0).cloned()).unwrap_or_else(whole)
    }

    /// Any text without secrets, and without those that a case received or proved itself with.
    pub fn text_of(&self, text: &str, seen: &Seen) -> String {
        let proofs = Known::few(seen.proofs.iter().cloned(), PLAIN);
        self.without(text, &[&self.keys, &seen.known, &proofs], &Names::default())
    }

    /// A text that no field of an answer went into, without the target's own secrets and those that a case received.
    pub fn words_of(&self, text: &str, seen: &Seen) -> String {
        self.only_known(text, &[&self.keys, &seen.known])
    }

    /// An exchange for the person who asked for it: without the target's own secrets and what proves who asked, but with
    /// all that its answer says.
    pub fn for_its_asker(&self, mut exchange: Exchange) -> Exchange {
        let proofs = Known::few(self.proofs(&exchange.request), PLAIN);
        match &mut exchange.outcome {
            Ok(response) => response.body = self.only_known(&response.body, &[&self.keys, &proofs]),
            Err(failure) => failure.message = self.without(&failure.message, &[&self.keys, &proofs], &Names::default()),
        }
        exchange
    }

    /// A text without the target's own secrets: for somebody who asked for all others.
    pub fn without_keys(&self, text: &str) -> String {
        self.only_known(text, &[&self.keys])
    }

    /// A document as it may be recorded. What is planned from it must stay as it is, but for secrets; in data nothing does.
    pub fn document(&self, path: &str, text: &str) -> String {
        if path.ends_with(".csv") {
            return self.text(text);
        }
        // Brackets would begin a list there.
        self.without_keys(text).replace("[redacted]", "redacted")
    }

    fn only_known(&self, text: &str, known: &[&Known]) -> String {
        if known.iter().any(|known| known.is_unsearchable()) {
            return PLAIN.to_owned();
        }
        let found = self.scanner.scan(text, &Secrets { known, names: None });
        self.replaced(text, &found, known)
    }

    /// A request without secrets, for somebody who asked for it.
    pub fn request_of(&self, request: &Request, suite: &Suite, operation: &str) -> Request {
        self.request(request, &Names::of_request(suite, operation), &Seen::default())
    }

    fn without(&self, text: &str, known: &[&Known], names: &Names) -> String {
        self.take_out(text, known, names).0
    }

    /// A text without secrets, and those of them that its fields revealed.
    fn take_out(&self, text: &str, known: &[&Known], names: &Names) -> (String, Vec<String>) {
        if known.iter().any(|known| known.is_unsearchable()) {
            return (PLAIN.to_owned(), Vec::new());
        }
        let found = self.scanner.scan(text, &Secrets { known, names: Some(names) });
        let redacted = self.replaced(text, &found, known);
        let of_fields = found.into_iter().filter(|found| found.replacement.is_none() && found.kind == HitKind::Value);
        (redacted, of_fields.map(|found| found.value).collect())
    }

    fn replaced(&self, text: &str, found: &[Found], known: &[&Known]) -> String {
        let mut redacted = String::with_capacity(text.len());
        let mut at = 0;
        for found in found {
            redacted.push_str(&text[at..found.range.start]);
            redacted.push_str(&match (&found.replacement, found.kind) {
                (Some(replacement), _) => Cow::Borrowed(replacement.as_str()),
                (None, HitKind::Proof) => Cow::Borrowed(PLAIN),
                (None, HitKind::Value) => Cow::Owned(self.marked(&found.value, known)),
                (None, HitKind::Number) => Cow::Owned(self.number(&found.value)),
            });
            at = found.range.end;
        }
        redacted.push_str(&text[at..]);
        redacted
    }

    fn request(&self, request: &Request, names: &Names, seen: &Seen) -> Request {
        let redacted = |text: &str| self.without(text, &[&self.keys, &seen.known], names);
        Request {
            method: request.method,
            url: redacted(&request.url),
            headers: self.headers(&request.headers, redacted),
            body: request.body.as_ref().map(|body| redacted(body)),
        }
    }

    fn headers(&self, headers: &[(String, String)], redacted: impl Fn(&str) -> String) -> Vec<(String, String)> {
        let harmless = |name: &str, value: &str| {
            if is_secret_header(name) || self.short.contains(value) { PLAIN.to_owned() } else { redacted(value) }
        };
        headers.iter().map(|(name, value)| (name.clone(), harmless(name, value))).collect()
    }

    /// What proves who asked. It is new in each request, and is taken out of the answer, should it occur there.
    fn proofs(&self, request: &Request) -> BTreeSet<String> {
        let secret = request.headers.iter().filter(|(name, _)| is_secret_header(name));
        let headers: Vec<_> = secret.map(|(_, value)| value.as_str()).collect();
        let texts = [Some(request.url.as_str()), request.body.as_deref()].into_iter().flatten();
        let signatures = texts.chain(headers.iter().copied()).flat_map(Scanner::signatures);
        let proofs = signatures.chain(headers.iter().map(|header| (*header).to_owned()));
        proofs.filter(|proof| self.keys.replacement(proof).is_none()).collect()
    }

    fn see(&self, value: String, seen: &mut Seen) {
        if value.len() > LONGEST_SEEN
            || !is_searchable(&value)
            || seen.values.len() >= MOST_SEEN
            || self.keys.replacement(&value).is_some()
        {
            return;
        }
        if seen.values.insert(value) {
            let all = seen.values.iter().map(|value| (value.clone(), format!("[redacted {}]", mark(&self.key, value))));
            seen.known = Known::of(all);
        }
    }

    /// The mark of a value, or what is written in place of a key.
    fn marked(&self, value: &str, known: &[&Known]) -> String {
        let key = known.iter().find_map(|known| known.replacement(value));
        key.map_or_else(|| format!("[redacted {}]", mark(&self.key, value)), str::to_owned)
    }

    /// Another number in place of a value, so that it is still seen to be a number.
    fn number(&self, value: &str) -> String {
        u32::from_str_radix(&mark(&self.key, value), 16).unwrap_or_default().to_string()
    }
}

fn mark(key: &[u8; 16], value: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(key) else { return String::new() };
    mac.update(value.as_bytes());
    mac.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;

//! Takes secrets out of everything that is kept or shown.

mod spelling;

use std::borrow::Cow;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use hmac::{Hmac, Mac};
use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};
use sha1::Sha1;

use crate::http::{Exchange, Failure, Request, Response};

use super::{Credentials, Target};

use spelling::{kernels, spellings};

/// Replaces secrets by marks. Equal secrets of one run get equal marks, so that a changed password is still seen to change.
#[derive(Clone, Debug)]
pub struct Redactor {
    known: Known,
    fields: Fields,
    key: [u8; 16],
}

/// The keys of a target, in every form in which they travel.
#[derive(Clone, Debug)]
enum Known {
    /// There are none.
    None,
    /// Any of these, letters' case aside.
    Forms(AhoCorasick),
    /// They can't be looked for: a text is taken out as a whole.
    Unsearchable,
}

/// Patterns for what holds a secret, wherever it appears.
#[derive(Clone, Debug)]
struct Fields {
    /// What is in the names of all of them: most texts are done with by a look for these.
    stems: Option<AhoCorasick>,
    /// Fields of JSON.
    json: Option<Regex>,
    /// Fields of JSON that stands in a text of JSON.
    nested: Option<Regex>,
    /// Fields of JSON whose secret is a number.
    number: Option<Regex>,
    /// Elements.
    xml: Option<Regex>,
    /// Parameters of addresses, whatever the address stands in.
    parameter: Option<Regex>,
    /// The signature of a request.
    signature: Option<Regex>,
}

/// Names whose values are secret in answers and requests of any API.
const SECRET_NAMES: &str = r"(?:[0-9a-z_.-]|(?u-i:[^\x00-\x7F]))*(?:password|passwd|secret_?key|secret_?access_?key|session_?key|private_?key|api_?key|access_?key(?:_?id)?|signature(?:provided)?|token|key_?material|psk|pre_?shared_?key|bind_?pass)";
/// One of these is in each of the secret names.
const STEMS: [&str; 5] = ["pass", "key", "psk", "signature", "token"];
/// What stands between a parameter and its value: as it is, and encoded for an address, JSON, XML and HTML.
const EQUALS: &str = r"(?:=|%3d|\\u003d|&#61;|&#x3d;)";
/// A signature shorter than this is none that anybody made.
const SHORTEST_SIGNATURE: usize = 8;
/// The headers that are a secret as a whole, besides those with `token` in their names.
const SECRET_HEADERS: [&str; 4] = ["authorization", "proxy-authorization", "set-cookie", "cookie"];

impl Redactor {
    /// Knows the keys of a target in every form in which they travel. `key` is random for each run.
    pub fn new(target: &Target, key: [u8; 16]) -> Self {
        let services = target.services.values();
        let credentials = services.flat_map(|service| {
            let others = service.accounts.values().map(|account| &account.credentials);
            std::iter::once(&service.main).chain(others)
        });
        let forms: BTreeSet<_> =
            credentials.flat_map(Credentials::secrets).flat_map(|secret| spellings(secret.reveal())).collect();
        Self { known: Known::any_of(forms), fields: Fields::new(), key }
    }

    /// An exchange without secrets. What proves who asked is taken out of the answer, too, should it be told there.
    pub fn exchange(&self, exchange: &Exchange) -> Exchange {
        let proofs = Proofs::of(self.proofs(&exchange.request));
        let redacted = |text: &str| self.text(&proofs.without(text));
        Exchange {
            request: self.request(&exchange.request),
            outcome: match &exchange.outcome {
                Ok(response) => Ok(Response {
                    status: response.status,
                    headers: headers(&response.headers, redacted),
                    body: redacted(&response.body),
                    lossy: response.lossy,
                }),
                Err(failure) => Err(Failure { kind: failure.kind, message: redacted(&failure.message) }),
            },
            timing: exchange.timing,
            sent: exchange.sent,
        }
    }

    /// Any text without secrets.
    pub fn text(&self, text: &str) -> String {
        let fields = &self.fields;
        let text = self.known.without(text);
        if fields.stems.as_ref().is_some_and(|stems| !stems.is_match(&*text)) {
            return text.into_owned();
        }
        let text = replace(fields.parameter.as_ref(), text, |found| format!("{}[redacted]", &found["before"]));
        let text = replace(fields.json.as_ref(), text, |found| self.marked(found));
        let text = replace(fields.nested.as_ref(), text, |found| self.marked(found));
        let text = replace(fields.number.as_ref(), text, |found| self.numbered(found));
        replace(fields.xml.as_ref(), text, |found| self.marked(found)).into_owned()
    }

    fn request(&self, request: &Request) -> Request {
        Request {
            method: request.method,
            url: self.text(&request.url),
            headers: headers(&request.headers, |value| self.text(value)),
            body: request.body.as_ref().map(|body| self.text(body)),
        }
    }

    /// What proves who asked. It is new in each request.
    fn proofs(&self, request: &Request) -> Vec<String> {
        let mut proofs = Vec::new();
        let headers = request.headers.iter().filter(|(name, _)| is_secret(name)).map(|(_, value)| value.as_str());
        let texts = [Some(request.url.as_str()), request.body.as_deref()];
        for text in texts.into_iter().flatten().chain(headers.clone()) {
            let found = self.fields.signature.iter().flat_map(|pattern| pattern.captures_iter(text));
            proofs.extend(found.map(|found| percent_decode_str(&found["value"]).decode_utf8_lossy().into_owned()));
        }
        proofs.extend(headers.map(str::to_owned));
        proofs.retain(|proof| proof.len() >= SHORTEST_SIGNATURE);
        proofs
    }

    /// A field's name, and a mark in place of its value.
    fn marked(&self, found: &Captures<'_>) -> String {
        let value = &found["value"];
        if value.is_empty() || value.starts_with("[redacted") {
            return found[0].to_owned();
        }
        format!("{}[redacted {}]{}", &found["before"], self.mark(value), &found["after"])
    }

    /// A field's name, and another number in place of its value, so that it is still seen to be a number.
    fn numbered(&self, found: &Captures<'_>) -> String {
        let number = u32::from_str_radix(&self.mark(&found["value"]), 16).unwrap_or_default();
        format!("{}{number}", &found["before"])
    }

    fn mark(&self, value: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.key) else { return String::new() };
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Fields {
    fn new() -> Self {
        // Names and what stands between are ASCII: with the letters of all alphabets these would be a hundred times as large.
        let pattern = |pattern: String| Regex::new(&pattern).ok();
        let (names, equals) = (format!("(?i-u:{SECRET_NAMES})"), format!("(?i-u:{EQUALS})"));
        Self {
            stems: AhoCorasick::builder().ascii_case_insensitive(true).build(STEMS).ok(),
            json: pattern(format!(r#"(?P<before>"{names}"(?-u:\s*:\s*)")(?P<value>(?:[^"\\]|\\.)*)(?P<after>"?)"#)),
            nested: pattern(format!(r#"(?P<before>\\+"{names}\\+"(?-u:\s*:\s*)\\+")(?P<value>[^"\\]*)(?P<after>)"#)),
            number: pattern(
                r#"(?i-u:(?P<before>"(?:[0-9a-z_.-]|(?u-i:[^\x00-\x7F]))*(?:password|passwd|secret_?key|private_?key)"\s*:\s*)(?P<value>-?\d[\d.]*))"#
                    .to_owned(),
            ),
            xml: pattern(format!(r"(?P<before><{names}>)(?P<value>[^<]*)(?P<after>)")),
            parameter: pattern(format!(r#"(?P<before>(?-u:\b){names}{equals})[^& \t\r\n"'<>,;\\]+"#)),
            signature: pattern(r"(?i-u:signature)=(?P<value>[^& \t\r\n,]+)".to_owned()),
        }
    }
}

impl Known {
    fn any_of(forms: BTreeSet<String>) -> Self {
        if forms.is_empty() {
            return Self::None;
        }
        // The longest counts, for a form may begin with another. Tokens may be thousands of characters long: this kind takes
        // the least memory.
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest);
        let found = builder.kind(Some(AhoCorasickKind::ContiguousNFA)).build(forms);
        found.map_or(Self::Unsearchable, Self::Forms)
    }

    fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self {
            Self::Forms(forms) if forms.is_match(text) => {
                let mut redacted = String::with_capacity(text.len());
                forms.replace_all_with(text, &mut redacted, |_, _, redacted| {
                    redacted.push_str("[redacted]");
                    true
                });
                Cow::Owned(redacted)
            }
            Self::None | Self::Forms(_) => Cow::Borrowed(text),
            Self::Unsearchable => Cow::Borrowed("[redacted]"),
        }
    }
}

fn is_secret(header: &str) -> bool {
    let lower = header.to_lowercase();
    SECRET_HEADERS.contains(&lower.as_str()) || lower.contains("token") || lower.contains("appcode")
}

fn headers(headers: &[(String, String)], redacted: impl Fn(&str) -> String) -> Vec<(String, String)> {
    let harmless = |name: &str, value: &str| if is_secret(name) { "[redacted]".to_owned() } else { redacted(value) };
    headers.iter().map(|(name, value)| (name.clone(), harmless(name, value))).collect()
}

/// A text with the hexadecimal digits of its escapes in lower case, as some servers write them.
fn lower_escapes(form: &str) -> String {
    let mut parts = form.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let (digits, rest) = part.split_at_checked(2).unwrap_or((part, ""));
        format!("{text}%{}{rest}", digits.to_ascii_lowercase())
    })
}

/// What proves who asked, to be taken out of the answer.
struct Proofs {
    proofs: Vec<String>,
    kernels: Vec<String>,
}

impl Proofs {
    fn of(proofs: Vec<String>) -> Self {
        let kernels = proofs.iter().flat_map(|proof| kernels(proof)).collect();
        Self { proofs, kernels }
    }

    /// A text without any of their forms.
    fn without<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        if !self.kernels.iter().any(|kernel| text.contains(kernel)) {
            return text;
        }
        let forms = self.proofs.iter().flat_map(|proof| spellings(proof));
        let forms: BTreeSet<_> = forms.flat_map(|form| [lower_escapes(&form), form]).collect();
        // The longest first: in the order of the alphabet what begins with another follows it.
        for form in forms.iter().rev() {
            if text.contains(form.as_str()) {
                text = Cow::Owned(text.replace(form.as_str(), "[redacted]"));
            }
        }
        text
    }
}

fn replace<'t>(pattern: Option<&Regex>, text: Cow<'t, str>, with: impl Fn(&Captures<'_>) -> String) -> Cow<'t, str> {
    let replaced = pattern.and_then(|pattern| match pattern.replace_all(&text, |found: &Captures<'_>| with(found)) {
        Cow::Owned(replaced) => Some(replaced),
        Cow::Borrowed(_) => None,
    });
    replaced.map_or(text, Cow::Owned)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::suite::SuiteName;
    use crate::target::{Limits, Service};

    fn redactor() -> Redactor {
        let main = Credentials::new([("api_key", "Key/1+"), ("secret_key", "Sec=ret&2"), ("region", "here")]);
        let service =
            Service { url: "http://127.0.0.1/".into(), main, accounts: BTreeMap::new(), variables: BTreeMap::new() };
        let target = Target {
            name: "t".into(),
            services: BTreeMap::from([(SuiteName("s".into()), service)]),
            allow: BTreeSet::default(),
            load: crate::target::LoadLeave::default(),
            variables: BTreeMap::new(),
            certificates: crate::http::Certificates::default(),
            limits: Limits::default(),
            server: None,
        };
        Redactor::new(&target, [7; 16])
    }

    #[test]
    fn keys_are_found_in_every_spelling() {
        for text in ["a Key/1+ b", "key%2f1%2B", "Sec=ret&2", "SEC%3DRET%262", "<x>Sec=ret&amp;2</x>"] {
            let redacted = redactor().text(text);
            assert!(redacted.contains("[redacted]"), "{text} became {redacted}");
            assert!(!redacted.to_lowercase().contains("ret"), "{text} became {redacted}");
        }
    }

    #[test]
    fn passwords_in_answers_are_marked_so_that_a_change_is_seen() {
        let mark = |body: &str| redactor().text(body);
        let json = mark(r#"{"password":"aB\"3","name":"x"}"#);
        assert!(json.starts_with(r#"{"password":"[redacted "#) && json.ends_with(r#"]","name":"x"}"#), "{json}");
        assert_ne!(mark(r#"{"password":"one"}"#), mark(r#"{"password":"two"}"#));
        assert_eq!(mark("<password>one</password>"), mark("<password>one</password>"));
        assert!(!mark("<vm><password>one</password></vm>").contains("one"));
    }

    #[test]
    fn no_key_is_too_long_to_be_found() {
        let long = "eyJhbGciOi.JIUzI1/NiIs+".repeat(2_000);
        let redactor = Redactor { known: Known::any_of(spellings(&long)), ..redactor() };
        assert_eq!(redactor.text(&format!("a {long} b")), "a [redacted] b");
        assert_eq!(redactor.text("nothing of it"), "nothing of it");
    }

    #[test]
    fn what_proves_who_asked_is_not_told_by_the_answer() {
        let request = Request {
            method: crate::http::Method::Get,
            url: "http://h/api?command=listZones&signature=abc%2Bdef%2Fghi%3D".into(),
            headers: vec![("Authorization".into(), "AWS4 Credential=c, Signature=0123456789abcdef".into())],
            body: None,
        };
        let body = r"abc+def/ghi= abc%2Bdef%2Fghi%3D abc+def\/ghi\u003d 0123456789abcdef AWS4 Credential=c, Signature=0123456789abcdef";
        let response = Response { status: 401, headers: Vec::new(), body: body.into(), lossy: false };
        let timing = crate::http::Timing { sent_us: 0, took_us: 0 };
        let redacted =
            redactor().exchange(&Exchange { request, outcome: Ok(response), timing, sent: crate::http::Sent::Once });
        let told = format!("{redacted:?}");
        assert!(!told.contains("ghi") && !told.contains("0123456789"), "{told}");
        assert!(told.contains("listZones"), "{told}");
    }

    #[test]
    fn secrets_are_found_within_other_texts() {
        for text in [
            r#"{"errortext": "no: {\"password\":\"hunter2\"}"}"#,
            r#"{"password": 48213, "secretkey": "hunter2"}"#,
            "at http://h/?command=x&amp;userpassword=hunter2&amp;id=3",
            r"at http://h/?id=3\u0026password\u003dhunter2",
            "back=http%3A%2F%2Fh%2F%3Fpassword%3Dhunter2",
            "{\"größe_Password\" :\n\"hunter2\"}",
            "<SignatureProvided>hunter2</SignatureProvided>",
            r#"{"ipsecpsk": "hunter2"}"#,
            "<presharedkey>hunter2</presharedkey>",
            "http://h/?command=ldapConfig&bindpass=hunter2",
        ] {
            let redacted = redactor().text(text);
            assert!(!redacted.contains("hunter2") && !redacted.contains("48213"), "{text} became {redacted}");
        }
        let number = redactor().text(r#"{"password": 48213}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&number).is_ok_and(|value| value["password"].is_u64()));
    }

    #[test]
    fn a_cut_off_password_is_still_taken_out() {
        assert!(!redactor().text(r#"{"password":"hunter2"#).contains("hunter2"));
    }

    #[test]
    fn signatures_leave_addresses_and_names_stay() {
        let url = redactor().text("http://h/api?command=listZones&apikey=Key&signature=abc%3D");
        assert_eq!(url, "http://h/api?command=listZones&apikey=[redacted]&signature=[redacted]");
        assert!(redactor().text("http://h/?passwordenabled=true").contains("true"));
    }
}

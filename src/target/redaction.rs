//! Takes secrets out of everything that is kept or shown.

use std::collections::BTreeSet;

use hmac::{Hmac, Mac};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use regex::{Captures, Regex};
use sha1::Sha1;

use crate::http::{Exchange, Failure, Request, Response};

use super::signing::encode;
use super::{Credentials, Target};

/// Replaces secrets by marks. Equal secrets of one run get equal marks, so that a changed password is still seen to change.
#[derive(Clone, Debug)]
pub struct Redactor {
    known: Option<Regex>,
    fields: Fields,
    key: [u8; 16],
}

/// Patterns for fields that hold secrets, wherever they appear.
#[derive(Clone, Debug)]
struct Fields {
    json: Option<Regex>,
    xml: Option<Regex>,
    query: Option<Regex>,
}

/// Names of fields whose values are secret in answers and requests of any API.
const SECRET_FIELDS: &str = r"(?:[\w.-]*password|secretkey|secret_key|sessionkey|privatekey|[\w.-]*token)";
/// Parameters that hold a signature or an identity.
const SECRET_PARAMETERS: &str =
    r"(?:[\w.-]*password|secretkey|sessionkey|signature|apikey|accesskey|awsaccesskeyid|[\w.-]*token)";

impl Redactor {
    /// Knows the keys of a target in every form in which they travel. `key` is random for each run.
    pub fn new(target: &Target, key: [u8; 16]) -> Self {
        let mut forms = BTreeSet::new();
        let services = target.services.values();
        let credentials = services.flat_map(|service| {
            let others = service.accounts.values().map(|account| &account.credentials);
            std::iter::once(&service.main).chain(others)
        });
        for secret in credentials.flat_map(Credentials::secrets) {
            forms.extend(spellings(secret.reveal()));
        }
        // The longest first: a form may begin with another.
        let mut forms: Vec<_> = forms.into_iter().collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        let forms: Vec<_> = forms.iter().map(|form| regex::escape(form)).collect();
        let known = (!forms.is_empty()).then(|| Regex::new(&format!("(?i){}", forms.join("|"))).ok()).flatten();
        Self { known, fields: Fields::new(), key }
    }

    /// An exchange without secrets.
    pub fn exchange(&self, exchange: &Exchange) -> Exchange {
        Exchange {
            request: self.request(&exchange.request),
            outcome: match &exchange.outcome {
                Ok(response) => Ok(self.response(response)),
                Err(failure) => Err(Failure { kind: failure.kind, message: self.text(&failure.message) }),
            },
            timing: exchange.timing,
        }
    }

    /// Any text without secrets.
    pub fn text(&self, text: &str) -> String {
        let text = replace(self.known.as_ref(), text, |_| "[redacted]".to_owned());
        let text = replace(self.fields.json.as_ref(), &text, |found| self.marked(found));
        replace(self.fields.xml.as_ref(), &text, |found| self.marked(found))
    }

    fn request(&self, request: &Request) -> Request {
        Request {
            method: request.method,
            url: self.query(&request.url),
            headers: self.headers(&request.headers),
            body: request.body.as_ref().map(|body| self.query(body)),
        }
    }

    fn response(&self, response: &Response) -> Response {
        Response {
            status: response.status,
            headers: self.headers(&response.headers),
            body: self.text(&response.body),
            lossy: response.lossy,
        }
    }

    fn headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        const SECRET: [&str; 3] = ["authorization", "set-cookie", "cookie"];
        let redacted = headers.iter().map(|(name, value)| {
            let lower = name.to_lowercase();
            let secret = SECRET.contains(&lower.as_str()) || lower.contains("token") || lower.contains("appcode");
            (name.clone(), if secret { "[redacted]".to_owned() } else { self.text(value) })
        });
        redacted.collect()
    }

    fn query(&self, text: &str) -> String {
        let text = replace(self.fields.query.as_ref(), text, |found| format!("{}[redacted]", &found["before"]));
        self.text(&text)
    }

    /// A field's name, and a mark in place of its value.
    fn marked(&self, found: &Captures<'_>) -> String {
        let value = &found["value"];
        if value.is_empty() || value.starts_with("[redacted") {
            return found[0].to_owned();
        }
        format!("{}[redacted {}]{}", &found["before"], self.mark(value), &found["after"])
    }

    fn mark(&self, value: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(&self.key) else { return String::new() };
        mac.update(value.as_bytes());
        mac.finalize().into_bytes().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Fields {
    fn new() -> Self {
        let json = format!(r#"(?i)(?P<before>"{SECRET_FIELDS}"\s*:\s*")(?P<value>(?:[^"\\]|\\.)*)(?P<after>"?)"#);
        let xml = format!(r"(?i)(?P<before><{SECRET_FIELDS}>)(?P<value>[^<]*)(?P<after>)");
        let query = format!(r"(?i)(?P<before>(?:^|[?&]){SECRET_PARAMETERS}=)[^&\s]*");
        Self { json: Regex::new(&json).ok(), xml: Regex::new(&xml).ok(), query: Regex::new(&query).ok() }
    }
}

fn replace(pattern: Option<&Regex>, text: &str, with: impl Fn(&Captures<'_>) -> String) -> String {
    match pattern {
        Some(pattern) => pattern.replace_all(text, |found: &Captures<'_>| with(found)).into_owned(),
        None => text.to_owned(),
    }
}

/// The forms in which a secret travels: as it is, encoded for queries, escaped in JSON and XML.
fn spellings(secret: &str) -> Vec<String> {
    if secret.is_empty() {
        return Vec::new();
    }
    let json = serde_json::Value::String(secret.to_owned()).to_string();
    let xml = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    vec![
        secret.to_owned(),
        encode(secret),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        json.trim_matches('"').to_owned(),
        xml,
    ]
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
    fn a_cut_off_password_is_still_taken_out() {
        assert!(!redactor().text(r#"{"password":"hunter2"#).contains("hunter2"));
    }

    #[test]
    fn signatures_leave_addresses_and_names_stay() {
        let url = redactor().query("http://h/api?command=listZones&apikey=Key&signature=abc%3D");
        assert_eq!(url, "http://h/api?command=listZones&apikey=[redacted]&signature=[redacted]");
        assert!(redactor().query("http://h/?passwordenabled=true").contains("true"));
    }
}

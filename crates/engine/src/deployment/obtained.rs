//! Credentials that are not written in a target file, but had before a run: from a file, a command, or a server.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::scenario::Path;
use assay_suite::SuiteName;
use assay_suite::http::{Exchange, Method, Request, field_values};
use assay_suite::source::{Diagnostic, Diagnostics, Node, NodeKind, Place};

use super::secret::Secret;
use super::signing::encode_unreserved;

/// A credential that is to be had.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The suite that it is for.
    pub suite: SuiteName,
    /// The account; none for the main one.
    pub account: Option<String>,
    /// Its name.
    pub name: String,
    /// Where the target file says how it is had.
    pub place: Place,
    /// Where it comes from.
    pub source: CredentialSource,
    /// How long it lasts, where what gives it does not say so.
    pub renew_after: Option<Duration>,
}

/// A credential that was had.
pub struct Obtained {
    /// The credential.
    pub text: String,
    /// How long it is good, if that was said.
    pub lasts: Option<Duration>,
}

/// Where a credential comes from.
#[derive(Clone, Debug)]
pub enum CredentialSource {
    /// A file: its text, without the line break at its end.
    File(String),
    /// What a command prints.
    Command(Vec<String>),
    /// The answer to a request.
    Request(Box<TokenRequest>),
}

/// A request whose answer gives a credential.
#[derive(Clone, Debug)]
pub struct TokenRequest {
    url: String,
    content_type: &'static str,
    body: Secret,
    authorization: Option<Secret>,
    token: TokenPlace,
}

/// Where an answer has a credential.
#[derive(Clone, Debug)]
enum TokenPlace {
    Body(Path),
    Cookie(String),
    Header(String),
}

impl TokenRequest {
    /// The request, secrets and all.
    pub fn request(&self) -> Request {
        let mut headers = vec![
            ("content-type".to_owned(), self.content_type.to_owned()),
            ("accept".to_owned(), "application/json".to_owned()),
        ];
        headers
            .extend(self.authorization.as_ref().map(|value| ("authorization".to_owned(), value.reveal().to_owned())));
        Request { method: Method::Post, url: self.url.clone(), headers, body: Some(self.body.reveal().to_owned()) }
    }

    /// The credential in the answer. The error says why there is none, and nothing that is secret.
    pub fn token(&self, exchange: &Exchange) -> Result<Obtained, String> {
        let response = match &exchange.outcome {
            Ok(response) => response,
            Err(failure) => return Err(format!("{} does not answer: {}", self.url, failure.kind)),
        };
        if !(200..400).contains(&response.status) {
            return Err(format!("{} answers with status {}", self.url, response.status));
        }
        let (found, place) = match &self.token {
            TokenPlace::Body(path) => {
                let body: Value = serde_json::from_str(&response.body).unwrap_or_default();
                let text = path.select(&body).first().map(|value| assay_suite::plain(value));
                // RFC 6749, 5.1; many a login says it so, too.
                let lasts = seconds(&assay_suite::plain(&body["expires_in"]));
                (text.map(|text| Obtained { text, lasts }), format!("at {path} of its body"))
            }
            TokenPlace::Cookie(name) => {
                let cookies = field_values(&response.headers, "set-cookie");
                (cookies.iter().find_map(|cookie| in_cookie(cookie, name)), format!("in a cookie {name}"))
            }
            TokenPlace::Header(name) => {
                let text = field_values(&response.headers, name).first().cloned();
                (text.map(|text| Obtained { text, lasts: None }), format!("in the header {name}"))
            }
        };
        found
            .filter(|found| !found.text.is_empty())
            .ok_or_else(|| format!("{} answers without a credential {place}", self.url))
    }
}

/// The value of a cookie, if it is called so (RFC 6265, 4.1).
fn in_cookie(cookie: &str, name: &str) -> Option<Obtained> {
    let mut parts = cookie.split(';').map(|part| part.split_once('=').unwrap_or((part, "")));
    let (known, value) = parts.next()?;
    let age = parts.find(|(known, _)| known.trim().eq_ignore_ascii_case("max-age"));
    let lasts = age.and_then(|(_, age)| seconds(age.trim()));
    (known.trim() == name).then(|| Obtained { text: value.trim().to_owned(), lasts })
}

/// A number of seconds that is worth waiting for.
fn seconds(text: &str) -> Option<Duration> {
    const LONGEST: u64 = 100 * 24 * 60 * 60;
    text.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds)).map(Duration::from_secs)
}

impl Wanted {
    /// How long what was had is good. None if it is good for as long as a run.
    pub fn lifetime(&self, obtained: &Obtained) -> Option<Duration> {
        self.renew_after.or(obtained.lasts)
    }
}

/// Reads how a credential is had, and after how long anew: `{file: PATH}`, `{command: [...]}`, `{oauth2: {...}}` or
/// `{login: {...}}`. `expand` puts in what comes from the environment.
pub(super) fn read(
    node: &Node,
    expand: &dyn Fn(&str, &Node, &mut Diagnostics) -> Option<String>,
    mistakes: &mut Diagnostics,
) -> Option<(CredentialSource, Option<Duration>)> {
    let mut fields = node.fields("a credential", mistakes)?;
    let renew_after = fields.take("renew_after").and_then(|node| node.duration("`renew_after`", mistakes));
    let reader = Reader { expand };
    let source = if let Some(path) = fields.text("file", mistakes) {
        Some(CredentialSource::File(path.value))
    } else if let Some(command) = fields.take("command") {
        let words: Vec<_> = command.leaves().into_iter().map(|word| word.value).collect();
        if words.is_empty() {
            let mistake = Diagnostic::error(&command.place, "`command` names no program");
            mistakes.add(mistake.help("write the program and its arguments as a list: [pass, show, shop]"));
        }
        Some(CredentialSource::Command(words)).filter(|_| !command.leaves().is_empty())
    } else if let Some(node) = fields.take("oauth2") {
        reader.oauth2(node, mistakes).map(|request| CredentialSource::Request(Box::new(request)))
    } else if let Some(node) = fields.take("login") {
        reader.login(node, mistakes).map(|request| CredentialSource::Request(Box::new(request)))
    } else {
        let mistake = Diagnostic::error(&node.place, "this does not say where the credential comes from");
        mistakes.add(mistake.help("write a text, or one of: file, command, oauth2, login"));
        None
    };
    fields.finish(mistakes);
    Some((source?, renew_after))
}

/// The grants of OAuth 2 that need no person (RFC 6749, 4.3, 4.4 and 6).
const GRANTS: [(&str, Grant); 3] = [
    ("client_credentials", Grant::ClientCredentials),
    ("password", Grant::Password),
    ("refresh_token", Grant::RefreshToken),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Grant {
    ClientCredentials,
    Password,
    RefreshToken,
}

struct Reader<'a> {
    expand: &'a dyn Fn(&str, &Node, &mut Diagnostics) -> Option<String>,
}

impl Reader<'_> {
    fn text(&self, node: &Node, what: &str, mistakes: &mut Diagnostics) -> Option<String> {
        let text = node.text(what, mistakes)?;
        (self.expand)(&text.value, node, mistakes)
    }

    fn oauth2(&self, node: &Node, mistakes: &mut Diagnostics) -> Option<TokenRequest> {
        let mut fields = node.fields("`oauth2`", mistakes)?;
        let grant = fields.take("grant").and_then(|node| node.choice("`grant`", &GRANTS, mistakes));
        let grant = grant.unwrap_or(Grant::ClientCredentials);
        let url = fields.need("token_url", mistakes).and_then(|node| self.url(node, mistakes));
        let named = GRANTS.iter().find(|(_, known)| *known == grant).map_or("", |(name, _)| *name);
        let mut form = vec![("grant_type".to_owned(), named.to_owned())];
        let needed: &[&str] = match grant {
            Grant::ClientCredentials => &[],
            Grant::Password => &["username", "password"],
            Grant::RefreshToken => &["refresh_token"],
        };
        for name in needed {
            let value = fields.need(name, mistakes).and_then(|node| self.text(node, &format!("`{name}`"), mistakes));
            form.extend(value.map(|value| ((*name).to_owned(), value)));
        }
        let client = fields.need("client_id", mistakes).and_then(|node| self.text(node, "`client_id`", mistakes));
        let secret = fields.take("client_secret").and_then(|node| self.text(node, "`client_secret`", mistakes));
        let scope = fields.take("scope").and_then(|node| self.text(node, "`scope`", mistakes));
        form.extend(scope.map(|scope| ("scope".to_owned(), scope)));
        fields.finish(mistakes);
        let client = client?;
        // A client with a secret proves itself by Basic, which every server must take (RFC 6749, 2.3.1).
        let authorization = secret.map(|secret| {
            let pair = format!("{}:{}", encode_unreserved(&client), encode_unreserved(&secret));
            Secret::new(format!("Basic {}", STANDARD.encode(pair)))
        });
        if authorization.is_none() {
            form.push(("client_id".to_owned(), client));
        }
        let token = TokenPlace::Body(Path::parse("$.access_token").ok()?);
        let (content_type, body) = ("application/x-www-form-urlencoded", Secret::new(encoded(&form)));
        Some(TokenRequest { url: url?, content_type, body, authorization, token })
    }

    fn login(&self, node: &Node, mistakes: &mut Diagnostics) -> Option<TokenRequest> {
        let mut fields = node.fields("`login`", mistakes)?;
        let url = fields.need("url", mistakes).and_then(|node| self.url(node, mistakes));
        let json = fields.take("json").map(|node| self.value(node, mistakes));
        let form = fields.take("form").map(|node| {
            let pairs = node.entries("`form`", mistakes).unwrap_or_default().iter();
            let pairs: Vec<_> = pairs
                .filter_map(|(name, node)| Some((name.value.clone(), self.text(node, "a field of a form", mistakes)?)))
                .collect();
            encoded(&pairs)
        });
        let (content_type, body) = match (json, form) {
            (Some(value), None) => ("application/json", value.to_string()),
            (None, Some(form)) => ("application/x-www-form-urlencoded", form),
            _ => {
                let mistake = Diagnostic::error(&node.place, "`login` needs one of `json` and `form`");
                mistakes.add(mistake.help("write what it is sent: json: {user: ..., password: \"${PASSWORD}\"}"));
                return None;
            }
        };
        let token = Self::token_place(&mut fields, node, mistakes);
        fields.finish(mistakes);
        Some(TokenRequest { url: url?, content_type, body: Secret::new(body), authorization: None, token: token? })
    }

    fn token_place(
        fields: &mut assay_suite::source::Fields<'_>,
        node: &Node,
        mistakes: &mut Diagnostics,
    ) -> Option<TokenPlace> {
        if let Some(path) = fields.text("token", mistakes) {
            return match Path::parse(&path.value) {
                Ok(path) => Some(TokenPlace::Body(path)),
                Err(why) => {
                    let mistake = Diagnostic::error(&path.place, format!("this is not a path: {why}"));
                    mistakes.add(mistake.help("write where the answer has it: $.token"));
                    None
                }
            };
        }
        if let Some(name) = fields.text("cookie", mistakes) {
            return Some(TokenPlace::Cookie(name.value));
        }
        if let Some(name) = fields.text("header", mistakes) {
            return Some(TokenPlace::Header(name.value.to_ascii_lowercase()));
        }
        let mistake = Diagnostic::error(&node.place, "`login` does not say where its answer has the credential");
        mistakes.add(mistake.help("write one of: token: $.path, cookie: NAME, header: NAME"));
        None
    }

    /// A value in which texts may come from the environment.
    fn value(&self, node: &Node, mistakes: &mut Diagnostics) -> Value {
        match &node.kind {
            NodeKind::Text(text) => (self.expand)(text, node, mistakes).map(Value::from).unwrap_or_default(),
            NodeKind::List(items) => items.iter().map(|item| self.value(item, mistakes)).collect(),
            NodeKind::Map(entries) => {
                let fields = entries.iter().map(|(name, node)| (name.value.clone(), self.value(node, mistakes)));
                Value::Object(fields.collect())
            }
            _ => node.to_json(),
        }
    }

    fn url(&self, node: &Node, mistakes: &mut Diagnostics) -> Option<String> {
        let url = self.text(node, "an address", mistakes)?;
        let is_address =
            (url.starts_with("http://") || url.starts_with("https://")) && reqwest::Url::parse(&url).is_ok();
        if !is_address {
            let mistake = Diagnostic::error(&node.place, "this is not a web address");
            mistakes.add(mistake.help("write it with http:// or https://"));
        }
        is_address.then_some(url)
    }
}

fn encoded(form: &[(String, String)]) -> String {
    let pairs = form.iter().map(|(name, value)| format!("{}={}", encode_unreserved(name), encode_unreserved(value)));
    pairs.collect::<Vec<_>>().join("&")
}

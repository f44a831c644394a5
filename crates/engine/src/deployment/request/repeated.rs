//! A request that is made again and again, signed anew each time. What stays the same is made once.

use std::sync::Arc;

use hyper::body::Bytes;
use hyper::header::HeaderMap;
use hyper::http::uri::PathAndQuery;
use jiff::Timestamp;
use serde_json::Value;

use crate::deployment::Target;
use crate::deployment::connection::Wire;
use crate::deployment::signing::{Key, encode, encoded};
use crate::scenario::SignatureTrait;
use assay_suite::http::{Idempotence, Method};
use assay_suite::plain;
use assay_suite::{Encoding, Signing, Style, Suite};

use super::caller::Caller;
use super::cloudstack;
use super::query::Pairs;
use super::spec::{RequestSpec, RequestSpecError};

/// What is asked again and again: an [`RequestSpec`] that owns what it says.
#[derive(Clone, Debug)]
pub struct Recurring {
    /// The API.
    pub suite: Arc<Suite>,
    /// The operation's name.
    pub operation: String,
    /// The arguments that stay the same.
    pub arguments: Vec<(String, Value)>,
    /// The names of those that do not.
    pub varying: Vec<String>,
    /// Parameters that are not given the credentials which they document.
    pub withheld: Vec<String>,
    /// The format asked for.
    pub format: Option<Encoding>,
    /// The method; none for the documented one.
    pub method: Option<Method>,
    /// Who asks.
    pub account: Option<String>,
    /// How the signature departs from the plainest good one.
    pub traits: Vec<SignatureTrait>,
}

impl Recurring {
    /// What is asked with these values of what varies.
    fn ask(&self, values: &[Value]) -> RequestSpec<'_> {
        let varying = self.varying.iter().cloned().zip(values.iter().cloned());
        RequestSpec {
            suite: &self.suite,
            operation: &self.operation,
            arguments: self.arguments.iter().cloned().chain(varying).collect(),
            withheld: &self.withheld,
            format: self.format,
            method: self.method,
            account: self.account.as_deref(),
            traits: &self.traits,
        }
    }
}

/// A request that is made again and again.
pub struct Repeated {
    target: Arc<Target>,
    recurring: Recurring,
    way: Way,
}

/// How it is made each time.
enum Way {
    /// It is always the same: nothing varies, and nothing is signed.
    Same(Box<Wire>),
    /// The query is put together, and signed, from parts that are ready.
    Signed(Box<SignedQuery>),
    /// From the beginning.
    Anew,
}

/// A query signed as `CloudStack` wants it, ready but for what varies.
struct SignedQuery {
    url: Vec<Piece>,
    to_sign: Vec<Piece>,
    key: Key,
    headers: HeaderMap,
    idempotence: Idempotence,
    // Kept for their memory.
    text: String,
    values: Vec<(String, String)>,
}

/// A part of a query.
enum Piece {
    Text(String),
    /// The value of what varies, by its place among those.
    Value(usize),
}

impl Repeated {
    /// Makes ready what stays the same. A mistake in what is asked is found here.
    pub fn new(target: &Arc<Target>, recurring: Recurring) -> Result<Self, RequestSpecError> {
        let placeholders: Vec<_> = (0..recurring.varying.len()).map(|place| Value::from(placeholder(place))).collect();
        let ask = recurring.ask(&placeholders);
        let prepared = target.prepare(&ask, Timestamp::now())?;
        let signs = prepared.signed.is_some();
        let is_renewed = target.are_renewed(&ask)?;
        let way = match (&recurring.suite.style, recurring.suite.signing) {
            (Style::Query { .. }, Signing::CloudStack) if signs && is_plain(&recurring) && !is_renewed => {
                Way::Signed(Box::new(SignedQuery::new(&ask, &target.caller(&ask)?, &prepared.wire)))
            }
            _ if !signs && !is_renewed && recurring.varying.is_empty() => Way::Same(Box::new(prepared.wire)),
            _ => Way::Anew,
        };
        Ok(Self { target: Arc::clone(target), recurring, way })
    }

    /// The next request, with these values of what varies, in the order of their names.
    pub fn wire(&mut self, values: &[Value]) -> Result<Wire, RequestSpecError> {
        match &mut self.way {
            Way::Same(same) => Ok((**same).clone()),
            Way::Signed(query) => query.wire(values),
            Way::Anew => Ok(self.target.prepare(&self.recurring.ask(values), Timestamp::now())?.wire),
        }
    }
}

/// Whether a request is signed in the plainest way, with everything in its address.
fn is_plain(recurring: &Recurring) -> bool {
    recurring.traits.is_empty() && recurring.method.is_none_or(|method| method == Method::Get)
}

/// A placeholder for a value that varies: no argument of a document holds a control character.
fn placeholder(place: usize) -> String {
    format!("\u{1}{place}\u{1}")
}

impl SignedQuery {
    /// `single` is such a request, made from the beginning.
    fn new(ask: &RequestSpec<'_>, caller: &Caller<'_>, single: &Wire) -> Self {
        let parameters = cloudstack::plain_parameters(ask, caller);
        let mut sorted: Vec<_> = parameters.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut url = vec![Piece::Text(format!("{}?", single.path.path()))];
        url.extend(pieces(&parameters, encode));
        url.push(Piece::Text("&signature=".to_owned()));
        Self {
            url,
            to_sign: pieces(&sorted, |value| encode(value).to_lowercase()),
            key: Key::new(caller.credentials.reveal("secret_key")),
            headers: single.headers.clone(),
            idempotence: single.idempotence,
            text: String::new(),
            values: Vec::new(),
        }
    }

    fn wire(&mut self, values: &[Value]) -> Result<Wire, RequestSpecError> {
        self.values.clear();
        self.values.extend(values.iter().map(|value| {
            let encoded = encode(&plain(value));
            (encoded.to_lowercase(), encoded)
        }));
        self.text.clear();
        put(&mut self.text, &self.to_sign, &self.values, |(lowered, _)| lowered);
        let signature = self.key.sign(self.text.as_bytes());
        self.text.clear();
        put(&mut self.text, &self.url, &self.values, |(_, encoded)| encoded);
        self.text.extend(encoded(&signature));
        let path = PathAndQuery::from_maybe_shared(Bytes::copy_from_slice(self.text.as_bytes()));
        let path = path.map_err(|_| RequestSpecError::Unsendable)?;
        let (headers, body) = (self.headers.clone(), Bytes::new());
        Ok(Wire { method: hyper::Method::GET, path, headers, body, idempotence: self.idempotence })
    }
}

/// `name=value` pairs with ampersands between, cut where something varies.
fn pieces(pairs: &Pairs, written: impl Fn(&str) -> String) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        text.push_str(if index == 0 { "" } else { "&" });
        text.push_str(name);
        text.push('=');
        match value.strip_prefix('\u{1}').and_then(|rest| rest.strip_suffix('\u{1}')).map(str::parse) {
            Some(Ok(place)) => {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                pieces.push(Piece::Value(place));
            }
            _ => text.push_str(&written(value)),
        }
    }
    pieces.push(Piece::Text(text));
    pieces
}

fn put<T>(text: &mut String, pieces: &[Piece], values: &[T], of: impl Fn(&T) -> &String) {
    for piece in pieces {
        match piece {
            Piece::Text(fixed) => text.push_str(fixed),
            Piece::Value(place) => text.push_str(values.get(*place).map_or("", |value| of(value))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use assay_suite::SuiteFiles;
    use assay_suite::source::{Diagnostics, SourceFile};

    fn suite(signing: &str) -> Arc<Suite> {
        let suite = format!(
            "suite: t\ntitle: T\ndocument: {{title: D}}\n\
             request: {{style: query, operation_parameter: command}}\nsigning: {signing}\n\
             answers: {{formats: {{json: {{response: json}}}}, envelope: \"{{operation}}response\", refusals: [4xx]}}\n"
        );
        let operations = "operations:\n  listZones: {group: Z, source: a, effect: reads}\n";
        let file = |name: &str, text: &str| SourceFile::new(format!("suites/t/{name}"), text);
        let (suite, operations) = (file("suite.yaml", &suite), file("operations.yaml", operations));
        let requirements = file("requirements.yaml", "requirements: {}\n");
        let mut mistakes = Diagnostics::new();
        let files = SuiteFiles {
            suite: &suite,
            operations: &operations,
            requirements: &requirements,
            deviations: Vec::new(),
            variables: None,
        };
        let read = Suite::read(&files, &mut mistakes);
        Arc::new(read.unwrap_or_else(|| panic!("{}", mistakes.render(assay_suite::source::Paint::Plain))))
    }

    fn target() -> Arc<Target> {
        let text =
            "target: t\nsuites: {t: {url: \"http://127.0.0.1:1/client/api\", api_key: K-1, secret_key: geheim}}\n";
        let mut mistakes = Diagnostics::new();
        Arc::new(Target::read(&SourceFile::new("t.yaml", text), &|_| None, &mut mistakes).unwrap())
    }

    fn recurring(signing: &str, varying: &[&str]) -> Recurring {
        Recurring {
            suite: suite(signing),
            operation: "listZones".to_owned(),
            arguments: vec![("name".to_owned(), json!("a B~*+/ü")), ("Zone".to_owned(), json!(["x", "y"]))],
            varying: varying.iter().map(|name| (*name).to_owned()).collect(),
            withheld: Vec::new(),
            format: Some(Encoding::Json),
            method: None,
            account: None,
            traits: Vec::new(),
        }
    }

    /// What is put together from ready parts is what is made from the beginning.
    #[test]
    fn a_repeated_request_is_signed_as_a_single_one() {
        for signing in ["cloudstack", "token"] {
            let target = target();
            let recurring = recurring(signing, &["keyword", "n"]);
            let mut repeated = Repeated::new(&target, recurring.clone()).unwrap();
            for values in [[json!("ÄÖ &="), json!(1)], [json!("x"), json!(2_000_000)]] {
                let single = target.prepare(&recurring.ask(&values), Timestamp::now()).unwrap().request.url;
                let wire = repeated.wire(&values).unwrap();
                assert_eq!(format!("http://127.0.0.1:1{}", wire.path), single, "{signing}");
            }
        }
    }

    #[test]
    fn what_never_changes_is_made_once_and_what_is_signed_each_time() {
        let made = |signing: &str, varying: &[&str]| Repeated::new(&target(), recurring(signing, varying)).unwrap().way;
        assert!(matches!(made("token", &[]), Way::Same(_)));
        assert!(matches!(made("token", &["n"]), Way::Anew));
        assert!(matches!(made("cloudstack", &[]), Way::Signed(_)));
        assert!(matches!(made("hicloud", &[]), Way::Anew));
    }
}

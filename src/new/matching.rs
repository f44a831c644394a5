//! Which operation of a suite a recorded request asked for, and with which arguments.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use assay_suite::{Location, Operation, Parameter, Signing, Style, Suite, plain};

use super::call::Call;
use super::recorded::{Body, Recorded};
use super::secrets::Secrets;

/// An operation, and what a path gives to its parameters.
type Found<'s> = (&'s Operation, Vec<(String, String)>);

/// Why a request is no call of the suite.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unmatched {
    #[error("a static file")]
    Static,
    #[error("a question of a browser")]
    Preflight,
    #[error("another host")]
    OtherHost,
    #[error("no operation of the suite has this method and path")]
    NoOperation,
    #[error("the suite has no operation `{0}`")]
    NoCommand(String),
    #[error("it names no operation by `{0}`")]
    NoName(String),
    #[error("{0}")]
    Obstacle(String),
}

/// So many requests, from all over a recording, say where the API is.
const SHOW_THE_BASE: usize = 2_000;
/// No path of an API has more parts.
const LONGEST_PATH: usize = 100;

/// Parameters of signatures and sessions, in lower case: the dialect of the suite adds its own.
const SIGNATURE: [&str; 11] = [
    "apikey",
    "accesskey",
    "awsaccesskeyid",
    "signature",
    "signatureversion",
    "signaturemethod",
    "expires",
    "timestamp",
    "sessionkey",
    "accesskeyid",
    "_",
];

/// Where the API is, as most of the requests have it: what is before the paths of its operations.
pub(super) struct Base {
    origin: String,
    prefix: Vec<String>,
}

impl Base {
    /// The origin and the prefix with which most requests are calls; the first one of equals, and the shorter.
    pub fn of(requests: &[Recorded], suite: &Suite) -> Option<Self> {
        let mut counts: BTreeMap<(&str, &[String]), (usize, usize)> = BTreeMap::new();
        let between = requests.len().div_ceil(SHOW_THE_BASE).max(1);
        for (position, request) in requests.iter().enumerate().step_by(between) {
            let origin = request.address.origin.as_str();
            if request.address.path.len() > LONGEST_PATH {
                continue;
            }
            for length in 0..=request.address.path.len() {
                let (prefix, rest) = request.address.path.split_at(length);
                let is_call = match suite.style {
                    Style::Rest => by_path(suite, &request.method, rest).is_some(),
                    Style::Query { .. } => rest.is_empty() && command(suite, request).is_ok(),
                };
                if is_call {
                    counts.entry((origin, prefix)).or_insert((0, position)).0 += 1;
                }
            }
        }
        let best =
            counts.into_iter().min_by_key(|((_, prefix), (count, first))| (usize::MAX - count, prefix.len(), *first));
        best.map(|((origin, prefix), _)| Self { origin: origin.to_owned(), prefix: prefix.to_vec() })
    }

    /// The call that a request is.
    pub fn call<'s>(&self, request: &Recorded, secrets: &Secrets<'s>) -> Result<Call<'s>, Unmatched> {
        let suite = secrets.suite;
        let found =
            if request.address.origin == self.origin { self.found(request, suite) } else { Err(Unmatched::OtherHost) };
        let (operation, in_path) = found.map_err(|reason| match reason {
            _ if request.method == "OPTIONS" => Unmatched::Preflight,
            _ if is_static(request) => Unmatched::Static,
            reason => reason,
        })?;
        if let Some(obstacle) = &request.obstacle {
            return Err(Unmatched::Obstacle(obstacle.clone()));
        }
        let mut call = Call { operation, arguments: Vec::new(), unknown: Vec::new(), credentials: Vec::new() };
        for (name, value) in in_path {
            let value = Value::from(value);
            let parameter = operation.parameters.get(&name);
            let value = parameter.map_or(value.clone(), |parameter| typed(operation, parameter, value));
            call.arguments.push((name, value));
        }
        match &suite.style {
            Style::Rest => call.rest(secrets, request),
            Style::Query { .. } => call.query(secrets, request),
        }
        Ok(call)
    }

    fn found<'s>(&self, request: &Recorded, suite: &'s Suite) -> Result<Found<'s>, Unmatched> {
        let rest = request.address.path.strip_prefix(self.prefix.as_slice());
        match suite.style {
            Style::Rest => rest.and_then(|rest| by_path(suite, &request.method, rest)).ok_or(Unmatched::NoOperation),
            Style::Query { .. } if rest.is_some_and(<[String]>::is_empty) => {
                command(suite, request).map(|found| (found, Vec::new()))
            }
            Style::Query { .. } => Err(Unmatched::NoOperation),
        }
    }
}

/// The operation with a method and a path; the one with the fewest parameters in its path.
fn by_path<'s>(suite: &'s Suite, method: &str, path: &[String]) -> Option<(&'s Operation, Vec<(String, String)>)> {
    let fitting = suite.operations.values().filter_map(|operation| {
        let line = operation.request.as_ref().filter(|line| line.method.name() == method)?;
        let parts: Vec<_> = line.path.split('/').filter(|part| !part.is_empty()).collect();
        if parts.len() != path.len() {
            return None;
        }
        let found: Option<Vec<_>> = parts.iter().zip(path).map(|(part, given)| part_of(part, given)).collect();
        Some((operation, found?.into_iter().flatten().collect::<Vec<_>>()))
    });
    fitting.min_by_key(|(_, parameters)| parameters.len())
}

/// What a part of a path gives to the parameter in it, if there is one; none if it does not fit.
fn part_of(part: &str, given: &str) -> Option<Vec<(String, String)>> {
    let Some((before, rest)) = part.split_once('{') else { return (part == given).then(Vec::new) };
    let (name, after) = rest.split_once('}')?;
    let value = given.strip_prefix(before)?.strip_suffix(after).filter(|value| !value.is_empty())?;
    Some(vec![(name.to_owned(), value.to_owned())])
}

/// All pairs of a request to a query API.
fn said(request: &Recorded) -> Vec<(String, String)> {
    let mut said = request.address.query.clone();
    match &request.body {
        Body::Form(fields) => said.extend(fields.iter().cloned()),
        Body::Json(Value::Object(fields)) => {
            said.extend(fields.iter().map(|(name, value)| (name.clone(), plain(value))));
        }
        _ => {}
    }
    said
}

fn command<'s>(suite: &'s Suite, request: &Recorded) -> Result<&'s Operation, Unmatched> {
    let Style::Query { operation_parameter, .. } = &suite.style else { return Err(Unmatched::NoOperation) };
    let named = said(request).into_iter().find(|(name, _)| name.eq_ignore_ascii_case(operation_parameter));
    let (_, name) = named.ok_or_else(|| Unmatched::NoName(operation_parameter.clone()))?;
    let exact = suite.operations.get(name.as_str());
    let alike = || suite.operations.values().find(|known| known.name.value.0.eq_ignore_ascii_case(&name));
    exact.or_else(alike).ok_or(Unmatched::NoCommand(name))
}

/// Whether a request is for what a page is made of, and no call of an API.
fn is_static(request: &Recorded) -> bool {
    const TYPES: [&str; 7] = ["text/html", "text/css", "javascript", "image/", "font", "video/", "audio/"];
    const ENDINGS: [&str; 12] =
        [".js", ".css", ".html", ".png", ".jpg", ".svg", ".ico", ".woff", ".woff2", ".gif", ".map", ".webp"];
    let media_type = request.answer.as_ref().map_or("", |answer| answer.media_type.as_str());
    let last = request.address.path.last().map_or("", String::as_str);
    TYPES.iter().any(|known| media_type.contains(known)) || ENDINGS.iter().any(|ending| last.ends_with(ending))
}

impl Call<'_> {
    fn query(&mut self, secrets: &Secrets<'_>, request: &Recorded) {
        let suite = secrets.suite;
        let Style::Query { operation_parameter, fixed, .. } = &suite.style else { return };
        let formats: Vec<_> = suite.formats.iter().flat_map(|format| &format.parameters).collect();
        for (name, value) in said(request) {
            let is_fixed = fixed.iter().any(|(known, usual)| *known == name && *usual == value);
            let is_format = formats.iter().any(|(known, _)| *known == name);
            let lower = name.to_lowercase();
            let is_signature =
                suite.signing != Signing::Token && SIGNATURE.contains(&lower.as_str()) || lower.starts_with("x-amz-");
            if is_signature {
                self.credentials.push(name);
                continue;
            }
            if is_fixed || is_format || name.eq_ignore_ascii_case(operation_parameter) {
                continue;
            }
            let known = self.operation.parameters.keys().find(|known| known.eq_ignore_ascii_case(&name)).cloned();
            self.give(secrets, known.unwrap_or(name), Value::from(value));
        }
    }

    fn rest(&mut self, secrets: &Secrets<'_>, request: &Recorded) {
        let always = self.operation.request.iter().flat_map(|line| &line.query);
        let always: Vec<_> = always.map(|(name, _)| name.clone()).collect();
        for (name, value) in &request.address.query {
            if !always.contains(name) {
                self.located(secrets, Location::Query, name, value);
            }
        }
        for (name, value) in &request.headers {
            let is_usual = ["content-type", "accept", "content-length", "host"].contains(&name.to_lowercase().as_str());
            if !is_usual && documented(self.operation, Location::Header, name).is_some() {
                self.located(secrets, Location::Header, name, value);
            }
        }
        let body = match &request.body {
            Body::None => return,
            Body::Json(value) => value.clone(),
            Body::Form(fields) => {
                Value::Object(fields.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect())
            }
            Body::Text(text) => Value::from(text.as_str()),
        };
        if self.operation.contract.is_some() {
            let parameter = self.operation.parameters.values().find(|known| known.location == Location::Body);
            match parameter.map(|parameter| parameter.name.value.clone()) {
                Some(name) => self.arguments.push((name, body)),
                None => self.unknown.push("the body".to_owned()),
            }
        } else if let Value::Object(fields) = body {
            self.fields(secrets, "", fields);
        } else {
            self.unknown.push("the body".to_owned());
        }
    }

    /// Fields of a body by their documented names, in which a dot leads into an object.
    fn fields(&mut self, secrets: &Secrets<'_>, before: &str, fields: Map<String, Value>) {
        for (field, value) in fields {
            let name = format!("{before}{field}");
            match value {
                Value::Object(inner) if !self.operation.parameters.contains_key(&name) => {
                    self.fields(secrets, &format!("{name}."), inner);
                }
                value => self.give(secrets, name, value),
            }
        }
    }

    fn located(&mut self, secrets: &Secrets<'_>, location: Location, name: &str, value: &str) {
        match documented(self.operation, location, name) {
            Some(parameter) => {
                let argument = parameter.name.value.clone();
                self.give(secrets, argument, Value::from(value));
            }
            None => self.unknown.push(name.to_owned()),
        }
    }

    /// Gives an argument, unless the target has its value or the operation does not document it.
    fn give(&mut self, secrets: &Secrets<'_>, name: String, value: Value) {
        let of_page = secrets
            .suite
            .paging_of(self.operation)
            .is_some_and(|paging| paging.start.parameter() == name || paging.size == name);
        let Some(parameter) = self.operation.parameters.get(&name) else {
            match (of_page, secrets.has_name(&self.operation.name.value.0, &name)) {
                (true, _) => self.arguments.push((name, value)),
                (false, true) => self.credentials.push(name),
                (false, false) => self.unknown.push(name),
            }
            return;
        };
        // The target has the values of credentials.
        if parameter.credential.is_some() {
            let sent = parameter.wire.as_ref().map_or(&parameter.name.value, |wire| &wire.name);
            self.credentials.push(sent.to_lowercase());
        } else {
            let typed = typed(self.operation, parameter, value);
            match self.arguments.iter_mut().find(|(known, _)| *known == name) {
                // What is said twice is a list.
                Some((_, Value::Array(items))) => items.push(typed),
                Some((_, known)) => *known = Value::Array(vec![known.take(), typed]),
                None => self.arguments.push((name, typed)),
            }
        }
    }
}

/// The parameter that is called so in a request.
fn documented<'s>(operation: &'s Operation, location: Location, name: &str) -> Option<&'s Parameter> {
    operation.parameters.values().filter(|parameter| parameter.location == location).find(|parameter| {
        let known = parameter.wire.as_ref().map_or(&parameter.name.value, |wire| &wire.name);
        if location == Location::Header { known.eq_ignore_ascii_case(name) } else { known == name }
    })
}

/// A text of an address as the number or truth value that is documented, where it is one.
fn typed(operation: &Operation, parameter: &Parameter, value: Value) -> Value {
    let Value::String(text) = &value else { return value };
    let input = operation.contract.as_ref().and_then(|contract| contract.input(&parameter.name.value));
    let schema_type = input.and_then(|input| input.schema.get("type")).and_then(Value::as_str);
    let named = parameter.value_type.map(assay_suite::ValueType::name).or(schema_type);
    let read = serde_json::from_str::<Value>(text).ok();
    // A number that JSON would write otherwise stays the text that was sent.
    let read = read.filter(|read| plain(read) == *text);
    match (named, read) {
        (Some("integer" | "number"), Some(read)) if read.is_number() => read,
        (Some("boolean"), Some(read)) if read.is_boolean() => read,
        _ => value,
    }
}

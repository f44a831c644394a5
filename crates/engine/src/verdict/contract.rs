//! An answer against the contract of its operation: status, media type, headers and body, each charged to the requirement that
//! says so.

use serde_json::Value;

use crate::deployment::decode;
use assay_suite::http::{Method, Response, field_values};
use assay_suite::{
    Content, Contract, DocumentedHeader, DocumentedResponse, PathMethods, RequirementId, ResponseStatus, Suite, is_json,
};

use super::context::RequestContext;
use super::form::{Form, status};
use super::{Mismatch, clipped, shown};

/// Texts that only the inside of a server has: the beginnings of stack traces.
const TRACES: [&str; 19] = [
    "Traceback (most recent call last)",
    "\tat java.",
    "\tat org.",
    "\tat com.",
    "\\tat org.",
    "\\tat java.",
    "at Object.<anonymous> (",
    "    at async ",
    "(node:internal/",
    "/node_modules/",
    "goroutine 1 [running]",
    "thread 'main' panicked at",
    "stack backtrace:",
    "System.NullReferenceException",
    "   at System.",
    "PHP Fatal error:",
    "/site-packages/",
    "SQLSTATE[",
    "sqlite3.OperationalError",
];

/// The form of an answer, against the documented one with its status.
pub(super) fn form(asked: RequestContext<'_>, method: Method, contract: &Contract, response: &Response) -> Form {
    let mut form = Form::default();
    let name = asked.operation;
    let (value, unreadable) = value(asked, response);
    form.value = value;
    if let Some(requirement) = traced(asked.suite, response) {
        let expected = format!("no answer of {name} shows the inside of the server");
        form.departures.push(Mismatch::violation(expected, status(response)).about(requirement));
    }
    if response.status >= 500 {
        let expected = format!("{name} does not fail");
        form.departures.push(Mismatch::violation(expected, status(response)).about(&contract.status));
        return form;
    }
    if response.status == 405
        && let Some(methods) = methods(asked)
        && let Some(observed) = wrong_allow(response, methods)
    {
        let expected = "an answer 405 has the header allow with the documented methods (RFC 9110, 15.5.6)";
        form.departures.push(Mismatch::violation(expected, observed).about(&methods.requirement));
    }
    // What the operation is answered by says nothing of a method that the path does not document.
    if methods(asked).is_some_and(|methods| !methods.documented.contains(&method)) {
        return form;
    }
    // What no method of a path takes is answered by HTTP itself: `default` and `4XX` are about the methods that it has.
    let documented = contract.response(response.status);
    let Some(documented) =
        documented.filter(|found| response.status != 405 || found.status == ResponseStatus::Exactly(405))
    else {
        // What HTTP itself answers need not be documented.
        if !matches!(response.status, 405 | 413..=415 | 431) {
            let expected = format!("{name} answers with a documented status");
            let observed = format!("{}, which is not documented", status(response));
            form.departures.push(Mismatch::violation(expected, observed).about(&contract.status));
        }
        return form;
    };
    // Such answers have no body, and the media type of what they leave out (RFC 9110, 9.3.2 and 15.4.5).
    let is_bodiless = response.status == 304 || is_head(asked);
    let content = judge_media_type(documented, response, &mut form).filter(|_| !is_bodiless);
    judge_headers(asked, documented, response, &mut form);
    if let Some(content) = content {
        judge_body(asked, documented, content, unreadable, &mut form);
    }
    form
}

/// The value of a body: of JSON what it says, of anything else its text.
fn value(asked: RequestContext<'_>, response: &Response) -> (Option<Value>, Option<String>) {
    let content_type = response.header("content-type").unwrap_or_default();
    let looks_like_json = content_type.is_empty() && response.body.trim_start().starts_with(['{', '[']);
    if response.body.is_empty() {
        return (Some(Value::Null), None);
    }
    if !is_json(&content_type) && !looks_like_json {
        return (Some(Value::from(response.body.as_str())), None);
    }
    match decode(&response.body, asked.format, &asked.suite.envelope, &asked.schemas.shape("")) {
        Ok(answer) => (Some(whole(answer.value)), None),
        Err(why) => (None, Some(why.to_string())),
    }
}

/// A value in which whole numbers are written as such: `12.0` is the number 12 (JSON Schema, core 4.2.3), also where it names something
/// in a path.
fn whole(value: Value) -> Value {
    // Below this, which is 2^53, each whole number has a floating point number of its own.
    const LARGEST_EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => match number.as_f64() {
            #[allow(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
            Some(known) if known.fract() == 0.0 && known.abs() < LARGEST_EXACT => Value::from(known as i64),
            _ => Value::Number(number),
        },
        Value::Array(items) => items.into_iter().map(whole).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, whole(value))).collect(),
        other => other,
    }
}

/// Whether the media type is a documented one; and if so, which.
fn judge_media_type<'c>(
    documented: &'c DocumentedResponse,
    response: &Response,
    form: &mut Form,
) -> Option<&'c Content> {
    let requirement = documented.media_type.as_ref().filter(|_| response.status != 304)?;
    let content_type = response.header("content-type").unwrap_or_default();
    let found = documented.content.iter().find(|content| content.includes(&content_type));
    if found.is_none() {
        let types: Vec<_> = documented.content.iter().map(|content| content.media_type.as_str()).collect();
        let expected = format!("the answer {} is of the type {}", documented.status, types.join(" or "));
        let observed = match (response.body.is_empty(), content_type.is_empty()) {
            (true, _) => "it has no body".to_owned(),
            (false, true) => "it has no content-type".to_owned(),
            (false, false) => format!("it is of the type {}", clipped(&content_type)),
        };
        form.departures.push(Mismatch::violation(expected, observed).about(requirement));
    }
    found
}

fn judge_headers(asked: RequestContext<'_>, documented: &DocumentedResponse, response: &Response, form: &mut Form) {
    for header in &documented.headers {
        let found = field_values(&response.headers, &header.name);
        let expected = || format!("the answer {} has the header {} as documented", documented.status, header.name);
        let Some(text) = found.first() else {
            if header.is_required {
                form.departures.push(Mismatch::violation(expected(), "it has none").about(&header.requirement));
            }
            continue;
        };
        let Some(schema) = &header.schema else { continue };
        // A list may be in several fields of one name (RFC 9110, 5.3).
        let text = if header.value_type.as_deref() == Some("array") { found.join(", ") } else { text.to_owned() };
        let readings = readings(header, &text).into_iter();
        let mismatches: Vec<_> = readings.map(|value| asked.schemas.validate(schema, &value)).collect();
        if mismatches.iter().all(|mismatches| !mismatches.is_empty())
            && let Some(mismatch) = mismatches.into_iter().next().and_then(|mismatches| mismatches.into_iter().next())
        {
            let departure = Mismatch::violation(expected(), clipped(&mismatch.message));
            form.departures.push(departure.about(&header.requirement));
        }
    }
}

/// What a header can mean, the likeliest first: its text, or what it writes as its documented type.
fn readings(header: &DocumentedHeader, text: &str) -> Vec<Value> {
    let plain = || Value::from(text);
    let scalar =
        |text: &str| serde_json::from_str(text).ok().filter(|value: &Value| !value.is_array() && !value.is_object());
    let as_json = serde_json::from_str::<Value>(text).ok();
    match header.value_type.as_deref() {
        Some("string") => vec![plain()],
        Some("array") => {
            let items = || text.split(',').map(str::trim);
            let texts: Value = items().map(Value::from).collect();
            let typed: Value = items().map(|item| scalar(item).unwrap_or_else(|| Value::from(item))).collect();
            [texts, typed].into_iter().chain(as_json).collect()
        }
        // Objects are written `a=1,b=2` or `a,1,b,2` (OpenAPI 3.1.1, 4.8.12.3), and by many as JSON.
        Some("object") => as_json.into_iter().chain(simple_objects(text)).chain([plain()]).collect(),
        _ => as_json.into_iter().chain([plain()]).collect(),
    }
}

/// An object of the style `simple`, with and without `explode`.
fn simple_objects(text: &str) -> Vec<Value> {
    let items: Vec<_> = text.split(',').map(str::trim).collect();
    let typed = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text));
    let exploded: Option<Vec<_>> = items.iter().map(|item| item.split_once('=')).collect();
    let paired = || {
        let pairs = items.chunks_exact(2).filter_map(|pair| Some((*pair.first()?, *pair.last()?)));
        (items.len() % 2 == 0).then(|| pairs.collect::<Vec<_>>())
    };
    let pairs = exploded.or_else(paired).unwrap_or_default();
    if pairs.is_empty() {
        return Vec::new();
    }
    let object =
        |read: &dyn Fn(&str) -> Value| pairs.iter().map(|(name, value)| ((*name).to_owned(), read(value))).collect();
    vec![Value::Object(object(&typed)), Value::Object(object(&|text| Value::from(text)))]
}

fn judge_body(
    asked: RequestContext<'_>,
    documented: &DocumentedResponse,
    content: &Content,
    unreadable: Option<String>,
    form: &mut Form,
) {
    let Some(requirement) = &documented.body else { return };
    if let Some(why) = unreadable {
        let departure = Mismatch::violation(format!("the answer {} is JSON", documented.status), why);
        form.departures.push(departure.about(requirement));
        return;
    }
    let (Some(schema), Some(value)) = (&content.schema, &form.value) else { return };
    if !asked.schemas.is_usable(schema) {
        form.notices.push(format!("schemas/{schema} is not one by which answers can be judged"));
        return;
    }
    let mismatches = asked.schemas.validate(schema, value);
    let departures = mismatches.iter().take(3).map(|mismatch| {
        let at = if mismatch.pointer.is_empty() { "the body" } else { mismatch.pointer.as_str() };
        let there = value.pointer(&mismatch.pointer).filter(|_| !mismatch.pointer.is_empty()).map(shown);
        let there = there.map(|there| format!(": {there}")).unwrap_or_default();
        let expected = format!("{at} of the answer {} is as its schema says", documented.status);
        Mismatch::violation(expected, format!("{}{there}", mismatch.message)).about(requirement)
    });
    form.departures.extend(departures);
}

fn traced<'s>(suite: &'s Suite, response: &Response) -> Option<&'s RequirementId> {
    let described = suite.described.as_ref()?;
    TRACES.iter().any(|trace| response.body.contains(trace)).then_some(&described.no_trace)
}

fn is_head(asked: RequestContext<'_>) -> bool {
    let request = asked.suite.operations.get(asked.operation).and_then(|operation| operation.request.as_ref());
    request.is_some_and(|request| request.method == Method::Head)
}

/// The methods of the path of what was asked for.
fn methods<'s>(asked: RequestContext<'s>) -> Option<&'s PathMethods> {
    let path = &asked.suite.operations.get(asked.operation)?.request.as_ref()?.path;
    let methods = &asked.suite.described.as_ref()?.methods;
    methods.iter().find(|known| known.request.path == *path)
}

/// What is wrong with the methods that an answer 405 says to be allowed.
fn wrong_allow(response: &Response, methods: &PathMethods) -> Option<String> {
    let written = field_values(&response.headers, "allow");
    if written.is_empty() {
        return Some("it has none".to_owned());
    }
    let allowed: Vec<_> = written.iter().flat_map(|value| value.split(',')).map(str::trim).collect();
    let lacking = methods.documented.iter().find(|method| !allowed.contains(&method.name()))?;
    Some(format!("it has {}, without {}", clipped(&written.join(", ")), lacking.name()))
}

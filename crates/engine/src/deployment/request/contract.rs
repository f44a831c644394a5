//! Requests to an API that an `OpenAPI` document describes: each argument travels in its documented style.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::Url;
use serde_json::Value;

use crate::deployment::signing::encode_unreserved;
use assay_suite::http::{Method, Request};
use assay_suite::{
    ADDRESS, AuthScheme, CONTENT_TYPE, Contract, Explode, HEADER, Location, Operation, Parameter, ParameterStyle,
    RAW_BODY, RequestLine, Wire, WireForm, is_json, plain,
};

use super::caller::Caller;
use super::spec::{RequestSpec, RequestSpecError};
use super::url::{part, url};

/// The parts of a multipart body are divided by this.
const BOUNDARY: &str = "assay-boundary-7d1f0c";

/// What a request is put together of.
#[derive(Default)]
struct Parts {
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
    body: Option<String>,
    content_type: Option<String>,
    /// The address that an answer gave.
    address: Option<String>,
}

/// Puts each argument where it is documented to be.
pub(super) fn request(
    ask: &RequestSpec<'_>,
    caller: &Caller<'_>,
    (operation, contract): (&Operation, &Contract),
    line: &RequestLine,
) -> Result<Request, RequestSpecError> {
    let mut parts = Parts { path: line.path.clone(), query: line.query.clone(), ..Parts::default() };
    for (name, value) in &ask.arguments {
        match operation.parameters.get(name) {
            Some(parameter) => put((ask, contract), &mut parts, parameter, value)?,
            None if name == RAW_BODY => parts.body = Some(plain(value)),
            None if name == CONTENT_TYPE => parts.content_type = Some(plain(value)),
            None if name == ADDRESS => parts.address = Some(plain(value)),
            None if name.starts_with(HEADER) => {
                parts.headers.push((name[HEADER.len()..].to_owned(), plain(value)));
            }
            None => parts.query.push((name.clone(), plain(value))),
        }
    }
    let unfilled = parts.path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    if let Some((parameter, _)) = unfilled {
        return Err(RequestSpecError::NoPath { operation: ask.operation.to_owned(), parameter: parameter.to_owned() });
    }
    let method = ask.method.unwrap_or(line.method);
    let mut headers = parts.headers;
    if !parts.cookies.is_empty() {
        headers.push(("cookie".to_owned(), parts.cookies.join("; ")));
    }
    if parts.body.is_some() {
        let usual = || contract.media_types.first().cloned().unwrap_or_else(|| "application/json".to_owned());
        let content_type = parts.content_type.unwrap_or_else(usual);
        headers.push((CONTENT_TYPE.to_owned(), content_type));
    }
    if method != Method::Options && !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("accept")) {
        headers.push(("accept".to_owned(), accepted(contract)));
    }
    let documented = url(&caller.url, &parts.path, &parts.query);
    let url = match &parts.address {
        Some(address) => given(&documented, address)?,
        None => documented,
    };
    Ok(Request { method, url, headers, body: parts.body })
}

/// An address that an answer gave: a run asks no host but the target's.
fn given(documented: &str, address: &str) -> Result<String, RequestSpecError> {
    let target = if address.trim_start().starts_with('<') { next_link(address) } else { Some(address) };
    let base = Url::parse(documented).ok();
    let found = base.as_ref().zip(target).and_then(|(base, target)| base.join(target.trim()).ok());
    let (base, found) = base.zip(found).ok_or(RequestSpecError::Unsendable)?;
    // Where TLS ends before the server, it may not know of it.
    let at_default = base.port().is_none() && found.port().is_none();
    let (own, other) = (base.port_or_known_default(), found.port_or_known_default());
    if found.host_str() != base.host_str() || !(own == other || at_default) {
        let host = format!("{}:{}", found.host_str().unwrap_or_default(), other.unwrap_or_default());
        return Err(RequestSpecError::OtherHost { host });
    }
    on_host_of(&base, found).ok_or(RequestSpecError::Unsendable)
}

/// The same as the target is asked: by its scheme and port, and with nothing that says who asks.
fn on_host_of(base: &Url, mut found: Url) -> Option<String> {
    found.set_scheme(base.scheme()).ok()?;
    found.set_port(base.port()).ok()?;
    found.set_username("").ok()?;
    found.set_password(None).ok()?;
    found.set_fragment(None);
    Some(found.to_string())
}

/// The target of the link with the relation `next` (RFC 8288, 3).
pub fn next_link(header: &str) -> Option<&str> {
    header.split('<').skip(1).find_map(|link| {
        let (target, parameters) = link.split_once('>')?;
        let is_next = parameters.split(';').filter_map(|parameter| parameter.split_once('=')).any(|(name, value)| {
            let relations = value.trim().trim_end_matches(',').trim().trim_matches('"');
            name.trim().eq_ignore_ascii_case("rel")
                && relations.split(' ').any(|relation| relation.eq_ignore_ascii_case("next"))
        });
        is_next.then_some(target)
    })
}

/// The media types of documented answers.
fn accepted(contract: &Contract) -> String {
    let mut types: Vec<&str> = Vec::new();
    for content in contract.responses.iter().flat_map(|response| &response.content) {
        if !types.contains(&content.media_type.as_str()) {
            types.push(&content.media_type);
        }
    }
    // A server without a documented body may have one in any form.
    if types.is_empty() { "*/*".to_owned() } else { types.join(", ") }
}

fn put(
    (ask, contract): (&RequestSpec<'_>, &Contract),
    parts: &mut Parts,
    parameter: &Parameter,
    value: &Value,
) -> Result<(), RequestSpecError> {
    let plainest = || Wire {
        name: parameter.name.value.clone(),
        form: WireForm::Styled(ParameterStyle::Simple, Explode::Together),
    };
    let wire = parameter.wire.as_deref().cloned().unwrap_or_else(plainest);
    match parameter.location {
        Location::Body => {
            let WireForm::Content(media_type) = &wire.form else { return Ok(()) };
            let (body, content_type) = body(media_type, value, contract.body().map(|body| &body.schema));
            parts.body = Some(body);
            parts.content_type = parts.content_type.take().or(content_type);
        }
        Location::Path => {
            let written = match &wire.form {
                WireForm::Styled(style, explode) if value.is_array() || value.is_object() => {
                    styled_path(&wire.name, *style, *explode, value)
                }
                WireForm::Styled(ParameterStyle::Label, _) => format!(".{}", part(ask, &wire.name, value)?),
                WireForm::Styled(ParameterStyle::Matrix, _) => {
                    format!(";{}={}", wire.name, part(ask, &wire.name, value)?)
                }
                _ => part(ask, &parameter.name.value, value)?,
            };
            parts.path = parts.path.replace(&format!("{{{}}}", parameter.name.value), &written);
        }
        Location::Query => match &wire.form {
            WireForm::Styled(style, explode) => parts.query.extend(pairs(&wire.name, *style, *explode, value)),
            _ => parts.query.push((wire.name.clone(), as_document(&wire, value))),
        },
        Location::Cookie => match &wire.form {
            WireForm::Styled(style, explode) => {
                let pairs = pairs(&wire.name, *style, *explode, value);
                parts
                    .cookies
                    .extend(pairs.into_iter().map(|(name, value)| format!("{name}={}", encode_unreserved(&value))));
            }
            _ => parts.cookies.push(format!("{}={}", wire.name, encode_unreserved(&as_document(&wire, value)))),
        },
        Location::Header => {
            let written = match &wire.form {
                WireForm::Styled(_, explode) => joined(value, *explode, ","),
                _ => as_document(&wire, value),
            };
            parts.headers.push((wire.name.to_ascii_lowercase(), written));
        }
    }
    Ok(())
}

/// A value as a document of its own, or as a credential after the name of its scheme.
fn as_document(wire: &Wire, value: &Value) -> String {
    match &wire.form {
        WireForm::Content(media_type) if is_json(media_type) => value.to_string(),
        WireForm::Scheme(scheme) => credential(*scheme, &plain(value)),
        _ => plain(value),
    }
}

/// A credential as its scheme writes it; one that has the name of a scheme before it is left as it is.
fn credential(scheme: AuthScheme, text: &str) -> String {
    let is_complete = |name: &str| text.split_once(' ').is_some_and(|(known, _)| known.eq_ignore_ascii_case(name));
    match scheme {
        AuthScheme::Bearer if !is_complete("bearer") => format!("Bearer {text}"),
        AuthScheme::Basic if !is_complete("basic") => format!("Basic {}", STANDARD.encode(text)),
        _ => text.to_owned(),
    }
}

/// The pairs of a query or of cookies that say a value.
fn pairs(name: &str, style: ParameterStyle, explode: Explode, value: &Value) -> Vec<(String, String)> {
    let one = |value: String| vec![(name.to_owned(), value)];
    match (style, explode, value) {
        (ParameterStyle::DeepObject, _, Value::Object(fields)) => {
            fields.iter().map(|(field, value)| (format!("{name}[{field}]"), plain(value))).collect()
        }
        (_, Explode::Each, Value::Object(fields)) => {
            fields.iter().map(|(field, value)| (field.clone(), plain(value))).collect()
        }
        (_, Explode::Each, Value::Array(items)) => items.iter().map(|item| (name.to_owned(), plain(item))).collect(),
        (ParameterStyle::SpaceDelimited, ..) => one(joined(value, explode, " ")),
        (ParameterStyle::PipeDelimited, ..) => one(joined(value, explode, "|")),
        _ => one(joined(value, explode, ",")),
    }
}

/// The items of a list, or the fields of an object, in one text.
fn joined(value: &Value, explode: Explode, between: &str) -> String {
    match value {
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(between),
        Value::Object(fields) => {
            let sign = if explode == Explode::Each { "=" } else { between };
            let fields = fields.iter().map(|(name, value)| format!("{name}{sign}{}", plain(value)));
            fields.collect::<Vec<_>>().join(between)
        }
        other => plain(other),
    }
}

/// A list or an object in a path (RFC 6570, 3.2).
fn styled_path(name: &str, style: ParameterStyle, explode: Explode, value: &Value) -> String {
    let encoded = |value: &Value| encode_unreserved(&plain(value));
    let items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(encoded).collect(),
        Value::Object(fields) if explode == Explode::Each => {
            fields.iter().map(|(field, value)| format!("{}={}", encode_unreserved(field), encoded(value))).collect()
        }
        Value::Object(fields) => {
            fields.iter().flat_map(|(field, value)| [encode_unreserved(field), encoded(value)]).collect()
        }
        other => vec![encoded(other)],
    };
    match (style, explode) {
        (ParameterStyle::Label, Explode::Each) => format!(".{}", items.join(".")),
        (ParameterStyle::Label, Explode::Together) => format!(".{}", items.join(",")),
        (ParameterStyle::Matrix, Explode::Each) if value.is_array() => {
            items.iter().map(|item| format!(";{name}={item}")).collect()
        }
        (ParameterStyle::Matrix, Explode::Each) => items.iter().map(|item| format!(";{item}")).collect(),
        (ParameterStyle::Matrix, Explode::Together) => format!(";{name}={}", items.join(",")),
        _ => items.join(","),
    }
}

/// A body of a media type, and how its type is written where that says more. The schema says which parts are files.
fn body(media_type: &str, value: &Value, schema: Option<&Value>) -> (String, Option<String>) {
    if is_json(media_type) {
        return (value.to_string(), None);
    }
    let fields = value.as_object();
    if media_type.starts_with("application/x-www-form-urlencoded") {
        let pairs = fields.into_iter().flatten().flat_map(|(name, value)| match value {
            Value::Array(items) => items.iter().map(|item| (name, plain(item))).collect(),
            other => vec![(name, plain(other))],
        });
        let pairs: Vec<_> =
            pairs.map(|(name, value)| format!("{}={}", encode_unreserved(name), encode_unreserved(&value))).collect();
        return (pairs.join("&"), None);
    }
    if media_type.starts_with("multipart/") {
        let part = |name: &str, value: &Value| {
            let text = if value.is_object() { value.to_string() } else { plain(value) };
            let file = if is_file(schema, name) {
                "; filename=\"assay.bin\"\r\ncontent-type: application/octet-stream"
            } else {
                ""
            };
            format!("--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{name}\"{file}\r\n\r\n{text}\r\n")
        };
        let parts = fields.into_iter().flatten().map(|(name, value)| match value {
            Value::Array(items) => items.iter().map(|item| part(name, item)).collect(),
            value => part(name, value),
        });
        let parts: String = parts.collect();
        return (format!("{parts}--{BOUNDARY}--\r\n"), Some(format!("{media_type}; boundary={BOUNDARY}")));
    }
    (plain(value), None)
}

/// Whether a field of a multipart body holds a file (OpenAPI 3.1.1, 4.8.15.5).
fn is_file(schema: Option<&Value>, name: &str) -> bool {
    let Some(root) = schema else { return false };
    let resolved = |schema: &Value| {
        let pointer = schema.get("$ref").and_then(Value::as_str).and_then(|target| target.strip_prefix('#'));
        pointer.map_or_else(|| Some(schema.clone()), |pointer| root.pointer(pointer).cloned())
    };
    let Some(field) = resolved(root).and_then(|schema| resolved(schema.get("properties")?.get(name)?)) else {
        return false;
    };
    let is_binary = |schema: &Value| {
        schema.get("format").and_then(Value::as_str) == Some("binary") || schema.get("contentMediaType").is_some()
    };
    // One that may be left out, or one of a list of them, is a file all the same.
    let mut waiting = vec![(field, 0)];
    while let Some((schema, depth)) = waiting.pop() {
        if is_binary(&schema) {
            return true;
        }
        let combined = ["anyOf", "oneOf", "allOf"].into_iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let parts = combined.chain(schema.get("items")).filter_map(resolved);
        waiting.extend(parts.filter(|_| depth < 4).map(|part| (part, depth + 1)));
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_of_an_answer_is_asked_for_at_the_target_alone() {
        let base = "http://127.0.0.1:8000/v1/products";
        assert_eq!(given(base, "/v1/products/7").unwrap(), "http://127.0.0.1:8000/v1/products/7");
        assert_eq!(given(base, "?cursor=a%20b").unwrap(), "http://127.0.0.1:8000/v1/products?cursor=a%20b");
        assert_eq!(given(base, "http://u:p@127.0.0.1:8000/x").unwrap(), "http://127.0.0.1:8000/x");
        assert_eq!(given("https://h.example/v1", "http://h.example/x").unwrap(), "https://h.example/x");
        for other in ["https://u:p@elsewhere.example/x", "http://127.0.0.1:8001/x", "//127.0.0.1:8001/x"] {
            assert!(matches!(given(base, other), Err(RequestSpecError::OtherHost { .. })), "{other}");
        }
        let link = "</v1/products?page=1>; rel=\"first\", </v1/products?page=3>; title=\"a\"; rel=next";
        assert_eq!(given(base, link).unwrap(), "http://127.0.0.1:8000/v1/products?page=3");
        assert!(given(base, "</v1/products?page=1>; rel=\"prev\"").is_err());
    }

    /// The table of OpenAPI 3.1.1, 4.8.12.4.
    #[test]
    fn styles_are_written_as_the_specification_shows_them() {
        let (array, object) = (json!(["blue", "black", "brown"]), json!({"R": 100, "G": 200, "B": 150}));
        let path = |style, explode, value| styled_path("color", style, explode, value);
        assert_eq!(path(ParameterStyle::Matrix, Explode::Together, &array), ";color=blue,black,brown");
        assert_eq!(path(ParameterStyle::Matrix, Explode::Each, &array), ";color=blue;color=black;color=brown");
        assert_eq!(path(ParameterStyle::Matrix, Explode::Together, &object), ";color=R,100,G,200,B,150");
        assert_eq!(path(ParameterStyle::Matrix, Explode::Each, &object), ";R=100;G=200;B=150");
        assert_eq!(path(ParameterStyle::Label, Explode::Together, &array), ".blue,black,brown");
        assert_eq!(path(ParameterStyle::Label, Explode::Each, &object), ".R=100.G=200.B=150");
        assert_eq!(path(ParameterStyle::Simple, Explode::Together, &object), "R,100,G,200,B,150");
        assert_eq!(path(ParameterStyle::Simple, Explode::Each, &object), "R=100,G=200,B=150");
        let query = |style, explode, value: &Value| {
            let pairs: Vec<_> = pairs("color", style, explode, value)
                .into_iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            pairs.join("&")
        };
        assert_eq!(query(ParameterStyle::Form, Explode::Together, &array), "color=blue,black,brown");
        assert_eq!(query(ParameterStyle::Form, Explode::Each, &array), "color=blue&color=black&color=brown");
        assert_eq!(query(ParameterStyle::Form, Explode::Together, &object), "color=R,100,G,200,B,150");
        assert_eq!(query(ParameterStyle::Form, Explode::Each, &object), "R=100&G=200&B=150");
        assert_eq!(query(ParameterStyle::SpaceDelimited, Explode::Together, &array), "color=blue black brown");
        assert_eq!(query(ParameterStyle::PipeDelimited, Explode::Together, &array), "color=blue|black|brown");
        assert_eq!(query(ParameterStyle::DeepObject, Explode::Each, &object), "color[R]=100&color[G]=200&color[B]=150");
    }

    #[test]
    fn a_credential_has_the_name_of_its_scheme() {
        assert_eq!(credential(AuthScheme::Bearer, "abc"), "Bearer abc");
        assert_eq!(credential(AuthScheme::Bearer, "Bearer abc"), "Bearer abc");
        assert_eq!(credential(AuthScheme::Basic, "user:pass"), "Basic dXNlcjpwYXNz");
        assert_eq!(credential(AuthScheme::None, "abc"), "abc");
    }

    #[test]
    fn bodies_are_written_as_their_media_type_asks() {
        let value = json!({"a": "x y", "b": [1, 2]});
        assert_eq!(body("application/problem+json", &value, None).0, r#"{"a":"x y","b":[1,2]}"#);
        assert_eq!(body("application/x-www-form-urlencoded", &value, None).0, "a=x%20y&b=1&b=2");
        let schema = json!({"properties": {"a": {"type": "string"}, "f": {"type": "string", "format": "binary"}}});
        let (text, content_type) = body("multipart/form-data", &json!({"a": "x", "f": "y"}), Some(&schema));
        assert!(text.contains("name=\"a\"\r\n\r\nx\r\n"), "{text}");
        assert!(text.contains("name=\"f\"; filename="), "{text}");
        assert!(content_type.unwrap().contains("boundary="));
    }
}

//! Requests to an API in which each operation has a method and a path of its own.

use serde_json::{Map, Value};

use assay_suite::http::Request;
use assay_suite::plain;
use assay_suite::{Location, Operation, RAW_BODY, RequestLine};

use super::caller::Caller;
use super::contract;
use super::spec::{RequestSpec, RequestSpecError};
use super::url::{part, url};

/// Puts each argument where it is documented to be; one that is not documented is in the query.
pub(super) fn request(ask: &RequestSpec<'_>, caller: &Caller<'_>) -> Result<Request, RequestSpecError> {
    let operation = ask.suite.operations.get(ask.operation);
    let line = operation.and_then(|operation| operation.request.clone()).or_else(|| RequestLine::parse(ask.operation));
    let line = line.ok_or_else(|| RequestSpecError::NoOperation(ask.operation.to_owned()))?;
    if let Some((operation, contract)) = operation.and_then(|found| Some((found, found.contract.as_deref()?))) {
        return contract::request(ask, caller, (operation, contract), &line);
    }
    let mut query: Vec<_> = line.query.iter().filter(|(name, _)| !given(ask, name)).cloned().collect();
    let (mut headers, mut body, mut path, mut raw) = (Vec::new(), None, line.path.clone(), None);
    for (name, value) in &ask.arguments {
        match location(operation, name) {
            _ if name == RAW_BODY => raw = Some(plain(value)),
            Location::Query => query.push((name.clone(), plain(value))),
            Location::Header => headers.push((name.clone(), plain(value))),
            Location::Cookie => headers.push(("cookie".to_owned(), format!("{name}={}", plain(value)))),
            Location::Path => path = path.replace(&format!("{{{name}}}"), &part(ask, name, value)?),
            Location::Body => put(body.get_or_insert(Value::Object(Map::new())), name, value.clone()),
        }
    }
    let unfilled = path.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name.to_owned());
    if let Some(parameter) = unfilled {
        return Err(RequestSpecError::NoPath { operation: ask.operation.to_owned(), parameter });
    }
    let method = ask.method.unwrap_or(line.method);
    // The documents ask for both, and their samples send both, whether there is a body or not.
    for name in ["content-type", "accept"] {
        if !headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
            headers.push((name.to_owned(), "application/json".to_owned()));
        }
    }
    let body = raw.or_else(|| body.map(|body| body.to_string()));
    Ok(Request { method, url: url(&caller.url, &path, &query), headers, body })
}

fn given(ask: &RequestSpec<'_>, name: &str) -> bool {
    ask.arguments.iter().any(|(known, _)| known == name) || ask.withheld.iter().any(|known| known == name)
}

fn location(operation: Option<&Operation>, name: &str) -> Location {
    let parameters = operation.map(|operation| &operation.parameters);
    let documented = parameters.and_then(|parameters| {
        parameters.get(name).or_else(|| {
            // A part of a documented body, or a body of which parts are documented.
            let related = |known: &str| {
                known.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
                    || name.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
            };
            parameters.values().find(|known| known.location == Location::Body && related(&known.name.value))
        })
    });
    documented.map_or(Location::Query, |parameter| parameter.location)
}

/// Puts a value into a body: a dot in its name leads into an object, a number into a list.
fn put(body: &mut Value, name: &str, value: Value) {
    let Some((head, tail)) = name.split_once('.') else {
        *slot(body, name) = value;
        return;
    };
    put(slot(body, head), tail, value);
}

fn slot<'a>(body: &'a mut Value, key: &str) -> &'a mut Value {
    /// No document of an API asks for a longer list in one request.
    const LONGEST: usize = 1000;
    let empty = body.as_object().is_none_or(Map::is_empty);
    if let Some(index) = key.parse::<usize>().ok().filter(|index| *index < LONGEST && empty) {
        if !body.is_array() {
            *body = Value::Array(Vec::new());
        }
        if let Value::Array(items) = body {
            if items.len() <= index {
                items.resize(index + 1, Value::Object(Map::new()));
            }
            return &mut items[index];
        }
    }
    if !body.is_object() {
        *body = Value::Object(Map::new());
    }
    &mut body[key]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn dots_lead_into_objects_and_numbers_into_lists() {
        let mut body = Value::Object(Map::new());
        put(&mut body, "onfailure", json!("rollback"));
        put(&mut body, "service.name", json!("a"));
        put(&mut body, "service.list.0.bandwidth", json!(30));
        put(&mut body, "service.list.0.name", json!("b"));
        put(&mut body, "service.list.1.name", json!("c"));
        let expected = json!({"onfailure": "rollback", "service": {"name": "a",
            "list": [{"bandwidth": 30, "name": "b"}, {"name": "c"}]}});
        assert_eq!(body, expected);
    }

    #[test]
    fn an_address_is_encoded_once() {
        assert_eq!(url("http://h/", "/v1/vms", &[]), "http://h/v1/vms");
        let query = [("a b".into(), "ü&".into()), ("c".into(), String::new()), ("c".into(), "~*+%20/".into())];
        assert_eq!(url("http://h", "/v1", &query), "http://h/v1?a%20b=%C3%BC%26&c=&c=~%2A%2B%2520%2F");
    }
}

//! Requests to an API in which each operation has a method and a path of its own, held against what is documented.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use regex::Regex;
use serde_json::Value;

use assay_suite::{Availability, Bounds, Location, Operation, Parameter, Presence, RequestLine, Suite, ValueType};

use super::api::Incoming;

/// Finds the operation of a request, and reads its parameters.
pub struct Routes {
    suite: Arc<Suite>,
    routes: Vec<Route>,
}

/// A documented method and path.
struct Route {
    operation: usize,
    line: RequestLine,
    /// The parts of the path between slashes.
    parts: Vec<Part>,
}

/// A part of a path.
enum Part {
    Fixed(String),
    Parameter(String),
}

/// A request whose operation is known.
#[derive(Debug)]
pub struct Routed<'a> {
    /// The operation.
    pub operation: &'a Operation,
    /// The documented parameters that are given, wherever they are. A parameter of a body may lie in it as deep as the dots
    /// in its name say.
    pub arguments: Vec<(&'a str, Value)>,
    /// The whole body; null if there is none or if it is not JSON.
    pub body: Value,
}

/// Why a request is not that of a documented operation, or not as documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misfit {
    /// No operation has this path.
    NoPath,
    /// Operations with this path have other methods.
    NoMethod,
    /// The body can't be read.
    NoJson,
    /// A parameter must be given.
    Missing(String),
    /// A parameter has a value that it can't have.
    Wrong(String, String),
}

impl Routed<'_> {
    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.arguments.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text of a parameter: numbers as they are written.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    /// A parameter that is a whole number.
    pub fn whole_number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(|value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok()))
    }
}

impl Routes {
    /// The routes of all operations that the API still has.
    pub fn new(suite: Arc<Suite>) -> Self {
        let offered = |operation: &Operation| operation.availability == Availability::Offered;
        let operations = suite.operations.values().enumerate().filter(|(_, operation)| offered(operation));
        let routes = operations.filter_map(|(index, operation)| {
            let line = operation.request.clone()?;
            let parts = line.path.trim_matches('/').split('/').map(|part| {
                let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
                name.map_or_else(|| Part::Fixed(part.to_owned()), |name| Part::Parameter(name.to_owned()))
            });
            Some(Route { operation: index, parts: parts.collect(), line })
        });
        let routes = routes.collect();
        Self { suite, routes }
    }

    /// The operation of a request, with its parameters, none of which is checked yet.
    pub fn find(&self, request: &Incoming) -> Result<Routed<'_>, Misfit> {
        let path: Vec<String> = request.path.trim_matches('/').split('/').map(decode).collect();
        let query = pairs(&request.query);
        let of_path: Vec<_> = self.routes.iter().filter(|route| route.has_path(&path)).collect();
        if of_path.is_empty() {
            return Err(Misfit::NoPath);
        }
        let of_method = of_path.iter().filter(|route| route.line.method.name() == request.method);
        // Of operations that differ only in their query, the one whose query is given; else the first.
        let of_query = of_method.clone().find(|route| route.line.query.iter().all(|pair| query.contains(pair)));
        let route = of_query.or_else(|| of_method.clone().next()).ok_or(Misfit::NoMethod)?;
        let (_, operation) = self.suite.operations.get_index(route.operation).ok_or(Misfit::NoPath)?;
        let body = if request.body.trim().is_empty() {
            Value::Null
        } else {
            serde_json::from_str(&request.body).map_err(|_| Misfit::NoJson)?
        };
        let given = |parameter: &Parameter| -> Option<Value> {
            let name = parameter.name.value.as_str();
            match parameter.location {
                Location::Path => route.value(name, &path).map(Value::from),
                Location::Query => {
                    query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str().into())
                }
                Location::Header => request.header(&name.to_lowercase()).map(Value::from),
                // No document that the reference cloud answers by has cookies.
                Location::Cookie => None,
                Location::Body => within(&body, name).cloned(),
            }
        };
        let arguments = operation.parameters.values().filter_map(|parameter| {
            let value = given(parameter).filter(|value| !is_blank(value))?;
            Some((parameter.name.value.as_str(), value))
        });
        let arguments = arguments.collect();
        Ok(Routed { operation, arguments, body })
    }
}

impl Route {
    fn has_path(&self, path: &[String]) -> bool {
        let fits = |(part, given): (&Part, &String)| match part {
            Part::Fixed(fixed) => fixed == given,
            Part::Parameter(_) => !given.is_empty(),
        };
        self.parts.len() == path.len() && self.parts.iter().zip(path).all(fits)
    }

    fn value(&self, name: &str, path: &[String]) -> Option<String> {
        let position = self.parts.iter().position(|part| matches!(part, Part::Parameter(known) if known == name))?;
        path.get(position).cloned()
    }
}

/// Holds a request against what its operation documents; the first misfit counts.
pub fn check(routed: &Routed<'_>) -> Result<(), Misfit> {
    for parameter in routed.operation.parameters.values() {
        let name = &parameter.name.value;
        match routed.get(name) {
            None if parameter.presence == Presence::Required => return Err(Misfit::Missing(name.clone())),
            None => {}
            Some(value) => {
                check_value(parameter, value).map_err(|why| Misfit::Wrong(name.clone(), why))?;
            }
        }
    }
    Ok(())
}

/// Why a parameter can't have a value; nothing of that kind if it can.
pub fn check_value(parameter: &Parameter, value: &Value) -> Result<(), String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    if let Some(wanted) = parameter.value_type.filter(|wanted| !is_of_type(*wanted, parameter.location, value)) {
        return Err(format!("is not of type {}", wanted.name()));
    }
    if !parameter.values.is_empty() && !parameter.values.contains(&text) {
        return Err(format!("is none of {}", parameter.values.join(", ")));
    }
    check_bounds(&parameter.bounds, &text)
}

fn is_of_type(wanted: ValueType, location: Location, value: &Value) -> bool {
    if location != Location::Body {
        let text = value.as_str().unwrap_or_default();
        return match wanted {
            ValueType::Integer => text.parse::<i64>().is_ok(),
            ValueType::Number => text.parse::<f64>().is_ok(),
            ValueType::Boolean => matches!(text, "true" | "false"),
            ValueType::Text | ValueType::Array | ValueType::Object => true,
        };
    }
    match wanted {
        ValueType::Integer => value.is_i64(),
        ValueType::Number => value.is_number(),
        ValueType::Boolean => value.is_boolean(),
        ValueType::Text => value.is_string(),
        ValueType::Array => value.is_array(),
        ValueType::Object => value.is_object(),
    }
}

fn check_bounds(bounds: &Bounds, text: &str) -> Result<(), String> {
    let number = text.parse::<f64>().ok();
    let length = text.chars().count() as u64;
    if let Some(least) = bounds.minimum.filter(|least| number.is_none_or(|number| number < *least)) {
        return Err(format!("is less than {least}"));
    }
    if let Some(most) = bounds.maximum.filter(|most| number.is_none_or(|number| number > *most)) {
        return Err(format!("is greater than {most}"));
    }
    if let Some(least) = bounds.minimum_length.filter(|least| length < *least) {
        return Err(format!("is shorter than {least} characters"));
    }
    if let Some(most) = bounds.maximum_length.filter(|most| length > *most) {
        return Err(format!("is longer than {most} characters"));
    }
    let pattern = bounds.pattern.as_deref().and_then(|pattern| Regex::new(&format!("^(?:{pattern})$")).ok());
    if pattern.is_some_and(|pattern| !pattern.is_match(text)) {
        return Err("does not have the documented form".to_owned());
    }
    Ok(())
}

/// What lies in a body under a name; a dot leads into an object, a number into a list.
fn within<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.').try_fold(body, |value, part| match part.parse::<usize>() {
        Ok(index) if value.is_array() => value.get(index),
        _ => value.get(part),
    })
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(str::is_empty)
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    pairs.map(|(name, value)| (decode(name), decode(&value.replace('+', " ")))).collect()
}

fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

//! Reads the bodies of creations and modifications. The examples nest the members in `service`, the schemas print them
//! side by side: both are read.

use serde_json::Value;

use crate::fault::{Fault, Faults};

use super::connection::{Connection, Fields};
use super::facts::facts;
use super::refusal::ApiError;

/// What is to be done with a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is to be made.
    Create,
    /// It is to be altered.
    Update,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
        }
    }
}

/// What becomes of a change that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// It is undone.
    Rollback,
    /// It stays half done.
    Stay,
}

/// What a request orders.
#[derive(Clone, Debug)]
pub struct Order {
    /// What becomes of it if it fails.
    pub on_failure: OnFailure,
    /// The members besides the connections.
    members: Fields,
    /// The connections.
    pub connections: Vec<Connection>,
}

impl Order {
    /// Reads a body.
    pub fn read(body: Option<&Value>, action: Action, faults: &Faults) -> Result<Self, ApiError> {
        let body = body.and_then(Value::as_object).ok_or_else(|| ApiError::parameter("a body is needed"))?;
        let on_failure = match body.get("onfailure").and_then(Value::as_str) {
            Some("rollback") => OnFailure::Rollback,
            _ => OnFailure::Stay,
        };
        let members = match body.get("service") {
            None => body,
            Some(service) => service.as_object().ok_or_else(|| ApiError::parameter("service is an object"))?,
        };
        let connections = match members.get("parameters") {
            None => Vec::new(),
            Some(parameters) => read_connections(parameters, action, faults)?,
        };
        Ok(Self { on_failure, members: members.clone(), connections })
    }

    /// A member that is text, if it is there.
    pub fn text(&self, name: &str) -> Result<Option<&str>, ApiError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::parameter(format!("{name} is text"))),
        }
    }
}

fn read_connections(parameters: &Value, action: Action, faults: &Faults) -> Result<Vec<Connection>, ApiError> {
    let parameters = parameters.as_object().ok_or_else(|| ApiError::parameter("parameters is an object"))?;
    let mut connections = Vec::new();
    for (name, elements) in parameters {
        let list = facts().lists.iter().find(|list| *list == name);
        let list = list.ok_or_else(|| ApiError::parameter(format!("there is no list {name} of connections")))?;
        let elements = elements.as_array().ok_or_else(|| ApiError::parameter(format!("{name} is a list")))?;
        for element in elements {
            let members = element.as_object().ok_or_else(|| ApiError::parameter("a connection is an object"))?;
            connections.push(Connection { list: list.clone(), members: read_members(members, action, faults)? });
        }
    }
    Ok(connections)
}

fn read_members(members: &Fields, action: Action, faults: &Faults) -> Result<Fields, ApiError> {
    for (name, value) in members {
        let is_number = || value.as_str().is_some_and(|text| text.parse::<u64>().is_ok());
        let fits = !facts().numbers.contains(name) || is_number() || faults.has(Fault::IesNumberNotChecked);
        if !value.is_string() || !fits {
            return Err(ApiError::parameter(format!("{name} can't be {value}")));
        }
    }
    let required = ["CloudVpnName", "Bandwidth"];
    let needed = required.into_iter().filter(|name| *name != "Bandwidth" || !faults.has(Fault::IesBandwidthNotNeeded));
    let mut needed = needed.filter(|name| members.get(*name).is_none_or(|value| value == ""));
    if let Some(missing) = needed.next() {
        return Err(ApiError::parameter(format!("a connection needs {missing}")));
    }
    let mut members = members.clone();
    let said = members.shift_remove("action");
    if said.as_ref().and_then(Value::as_str) != Some(action.name()) && !faults.has(Fault::IesActionNotChecked) {
        return Err(ApiError::parameter(format!("the action of a connection here is {}", action.name())));
    }
    Ok(members)
}

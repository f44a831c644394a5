//! The connections of services.

use serde::Deserialize;
use serde_json::{Map, Value};

/// A JSON object.
pub type Fields = Map<String, Value>;

/// A connection with the list that it is in, or is to be in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// The list.
    pub list: String,
    /// Its members, without the action.
    pub members: Fields,
}

impl Connection {
    /// Its name: that of a `CloudVPN`.
    pub fn name(&self) -> &str {
        self.members.get("CloudVpnName").and_then(Value::as_str).unwrap_or_default()
    }

    /// A member that is a number written as text.
    pub fn number(&self, member: &str) -> Option<u64> {
        self.members.get(member)?.as_str()?.parse().ok()
    }
}

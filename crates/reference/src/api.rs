//! What a suite's API is to the listener in front of it.

use jiff::Timestamp;

use crate::inventory::Held;
use crate::settings::Latency;

/// An API of the cloud: one for each suite.
pub trait Api: Send + Sync {
    /// Answers a request that arrives at a moment.
    fn answer(&self, request: &Incoming, now: Timestamp) -> Outgoing;

    /// What it holds at a moment. What two APIs act on is reported by one of them.
    fn inventory(&self, _now: Timestamp) -> Vec<Held> {
        Vec::new()
    }

    /// How long the answer to a request is held back, in addition to the settings.
    fn latency(&self, _request: &Incoming) -> Latency {
        Latency::None
    }
}

/// A request, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// The method, as HTTP names it.
    pub method: String,
    /// The path, not decoded.
    pub path: String,
    /// The query, not decoded.
    pub query: String,
    /// The headers, their names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body; bytes that are not UTF-8 are replaced.
    pub body: String,
}

impl Incoming {
    /// The first header with a name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer, as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Outgoing {
    /// A JSON answer.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, content_type: "application/json;charset=UTF-8", headers: Vec::new(), body: body.to_string() }
    }
}

//! Service instances: what becomes of them, and how they are shown.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::fault::{Fault, Faults};

use super::connection::{Connection, Fields};
use super::facts::{Tenant, facts};
use super::order::OnFailure;

/// A service instance.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub tenant: &'static Tenant,
    /// What was ordered.
    pub order: Ordered,
    /// When it was ordered.
    pub created: Timestamp,
    /// When its connections began to be measured, if they are.
    pub in_operation_since: Option<Timestamp>,
    /// What is being done with it.
    pub state: State,
}

/// What was ordered of a service.
#[derive(Clone, Debug)]
pub struct Ordered {
    /// Its name.
    pub name: String,
    /// Words about it.
    pub description: String,
    /// The definition it was made by.
    pub definition: String,
    /// The template of that definition.
    pub template: String,
    /// Its connections.
    pub connections: Vec<Connection>,
}

impl Ordered {
    /// Whether there are the devices and the lines for it.
    fn is_possible(&self) -> bool {
        self.connections.iter().all(|connection| {
            let device = |member| connection.members.get(member).and_then(Value::as_str);
            let devices = ["CPE_A_ESN", "CPE_Z_ESN"].into_iter().filter_map(device);
            connection.number("Bandwidth").is_none_or(|bandwidth| bandwidth <= facts().most_bandwidth)
                && devices.into_iter().all(|device| facts().devices.iter().any(|known| known == device))
        })
    }

    /// The connections by the lists they are in.
    fn parameters(&self) -> Fields {
        let mut lists = Fields::new();
        for connection in &self.connections {
            let list = lists.entry(connection.list.as_str()).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(Value::Object(connection.members.clone()));
            }
        }
        lists
    }
}

/// What is being done with a service.
#[derive(Clone, Debug)]
pub enum State {
    /// Nothing: it is as it was ordered.
    Completed,
    /// What was ordered could not be done, and was not undone.
    Failed,
    /// Something, until a moment.
    Underway {
        /// What.
        change: Change,
        /// Until when.
        until: Timestamp,
    },
    /// It is no more.
    Gone,
}

/// What can be done with a service.
#[derive(Clone, Debug)]
pub enum Change {
    /// It is being made.
    Creation(OnFailure),
    /// It becomes what is ordered here.
    Modification(Box<Ordered>, OnFailure),
    /// It is being removed.
    Deletion,
}

impl Service {
    /// Brings it up to a moment.
    pub fn settle(&mut self, now: Timestamp, faults: &Faults) {
        let State::Underway { until, .. } = self.state else { return };
        if until > now {
            return;
        }
        let State::Underway { change, .. } = std::mem::replace(&mut self.state, State::Completed) else { return };
        match change {
            Change::Creation(_) if self.order.is_possible() => {
                self.in_operation_since = Some(until).filter(|_| !faults.has(Fault::IesCreatedOutOfOperation));
            }
            Change::Creation(OnFailure::Rollback) => self.state = State::Gone,
            Change::Creation(OnFailure::Stay) => self.state = State::Failed,
            Change::Modification(order, _) if order.is_possible() => {
                if !faults.has(Fault::IesBandwidthKept) {
                    self.order = *order;
                }
            }
            Change::Modification(order, OnFailure::Rollback) if faults.has(Fault::IesModificationNotUndone) => {
                self.order = *order;
            }
            Change::Modification(_, OnFailure::Rollback) => {}
            Change::Modification(order, OnFailure::Stay) => {
                self.order = *order;
                self.state = State::Failed;
            }
            Change::Deletion => self.state = State::Gone,
        }
    }

    /// The connection with a name.
    pub fn connection(&self, name: &str) -> Option<&Connection> {
        self.order.connections.iter().find(|connection| connection.name() == name)
    }

    /// The names of its connections.
    pub fn connection_names(&self) -> impl Iterator<Item = &str> {
        self.order.connections.iter().map(Connection::name)
    }

    /// What the list shows of it.
    pub fn summary(&self) -> Value {
        let status = match &self.state {
            State::Completed => "Completed",
            State::Failed => "Failed",
            State::Underway { change: Change::Creation(_), .. } => "Creating",
            State::Underway { change: Change::Modification(..), .. } => "Updating",
            State::Underway { change: Change::Deletion, .. } | State::Gone => "Deleting",
        };
        json!({
            // So does the only example show a service that is in operation.
            "active_status": "Deactive",
            "created_at": self.created.as_millisecond(),
            "creator": self.tenant.name,
            "description": self.order.description,
            "name": self.order.name,
            "nfv_tag": null,
            "service_definition_id": self.order.definition,
            "service_id": self.id,
            "status": status,
            "template_id": self.order.template,
            "tenant_id": null,
            "tenant_name": null,
        })
    }

    /// What the single query shows of it.
    pub fn details(&self) -> Value {
        let mut details = self.summary();
        details["parameters"] = Value::Object(self.order.parameters());
        details
    }
}

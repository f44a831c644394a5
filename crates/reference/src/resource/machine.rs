//! Virtual machines.

use std::fmt;

use serde_json::{Value, json};

use super::fields;
use crate::world::{Origin, Record};

/// The states of a virtual machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being started.
    Starting,
    /// Running.
    Running,
    /// Being stopped.
    Stopping,
    /// Stopped.
    Stopped,
    /// Destroyed; it can be recovered.
    Destroyed,
    /// Being removed for good.
    Expunging,
}

impl State {
    const NAMES: [(Self, &'static str); 6] = [
        (Self::Starting, "Starting"),
        (Self::Running, "Running"),
        (Self::Stopping, "Stopping"),
        (Self::Stopped, "Stopped"),
        (Self::Destroyed, "Destroyed"),
        (Self::Expunging, "Expunging"),
    ];

    /// The state that a machine is in.
    pub fn of(machine: &Record) -> Self {
        let shown = machine.text("state");
        Self::NAMES.iter().find(|(_, name)| *name == shown).map_or(Self::Stopped, |(state, _)| *state)
    }

    /// The state as answers name it.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a machine boots from.
#[derive(Clone, Copy)]
pub enum Image<'a> {
    /// A template.
    Template(&'a Record),
    /// An installation medium; its root disk is empty.
    Iso(&'a Record),
}

impl<'a> Image<'a> {
    /// The template or ISO itself.
    pub fn record(self) -> &'a Record {
        match self {
            Self::Template(record) | Self::Iso(record) => record,
        }
    }
}

/// What is chosen for a new machine.
pub struct NewMachine<'a> {
    /// Its id.
    pub id: String,
    /// A number of its own, from which its addresses follow.
    pub number: u64,
    /// Its name.
    pub name: &'a str,
    /// The name that its owner gave it; the other one if there is none.
    pub display_name: &'a str,
    /// Where it is.
    pub zone: &'a Record,
    /// Its plan.
    pub offering: &'a Record,
    /// What it boots from.
    pub image: Image<'a>,
    /// The ids of its security groups.
    pub security_groups: &'a [String],
    /// Its state.
    pub state: State,
}

impl NewMachine<'_> {
    /// The machine as a resource: the 33 fields and three containers of Cloudn Compute 1-4, `listVirtualMachines`.
    pub fn record(self, origin: &Origin, nic_id: &str, network_id: &str) -> Record {
        let image = self.image.record();
        let (template_id, template_name, template_text) = match self.image {
            Image::Template(template) => (template.id(), template.text("name"), template.text("displaytext")),
            // CN-053 gives the id; CloudStack shows these names with it.
            Image::Iso(_) => ("-1", "ISO Boot", "ISO Boot"),
        };
        let (iso_id, iso_name, iso_text) = match self.image {
            Image::Template(_) => ("", "", ""),
            Image::Iso(iso) => (iso.id(), iso.text("name"), iso.text("displaytext")),
        };
        let groups: Vec<Value> = self.security_groups.iter().map(|id| json!({"id": id})).collect();
        let machine = fields(json!({
            "id": self.id,
            "account": origin.account,
            "cpunumber": self.offering.fields.get("cpunumber"),
            "cpuspeed": self.offering.fields.get("cpuspeed"),
            "cpuused": "0%",
            "created": origin.created,
            "displayname": self.display_name,
            "domain": origin.domain.name,
            "domainid": origin.domain.id,
            "group": "",
            "groupid": "",
            "guestosid": image.text("ostypeid"),
            "haenable": false,
            "hypervisor": "XenServer",
            "isodisplaytext": iso_text,
            "isoid": iso_id,
            "isoname": iso_name,
            "memory": self.offering.fields.get("memory"),
            "name": self.name,
            "networkkbsread": 0,
            "networkkbswrite": 0,
            "password": "",
            "passwordenabled": image.is_true("passwordenabled"),
            "rootdeviceid": 0,
            "rootdevicetype": "NetworkFilesystem",
            "serviceofferingid": self.offering.id(),
            "serviceofferingname": self.offering.text("name"),
            "state": self.state.name(),
            "templatedisplaytext": template_text,
            "templateid": template_id,
            "templatename": template_name,
            "zoneid": self.zone.id(),
            "zonename": self.zone.text("name"),
            "nic": [nic(self.number, nic_id, network_id)],
            "securitygroup": groups,
            "tags": [],
        }));
        Record::new(origin.owner, machine)
    }
}

/// The one network interface of a machine in a flat network.
fn nic(number: u64, id: &str, network_id: &str) -> Value {
    // Host 0 is the network and host 1 the gateway; beyond 65,000 machines, addresses come again.
    let host = number % 65_000 + 2;
    let (high, low) = (host / 256, host % 256);
    json!({
        "id": id,
        "networkid": network_id,
        "netmask": "255.255.0.0",
        "gateway": "10.1.0.1",
        "ipaddress": format!("10.1.{high}.{low}"),
        "traffictype": "Guest",
        "type": "Shared",
        "isdefault": true,
        "macaddress": format!("06:00:0a:01:{high:02x}:{low:02x}"),
    })
}

//! Volumes: the root and data disks of machines.

use serde_json::json;

use super::fields;
use crate::world::{Origin, Record};

/// Bytes of a gigabyte.
pub const GIGABYTE: u64 = 1 << 30;

/// What a volume is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A machine boots from it.
    Root,
    /// It holds data.
    Data,
}

impl Use {
    /// As answers name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Root => "ROOT",
            Self::Data => "DATADISK",
        }
    }
}

/// What is chosen for a new volume.
pub struct NewVolume<'a> {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: &'a str,
    /// Where it is.
    pub zone: &'a Record,
    /// What it is for.
    pub usage: Use,
    /// Its size in bytes.
    pub size: u64,
    /// Its state: `Creating`, `Ready`, `Uploading` or `Uploaded`.
    pub state: &'static str,
    /// The plan of the machine that boots from it.
    pub service_offering: Option<&'a Record>,
    /// Its own plan.
    pub disk_offering: Option<&'a Record>,
}

impl NewVolume<'_> {
    /// The volume as a resource: the 28 fields of Cloudn Compute 1-10, `listVolumes`. It is not attached.
    pub fn record(self, origin: &Origin) -> Record {
        let text = |offering: Option<&Record>, field| offering.map(|o| o.text(field).to_owned()).unwrap_or_default();
        let volume = fields(json!({
            "id": self.id,
            "name": self.name,
            "zoneid": self.zone.id(),
            "zonename": self.zone.text("name"),
            "type": self.usage.name(),
            "deviceid": "",
            "virtualmachineid": "",
            "vmname": "",
            "vmdisplayname": "",
            "vmstate": "",
            "size": self.size,
            "created": origin.created,
            "state": self.state,
            "account": origin.account,
            "domainid": origin.domain.id,
            "domain": origin.domain.name,
            "storagetype": "shared",
            "storage": format!("primary-{}", self.zone.text("name")),
            "attached": "",
            "destroyed": false,
            "serviceofferingid": text(self.service_offering, "id"),
            "serviceofferingname": text(self.service_offering, "name"),
            "serviceofferingdisplaytext": text(self.service_offering, "displaytext"),
            "isextractable": true,
            "tags": [],
            "diskofferingid": text(self.disk_offering, "id"),
            "diskofferingname": text(self.disk_offering, "name"),
            "diskofferingdisplaytext": text(self.disk_offering, "displaytext"),
        }));
        Record::new(origin.owner, volume)
    }
}

/// Attaches a volume, in fact and not as a job.
pub fn attach(volume: &mut Record, machine: &str, device: u64, moment: &str) {
    volume.set("virtualmachineid", machine);
    volume.set("deviceid", device);
    volume.set("attached", moment);
}

/// Detaches a volume.
pub fn detach(volume: &mut Record) {
    for field in ["virtualmachineid", "deviceid", "attached"] {
        volume.set(field, "");
    }
}

/// Whether a volume is attached to a machine.
pub fn is_attached(volume: &Record) -> bool {
    !volume.text("virtualmachineid").is_empty()
}

/// Whether a machine boots from a volume.
pub fn is_root(volume: &Record) -> bool {
    volume.text("type") == Use::Root.name()
}

//! Templates of machines, and installation media, which show the same fields.

use serde_json::json;

use super::fields;
use super::volume::GIGABYTE;
use crate::world::{Origin, Owner, Record};

/// Whether machines can be made from a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// They can.
    Ready,
    /// Not yet.
    Downloading,
}

/// Whether the passwords of a template's machines can be reset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passwords {
    /// They can, and are made by the cloud.
    Managed,
    /// The cloud knows nothing of them.
    Unmanaged,
}

/// What is chosen for a new template.
pub struct NewTemplate<'a> {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: &'a str,
    /// Its description.
    pub display_text: &'a str,
    /// The type of its operating system.
    pub os_type: &'a Record,
    /// Where it is.
    pub zone: &'a Record,
    /// The format of its file: `VHD`, `ISO` ...
    pub format: &'a str,
    /// Whether machines can be made from it.
    pub readiness: Readiness,
    /// Whether passwords can be reset.
    pub passwords: Passwords,
    /// The id of the template it descends from; blank if there is none.
    pub source: &'a str,
}

impl NewTemplate<'_> {
    /// The template as a resource: the 26 fields of Cloudn Compute 1-9, `listTemplates`. What belongs to everyone is
    /// featured, public, and in all zones.
    pub fn record(self, origin: &Origin) -> Record {
        let provided = origin.owner == Owner::Everyone;
        let ready = self.readiness == Readiness::Ready;
        let template = fields(json!({
            "id": self.id,
            "name": self.name,
            "displaytext": self.display_text,
            "ispublic": provided,
            "created": origin.created,
            "isready": ready,
            "passwordenabled": self.passwords == Passwords::Managed,
            "format": self.format,
            "isfeatured": provided,
            "crossZones": provided,
            "ostypeid": self.os_type.id(),
            "ostypename": self.os_type.text("description"),
            "account": origin.account,
            "zoneid": self.zone.id(),
            "zonename": self.zone.text("name"),
            "status": if ready { "Download Complete" } else { "50% Downloaded" },
            "size": 15 * GIGABYTE,
            "templatetype": "USER",
            "hypervisor": "XenServer",
            "domain": origin.domain.name,
            "domainid": origin.domain.id,
            "isextractable": !provided,
            "checksum": self.id.replace('-', ""),
            "tags": [],
            "sshkeyenabled": self.passwords == Passwords::Managed,
            "sourcetemplateid": self.source,
        }));
        Record::new(origin.owner, template)
    }
}

/// Whether machines can be made from a template in a zone.
pub fn is_in_zone(template: &Record, zone: &str) -> bool {
    template.is_true("crossZones")
        || template.text("zoneid") == zone
        || template.hidden_text("zones").split(',').any(|known| known == zone)
}

//! Templates, machines, disks, snapshots, and what belongs to machines.

use serde_json::json;

use crate::command::{Chosen, Place, nic};
use crate::refusal::ApiError;
use crate::resource::machine::{Image, NewMachine, State};
use crate::resource::security_group;
use crate::resource::snapshot;
use crate::resource::template::{NewTemplate, Passwords, Readiness};
use crate::resource::volume::{self, GIGABYTE, NewVolume, Use};
use crate::world::{AccountIndex, Kind, Owner, kind, written};

use super::Seeding;

/// Adds a security group. Its id.
pub fn group(seeding: &mut Seeding<'_>, name: &str, owner: AccountIndex) -> Result<String, ApiError> {
    let id = seeding.world.ids.named(&format!("group {name} of {}", seeding.world.accounts.get(owner).name));
    let group = security_group::group(&id, name, "For the demonstration", &seeding.world.origin(Owner::Account(owner)));
    seeding.world.add(kind::SECURITY_GROUP, group)?;
    seeding.register(kind::SECURITY_GROUP, owner, &id);
    Ok(id)
}

/// What is chosen for an image of the demonstration.
#[allow(clippy::struct_excessive_bools, reason = "each is a documented property of an image")]
pub struct NewImage<'a> {
    pub variable: &'a str,
    pub kind: Kind,
    pub owner: Owner,
    pub public: bool,
    pub featured: bool,
    pub ready: bool,
    pub passwords: bool,
    pub hypervisor: String,
}

impl NewImage<'_> {
    /// Adds it. Its id.
    pub fn add(self, seeding: &mut Seeding<'_>) -> Result<String, ApiError> {
        let (zone, os_type) = (seeding.value("zone")?, seeding.value("ostype")?);
        let id = seeding.world.ids.named(&format!("{} {}", self.kind, self.variable));
        let owner = self.owner;
        let image = NewTemplate {
            id: id.clone(),
            name: self.variable,
            display_text: self.variable,
            os_type: seeding.world.store.existing(kind::OS_TYPE, &os_type)?,
            zone: seeding.world.store.existing(kind::ZONE, &zone)?,
            format: if self.kind == kind::ISO { "ISO" } else { "VHD" },
            readiness: if self.ready { Readiness::Ready } else { Readiness::Downloading },
            passwords: if self.passwords { Passwords::Managed } else { Passwords::Unmanaged },
            source: "",
        };
        let mut image = image.record(&seeding.world.origin(owner));
        image.set("ispublic", self.public);
        image.set("isfeatured", self.featured);
        image.set("hypervisor", self.hypervisor);
        image.set("accountid", seeding.world.accounts.owner(owner).id.clone());
        seeding.world.add(self.kind, image)?;
        if owner == Owner::Account(seeding.people.root) {
            seeding.register(self.kind, seeding.people.root, &id);
        }
        seeding.name(self.variable, &id);
        Ok(id)
    }
}

/// What is chosen for a machine of the demonstration.
pub struct NewGuest<'a> {
    pub variable: &'a str,
    pub owner: AccountIndex,
    /// The variable of its network; its owner's own where none is named.
    pub network: Option<String>,
    /// The variable of its template.
    pub template: String,
    pub state: String,
}

/// Adds a machine with its root disk. Its id.
pub fn machine(seeding: &mut Seeding<'_>, chosen: &NewGuest<'_>) -> Result<String, ApiError> {
    let (zone, offering) = (seeding.value("zone")?, seeding.value("offering")?);
    let (template, host) = (seeding.value(&chosen.template)?, seeding.value("host")?);
    let owner = Owner::Account(chosen.owner);
    let id = seeding.world.ids.named(&format!("machine {}", chosen.variable));
    let own_network = format!("{} own of {}", kind::NETWORK, seeding.world.accounts.get(chosen.owner).name);
    let network = match &chosen.network {
        Some(network) => seeding.value(network)?,
        None => seeding.world.ids.named(&own_network),
    };
    let network = seeding.world.store.existing(kind::NETWORK, &network)?.clone();
    let guest = nic(seeding.world, &network, Place::Default, &Chosen::default());
    let number = seeding.world.ids.number();
    let origin = seeding.world.origin(owner);
    let of = |kind: Kind, id: &str| seeding.world.store.existing(kind, id).cloned();
    let (zone, offering, image, host) = (
        of(kind::ZONE, &zone)?,
        of(kind::SERVICE_OFFERING, &offering)?,
        of(kind::TEMPLATE, &template)?,
        of(kind::HOST, &host)?,
    );
    let new = NewMachine {
        id: id.clone(),
        number,
        name: chosen.variable,
        display_name: chosen.variable,
        zone: &zone,
        offering: &offering,
        image: Image::Template(&image),
        security_groups: &[],
        state: State::Running,
    };
    let mut record = new.record(&origin, "", "");
    record.set("state", chosen.state.as_str());
    record.set("nic", json!([guest]));
    record.set("hypervisor", image.text("hypervisor"));
    record.set("keypair", "demonstration");
    record.set("instancename", format!("i-2-{number}-VM"));
    if chosen.state == State::Running.name() {
        record.set("hostid", host.id());
        record.set("hostname", host.text("name"));
    }
    seeding.world.add(kind::MACHINE, record)?;
    let root = NewVolume {
        id: seeding.world.ids.named(&format!("root disk of {id}")),
        name: &format!("ROOT-{}", chosen.variable),
        zone: &zone,
        usage: Use::Root,
        size: 8 * GIGABYTE,
        state: "Ready",
        service_offering: Some(&offering),
        disk_offering: None,
    };
    let mut root = root.record(&origin).hiding("templateid", template);
    root.set("storage", "primary-1");
    volume::attach(&mut root, &id, 0, &written(seeding.world.now));
    seeding.world.add(kind::VOLUME, root)?;
    seeding.register(kind::MACHINE, chosen.owner, &id);
    seeding.name(chosen.variable, &id);
    Ok(id)
}

/// Adds a data disk. Its id.
pub fn disk(seeding: &mut Seeding<'_>, variable: &str, owner: AccountIndex) -> Result<String, ApiError> {
    let zone = seeding.value("zone")?;
    let offering = seeding.value("disk_offering")?;
    let id = seeding.world.ids.named(&format!("volume {variable}"));
    let volume = NewVolume {
        id: id.clone(),
        name: variable,
        zone: seeding.world.store.existing(kind::ZONE, &zone)?,
        usage: Use::Data,
        size: 5 * GIGABYTE,
        state: "Ready",
        service_offering: None,
        disk_offering: Some(seeding.world.store.existing(kind::DISK_OFFERING, &offering)?),
    };
    let mut volume = volume.record(&seeding.world.origin(Owner::Account(owner)));
    volume.set("storage", "primary-1");
    seeding.world.add(kind::VOLUME, volume)?;
    seeding.register(kind::VOLUME, owner, &id);
    seeding.name(variable, &id);
    Ok(id)
}

/// Adds snapshots of a volume. The id of the last.
pub fn snapshots(
    seeding: &mut Seeding<'_>,
    volume: &str,
    owner: AccountIndex,
    interval: &str,
    count: u64,
) -> Result<String, ApiError> {
    let mut last = String::new();
    for number in 1..=count {
        let id = seeding.world.ids.named(&format!("snapshot {interval} {number} of {volume}"));
        let origin = seeding.world.origin(Owner::Account(owner));
        let mut snapshot = snapshot::of_volume(&id, seeding.world.store.existing(kind::VOLUME, volume)?, &origin);
        snapshot.set("snapshottype", if interval == "MANUAL" { "MANUAL" } else { "RECURRING" });
        snapshot.set("intervaltype", interval);
        seeding.world.add(kind::SNAPSHOT, snapshot)?;
        seeding.register(kind::SNAPSHOT, owner, &id);
        last = id;
    }
    Ok(last)
}

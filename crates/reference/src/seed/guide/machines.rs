//! Templates, machines, disks, snapshots, and what belongs to machines.

use serde_json::json;

use crate::command::{Chosen, Place, nic};
use crate::refusal::Refusal;
use crate::resource::machine::{Image, NewMachine, State};
use crate::resource::security_group::{self, Direction, Peer, Ports, Traffic};
use crate::resource::snapshot;
use crate::resource::template::{NewTemplate, Passwords, Readiness};
use crate::resource::volume::{self, GIGABYTE, NewVolume, Use};
use crate::world::{AccountIndex, Kind, Owner, kind, written};

use super::{Seeding, TAG_KEY, TAG_VALUE};

/// Adds all of it.
pub fn fill(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    groups(seeding)?;
    images(seeding)?;
    machines(seeding)?;
    disks(seeding)?;
    full(seeding)?;
    seeding.name("tag_key", TAG_KEY);
    seeding.name("tag_value", TAG_VALUE);
    Ok(())
}

fn group(seeding: &mut Seeding<'_>, name: &str, owner: AccountIndex) -> Result<String, Refusal> {
    let id = seeding.world.ids.named(&format!("group {name} of {}", seeding.world.accounts.get(owner).name));
    let group = security_group::group(&id, name, "For the demonstration", &seeding.world.origin(Owner::Account(owner)));
    seeding.world.add(kind::SECURITY_GROUP, group)?;
    seeding.stand(kind::SECURITY_GROUP, owner, &id);
    Ok(id)
}

fn groups(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let people = [
        seeding.people.root,
        seeding.people.second,
        seeding.people.admin,
        seeding.people.user,
        seeding.people.europe,
        seeding.people.other,
        seeding.people.full,
        seeding.people.crowded,
    ];
    for owner in people {
        group(seeding, security_group::DEFAULT, owner)?;
    }
    let root = seeding.people.root;
    let web = group(seeding, "web", root)?;
    seeding.name("security_group", &web);
    seeding.name("tagged_group", &web);
    seeding.name("security_group_name", "web");
    seeding.tag(("SecurityGroup", kind::SECURITY_GROUP), &web)?;
    let traffic = Traffic::Tcp(Ports { first: 80, last: 80 });
    let rule = security_group::rule(&seeding.world.ids.fresh(), traffic, &Peer::Block("0.0.0.0/0".into()));
    let add = |rules: &mut Vec<serde_json::Value>| rules.push(rule);
    seeding.world.store.change(kind::SECURITY_GROUP, &web, |group| {
        group.change_items(Direction::Ingress.field(), add);
    });
    for (project, name) in [("project", "of-project"), ("sales_project", "of-sales-project")] {
        let project = seeding.value(project)?;
        let owner = seeding.world.accounts.of_project(&project);
        let owner = owner.ok_or_else(|| Refusal::unknown(kind::PROJECT, &project))?;
        group(seeding, name, owner)?;
    }
    let crowded = seeding.people.crowded;
    for number in 1..=500 {
        group(seeding, &format!("group-{number:03}"), crowded)?;
    }
    Ok(())
}

/// What is chosen for an image of the demonstration.
struct NewImage {
    variable: &'static str,
    kind: Kind,
    owner: Option<AccountIndex>,
    public: bool,
    featured: bool,
    ready: bool,
    passwords: Passwords,
    hypervisor: &'static str,
}

impl NewImage {
    fn of(variable: &'static str, kind: Kind, owner: Option<AccountIndex>) -> Self {
        let provided = owner.is_none();
        Self {
            variable,
            kind,
            owner,
            public: provided,
            featured: provided,
            ready: true,
            passwords: Passwords::Unmanaged,
            hypervisor: "XenServer",
        }
    }

    fn add(self, seeding: &mut Seeding<'_>) -> Result<String, Refusal> {
        let (zone, os_type) = (seeding.value("zone")?, seeding.value("ostype")?);
        let id = seeding.world.ids.named(&format!("{} {}", self.kind, self.variable));
        let owner = self.owner.map_or(Owner::Everyone, Owner::Account);
        let image = NewTemplate {
            id: id.clone(),
            name: self.variable,
            display_text: self.variable,
            os_type: seeding.world.store.existing(kind::OS_TYPE, &os_type)?,
            zone: seeding.world.store.existing(kind::ZONE, &zone)?,
            format: if self.kind == kind::ISO { "ISO" } else { "VHD" },
            readiness: if self.ready { Readiness::Ready } else { Readiness::Downloading },
            passwords: self.passwords,
            source: "",
        };
        let mut image = image.record(&seeding.world.origin(owner));
        image.set("ispublic", self.public);
        image.set("isfeatured", self.featured);
        image.set("hypervisor", self.hypervisor);
        image.set("accountid", seeding.world.accounts.owner(owner).id.clone());
        seeding.world.add(self.kind, image)?;
        if owner == Owner::Account(seeding.people.root) {
            seeding.stand(self.kind, seeding.people.root, &id);
        }
        seeding.name(self.variable, &id);
        Ok(id)
    }
}

fn images(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (root, other) = (Some(seeding.people.root), Some(seeding.people.other));
    let user = seeding.world.accounts.get(seeding.people.user).id.clone();
    let template = |variable, owner| NewImage::of(variable, kind::TEMPLATE, owner);
    NewImage { passwords: Passwords::Managed, ..template("template", None) }.add(seeding)?;
    template("template_without_password", None).add(seeding)?;
    NewImage { hypervisor: "KVM", ..template("kvm_template", None) }.add(seeding)?;
    NewImage { hypervisor: "VMware", ..template("vmware_template", None) }.add(seeding)?;
    let system = NewImage { featured: false, ..template("system_template", None) }.add(seeding)?;
    seeding.set(kind::TEMPLATE, &system, "templatetype", "SYSTEM");
    seeding.set(kind::TEMPLATE, &system, "ispublic", false);
    let own = NewImage { passwords: Passwords::Managed, ..template("own_template", root) }.add(seeding)?;
    let parent = seeding.value("template")?;
    seeding.set(kind::TEMPLATE, &own, "sourcetemplateid", parent);
    seeding.tag(("Template", kind::TEMPLATE), &own)?;
    NewImage { ready: false, ..template("unready_template", root) }.add(seeding)?;
    NewImage { public: true, ..template("community_template", other) }.add(seeding)?;
    template("private_template", other).add(seeding)?;
    NewImage { featured: true, ..template("featured_private_template", other) }.add(seeding)?;
    for (variable, ready) in [("shared_template", true), ("unready_shared_template", false)] {
        let id = NewImage { ready, ..template(variable, other) }.add(seeding)?;
        let grantee = user.clone();
        seeding.world.store.change(kind::TEMPLATE, &id, |template| template.granted.push(grantee));
    }
    NewImage::of("iso", kind::ISO, None).add(seeding)?;
    let own = NewImage::of("own_iso", kind::ISO, root).add(seeding)?;
    NewImage::of("other_own_iso", kind::ISO, root).add(seeding)?;
    seeding.set(kind::ISO, &own, "bootable", true);
    seeding.tag(("ISO", kind::ISO), &own)
}

/// What is chosen for a machine of the demonstration.
struct NewGuest<'a> {
    variable: &'a str,
    owner: AccountIndex,
    network: &'a str,
    template: &'a str,
    state: State,
}

fn machine(seeding: &mut Seeding<'_>, chosen: &NewGuest<'_>) -> Result<String, Refusal> {
    let (zone, offering) = (seeding.value("zone")?, seeding.value("offering")?);
    let (template, host) = (seeding.value(chosen.template)?, seeding.value("host")?);
    let owner = Owner::Account(chosen.owner);
    let id = seeding.world.ids.named(&format!("machine {}", chosen.variable));
    let own_network = format!("{} own of {}", kind::NETWORK, seeding.world.accounts.get(chosen.owner).name);
    let network = seeding.value(chosen.network).unwrap_or_else(|_| seeding.world.ids.named(&own_network));
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
        state: chosen.state,
    };
    let mut record = new.record(&origin, "", "");
    record.set("nic", json!([guest]));
    record.set("hypervisor", image.text("hypervisor"));
    record.set("keypair", "demonstration");
    record.set("instancename", format!("i-2-{number}-VM"));
    if chosen.state == State::Running {
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
    seeding.stand(kind::MACHINE, chosen.owner, &id);
    seeding.name(chosen.variable, &id);
    Ok(id)
}

fn machines(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (root, user, europe, other, admin) =
        (seeding.people.root, seeding.people.user, seeding.people.europe, seeding.people.other, seeding.people.admin);
    for (variable, owner, network, template, state) in [
        ("tagged_vm", root, "network", "template", State::Running),
        ("vmware_vm", root, "network", "vmware_template", State::Running),
        ("dual_vm", root, "dual_network", "template_without_password", State::Running),
        ("ipv6_vm", root, "ipv6_network", "template_without_password", State::Stopped),
        ("expunging_vm", root, "network", "template", State::Expunging),
        ("user_vm", user, "", "template", State::Running),
        ("domain_admin_vm", admin, "", "template", State::Running),
        ("europe_vm", europe, "", "template", State::Running),
        ("foreign_vm", other, "", "template", State::Running),
    ] {
        machine(seeding, &NewGuest { variable, owner, network, template, state })?;
    }
    let tagged = seeding.value("tagged_vm")?;
    seeding.tag(("UserVm", kind::MACHINE), &tagged)?;
    let group = seeding.make_as("machine_group", kind::MACHINE_GROUP, &[("name", "web")])?;
    seeding.set(kind::MACHINE, &tagged, "groupid", group);
    seeding.set(kind::MACHINE, &tagged, "group", "web");
    let address = seeding.value("static_nat_ip")?;
    for (field, value) in [
        ("virtualmachineid", tagged.as_str()),
        ("virtualmachinename", "tagged_vm"),
        ("virtualmachinedisplayname", "tagged_vm"),
    ] {
        seeding.set(kind::PUBLIC_ADDRESS, &address, field, value);
    }
    seeding.set(kind::PUBLIC_ADDRESS, &address, "isstaticnat", true);
    for name in ["demonstration", "other-demonstration"] {
        seeding.make(kind::KEY_PAIR, name, root, &[("name", name), ("fingerprint", "00:11:22:33")])?;
    }
    seeding.name("keypair", "demonstration");
    seeding.name("other_keypair", "other-demonstration");
    Ok(())
}

fn disk(seeding: &mut Seeding<'_>, variable: &str, owner: AccountIndex) -> Result<String, Refusal> {
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
    seeding.stand(kind::VOLUME, owner, &id);
    seeding.name(variable, &id);
    Ok(id)
}

fn snapshots(
    seeding: &mut Seeding<'_>,
    volume: &str,
    owner: AccountIndex,
    interval: &str,
    count: usize,
) -> Result<String, Refusal> {
    let mut last = String::new();
    for number in 1..=count {
        let id = seeding.world.ids.named(&format!("snapshot {interval} {number} of {volume}"));
        let origin = seeding.world.origin(Owner::Account(owner));
        let mut snapshot = snapshot::of_volume(&id, seeding.world.store.existing(kind::VOLUME, volume)?, &origin);
        snapshot.set("snapshottype", if interval == "MANUAL" { "MANUAL" } else { "RECURRING" });
        snapshot.set("intervaltype", interval);
        seeding.world.add(kind::SNAPSHOT, snapshot)?;
        seeding.stand(kind::SNAPSHOT, owner, &id);
        last = id;
    }
    Ok(last)
}

fn disks(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (root, other, user) = (seeding.people.root, seeding.people.other, seeding.people.user);
    let tagged = disk(seeding, "tagged_volume", root)?;
    seeding.tag(("Volume", kind::VOLUME), &tagged)?;
    disk(seeding, "foreign_volume", other)?;
    disk(seeding, "user_volume", user)?;
    let taken = snapshots(seeding, &tagged, root, "MANUAL", 1)?;
    seeding.name("tagged_snapshot", &taken);
    seeding.tag(("Snapshot", kind::SNAPSHOT), &taken)?;
    let scheduled = disk(seeding, "scheduled_volume", root)?;
    for interval in ["HOURLY", "DAILY", "WEEKLY", "MONTHLY"] {
        snapshots(seeding, &scheduled, root, interval, 8)?;
    }
    snapshots(seeding, &scheduled, root, "MANUAL", 9)?;
    let pairs = [
        ("volumeid", scheduled.as_str()),
        ("schedule", "00:30"),
        ("intervaltype", "1"),
        ("maxsnaps", "8"),
        ("timezone", "Etc/UTC"),
    ];
    seeding.make_as("snapshot_policy", kind::SNAPSHOT_POLICY, &pairs)?;
    Ok(())
}

/// An account that may not have more of anything.
fn full(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let owner = seeding.people.full;
    machine(
        seeding,
        &NewGuest { variable: "full_vm", owner, network: "", template: "template", state: State::Stopped },
    )?;
    let volume = disk(seeding, "full_volume", owner)?;
    let taken = snapshots(seeding, &volume, owner, "MANUAL", 1)?;
    seeding.name("full_snapshot", &taken);
    NewImage::of("full_template", kind::TEMPLATE, Some(owner)).add(seeding)?;
    let zone = seeding.value("zone")?;
    seeding.make(kind::PUBLIC_ADDRESS, "full_ip", owner, &[("zoneid", &zone)])?;
    // Two volumes: the root disk of the machine and the other.
    for (kind, most) in [
        (kind::MACHINE, 1),
        (kind::VOLUME, 2),
        (kind::SNAPSHOT, 1),
        (kind::TEMPLATE, 1),
        (kind::PUBLIC_ADDRESS, 1),
        (kind::NETWORK, 1),
    ] {
        seeding.world.limits.set(owner, kind, Some(most));
    }
    Ok(())
}

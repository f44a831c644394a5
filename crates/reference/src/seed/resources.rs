//! What the accounts own.

use crate::command::put_into_group;
use crate::refusal::ApiError;
use crate::resource::machine::{Image, NewMachine, State};
use crate::resource::security_group::{self, Direction, Peer, Ports, Traffic};
use crate::resource::template::{NewTemplate, Passwords, Readiness};
use crate::resource::volume::{self, GIGABYTE, NewVolume, Use};
use crate::resource::{snapshot, tag};
use crate::world::{AccountIndex, Kind, Owner, World, kind, written};

use super::catalogue::{OFFERING, OTHER_OFFERING, OTHER_ZONE, ZONE, iso, os_type, template};
use super::{Variables, variables};

/// A machine to begin with.
struct Machine {
    name: &'static str,
    zone: &'static str,
    offering: &'static str,
    /// The name of one of the service's templates; none if it is made from the ISO.
    template: Option<&'static str>,
    group: &'static str,
    security_group: &'static str,
    state: State,
}

const MACHINES: [Machine; 5] = [
    Machine {
        name: "web-1",
        zone: ZONE,
        offering: OFFERING,
        template: Some("centos-6.4"),
        group: "web",
        security_group: "web",
        state: State::Running,
    },
    Machine {
        name: "web-2",
        zone: OTHER_ZONE,
        offering: OFFERING,
        template: Some("ubuntu-12.04"),
        group: "web",
        security_group: "web",
        state: State::Running,
    },
    Machine {
        name: "batch-1",
        zone: ZONE,
        offering: OTHER_OFFERING,
        template: Some("centos-6.4"),
        group: "batch",
        security_group: "administration",
        state: State::Stopped,
    },
    Machine {
        name: "installer-1",
        zone: ZONE,
        offering: OTHER_OFFERING,
        template: None,
        group: "batch",
        security_group: "default",
        state: State::Running,
    },
    Machine {
        name: "forgotten-1",
        zone: ZONE,
        offering: OFFERING,
        template: Some("centos-6.4"),
        group: "batch",
        security_group: "default",
        state: State::Expunging,
    },
];

/// The tag of one resource of each kind that has tags: Cloudn has no command that sets any.
const TAG: (&str, &str) = ("role", "demonstration");

/// The account that tests work with.
pub fn of_demo(world: &mut World, demo: AccountIndex) -> Result<Variables, ApiError> {
    let owner = Owner::Account(demo);
    default_group(world, owner)?;
    let web = group(world, owner, "web", "Web servers, reached from everywhere")?;
    let everywhere = Peer::Block("0.0.0.0/0".into());
    let office = Peer::Block("192.0.2.0/24".into());
    for port in [80, 443] {
        let traffic = Traffic::Tcp(Ports { first: port, last: port });
        rule(world, &web, Direction::Ingress, traffic, &everywhere);
    }
    rule(world, &web, Direction::Egress, Traffic::All, &everywhere);
    let administration = group(world, owner, "administration", "Reached from the office")?;
    rule(world, &administration, Direction::Ingress, Traffic::Tcp(Ports { first: 22, last: 22 }), &office);
    rule(world, &administration, Direction::Ingress, Traffic::Icmp { message: 8, code: 0 }, &office);
    let names = group(world, owner, "names", "Name servers")?;
    rule(world, &names, Direction::Ingress, Traffic::Udp(Ports { first: 53, last: 53 }), &everywhere);

    let templates = own_templates(world, owner)?;
    for machine in &MACHINES {
        add_machine(world, owner, machine)?;
    }
    let web_1 = id(world, owner, "machine", "web-1");
    let data = add_volume(world, owner, "data-1", ZONE, Some((&web_1, 1)))?;
    let spare = add_volume(world, owner, "data-2", ZONE, None)?;
    let sealed = add_volume(world, owner, "sealed-1", ZONE, None)?;
    world.store.change(kind::VOLUME, &sealed, |volume| volume.set("isextractable", false));
    for (kind, tagged) in [
        (kind::MACHINE, &web_1),
        (kind::SECURITY_GROUP, &web),
        (kind::TEMPLATE, &templates.ready),
        (kind::VOLUME, &data),
    ] {
        world.store.change(kind, tagged, |record| record.set("tags", vec![tag(TAG.0, TAG.1)]));
    }
    let group_id = world.store.existing(kind::MACHINE, &web_1)?.text("groupid").to_owned();
    Ok(variables([
        ("own_template", templates.ready.clone()),
        ("unready_template", templates.unready),
        ("expunging_vm", id(world, owner, "machine", "forgotten-1")),
        ("snapshot", add_snapshot(world, owner, &spare)?),
        ("tag_key", TAG.0.to_owned()),
        ("tag_value", TAG.1.to_owned()),
        ("tagged_vm", web_1),
        ("tagged_group", web),
        ("tagged_template", templates.ready),
        ("tagged_volume", data),
        ("unextractable_volume", sealed),
        ("group_id", group_id),
    ]))
}

/// The account whose things the others must never see.
pub fn of_neighbour(world: &mut World, neighbour: AccountIndex) -> Result<Variables, ApiError> {
    let owner = Owner::Account(neighbour);
    default_group(world, owner)?;
    let foreign_group = group(world, owner, "private", "Private matters")?;
    let machine = Machine { name: "private-1", security_group: "private", group: "private", ..MACHINES[0] };
    add_machine(world, owner, &machine)?;
    Ok(variables([
        ("foreign_vm", id(world, owner, "machine", "private-1")),
        ("foreign_volume", add_volume(world, owner, "private-2", ZONE, None)?),
        ("foreign_group", foreign_group),
    ]))
}

/// The account that has one security group more than fits on the default page.
pub fn of_crowded(world: &mut World, crowded: AccountIndex) -> Result<(), ApiError> {
    let owner = Owner::Account(crowded);
    default_group(world, owner)?;
    for number in 1..=500 {
        group(world, owner, &format!("group-{number:03}"), "One of many")?;
    }
    Ok(())
}

/// The id of something that is known by the name its owner gave it.
fn id(world: &World, owner: Owner, what: &str, name: &str) -> String {
    world.ids.named(&format!("{what} {name} of {}", world.accounts.owner(owner).name))
}

fn default_group(world: &mut World, owner: Owner) -> Result<(), ApiError> {
    group(world, owner, security_group::DEFAULT, "Default Security Group").map(|_| ())
}

fn group(world: &mut World, owner: Owner, name: &str, description: &str) -> Result<String, ApiError> {
    let id = id(world, owner, "group", name);
    let group = security_group::group(&id, name, description, &world.origin(owner));
    world.add(kind::SECURITY_GROUP, group)
}

fn rule(world: &mut World, group: &str, direction: Direction, traffic: Traffic, peer: &Peer) {
    let rule = security_group::rule(&world.ids.fresh(), traffic, peer);
    world.store.change(kind::SECURITY_GROUP, group, |group| {
        group.change_items(direction.field(), |rules| rules.push(rule));
    });
}

/// The account's own templates.
struct OwnTemplates {
    ready: String,
    unready: String,
}

fn own_templates(world: &mut World, owner: Owner) -> Result<OwnTemplates, ApiError> {
    let parent = template(world, "centos-6.4");
    let mut add = |name: &str, readiness, source: &str| {
        let template = NewTemplate {
            id: id(world, owner, "template", name),
            name,
            display_text: name,
            os_type: world.store.existing(kind::OS_TYPE, &os_type(world, "CentOS 6.4 (64-bit)"))?,
            zone: world.store.existing(kind::ZONE, ZONE)?,
            format: "VHD",
            readiness,
            passwords: Passwords::Managed,
            source,
        };
        let template = template.record(&world.origin(owner));
        world.add(kind::TEMPLATE, template)
    };
    Ok(OwnTemplates {
        ready: add("golden-image", Readiness::Ready, &parent)?,
        unready: add("slow-upload", Readiness::Downloading, "")?,
    })
}

fn add_machine(world: &mut World, owner: Owner, machine: &Machine) -> Result<(), ApiError> {
    let id = id(world, owner, "machine", machine.name);
    let (nic, number) = (world.ids.fresh(), world.ids.number());
    let password = world.ids.password();
    let group = self::id(world, owner, "group", machine.security_group);
    let existing = |kind: Kind, id: &str| world.store.existing(kind, id);
    let (zone, offering) = (existing(kind::ZONE, machine.zone)?, existing(kind::SERVICE_OFFERING, machine.offering)?);
    let image = match machine.template {
        Some(name) => Image::Template(existing(kind::TEMPLATE, &template(world, name))?),
        None => Image::Iso(existing(kind::ISO, &iso(world))?),
    };
    let new = NewMachine {
        id: id.clone(),
        number,
        name: machine.name,
        display_name: machine.name,
        zone,
        offering,
        image,
        security_groups: &[group],
        state: machine.state,
    };
    let network = world.ids.named(&format!("network {}", machine.zone));
    let origin = world.origin(owner);
    let mut record = new.record(&origin, &nic, &network);
    if record.is_true("passwordenabled") {
        record.set("password", password);
    }
    let root = NewVolume {
        id: self::id(world, owner, "root disk", machine.name),
        name: &format!("ROOT-{}", machine.name),
        zone,
        usage: Use::Root,
        size: image.record().number("size"),
        state: "Ready",
        service_offering: Some(offering),
        disk_offering: None,
    };
    let template = machine.template.map(|name| template(world, name));
    let mut root = root.record(&origin).hiding("templateid", template);
    volume::attach(&mut root, &id, 0, &written(world.now));
    world.add(kind::MACHINE, record)?;
    world.add(kind::VOLUME, root)?;
    put_into_group(world, &id, Some(machine.group))
}

fn add_volume(
    world: &mut World,
    owner: Owner,
    name: &str,
    zone: &str,
    attached: Option<(&str, u64)>,
) -> Result<String, ApiError> {
    let volume = NewVolume {
        id: id(world, owner, "volume", name),
        name,
        zone: world.store.existing(kind::ZONE, zone)?,
        usage: Use::Data,
        size: 20 * GIGABYTE,
        state: "Ready",
        service_offering: None,
        disk_offering: world.store.of(kind::DISK_OFFERING).next(),
    };
    let mut volume = volume.record(&world.origin(owner));
    if let Some((machine, device)) = attached {
        volume::attach(&mut volume, machine, device, &written(world.now));
    }
    world.add(kind::VOLUME, volume)
}

fn add_snapshot(world: &mut World, owner: Owner, volume: &str) -> Result<String, ApiError> {
    let id = id(world, owner, "snapshot", "data-2");
    let volume = world.store.existing(kind::VOLUME, volume)?;
    let snapshot = snapshot::of_volume(&id, volume, &world.origin(owner));
    world.add(kind::SNAPSHOT, snapshot)
}

//! `deployVirtualMachine` (Cloudn Compute 1-4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::arguments::{Arguments, Method};
use crate::fault::Fault;
use crate::policy::{Checks, Dialect};
use crate::present;
use crate::refusal::ApiError;
use crate::resource::machine::{Image, State};
use crate::resource::volume::{self, GIGABYTE};
use crate::resource::{fields, is_in_zone, security_group};
use crate::world::{Fields, Record, World, kind, written};

use super::call::{Call, Reply, begin};
use super::kinds::{self, Given};
use super::nic::flat_nic;
use super::placed::{self, Start, check_placement};
use super::volume::chosen_size;

/// The length that user data may have in Base64 (CN-074).
const USERDATA_LIMIT: usize = 2_048;

/// The size of a root disk for which nothing was chosen.
const ROOT_SIZE: u64 = 15 * GIGABYTE;

/// `deployVirtualMachine`: the machine is there at once, and a job starts it.
pub fn deploy(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    check_userdata(world, call)?;
    let security_groups = security_groups(world, call)?;
    let id = world.ids.fresh();
    let order = Order::read(world, call)?;
    let name = call.arguments.get("name").unwrap_or(&id);
    let fallback = if world.rules.faults.has(Fault::DisplayNameMadeUp) { "unnamed" } else { name };
    let mut chosen = order.image.arguments();
    chosen.extend([
        ("name", name.to_owned()),
        ("displayname", call.arguments.get("displayname").unwrap_or(fallback).to_owned()),
        ("zoneid", order.zone.id().to_owned()),
        ("serviceofferingid", order.offering.id().to_owned()),
        ("state", State::Starting.name().to_owned()),
    ]);
    let arguments = Arguments::default().with(chosen);
    let machine = kinds::make(world, kind::MACHINE, &id, Given { arguments: &arguments, ..call.given() })?;
    let mut machine = machine.hiding("keypair", call.arguments.get("keypair"));
    machine.set("nic", vec![flat_nic(world, order.zone.id())]);
    machine.set("securitygroup", security_groups.iter().map(|id| json!({"id": id})).collect::<Vec<_>>());
    let disks = order.disks(world, call, &machine)?;
    let (machine, start) = match world.rules.dialect {
        Dialect::Cloudn => (machine, Start::AtOnce),
        Dialect::CloudStack => placed::complete(world, call, machine)?,
    };

    for (kind, further) in [(kind::MACHINE, 1), (kind::MACHINE_GROUP, 1), (kind::VOLUME, disks.len())] {
        world.check_room(kind, call.owner(), further)?;
    }
    world.add(kind::MACHINE, machine)?;
    put_into_group(world, &id, call.arguments.get("group"))?;
    remember_userdata(world, &id, call.arguments)?;
    for (device, disk) in (0..).zip(disks) {
        add_disk(world, &id, disk, device)?;
    }
    let machine = id.clone();
    Ok(begin(world, call, Some(id), Box::new(move |world| finish(world, &machine, start))))
}

/// What a machine is to be made of.
struct Order {
    zone: Record,
    offering: Record,
    image: Image,
    disk_offering: Option<Record>,
}

impl Order {
    fn read(world: &World, call: &Call<'_>) -> Result<Self, ApiError> {
        let usable = |kind, id| world.usable(kind, id, call.account).cloned();
        let zone = usable(kind::ZONE, call.arguments.need("zoneid")?)?;
        let offering = usable(kind::SERVICE_OFFERING, call.arguments.need("serviceofferingid")?)?;
        let image = call.arguments.need("templateid")?;
        let image = match world.store.get(kind::ISO, image) {
            Some(_) => Image::Iso(usable(kind::ISO, image)?),
            None => Image::Template(usable(kind::TEMPLATE, image)?),
        };
        if !image.record().is_true("isready") || !is_in_zone(image.record(), zone.id()) {
            let text = format!("the template {} is not ready in the zone {}", image.record().id(), zone.id());
            return Err(ApiError::value(text));
        }
        let disk = call.arguments.get("diskofferingid");
        let disk_offering = disk.map(|id| usable(kind::DISK_OFFERING, id)).transpose()?;
        Ok(Self { zone, offering, image, disk_offering })
    }

    /// The root disk, and a data disk if there is one. With an ISO the disk offering is for the root disk, with a template for a
    /// data disk (CN-067, CN-068).
    fn disks(&self, world: &mut World, call: &Call<'_>, machine: &Record) -> Result<Vec<Record>, ApiError> {
        let mut disk = |name: &str, kind: &str, size: u64, further: &[(&'static str, &str)]| {
            let id = world.ids.named(&format!("{name} of {}", machine.id()));
            let mut chosen = vec![
                ("name", format!("{name}-{}", machine.text("name"))),
                ("zoneid", self.zone.id().to_owned()),
                ("type", kind.to_owned()),
                ("size", size.to_string()),
                ("state", "Creating".to_owned()),
            ];
            chosen.extend(further.iter().map(|(name, value)| (*name, (*value).to_owned())));
            let arguments = Arguments::default().with(chosen);
            kinds::make(world, kind::VOLUME, &id, Given { arguments: &arguments, ..call.given() })
        };
        let offering = ("serviceofferingid", self.offering.id());
        let chosen = self.disk_offering.as_ref();
        let size = chosen.map(|offering| chosen_size(call, offering)).transpose()?;
        let of_disk = ("diskofferingid", chosen.map(Record::id).unwrap_or_default());
        match &self.image {
            Image::Iso(_) => Ok(vec![disk("ROOT", volume::ROOT, size.unwrap_or(ROOT_SIZE), &[offering, of_disk])?]),
            Image::Template(template) => {
                let of_template = ("templateid", template.id());
                let root = disk("ROOT", volume::ROOT, template.number("size"), &[offering, of_template])?;
                let data = size.map(|size| disk("DATA", volume::DATA, size, &[of_disk])).transpose()?;
                let data = data.filter(|_| !world.rules.faults.has(Fault::DataDiskForgotten));
                Ok([root].into_iter().chain(data).collect())
            }
        }
    }
}

fn add_disk(world: &mut World, machine: &str, mut disk: Record, device: u64) -> Result<(), ApiError> {
    volume::attach(&mut disk, machine, device, &written(world.now));
    world.add(kind::VOLUME, disk).map(|_| ())
}

/// User data comes in Base64, is short, and fits no POST (CN-073 to CN-075).
pub fn check_userdata(world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let Some(userdata) = call.arguments.get("userdata") else { return Ok(()) };
    let faults = &world.rules.faults;
    faults.check(Fault::UserdataByPostAccepted, || match call.method {
        Method::Get => Ok(()),
        // The server looks at the length alone, whatever its guide says.
        Method::Post if world.rules.policy.checks == Checks::Server => Ok(()),
        Method::Post => Err(ApiError::parameter("userdata can be sent by GET only")),
    })?;
    faults.check(Fault::UserdataTooLongAccepted, || {
        if userdata.len() <= USERDATA_LIMIT {
            return Ok(());
        }
        Err(ApiError::value(format!("userdata has at most {USERDATA_LIMIT} bytes in Base64")))
    })?;
    faults.check(Fault::UserdataUnencodedAccepted, || match STANDARD.decode(userdata) {
        Ok(_) => Ok(()),
        Err(error) => Err(ApiError::value(format!("userdata is not Base64: {error}"))),
    })
}

/// Keeps user data, which no answer shows.
#[expect(clippy::unnecessary_wraps, reason = "what follows from a change may be refused; this never is")]
pub fn remember_userdata(world: &mut World, machine: &str, arguments: &Arguments) -> Result<(), ApiError> {
    if let Some(userdata) = arguments.get("userdata") {
        let value = userdata.into();
        world.store.change(kind::MACHINE, machine, |machine| {
            machine.hidden.insert("userdata".into(), value);
        });
    }
    Ok(())
}

/// Sorts a machine into the group that a request names.
pub fn sort_into_group(world: &mut World, machine: &str, arguments: &Arguments) -> Result<(), ApiError> {
    put_into_group(world, machine, arguments.get("group"))
}

/// The ids of the groups that a machine is to be in: those that are named, or the default one.
fn security_groups(world: &World, call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    let named = |name: &str| super::security_group::named(world, call.target, name).map(|group| group.id().to_owned());
    let mut chosen = Vec::new();
    for id in call.arguments.items("securitygroupids") {
        chosen.push(world.own(kind::SECURITY_GROUP, id, call.account)?.id().to_owned());
    }
    for name in call.arguments.items("securitygroupnames") {
        chosen.push(named(name)?);
    }
    if chosen.is_empty() || world.rules.faults.has(Fault::SecurityGroupsForgotten) {
        let default = named(security_group::DEFAULT);
        // CloudStack has zones without security groups, and accounts that have no default one yet.
        let zone = call.arguments.get("zoneid").and_then(|zone| world.store.get(kind::ZONE, zone));
        let grouped = zone.is_some_and(|zone| zone.is_true("securitygroupsenabled"));
        if world.rules.dialect == Dialect::CloudStack && !(grouped && default.is_ok()) {
            return Ok(Vec::new());
        }
        chosen = vec![default?];
    }
    Ok(chosen)
}

/// Sorts a machine into the group with a name, which is made if there is none.
pub fn put_into_group(world: &mut World, machine: &str, name: Option<&str>) -> Result<(), ApiError> {
    let Some(name) = name else { return Ok(()) };
    let owner = world.store.existing(kind::MACHINE, machine)?.owner;
    let known = world.store.of(kind::MACHINE_GROUP).find(|group| group.owner == owner && group.text("name") == name);
    let id = if let Some(known) = known {
        known.id().to_owned()
    } else {
        let id = world.ids.fresh();
        world.add(kind::MACHINE_GROUP, Record::new(owner, fields(json!({"id": id, "name": name}))))?
    };
    world.store.change(kind::MACHINE, machine, |machine| {
        machine.set("group", name);
        machine.set("groupid", id);
    });
    Ok(())
}

/// The machine runs, its disks are ready, and its template decides whether it has a password.
fn finish(world: &mut World, id: &str, start: Start) -> Result<Fields, ApiError> {
    check_placement(world, id)?;
    let machine = world.store.existing(kind::MACHINE, id)?;
    let expected = if start == Start::AtOnce { State::Starting } else { State::Stopped };
    if State::of(machine) != expected {
        return Err(ApiError::state(format!("the machine {id} was not started")));
    }
    let password = if machine.is_true("passwordenabled") { world.ids.password() } else { String::new() };
    let stopped = start == Start::Later || world.rules.faults.has(Fault::DeployLeavesStopped);
    let hidden = world.rules.faults.has(Fault::PasswordMissing);
    world.store.change(kind::MACHINE, id, |machine| {
        machine.set("state", if stopped { State::Stopped.name() } else { State::Running.name() });
        machine.set("password", if hidden { String::new() } else { password });
    });
    for disk in world.store.of_mut(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id) {
        disk.set("state", "Ready");
    }
    let shown = present::named(world, kind::MACHINE, world.store.existing(kind::MACHINE, id)?);
    if world.rules.faults.has(Fault::MachineNameLost) {
        world.store.change(kind::MACHINE, id, |machine| machine.set("displayname", machine.text("name").to_owned()));
    }
    Ok(shown)
}

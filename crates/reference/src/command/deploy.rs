//! `deployVirtualMachine` (Cloudn Compute 1-4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::fault::Fault;
use crate::policy::{Checks, Dialect};
use crate::present;
use crate::refusal::ApiError;
use crate::resource::fields;
use crate::resource::machine::{Image, NewMachine, State};
use crate::resource::security_group;
use crate::resource::template;
use crate::resource::volume::{self, GIGABYTE, NewVolume, Use};
use crate::service::{Arguments, Method};
use crate::world::{Fields, Owner, Record, World, kind, written};

use super::placed::{self, Start, check_placement};
use super::volume::chosen_size;
use super::{Call, Reply, begin};

/// The length that user data may have in Base64 (CN-074).
const USERDATA_LIMIT: usize = 2_048;

/// The size of a root disk for which nothing was chosen.
const ROOT_SIZE: u64 = 15 * GIGABYTE;

/// `deployVirtualMachine`: the machine is there at once, and a job starts it.
pub fn deploy(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    check_userdata(world, call)?;
    let security_groups = security_groups(world, call)?;
    let (id, nic, number) = (world.ids.fresh(), world.ids.fresh(), world.ids.number());
    let order = Order::read(world, call)?;
    let origin = world.origin(call.owner());
    let name = call.arguments.get("name").unwrap_or(&id);
    let fallback = if world.rules.faults.has(Fault::DisplayNameMadeUp) { "unnamed" } else { name };
    let machine = NewMachine {
        id: id.clone(),
        number,
        name,
        display_name: call.arguments.get("displayname").unwrap_or(fallback),
        zone: order.zone,
        offering: order.offering,
        image: order.image,
        security_groups: &security_groups,
        state: State::Starting,
    };
    let network = world.ids.named(&format!("network {}", order.zone.id()));
    let machine = machine.record(&origin, &nic, &network).hiding("keypair", call.arguments.get("keypair"));
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
    for disk in disks {
        add_disk(world, &id, disk)?;
    }
    let machine = id.clone();
    Ok(begin(world, call, Some(id), Box::new(move |world| finish(world, &machine, start))))
}

/// What a machine is to be made of.
struct Order<'a> {
    zone: &'a Record,
    offering: &'a Record,
    image: Image<'a>,
    disk_offering: Option<&'a Record>,
    owner: Owner,
}

impl<'a> Order<'a> {
    fn read(world: &'a World, call: &Call<'_>) -> Result<Self, ApiError> {
        let usable = |kind, id| world.usable(kind, id, call.account);
        let zone = usable(kind::ZONE, call.arguments.need("zoneid")?)?;
        let offering = usable(kind::SERVICE_OFFERING, call.arguments.need("serviceofferingid")?)?;
        let image = call.arguments.need("templateid")?;
        let image = match world.store.get(kind::ISO, image) {
            Some(_) => Image::Iso(usable(kind::ISO, image)?),
            None => Image::Template(usable(kind::TEMPLATE, image)?),
        };
        if !image.record().is_true("isready") || !template::is_in_zone(image.record(), zone.id()) {
            let text = format!("the template {} is not ready in the zone {}", image.record().id(), zone.id());
            return Err(ApiError::value(text));
        }
        let disk = call.arguments.get("diskofferingid");
        let disk_offering = disk.map(|id| usable(kind::DISK_OFFERING, id)).transpose()?;
        Ok(Self { zone, offering, image, disk_offering, owner: call.owner() })
    }

    /// With an ISO the disk offering is for the root disk, with a template for a data disk (CN-067, CN-068).
    fn disks(&self, world: &World, call: &Call<'_>, machine: &Record) -> Result<Vec<NewDisk>, ApiError> {
        let origin = world.origin(self.owner);
        let disk = |name: &str, usage, size, disk_offering: Option<&Record>| {
            NewVolume {
                id: world.ids.named(&format!("{name} of {}", machine.id())),
                name: &format!("{name}-{}", machine.text("name")),
                zone: self.zone,
                usage,
                size,
                state: "Creating",
                service_offering: (usage == Use::Root).then_some(self.offering),
                disk_offering,
            }
            .record(&origin)
        };
        let chosen = self.disk_offering;
        let size = chosen.map(|offering| chosen_size(call, offering)).transpose()?;
        let (root, data) = match self.image {
            Image::Iso(_) => (disk("ROOT", Use::Root, size.unwrap_or(ROOT_SIZE), chosen), None),
            Image::Template(template) => {
                let root = disk("ROOT", Use::Root, template.number("size"), None).hiding("templateid", template.id());
                (root, size.map(|size| disk("DATA", Use::Data, size, chosen)))
            }
        };
        let data = data.filter(|_| !world.rules.faults.has(Fault::DataDiskForgotten));
        let root = NewDisk { record: root, device: 0 };
        Ok(std::iter::once(root).chain(data.map(|record| NewDisk { record, device: 1 })).collect())
    }
}

/// A disk that a new machine comes with.
struct NewDisk {
    record: Record,
    device: u64,
}

fn add_disk(world: &mut World, machine: &str, disk: NewDisk) -> Result<(), ApiError> {
    let moment = written(world.now);
    let mut record = disk.record;
    volume::attach(&mut record, machine, disk.device, &moment);
    world.add(kind::VOLUME, record).map(|_| ())
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
    Ok(present::named(world, kind::MACHINE, world.store.existing(kind::MACHINE, id)?))
}

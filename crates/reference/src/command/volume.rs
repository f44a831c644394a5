//! Volumes: created, uploaded, attached, detached, deleted (Cloudn Compute 1-10).

use crate::fault::Fault;
use crate::present;
use crate::refusal::ApiError;
use crate::resource::machine::State;
use crate::resource::volume::{self, GIGABYTE};
use crate::world::{Fields, Record, World, kind, written};

use super::call::{Call, Derived, Reply, begin};
use super::lifecycle::check_state;

/// The size of a volume whose offering leaves it open, in bytes: no command has a parameter for it.
const CUSTOM_SIZE: u64 = 10 * GIGABYTE;

/// The greatest size of a volume in gigabytes (`max.volume.size.gb`).
const MOST_GIGABYTES: u64 = 2_000;

/// The size of an uploaded volume in bytes. Nothing is really fetched.
const UPLOADED_SIZE: u64 = 5 * GIGABYTE;

/// The devices that data disks can have; 0 is the root disk.
const DATA_DEVICES: std::ops::RangeInclusive<u64> = 1..=14;

/// The machines that volumes can be attached to and detached from.
const ATTACHABLE: [State; 2] = [State::Running, State::Stopped];

/// The size that a disk offering gives, in bytes.
pub fn size_of_offering(offering: &Record) -> u64 {
    match offering.number("disksize") {
        0 => CUSTOM_SIZE,
        gigabytes => gigabytes * GIGABYTE,
    }
}

/// The size that an offering leaves open is the caller's to choose, in gigabytes.
pub fn chosen_size(call: &Call<'_>, offering: &Record) -> Result<u64, ApiError> {
    let chosen = offering.is_true("iscustomized") && call.operation.parameters.contains_key("size");
    match call.arguments.get("size").filter(|_| chosen) {
        Some(size) => match size.parse::<u64>() {
            Ok(size) if (1..=MOST_GIGABYTES).contains(&size) => Ok(size * GIGABYTE),
            _ => Err(ApiError::value(format!("a volume has from 1 to {MOST_GIGABYTES} gigabytes, not {size}"))),
        },
        None => Ok(size_of_offering(offering)),
    }
}

/// What `createVolume` makes a volume from: a disk offering, or a snapshot.
pub fn source(world: &World, call: &Call<'_>) -> Result<Derived, ApiError> {
    let in_zone = |id: &str| world.usable(kind::ZONE, id, call.account).map(|zone| zone.id().to_owned());
    if let Some(offering) = call.arguments.get("diskofferingid") {
        let offering = world.usable(kind::DISK_OFFERING, offering, call.account)?;
        let zone = in_zone(call.arguments.need("zoneid")?)?;
        let first = world.store.of(kind::ZONE).next().filter(|_| world.rules.faults.has(Fault::VolumeInFirstZone));
        let zone = first.map_or(zone, |first| first.id().to_owned());
        return Ok(vec![("zoneid", zone), ("size", chosen_size(call, offering)?.to_string())]);
    }
    let snapshot = world.own(kind::SNAPSHOT, call.arguments.need("snapshotid")?, call.account)?;
    Ok(vec![
        ("zoneid", in_zone(call.arguments.get("zoneid").unwrap_or(snapshot.hidden_text("zoneid")))?),
        ("size", snapshot.hidden_number("size").to_string()),
        ("templateid", snapshot.hidden_text("templateid").to_owned()),
    ])
}

/// What `uploadVolume` makes a volume from: a file, which is not really fetched. It is a data disk.
#[expect(clippy::unnecessary_wraps, reason = "what a resource is made from may be refused; this never is")]
pub fn upload(world: &World, _: &Call<'_>) -> Result<Derived, ApiError> {
    let kind = if world.rules.faults.has(Fault::UploadIsRoot) { volume::ROOT } else { volume::DATA };
    Ok(vec![("size", UPLOADED_SIZE.to_string()), ("type", kind.to_owned())])
}

/// Only web addresses can be fetched from (CN-202).
pub fn check_url(_world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let url = call.arguments.need("url")?;
    let host = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://")).unwrap_or_default();
    if host.is_empty() {
        return Err(ApiError::value(format!("url begins with http:// or https://, unlike {url}")));
    }
    Ok(())
}

fn named(world: &World, id: &str) -> Result<Fields, ApiError> {
    Ok(present::named(world, kind::VOLUME, world.store.existing(kind::VOLUME, id)?))
}

/// `attachVolume`: whether both are in one zone is found out by the job.
pub fn attach(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.arguments.need("id")?.to_owned();
    let machine = call.arguments.need("virtualmachineid")?.to_owned();
    check_attachable(world.own(kind::VOLUME, &id, call.account)?)?;
    check_state(world.own(kind::MACHINE, &machine, call.account)?, &ATTACHABLE, "given a volume")?;
    Ok(begin(world, call, None, Box::new(move |world| finish_attaching(world, &id, &machine))))
}

fn check_attachable(volume: &Record) -> Result<(), ApiError> {
    let id = volume.id();
    if volume::is_root(volume) {
        return Err(ApiError::value(format!("the volume {id} is a root disk")));
    }
    if volume::is_attached(volume) {
        return Err(ApiError::state(format!("the volume {id} is attached already")));
    }
    match volume.text("state") {
        "Ready" | "Uploaded" => Ok(()),
        state => Err(ApiError::state(format!("the volume {id} is {state} and can't be attached"))),
    }
}

fn finish_attaching(world: &mut World, id: &str, machine: &str) -> Result<Fields, ApiError> {
    let volume = world.store.existing(kind::VOLUME, id)?;
    let target = world.store.existing(kind::MACHINE, machine)?;
    check_attachable(volume)?;
    check_state(target, &ATTACHABLE, "given a volume")?;
    if volume.text("zoneid") != target.text("zoneid") {
        return Err(ApiError::value(format!("the volume {id} and the machine {machine} are in different zones")));
    }
    let is_taken = |device: &u64| {
        let mut disks = world.store.of(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == machine);
        disks.any(|disk| disk.number("deviceid") == *device)
    };
    let device = DATA_DEVICES.into_iter().find(|device| !is_taken(device));
    let device = device.ok_or_else(|| ApiError::state(format!("the machine {machine} has no device left")))?;
    if !world.rules.faults.has(Fault::AttachLeavesDetached) {
        let moment = written(world.now);
        world.store.change(kind::VOLUME, id, |disk| {
            volume::attach(disk, machine, device, &moment);
            disk.set("state", "Ready");
        });
    }
    named(world, id)
}

/// `detachVolume`: the volume is named by its id, or by its machine and its device there (CN-192).
pub fn detach(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let volume = match call.arguments.get("id") {
        Some(id) => world.own(kind::VOLUME, id, call.account)?,
        None => at_device(world, call)?,
    };
    let id = volume.id().to_owned();
    check_detachable(world, volume)?;
    Ok(begin(world, call, None, Box::new(move |world| finish_detaching(world, &id))))
}

fn finish_detaching(world: &mut World, id: &str) -> Result<Fields, ApiError> {
    check_detachable(world, world.store.existing(kind::VOLUME, id)?)?;
    if !world.rules.faults.has(Fault::DetachLeavesAttached) {
        world.store.change(kind::VOLUME, id, volume::detach);
    }
    named(world, id)
}

fn at_device<'a>(world: &'a World, call: &Call<'_>) -> Result<&'a Record, ApiError> {
    let machine = world.own(kind::MACHINE, call.arguments.need("virtualmachineid")?, call.account)?.id();
    let wanted = call.arguments.need("deviceid")?;
    let device: u64 = wanted.parse().map_err(|_| ApiError::value(format!("deviceid is a number, not {wanted}")))?;
    let mut disks = world.store.of(kind::VOLUME);
    disks
        .find(|disk| disk.text("virtualmachineid") == machine && disk.number("deviceid") == device)
        .ok_or_else(|| ApiError::value(format!("the machine {machine} has no volume at the device {device}")))
}

fn check_detachable(world: &World, volume: &Record) -> Result<(), ApiError> {
    let id = volume.id();
    if volume::is_root(volume) {
        return Err(ApiError::value(format!("the volume {id} is a root disk")));
    }
    if !volume::is_attached(volume) {
        return Err(ApiError::state(format!("the volume {id} is not attached")));
    }
    let machine = world.store.existing(kind::MACHINE, volume.text("virtualmachineid"))?;
    check_state(machine, &ATTACHABLE, "relieved of a volume")
}

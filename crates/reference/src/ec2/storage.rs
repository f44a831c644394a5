//! Snapshots and volumes, as the native API keeps them.

use serde_json::{Value, json};

use crate::command::Reply;
use crate::fault::Fault;
use crate::resource::volume::GIGABYTE;
use crate::world::{Owner, Record, World, kind};

use super::call::{self, Answer, Call, device, done, items, moment, named, native};
use super::failure::Failure;

/// A volume of the account.
fn own_volume(world: &World, call: &Call<'_>) -> Result<String, Failure> {
    let id = call.parameters.need("VolumeId")?;
    let anyones = world.rules.faults.has(Fault::Ec2ForeignVolumeChanged);
    let is_own = |volume: &&Record| anyones || volume.owner == Owner::Account(call.account);
    let volume = world.store.get(kind::VOLUME, id).filter(is_own);
    volume.map(|volume| volume.id().to_owned()).ok_or_else(|| Failure::unknown("InvalidVolume.NotFound", "volume", id))
}

/// The volume that a request names; none of an unknown one that a fault passes over.
fn volume_meant(world: &World, call: &Call<'_>) -> Result<Option<String>, Failure> {
    match own_volume(world, call) {
        Err(_) if world.rules.faults.has(Fault::Ec2UnknownVolumePassedOver) => Ok(None),
        found => found.map(Some),
    }
}

fn is_attached(world: &World, id: &str) -> bool {
    world.store.get(kind::VOLUME, id).is_some_and(|volume| !volume.text("virtualmachineid").is_empty())
}

fn attachment(volume: &Record, status: &str) -> Value {
    json!({
        "volumeId": volume.id(),
        "instanceId": volume.text("virtualmachineid"),
        "device": device(volume),
        "status": status,
        "attachTime": moment(volume.text("attached")),
    })
}

fn volume(volume: &Record) -> Value {
    let attached = !volume.text("virtualmachineid").is_empty();
    let status = match volume.text("state") {
        _ if attached => "in-use",
        "Creating" | "Uploading" => "creating",
        "Destroy" => "deleting",
        _ => "available",
    };
    let attachments = attached.then(|| attachment(volume, "attached"));
    json!({
        "volumeId": volume.id(),
        "size": volume.number("size") / GIGABYTE,
        "snapshotId": "",
        "availabilityZone": volume.text("zonename"),
        "status": status,
        "createTime": moment(volume.text("created")),
        "attachmentSet": items(attachments.into_iter()),
    })
}

/// `DescribeVolumes`: those that are named, or all of the account's.
pub fn describe_volumes(world: &mut World, call: &Call<'_>) -> Answer {
    let anyones = world.rules.faults.has(Fault::Ec2ForeignVolumesListed);
    let is_shown = |volume: &&Record| anyones || volume.owner == Owner::Account(call.account);
    let own = world.store.of(kind::VOLUME).filter(is_shown).collect();
    let volumes = named(call, "VolumeId", own, |id| Failure::unknown("InvalidVolume.NotFound", "volume", id))?;
    Ok(json!({"volumeSet": items(volumes.into_iter().map(volume))}))
}

/// `AttachVolume`: at the next free device. It is attached before anybody asks again.
pub fn attach_volume(world: &mut World, call: &Call<'_>) -> Answer {
    let Some(id) = volume_meant(world, call)? else { return Ok(done()) };
    let machine = call::own(world, call, call.parameters.need("InstanceId")?)?.id().to_owned();
    if is_attached(world, &id) && world.rules.faults.has(Fault::Ec2VolumeStateNotChecked) {
        return Ok(done());
    }
    if world.rules.faults.has(Fault::Ec2AttachLeavesDetached) {
        return Ok(json!({"volumeId": id, "instanceId": machine, "status": "attaching"}));
    }
    native(call, "attachVolume", &[("id", &id), ("virtualmachineid", &machine)]).carry_out_at_once(world)?;
    Ok(world.store.get(kind::VOLUME, &id).map_or_else(done, |volume| attachment(volume, "attaching")))
}

/// `DetachVolume`.
pub fn detach_volume(world: &mut World, call: &Call<'_>) -> Answer {
    let Some(id) = volume_meant(world, call)? else { return Ok(done()) };
    let volume = world.store.get(kind::VOLUME, &id);
    let machine = volume.map(|volume| volume.text("virtualmachineid")).unwrap_or_default().to_owned();
    let faults = &world.rules.faults;
    let is_root = volume.is_some_and(|volume| is_attached(world, &id) && volume.number("deviceid") == 0);
    let passed_over = if is_root { Fault::Ec2VolumeUseNotChecked } else { Fault::Ec2VolumeStateNotChecked };
    if (is_root || !is_attached(world, &id)) && faults.has(passed_over) {
        return Ok(done());
    }
    let elsewhere = call.parameters.get("InstanceId").filter(|wanted| *wanted != machine);
    if let Some(wanted) = elsewhere.filter(|_| !faults.has(Fault::Ec2DetachFromAny)) {
        let text = format!("the volume {id} is not attached to {wanted}");
        return Err(Failure::new("IncorrectState", text));
    }
    let before = volume.map(|volume| attachment(volume, "detaching"));
    if !world.rules.faults.has(Fault::Ec2DetachLeavesAttached) {
        native(call, "detachVolume", &[("id", &id)]).carry_out_at_once(world)?;
    }
    if world.rules.faults.has(Fault::Ec2DetachTakesRoot) {
        let disks = world.store.of(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == machine);
        for disk in disks.map(|disk| disk.id().to_owned()).collect::<Vec<_>>() {
            world.store.change(kind::VOLUME, &disk, |disk| disk.set("virtualmachineid", ""));
        }
    }
    Ok(before.unwrap_or_else(done))
}

/// `DeleteVolume`: only when detached.
pub fn delete_volume(world: &mut World, call: &Call<'_>) -> Answer {
    let Some(id) = volume_meant(world, call)? else { return Ok(done()) };
    let faults = &world.rules.faults;
    if faults.has(Fault::Ec2DeleteLeavesVolume)
        || (is_attached(world, &id) && faults.has(Fault::Ec2VolumeUseNotChecked))
    {
        return Ok(done());
    }
    if faults.has(Fault::Ec2DeleteTakesVolumes) {
        let theirs = world.store.owned_by(kind::VOLUME, call.account).map(|volume| volume.id().to_owned());
        for other in theirs.filter(|other| *other != id && !is_attached(world, other)).collect::<Vec<_>>() {
            native(call, "deleteVolume", &[("id", &other)]).carry_out(world)?;
        }
    }
    native(call, "deleteVolume", &[("id", &id)]).carry_out(world)?;
    Ok(done())
}

fn snapshot(world: &World, snapshot: &Record) -> Value {
    json!({
        "snapshotId": snapshot.id(),
        "volumeId": snapshot.text("volumeid"),
        "status": "completed",
        "startTime": moment(snapshot.text("created")),
        "progress": "100%",
        "ownerId": call::owner(world, snapshot),
        "volumeSize": snapshot.hidden_number("size") / GIGABYTE,
        "description": snapshot.text("name"),
    })
}

/// `CreateSnapshot`.
pub fn create_snapshot(world: &mut World, call: &Call<'_>) -> Answer {
    let Some(id) = volume_meant(world, call)? else { return Ok(done()) };
    let Reply::Content(made) = native(call, "createSnapshot", &[("volumeid", &id)]).carry_out(world)? else {
        return Ok(done());
    };
    let id = made.get("snapshot").and_then(|snapshot| snapshot.get("id")).and_then(Value::as_str).unwrap_or_default();
    Ok(world.store.get(kind::SNAPSHOT, id).map_or_else(done, |made| snapshot(world, made)))
}

/// `DescribeSnapshots`: those that are named, or all of the account's.
pub fn describe_snapshots(world: &mut World, call: &Call<'_>) -> Answer {
    let anyones = world.rules.faults.has(Fault::Ec2ForeignSnapshotsListed);
    let is_shown = |snapshot: &&Record| anyones || snapshot.owner == Owner::Account(call.account);
    let own = world.store.of(kind::SNAPSHOT).filter(is_shown).collect();
    let snapshots = named(call, "SnapshotId", own, |id| Failure::unknown("InvalidSnapshot.NotFound", "snapshot", id))?;
    Ok(json!({"snapshotSet": items(snapshots.into_iter().map(|made| snapshot(world, made)))}))
}

/// `DeleteSnapshot`.
pub fn delete_snapshot(world: &mut World, call: &Call<'_>) -> Answer {
    let id = call.parameters.need("SnapshotId")?;
    let anyones = world.rules.faults.has(Fault::Ec2ForeignSnapshotDeleted);
    let is_own = |made: &&Record| anyones || made.owner == Owner::Account(call.account);
    let snapshot = world.store.get(kind::SNAPSHOT, id).filter(is_own);
    snapshot.ok_or_else(|| Failure::unknown("InvalidSnapshot.NotFound", "snapshot", id))?;
    if !world.rules.faults.has(Fault::Ec2DeleteLeavesSnapshot) {
        native(call, "deleteSnapshot", &[("id", id)]).carry_out(world)?;
    }
    Ok(done())
}

//! Volumes that move, and when snapshots are made of them.

use crate::reference::refusal::Refusal;
use crate::reference::world::{World, kind};

use super::account::is_time_zone;
use super::{Call, Reply, generic, kinds};

/// `migrateVolume`: to another storage pool.
pub fn migrate_volume(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = world.own(kind::VOLUME, call.arguments.need("volumeid")?, call.account)?.id().to_owned();
    let pool = world.usable(kind::STORAGE_POOL, call.arguments.need("storageid")?, call.account)?;
    let pool = pool.text("name").to_owned();
    world.store.change(kind::VOLUME, &id, |volume| volume.set("storage", pool));
    Ok(Reply::Content(generic::shown(world, kind::VOLUME, &id)?))
}

/// The intervals at which snapshots are made, by their numbers.
pub const INTERVALS: [&str; 4] = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY"];

/// How many snapshots a policy may keep, whatever the interval (6.5: `snapshot.max.hourly` and the others).
const MOST_KEPT: u64 = 8;

/// `createSnapshotPolicy`.
pub fn create_policy(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let volume = world.own(kind::VOLUME, call.arguments.need("volumeid")?, call.account)?.id().to_owned();
    let interval = call.arguments.need("intervaltype")?;
    let number = INTERVALS.iter().position(|known| known.eq_ignore_ascii_case(interval));
    let number = number.ok_or_else(|| Refusal::value(format!("there is no interval {interval}")))?;
    let time_zone = call.arguments.need("timezone")?;
    if !is_time_zone(time_zone) {
        return Err(Refusal::value(format!("there is no time zone {time_zone}")));
    }
    let kept = call.arguments.need("maxsnaps")?;
    if !kept.parse::<u64>().is_ok_and(|kept| (1..=MOST_KEPT).contains(&kept)) {
        return Err(Refusal::value(format!("a policy keeps from 1 to {MOST_KEPT} snapshots, not {kept}")));
    }
    let number = number.to_string();
    let arguments = crate::reference::service::Arguments::of(&[
        ("volumeid", &volume),
        ("schedule", call.arguments.need("schedule")?),
        ("intervaltype", &number),
        ("maxsnaps", kept),
        ("timezone", time_zone),
    ]);
    let id = world.ids.fresh();
    let record =
        kinds::make(world, kind::SNAPSHOT_POLICY, &id, kinds::Given { arguments: &arguments, ..call.given() })?;
    generic::add(world, kind::SNAPSHOT_POLICY, record)
}

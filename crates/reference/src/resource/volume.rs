//! Volumes: the root and data disks of machines.

use crate::world::Record;

/// Bytes of a gigabyte.
pub const GIGABYTE: u64 = 1 << 30;

/// The type of a volume that a machine boots from, and of one that holds data.
pub const ROOT: &str = "ROOT";
/// See [`ROOT`].
pub const DATA: &str = "DATADISK";

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
    volume.text("type") == ROOT
}

//! The kinds of resources.

use std::fmt;

/// A kind of resource, named as answers name one of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Kind(&'static str);

impl Kind {
    /// The name that answers give one of the kind.
    pub fn name(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Availability zones.
pub const ZONE: Kind = Kind("zone");
/// Plans of machines.
pub const SERVICE_OFFERING: Kind = Kind("serviceoffering");
/// Plans of data disks.
pub const DISK_OFFERING: Kind = Kind("diskoffering");
/// Types of operating systems.
pub const OS_TYPE: Kind = Kind("ostype");
/// Templates of machines.
pub const TEMPLATE: Kind = Kind("template");
/// Installation media.
pub const ISO: Kind = Kind("iso");
/// Virtual machines.
pub const MACHINE: Kind = Kind("virtualmachine");
/// Groups that an account sorts its machines into.
pub const MACHINE_GROUP: Kind = Kind("instancegroup");
/// Security groups with their rules.
pub const SECURITY_GROUP: Kind = Kind("securitygroup");
/// Root and data disks.
pub const VOLUME: Kind = Kind("volume");
/// Snapshots of volumes.
pub const SNAPSHOT: Kind = Kind("snapshot");
/// Asynchronous jobs. They are listed like resources, but kept apart.
pub const JOB: Kind = Kind("asyncjobs");

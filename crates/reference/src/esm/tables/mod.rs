//! What each operation lists, in the fields of its table or, where it has none, of its sample.

mod alarms;
mod capacity;
mod hosts;
mod logs;
mod resources;

use super::table::Plan;

/// The hosts of the demonstration.
pub(super) const HOSTS: &[&str] = &[
    "00004057-0000-4000-8000-000000000000",
    "00004057-0000-4000-8000-000000000001",
    "00004057-0000-4000-8000-000000000002",
];

/// The kind of id that hosts have.
const HOST: u32 = 0x4057;

/// Their serial numbers.
pub(super) const SERIALS: &[&str] = &["2102311TVA10K9000017", "2102311TVA10K9000018", "2102311TVA10K9000019"];

/// The machines of the demonstration.
pub(super) const MACHINES: &[&str] = &["abfa96bc-29f6-4571-bfba-fcfdf6ad6ebb", "f0ae18b6-40d2-4162-9d6a-7697b9b7eacc"];

/// The addresses of its network devices.
pub(super) const DEVICES: &[&str] = &["198.51.100.7", "198.51.100.8", "198.51.100.9"];

/// The metrics of network devices (4.1.13).
const METRICS: &[&str] = &["59", "60", "14", "18", "101", "102", "61", "52"];

/// The code of the region.
pub(super) const REGION: &str = "cn-north-7";

/// Every table there is.
pub(super) fn plans() -> impl Iterator<Item = Plan> {
    [capacity::PLANS, logs::PLANS, alarms::PLANS, hosts::PLANS, resources::PLANS].into_iter().flatten().copied()
}

//! The audit log and the physical devices (4.1.4, 4.1.5).

use crate::esm::column::Column::{self, Address, Codes, Cycle, Id, Moment, Numbered, Text};
use crate::esm::table::{Heading, Plan, Window};

use super::REGION;

/// The tables of this group.
pub(super) const PLANS: &[Plan] = &[
    Plan {
        operation: "audit-log",
        heading: Heading::Total,
        columns: ENTRY,
        facets: &[("log_type", Cycle(&["0", "1", "0"]))],
        window: Window::Narrows,
    },
    Plan {
        operation: "device-asset",
        heading: Heading::Total,
        columns: DEVICE,
        facets: &[("device_type", Cycle(&["server", "switch", "firewall", "router"]))],
        window: Window::None,
    },
];

const ENTRY: &[(&str, Column)] = &[
    ("id", Numbered("203")),
    ("operating_name", Cycle(&["addSchedule", "login", "deleteSchedule"])),
    ("operating_source", Codes(&[1, 2])),
    ("operation_result", Cycle(&["0", "0", "1"])),
    ("operation_detail", Text("schedule of the capacity report")),
    ("resource_name", Text("CloudCapacity")),
    ("resource_type", Text("schedule")),
    ("operating_user", Cycle(&["capacityApi", "operator"])),
    ("department", Text("operations")),
    ("severity", Cycle(&["1", "2", "3", "4"])),
    ("type", Cycle(&["0", "1", "0"])),
    ("start_time", Moment("%Y-%m-%d %H:%M:%S")),
    ("end_time", Moment("%Y-%m-%d %H:%M:%S")),
    ("resource_id", Id(0x2030)),
    ("resource_region", Text("North-7:cn-north-7")),
    ("source_addr", Address),
    ("region_id", Text(REGION)),
    ("region_name", Text("North-7")),
    ("resource_region_name", Text("North-7")),
];

const DEVICE: &[(&str, Column)] = &[
    ("device_id", Id(0xde)),
    ("name", Numbered("device-")),
    ("device_type", Codes(&[1, 2, 3, 4])),
    ("running_status", Cycle(&["running", "running", "stopped"])),
    ("model", Cycle(&["2288X V5", "CE6881", "USG6650", "NE40E"])),
    ("management_ip", Address),
    ("os", Cycle(&["EulerOS", "VRP"])),
    ("region", Text(REGION)),
];

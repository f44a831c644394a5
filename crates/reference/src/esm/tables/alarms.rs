//! Alarms of cloud services and of devices (4.1.6, 4.1.7): they look the same.

use crate::esm::column::Column::{self, Codes, Count, Cycle, Milliseconds, Numbered, Text};
use crate::esm::table::{Heading, Plan, Window};

use super::REGION;

/// The tables of this group.
pub(super) const PLANS: &[Plan] = &[
    plan("cloud-service-alarm", &[("cleared", CLEARED), ("service_type", Cycle(&["ECS", "EVS"]))]),
    plan("device-alarm", &[("cleared", CLEARED), ("service_type", Cycle(&["Server", "Network"]))]),
];

const fn plan(operation: &'static str, facets: &'static [(&'static str, Column)]) -> Plan {
    Plan { operation, heading: Heading::Total, columns: ALARM, facets, window: Window::Narrows }
}

const CLEARED: Column = Cycle(&["0", "0", "1"]);

const ALARM: &[(&str, Column)] = &[
    ("csn", Numbered("1234")),
    ("alarm_name", Cycle(&["disk is nearly full", "fan failed", "link is down"])),
    ("alarm_id", Codes(&[1001, 1002, 1003])),
    ("severity", Cycle(&["1", "2", "3", "4"])),
    ("event_type", Text("equipment")),
    ("origin_system_type", Text("ManageOne")),
    ("origin_system_name", Text("ManageOne-1")),
    ("moi", Numbered("node=")),
    ("additional_information", Text("")),
    ("latest_occur_utc", Milliseconds),
    ("first_occur_utc", Milliseconds),
    ("meName", Numbered("node-")),
    ("count", Count(1)),
    ("probable_cause", Text("wear")),
    ("region", Text("North-7")),
    ("dc_name", Text("dc-1")),
    ("res_pool_name", Text("pod-1")),
    ("azone_name", Text("az-1")),
    ("tenant", Text("tenant-1")),
    ("nativeMeDn", Numbered("NE=")),
    ("moc", Text("node")),
    ("cleared", CLEARED),
    ("clear_category", Text("")),
    ("clear_utc", Text("")),
    ("clear_user", Text("")),
    ("clear_type", Text("")),
    ("acked", Cycle(&["0", "1"])),
    ("ack_user", Text("")),
    ("ack_utc", Text("")),
    ("merge_key", Numbered("key-")),
    ("me_category", Text("compute")),
    ("me_type", Text("node")),
    ("product_name", Text("agent")),
    ("LogicalRegionId", Text(REGION)),
    ("serviceAffectedType", Text("no")),
    ("affectedService", Text("")),
    ("meDn", Numbered("DN=")),
];

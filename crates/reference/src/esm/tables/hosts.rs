//! Hosts and virtual machines (4.1.8, 4.1.9, 4.1.14 to 4.1.16): the fields are those of the samples.

use crate::esm::column::Column::{self, Address, Count, Cycle, Id, Milliseconds, Moment, Numbered, Text};
use crate::esm::table::{Heading, Plan, Window};

use super::{HOST, HOSTS, MACHINES, REGION, SERIALS};

/// The tables of this group.
pub(super) const PLANS: &[Plan] = &[
    plan("host-metricdata", METRIC, &[("host_id", Cycle(HOSTS))], Window::Narrows),
    plan("host-performancedata", PERFORMANCE, &[("sn", Cycle(SERIALS))], Window::Narrows),
    plan("host-detail", DETAIL, &[("host_id", Id(HOST))], Window::NarrowsUnlessZero),
    plan("ecs-performance", MACHINE, &[("vm_id", Cycle(MACHINES))], Window::NarrowsUnlessZero),
    plan("host-vms", MACHINES_OF_HOST, &[("host_id", Cycle(HOSTS))], Window::None),
];

const fn plan(
    operation: &'static str,
    columns: &'static [(&'static str, Column)],
    facets: &'static [(&'static str, Column)],
    window: Window,
) -> Plan {
    Plan { operation, heading: Heading::Total, columns, facets, window }
}

const METRIC: &[(&str, Column)] = &[
    ("time_stamp", Milliseconds),
    ("monitor_item", Text("memory")),
    ("region_id", Text(REGION)),
    ("az_name", Text("")),
    ("metrics_name", Text("Memory")),
    ("operator", Text("AVG")),
    ("host_id", Cycle(HOSTS)),
    ("az_id", Text("")),
    ("unit", Text("%")),
    ("az_name_en", Text("")),
    ("region_name", Text("")),
    ("data_item", Text("usage")),
    ("region_name_en", Text("")),
    ("value", Cycle(&["79.81", "78.40", "80.02", "77.93"])),
];

const PERFORMANCE: &[(&str, Column)] = &[
    ("dc_code", Text("WC_WUH_18")),
    ("az_code", Text(REGION)),
    ("usage", Text("mgt/mgt-can")),
    ("room_code", Text("wuhd22")),
    ("dates", Moment("%Y-%m-%d")),
    ("metric", Text("CPUUsagePercent")),
    ("pack_code", Text("wuhd22-c-01-7")),
    ("model", Text("2288X V5")),
    ("time", Moment("%Y-%m-%d %-H:%M")),
    ("sn", Cycle(SERIALS)),
    ("Value", Cycle(&["38", "41", "35"])),
    ("region_code", Text(REGION)),
    ("slot_number", Text("4")),
];

/// The sample forgets to escape the quotes in its lists.
const DETAIL: &[(&str, Column)] = &[
    ("REGION_ID", Text(REGION)),
    ("HOST_ID", Id(HOST)),
    ("HOST_NAME", Numbered("ecs_4-CXXX0")),
    ("MANUFACTURER", Text(REGION)),
    ("KERNEL", Text("0")),
    ("CPU", Text(r#"[{"cores":"22","model":"6161","threads":"2","cpu":"2 * 22 * 2 * 6161","sockets":"2"}]"#)),
    ("MEMORY", Text(r#"[{"frequency":"2666 MHz","manufacturer":"Micron","type":"DDR4","size":"32 GB"}]"#)),
    ("DISK", Text(r#"[{"disk":"/dev/sda:599.0GB"},{"disk":"/dev/sdb:1598.0GB"}]"#)),
    ("MAC_IP", Address),
    ("NETWORK_ADAPTER", Text("1")),
    ("RAID", Text("1")),
    ("SN", Id(0x5e)),
    ("CPU_ARCH", Text("x86_64")),
    ("AZ_CODE", Text("1")),
    ("POD_CODE", Text("1")),
    ("CLUSTER_NAME", Text("ecs")),
    ("ROOM_CODE", Text("1")),
    ("RACK_CODE", Text("1")),
    ("DC_CODE", Text("1")),
];

const MACHINE: &[(&str, Column)] = &[
    ("SERVICE", Text("ECS")),
    ("REGION_ID", Text(REGION)),
    ("NAMESPACE", Text("ecs")),
    ("SOURCE_SERVICE", Text("CES")),
    ("SOURCE_TYPE", Text("TenantMon")),
    ("SOURCE_TAG", Text("CN_NORTH_7_ECS")),
    ("TENANT_NAME", Text("tenant-1")),
    ("METRIC_NAME", Text("cpu_usage")),
    ("METRIC_VALUE", Count(10)),
    ("METRIC_UNIT", Text("%")),
    ("INSTANCE_ID", Cycle(MACHINES)),
    ("TIMESTAMP", Milliseconds),
];

const MACHINES_OF_HOST: &[(&str, Column)] = &[
    ("region_id", Text(REGION)),
    ("host_name", Text("CN_NORTH_7_ECS")),
    (
        "vm_list",
        Text(r#"[["abfa96bc-29f6-4571-bfba-fcfdf6ad6ebb", "Euler", [{"cores":"1","threads":"1","sockets":"16"}]]]"#),
    ),
    ("host_id", Cycle(HOSTS)),
    ("host_ip", Address),
    ("last_update_time", Milliseconds),
];

//! Capacities (4.1.2, 4.1.3). What is left stands under both names that the document has for it.

use crate::esm::column::Column::{self, Count, Cycle, Milliseconds, Terabytes, Text};
use crate::esm::table::{Heading, Plan, Window};

const REGIONS: Column = Cycle(&["cn-central-229", "cn-east-264"]);
const ZONES: Column = Cycle(&["MANAGE", "POD", "KVM_POD"]);
const ASKED_ZONES: Column = Cycle(&["manage", "pod", "pod"]);

const fn plan(
    operation: &'static str,
    columns: &'static [(&'static str, Column)],
    facets: &'static [(&'static str, Column)],
) -> Plan {
    Plan { operation, heading: Heading::Message, columns, facets, window: Window::Narrows }
}

/// The tables of this group.
pub(super) const PLANS: &[Plan] = &[
    plan(
        "physical-capacity",
        PHYSICAL,
        &[("device_type", Cycle(&["EVS", "ECS", "ECS"])), ("zone_type", Column::Slow(3, &["manage", "pod", "pod"]))],
    ),
    plan("capacity-ecs", ECS, &[("zone_type", ASKED_ZONES)]),
    plan("capacity-bms", BMS, &[("zone_type", Text("BMS_POD"))]),
    plan("capacity-evs", EVS, &[("zone_type", ASKED_ZONES)]),
    plan("capacity-obs", OBS, &[("zone_type", Text("OBS_POD"))]),
    plan("capacity-eip", EIP, &[("zone_type", Text("EIP_POD"))]),
    plan("capacity-rds", RDS, &[("zone_type", Text("RDS_POD"))]),
    plan("capacity-dcc", DCC, &[("zone_type", Text("DCC_POD"))]),
    plan("capacity-deh", DEH, &[("zone_type", Text("DeH_POD"))]),
    plan("capacity-sfs", SFS, &[("zone_type", Text("SFS_POD"))]),
    plan("capacity-vpn", VPN, &[("zone_type", Text("VPN_POD"))]),
];

const PHYSICAL: &[(&str, Column)] = &[
    ("device_type", Cycle(&["EVS", "ECS", "ECS"])),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Column::Slow(3, &["MANAGE", "POD", "KVM_POD"])),
    ("total", Terabytes(300)),
    ("allocated", Terabytes(100)),
    ("avaliable", Terabytes(200)),
    ("available", Terabytes(200)),
    ("resource_type", Cycle(&["SAS", "C6xLarge", "M6xLarge"])),
    ("metric_type", Cycle(&["SAS", "vCpu", "memory"])),
];

const ECS: &[(&str, Column)] = &[
    ("service_type", Text("ecs-vm")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", ZONES),
    ("total", Count(300)),
    ("allocated", Count(100)),
    ("avaliable", Count(200)),
    ("available", Count(200)),
    ("metric_type", Cycle(&["C6", "M6"])),
];

/// Its table alone spells what is left `available`.
const BMS: &[(&str, Column)] = &[
    ("service_type", Text("BMS")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("POD")),
    ("total", Count(40)),
    ("allocated", Count(10)),
    ("available", Count(30)),
    ("metric_type", Text("physical.kd1ne.2xlarge")),
];

const EVS: &[(&str, Column)] = &[
    ("service_type", Text("EVS")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Cycle(&["MANAGE", "POD", "POD"])),
    ("allocated", Terabytes(400)),
    ("avaliable", Terabytes(600)),
    ("available", Terabytes(600)),
    ("metric_type", Cycle(&["SAS", "SSD"])),
];

const OBS: &[(&str, Column)] = &[
    ("service_type", Text("OBS")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("total", Terabytes(80)),
    ("allocated", Terabytes(20)),
    ("avaliable", Terabytes(60)),
    ("available", Terabytes(60)),
    ("metric_type", Cycle(&["single-AZ", "multi-AZ"])),
];

const EIP: &[(&str, Column)] = &[
    ("service_type", Text("EIP")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("EIP_POD")),
    ("total", Count(500)),
    ("allocated", Count(120)),
    ("avaliable", Count(380)),
    ("available", Count(380)),
    ("metric_type", Text("5_bgp")),
];

const RDS: &[(&str, Column)] = &[
    ("service_type", Text("RDS")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("RDS_POD")),
    ("total", Count(90)),
    ("allocated", Count(50)),
    ("avaliable", Count(40)),
    ("available", Count(40)),
    ("metric_type", Cycle(&["SQLServer", "NoSQLServer"])),
];

const DCC: &[(&str, Column)] = &[
    ("service_type", Text("dcc")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("DCC_POD")),
    ("total", Terabytes(70)),
    ("allocated", Terabytes(30)),
    ("avaliable", Terabytes(40)),
    ("available", Terabytes(40)),
    ("metric_type", Cycle(&["vCpu", "memory"])),
];

const DEH: &[(&str, Column)] = &[
    ("service_type", Text("deh")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("DeH_POD")),
    ("total", Count(64)),
    ("allocated", Count(24)),
    ("avaliable", Count(40)),
    ("available", Count(40)),
    ("metric_type", Text("s3")),
];

const SFS: &[(&str, Column)] = &[
    ("service_type", Text("sfs")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("SFS_POD")),
    ("total", Terabytes(150)),
    ("allocated", Terabytes(50)),
    ("avaliable", Terabytes(100)),
    ("available", Terabytes(100)),
    ("metric_type", Text("capacity")),
];

const VPN: &[(&str, Column)] = &[
    ("service_type", Text("VPN")),
    ("timestamp", Milliseconds),
    ("region", REGIONS),
    ("zone_type", Text("VPN_POD")),
    ("total", Count(200)),
    ("allocated", Count(80)),
    ("avaliable", Count(120)),
    ("available", Count(120)),
    ("metric_type", Cycle(&["connection", "gateway"])),
];

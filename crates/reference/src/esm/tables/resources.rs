//! Load balancers, tenants' resources and network devices (4.1.11 to 4.1.13).

use crate::esm::column::Column::{self, Count, Cycle, Id, Milliseconds, Moment, Numbered, Text};
use crate::esm::table::{Heading, Plan, Window};

use super::{DEVICES, METRICS, REGION};

/// The tables of this group.
pub(super) const PLANS: &[Plan] = &[
    plan("elbv3-capacity", CLUSTER, &[], Window::None),
    plan("tenant-instancedata", USE, &[], Window::Narrows),
    plan(
        "network-device-metric-data",
        METRIC,
        &[("management_ip", Cycle(DEVICES)), ("metric", Cycle(METRICS))],
        Window::NarrowsUnlessZero,
    ),
];

const fn plan(
    operation: &'static str,
    columns: &'static [(&'static str, Column)],
    facets: &'static [(&'static str, Column)],
    window: Window,
) -> Plan {
    Plan { operation, heading: Heading::Total, columns, facets, window }
}

const CLUSTER: &[(&str, Column)] = &[
    ("ms_nodes_list", Text("")),
    ("cluster_name", Text("")),
    ("lb_count", Count(164)),
    ("time_stamp", Milliseconds),
    ("l4_member_capacity", Text("30000")),
    ("l7_member_capacity", Text("20000")),
    ("region_id", Text(REGION)),
    ("type", Text("ELBv3")),
    ("l4_listener_capacity", Text("10000")),
    ("l4_listener_count", Count(319)),
    ("lb_v5_count", Count(40)),
    ("l7_listener_capacity", Text("5000")),
    ("lb_capacity", Text("8000")),
    ("cluster_id", Id(0xe1b)),
    ("l4_member_count", Text("")),
    ("l7_member_count", Count(182)),
    ("l7_listener_count", Count(82)),
    ("region_name", Text("")),
    ("cluster_code", Numbered("elbv3-cluster")),
];

/// What a resource used. Every type of resource has the same rows: nothing in them depends on it.
const USE: &[(&str, Column)] = &[
    ("accumulate_factor_name", Text("Duration")),
    ("accumulate_factor_value", Text("3600")),
    ("az_code", Text("cn-north-7a")),
    ("begin_time", Moment("%Y%m%d%H%M%S")),
    ("bp_info", Text("")),
    ("cloud_service_type_code", Text("hws.service.type.ec2")),
    ("csb_params", Text("")),
    ("domain_id", Text("d1803845584b4626850ce57a8a020e4f")),
    ("domain_name", Text("tenant-1")),
    ("enterprise_project_id", Text("")),
    ("error_msg", Text("")),
    ("extend_params", Text("2")),
    ("extend_params2", Text("")),
    ("record_type", Text("20")),
    ("region_code", Text(REGION)),
    ("relate_parent_resource", Text("")),
    ("relate_root_resource", Text("")),
    ("resource_id", Id(0xf0ae)),
    ("resource_spec_code", Text("ks1.xlarge.2.linux")),
    ("resource_type_code", Text("hws.resource.type.vm")),
    ("site_code", Text("")),
    ("tag", Text("")),
    ("time_stamp", Moment("%Y%m%d%H%M%S")),
    ("project_id", Text("d1803845584b4626850ce57a8a020e4f")),
];

const METRIC: &[(&str, Column)] = &[
    ("device_ip", Cycle(DEVICES)),
    ("res_type", Text("2")),
    ("metric", Cycle(METRICS)),
    ("region_id", Text(REGION)),
    ("value", Count(0)),
    ("timestamp", Milliseconds),
];

//! What clouds are built of: zones, pods, clusters, hosts, storage, and the machines that serve the others.

use crate::world::{Kind, kind};

use super::{
    CREATED, Field, ID, OWNER, Row, address, always, always_number, empty, flag, number, of, renamed, text, text_or,
};

const ZONE: Field = text("zoneid");
const ZONE_NAME: Field = of("zonename", "zoneid", kind::ZONE, "name");
const POD: Field = text("podid");
const POD_NAME: Field = of("podname", "podid", kind::POD, "name");
const CLUSTER: Field = text("clusterid");
const CLUSTER_NAME: Field = of("clustername", "clusterid", kind::CLUSTER, "name");
const HOST: Field = text("hostid");
const HOST_NAME: Field = of("hostname", "hostid", kind::HOST, "name");

const IN_ZONE: &[(Kind, &str)] = &[(kind::POD, "zoneid"), (kind::NETWORK, "zoneid"), (kind::MACHINE, "zoneid")];

pub const ROWS: &[Row] = &[
    Row {
        used_by: IN_ZONE,
        ..Row::provided(
            kind::ZONE,
            &[
                ID,
                text("name"),
                text("description"),
                text("dns1"),
                text("dns2"),
                text("ip6dns1"),
                text("ip6dns2"),
                text("internaldns1"),
                text("internaldns2"),
                text("guestcidraddress"),
                text("domain"),
                text("domainid"),
                text("networktype"),
                Field { name: "securitygroupsenabled", source: super::Source::Flag("securitygroupenabled", false) },
                text_or("allocationstate", "Enabled"),
                text("zonetoken"),
                text_or("dhcpprovider", "VirtualRouter"),
                flag("localstorageenabled", false),
            ],
        )
    },
    Row {
        used_by: &[(kind::CLUSTER, "podid"), (kind::HOST, "podid"), (kind::STORAGE_RANGE, "podid")],
        ..Row::provided(
            kind::POD,
            &[
                ID,
                text("name"),
                of("zoneid", "zoneid", kind::ZONE, "id"),
                ZONE_NAME,
                text("gateway"),
                text("netmask"),
                text("startip"),
                text("endip"),
                text_or("allocationstate", "Enabled"),
            ],
        )
    },
    Row::provided(
        kind::CLUSTER,
        &[
            ID,
            Field { name: "name", source: super::Source::Text("clustername", "cluster") },
            POD,
            POD_NAME,
            ZONE,
            ZONE_NAME,
            Field { name: "hypervisortype", source: super::Source::Text("hypervisor", "XenServer") },
            text_or("clustertype", "CloudManaged"),
            text_or("allocationstate", "Enabled"),
            text_or("managedstate", "Managed"),
        ],
    ),
    Row {
        used_by: &[(kind::MACHINE, "hostid")],
        ..Row::provided(
            kind::HOST,
            &[
                ID,
                Field { name: "name", source: super::Source::Text("url", "") },
                always("state", "Up"),
                always("type", "Routing"),
                renamed("ipaddress", "ipaddress"),
                ZONE,
                ZONE_NAME,
                POD,
                POD_NAME,
                always("version", "4.1.0"),
                text("hypervisor"),
                number("cpunumber", 8),
                number("cpuspeed", 2_400),
                number("memorytotal", 34_359_738_368),
                CLUSTER,
                CLUSTER_NAME,
                always("clustertype", "CloudManaged"),
                CREATED,
                text("hosttags"),
                always("resourcestate", "Enabled"),
            ],
        )
    },
    Row::provided(
        kind::STORAGE_POOL,
        &[
            ID,
            ZONE,
            ZONE_NAME,
            of("podid", "podid", kind::POD, "id"),
            POD_NAME,
            text("name"),
            always("ipaddress", "192.0.2.20"),
            renamed("path", "url"),
            CREATED,
            always("type", "NetworkFilesystem"),
            of("clusterid", "clusterid", kind::CLUSTER, "id"),
            CLUSTER_NAME,
            always_number("disksizetotal", 1_099_511_627_776),
            always_number("disksizeallocated", 0),
            always_number("disksizeused", 0),
            text("tags"),
            always("state", "Up"),
        ],
    ),
    Row::provided(
        kind::SWIFT,
        // The store is shown like a host, but an older description of it has its address and its account.
        &[ID, Field { name: "url", source: super::Source::Text("url", "") }, CREATED, text("account")],
    ),
    Row {
        ..Row::of(
            kind::ROUTER,
            &[
                ID,
                ZONE,
                ZONE_NAME,
                of("dns1", "zoneid", kind::ZONE, "dns1"),
                of("dns2", "zoneid", kind::ZONE, "dns2"),
                of("ip6dns1", "zoneid", kind::ZONE, "ip6dns1"),
                of("ip6dns2", "zoneid", kind::ZONE, "ip6dns2"),
                of("networkdomain", "guestnetworkid", kind::NETWORK, "networkdomain"),
                always("gateway", "203.0.113.1"),
                text("name"),
                POD,
                HOST,
                HOST_NAME,
                address("linklocalip", "169.254.1."),
                always("linklocalnetmask", "255.255.0.0"),
                address("publicip", "203.0.113."),
                always("publicnetmask", "255.255.255.0"),
                always("guestipaddress", "10.1.1.1"),
                always("guestnetmask", "255.255.255.0"),
                text("guestnetworkid"),
                text("templateid"),
                CREATED,
                text_or("state", "Running"),
                OWNER,
                text("serviceofferingid"),
                of("serviceofferingname", "serviceofferingid", kind::SERVICE_OFFERING, "name"),
                flag("isredundantrouter", false),
                always("redundantstate", "UNKNOWN"),
                text("vpcid"),
                empty("nic"),
            ],
        )
    },
    Row::provided(
        kind::SYSTEM_VM,
        &[
            ID,
            text_or("systemvmtype", "consoleproxy"),
            ZONE,
            ZONE_NAME,
            of("dns1", "zoneid", kind::ZONE, "dns1"),
            text("networkdomain"),
            always("gateway", "203.0.113.1"),
            text("name"),
            POD,
            HOST,
            HOST_NAME,
            address("privateip", "192.0.2."),
            always("privatenetmask", "255.255.255.0"),
            address("linklocalip", "169.254.2."),
            always("linklocalnetmask", "255.255.0.0"),
            address("publicip", "203.0.113."),
            always("publicnetmask", "255.255.255.0"),
            text("templateid"),
            CREATED,
            text_or("state", "Running"),
            number("activeviewersessions", 0),
        ],
    ),
    Row::provided(
        kind::HYPERVISOR,
        &[
            ID,
            text("hypervisorversion"),
            text("hypervisor"),
            number("maxguestslimit", 50),
            Field { name: "securitygroupenabled", source: super::Source::Flag("securitygroupenabled", false) },
        ],
    ),
    Row {
        named_by: "hostname",
        ..Row::provided(
            kind::LDAP,
            &[
                text("hostname"),
                text_or("port", "389"),
                text("searchbase"),
                text("queryfilter"),
                text("binddn"),
                text("bindpass"),
            ],
        )
    },
];

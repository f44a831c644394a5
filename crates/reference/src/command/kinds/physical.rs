//! Physical networks: their providers, their types of traffic, their ranges of addresses.

use crate::world::kind;

use super::{ID, Row, always, flag, items, number, of, text, text_or};

pub const ROWS: &[Row] = &[
    Row {
        used_by: &[(kind::NETWORK, "physicalnetworkid"), (kind::F5, "physicalnetworkid")],
        ..Row::provided(
            kind::PHYSICAL_NETWORK,
            &[
                ID,
                text("name"),
                text_or("broadcastdomainrange", "ZONE"),
                of("zoneid", "zoneid", kind::ZONE, "id"),
                text_or("state", "Disabled"),
                text("vlan"),
                text("domainid"),
                text("tags"),
                text_or("isolationmethods", "VLAN"),
                text_or("networkspeed", "1000"),
            ],
        )
    },
    Row::provided(
        kind::PROVIDER,
        &[
            text("name"),
            of("physicalnetworkid", "physicalnetworkid", kind::PHYSICAL_NETWORK, "id"),
            text("destinationphysicalnetworkid"),
            text_or("state", "Disabled"),
            ID,
            items("servicelist"),
            flag("canenableindividualservice", true),
        ],
    ),
    Row::provided(
        kind::TRAFFIC_TYPE,
        &[
            ID,
            text("traffictype"),
            of("physicalnetworkid", "physicalnetworkid", kind::PHYSICAL_NETWORK, "id"),
            text("xennetworklabel"),
            text("kvmnetworklabel"),
            text("vmwarenetworklabel"),
        ],
    ),
    Row {
        named_by: "traffictype",
        ..Row::provided(kind::IMPLEMENTOR, &[text("traffictype"), text("traffictypeimplementor")])
    },
    Row { named_by: "name", ..Row::provided(kind::SERVICE, &[text("name"), items("provider")]) },
    Row::provided(
        kind::STORAGE_RANGE,
        &[
            ID,
            number("vlan", 0),
            of("podid", "podid", kind::POD, "id"),
            text("startip"),
            text("endip"),
            text("gateway"),
            // The network of a range is the one of its own.
            super::id("networkid"),
            of("zoneid", "podid", kind::POD, "zoneid"),
            text("netmask"),
        ],
    ),
    Row::provided(
        kind::ADDRESS_RANGE,
        &[
            ID,
            flag("forvirtualnetwork", false),
            text("zoneid"),
            text_or("vlan", "untagged"),
            super::OWNER,
            text("podid"),
            of("podname", "podid", kind::POD, "name"),
            text("gateway"),
            text("netmask"),
            text("description"),
            text("startip"),
            text("endip"),
            text("networkid"),
            text("physicalnetworkid"),
            text("startipv6"),
            text("endipv6"),
            text("ip6gateway"),
            text("ip6cidr"),
        ],
    ),
    Row::of(
        kind::ROUTER_ELEMENT,
        &[ID, of("nspid", "nspid", kind::PROVIDER, "id"), flag("enabled", false), super::OWNER],
    ),
    Row::provided(
        kind::ALERT,
        &[ID, number("type", 0), text("description"), always("sent", "2013-06-13T09:00:00+0000")],
    ),
];

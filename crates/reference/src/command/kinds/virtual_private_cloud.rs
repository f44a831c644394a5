//! Virtual private clouds, their gateways, rules, routes and tunnels.

use crate::world::kind;

use super::{CREATED, Field, ID, OWNER, Row, TAGS, address, always, empty, flag, number, of, renamed, text, text_or};

/// The far end of a tunnel as a connection shows it.
const fn of_customer(name: &'static str) -> Field {
    of(name, "s2scustomergatewayid", kind::CUSTOMER_GATEWAY, name)
}

pub const ROWS: &[Row] = &[
    Row {
        used_by: &[(kind::NETWORK, "vpcid"), (kind::VPN_GATEWAY, "vpcid"), (kind::PRIVATE_GATEWAY, "vpcid")],
        ..Row::of(
            kind::VPC,
            &[
                ID,
                text("name"),
                text("displaytext"),
                always("state", "Enabled"),
                text("zoneid"),
                of("zonename", "zoneid", kind::ZONE, "name"),
                of("service", "vpcofferingid", kind::VPC_OFFERING, "service"),
                text("cidr"),
                text("vpcofferingid"),
                CREATED,
                OWNER,
                empty("network"),
                flag("restartrequired", false),
                text_or("networkdomain", "cs.example"),
                TAGS,
            ],
        )
    },
    Row {
        used_by: &[(kind::VPC, "vpcofferingid")],
        ..Row::provided(
            kind::VPC_OFFERING,
            &[
                ID,
                text("name"),
                text("displaytext"),
                CREATED,
                flag("isdefault", false),
                text_or("state", "Disabled"),
                empty("service"),
            ],
        )
    },
    Row {
        used_by: &[(kind::STATIC_ROUTE, "gatewayid")],
        ..Row::of(
            kind::PRIVATE_GATEWAY,
            &[
                ID,
                text("gateway"),
                text("netmask"),
                text("ipaddress"),
                of("zoneid", "vpcid", kind::VPC, "zoneid"),
                of("zonename", "vpcid", kind::VPC, "zonename"),
                text("vlan"),
                text("vpcid"),
                text("physicalnetworkid"),
                OWNER,
                always("state", "Ready"),
            ],
        )
    },
    Row::of(
        kind::NETWORK_ACL,
        &[
            ID,
            text("protocol"),
            text("startport"),
            text("endport"),
            text_or("traffictype", "Ingress"),
            always("state", "Active"),
            text_or("cidrlist", "0.0.0.0/0"),
            number("icmptype", 0),
            number("icmpcode", 0),
            TAGS,
        ],
    ),
    Row::of(
        kind::STATIC_ROUTE,
        &[
            ID,
            always("state", "Active"),
            of("vpcid", "gatewayid", kind::PRIVATE_GATEWAY, "vpcid"),
            text("gatewayid"),
            text("cidr"),
            OWNER,
            TAGS,
        ],
    ),
    Row {
        used_by: &[(kind::VPN_CONNECTION, "s2scustomergatewayid")],
        ..Row::of(
            kind::CUSTOMER_GATEWAY,
            &[
                ID,
                text_or("name", "VPN customer gateway"),
                text("gateway"),
                renamed("ipaddress", "gateway"),
                text("cidrlist"),
                text("ipsecpsk"),
                text("ikepolicy"),
                text("esppolicy"),
                number("ikelifetime", 86_400),
                number("esplifetime", 3_600),
                flag("dpd", false),
                OWNER,
            ],
        )
    },
    Row {
        used_by: &[(kind::VPN_CONNECTION, "s2svpngatewayid")],
        ..Row::of(
            kind::VPN_GATEWAY,
            &[
                ID,
                address("publicip", "203.0.113."),
                // A gateway is for one virtual private cloud that is there.
                of("vpcid", "vpcid", kind::VPC, "id"),
                OWNER,
            ],
        )
    },
    Row::of(
        kind::VPN_CONNECTION,
        &[
            ID,
            text("s2svpngatewayid"),
            of("publicip", "s2svpngatewayid", kind::VPN_GATEWAY, "publicip"),
            text("s2scustomergatewayid"),
            of_customer("gateway"),
            of_customer("cidrlist"),
            of_customer("ipsecpsk"),
            of_customer("ikepolicy"),
            of_customer("esppolicy"),
            of_customer("ikelifetime"),
            of_customer("esplifetime"),
            of_customer("dpd"),
            always("state", "Connected"),
            OWNER,
            CREATED,
        ],
    ),
];

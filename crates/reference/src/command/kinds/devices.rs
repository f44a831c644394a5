//! Devices of other makers: load balancers, firewalls, switches.

use crate::world::kind;

use super::{Field, Row, always, flag, id, number, renamed, text, text_or};

const PHYSICAL_NETWORK: Field = text("physicalnetworkid");
const ADDRESS: Field = renamed("ipaddress", "url");

pub const ROWS: &[Row] = &[
    Row {
        named_by: "lbdeviceid",
        ..Row::provided(
            kind::F5,
            &[
                id("lbdeviceid"),
                PHYSICAL_NETWORK,
                always("provider", "F5BigIp"),
                text_or("lbdevicename", "F5BigIpLoadBalancer"),
                always("lbdevicestate", "Enabled"),
                number("lbdevicecapacity", 50),
                flag("lbdevicededicated", false),
                text_or("publicinterface", "1.1"),
                text_or("privateinterface", "1.2"),
                ADDRESS,
            ],
        )
    },
    Row {
        named_by: "lbdeviceid",
        ..Row::provided(
            kind::NETSCALER,
            &[
                id("lbdeviceid"),
                PHYSICAL_NETWORK,
                always("provider", "Netscaler"),
                text_or("lbdevicename", "NetscalerVPXLoadBalancer"),
                always("lbdevicestate", "Enabled"),
                number("lbdevicecapacity", 50),
                flag("lbdevicededicated", false),
                text_or("publicinterface", "1/1"),
                text_or("privateinterface", "1/2"),
                ADDRESS,
                super::items("podids"),
            ],
        )
    },
    Row {
        named_by: "fwdeviceid",
        ..Row::provided(
            kind::SRX,
            &[
                id("fwdeviceid"),
                PHYSICAL_NETWORK,
                always("provider", "JuniperSRX"),
                text_or("fwdevicename", "JuniperSRXFirewall"),
                always("fwdevicestate", "Enabled"),
                number("fwdevicecapacity", 10),
                text("zoneid"),
                ADDRESS,
                text("username"),
                text_or("publicinterface", "ge-0/0/1"),
                text("usageinterface"),
                text_or("privateinterface", "ge-0/0/2"),
                text_or("publiczone", "untrust"),
                text_or("privatezone", "trust"),
                text_or("numretries", "2"),
                text_or("timeout", "300"),
            ],
        )
    },
    Row {
        named_by: "id",
        ..Row::provided(
            kind::NEXUS,
            &[
                id("vsmdeviceid"),
                text("vsmdevicename"),
                text("ipaddress"),
                always("vsmdevicestate", "Enabled"),
                text_or("vsmmgmtvlanid", "99"),
                number("vsmctrlvlanid", 100),
                number("vsmpktvlanid", 101),
                number("vsmstoragevlanid", 102),
                text_or("vsmdomainid", "1"),
                text_or("vsmconfigmode", "Standalone"),
                text_or("vsmconfigstate", "Primary"),
            ],
        )
    },
];

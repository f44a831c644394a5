//! Load balancers, and the groups that grow and shrink behind them.

use crate::world::kind;

use super::{ID, OWNER, Row, TAGS, always, empty, items, number, of, renamed, text, text_or};

pub const ROWS: &[Row] = &[
    Row {
        used_by: &[(kind::SCALE_GROUP, "lbruleid")],
        ..Row::of(
            kind::BALANCER,
            &[
                ID,
                text("name"),
                text("description"),
                text("publicipid"),
                of("publicip", "publicipid", kind::PUBLIC_ADDRESS, "ipaddress"),
                text("publicport"),
                text("privateport"),
                text("algorithm"),
                text("cidrlist"),
                OWNER,
                always("state", "Add"),
                text("zoneid"),
                TAGS,
            ],
        )
    },
    Row::provided(kind::COUNTER, &[ID, text("name"), text("source"), text("value"), text("zoneid")]),
    Row::of(
        kind::CONDITION,
        &[ID, number("threshold", 0), text("relationaloperator"), empty("counter"), OWNER, text("zoneid")],
    ),
    Row::of(
        kind::SCALE_POLICY,
        &[ID, text("action"), number("duration", 0), number("quiettime", 300), empty("conditions"), OWNER],
    ),
    Row::of(
        kind::SCALE_GROUP,
        &[
            ID,
            text("lbruleid"),
            text("vmprofileid"),
            number("minmembers", 1),
            number("maxmembers", 1),
            number("interval", 30),
            always("state", "enabled"),
            empty("scaleuppolicies"),
            empty("scaledownpolicies"),
            OWNER,
        ],
    ),
    Row {
        used_by: &[(kind::SCALE_GROUP, "vmprofileid")],
        ..Row::of(
            kind::SCALE_PROFILE,
            &[
                ID,
                of("zoneid", "zoneid", kind::ZONE, "id"),
                of("serviceofferingid", "serviceofferingid", kind::SERVICE_OFFERING, "id"),
                of("templateid", "templateid", kind::TEMPLATE, "id"),
                text("otherdeployparams"),
                number("destroyvmgraceperiod", 120),
                text("autoscaleuserid"),
                OWNER,
            ],
        )
    },
    Row::of(
        kind::SNAPSHOT_POLICY,
        &[ID, text("volumeid"), text("schedule"), number("intervaltype", 0), number("maxsnaps", 1), text("timezone")],
    ),
    Row {
        named_by: "name",
        unique: "name",
        ..Row::of(kind::KEY_PAIR, &[text("name"), text("fingerprint"), text("privatekey")])
    },
    Row { unique: "name", ..Row::of(kind::MACHINE_GROUP, &[ID, text("name"), super::CREATED, OWNER]) },
    Row::of(
        kind::REMOTE_VPN,
        &[
            text("publicipid"),
            of("publicip", "publicipid", kind::PUBLIC_ADDRESS, "ipaddress"),
            text_or("iprange", "10.1.2.2-10.1.2.8"),
            always("presharedkey", "vNrBk6dCrAWkzFYyX6BfnPNs"),
            OWNER,
            always("state", "Running"),
        ],
    ),
    Row::provided(
        kind::TRAFFIC_MONITOR,
        &[
            ID,
            text("zoneid"),
            renamed("ipaddress", "url"),
            always("numretries", "2"),
            always("timeout", "300"),
            items("includezones"),
            items("excludezones"),
        ],
    ),
];

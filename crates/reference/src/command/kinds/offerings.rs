//! Plans of machines and disks, and the types of what is measured and reported.

use crate::world::kind;

use super::{CREATED, Field, ID, Row, Source, flag, number, of, text, text_or};

const fn of_domain(name: &'static str) -> Field {
    of(name, "domainid", kind::DOMAIN, "name")
}

pub const ROWS: &[Row] = &[
    Row {
        used_by: &[(kind::MACHINE, "serviceofferingid"), (kind::SCALE_PROFILE, "serviceofferingid")],
        ..Row::provided(
            kind::SERVICE_OFFERING,
            &[
                ID,
                text("name"),
                text("displaytext"),
                number("cpunumber", 1),
                number("cpuspeed", 500),
                number("memory", 512),
                CREATED,
                text_or("storagetype", "shared"),
                flag("offerha", false),
                flag("limitcpuuse", false),
                text("tags"),
                text("domainid"),
                of_domain("domain"),
                text("hosttags"),
                flag("issystem", false),
                flag("defaultuse", false),
                text("systemvmtype"),
                number("networkrate", 200),
            ],
        )
    },
    Row {
        used_by: &[(kind::VOLUME, "diskofferingid")],
        ..Row::provided(
            kind::DISK_OFFERING,
            &[
                ID,
                text("domainid"),
                of_domain("domain"),
                text("name"),
                text("displaytext"),
                number("disksize", 0),
                CREATED,
                Field { name: "iscustomized", source: Source::Flag("customized", false) },
                text("tags"),
                text_or("storagetype", "shared"),
            ],
        )
    },
    Row::provided(kind::USAGE_TYPE, &[number("usagetypeid", 0), text("description")]),
    Row::provided(kind::EVENT_TYPE, &[text("name")]),
];

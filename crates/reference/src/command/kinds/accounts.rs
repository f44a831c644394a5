//! Domains, accounts, users, projects: what is shown of them. The cloud keeps who they are apart.

use crate::world::kind;

use super::{CREATED, Field, ID, Row, Source, TAGS, empty, flag, number, of, renamed, text, text_or};

const DOMAIN: Field = of("domain", "domainid", kind::DOMAIN, "name");

pub const ROWS: &[Row] = &[
    Row::provided(
        kind::DOMAIN,
        &[
            ID,
            text("name"),
            number("level", 0),
            renamed("parentdomainid", "parentdomainid"),
            of("parentdomainname", "parentdomainid", kind::DOMAIN, "name"),
            flag("haschild", false),
            text("networkdomain"),
            text("path"),
        ],
    ),
    Row::of(
        kind::ACCOUNT,
        &[
            ID,
            text("name"),
            number("accounttype", 0),
            text("domainid"),
            DOMAIN,
            text("defaultzoneid"),
            number("receivedbytes", 0),
            number("sentbytes", 0),
            text_or("state", "enabled"),
            flag("iscleanuprequired", false),
            empty("user"),
            text("networkdomain"),
        ],
    ),
    Row {
        unique: "username",
        ..Row::of(
            kind::USER,
            &[
                ID,
                text("username"),
                text("firstname"),
                text("lastname"),
                text("email"),
                CREATED,
                text_or("state", "enabled"),
                text("account"),
                number("accounttype", 0),
                text("domainid"),
                DOMAIN,
                text("timezone"),
                text("apikey"),
                text("secretkey"),
                text("accountid"),
            ],
        )
    },
    Row::of(
        kind::PROJECT,
        &[
            ID,
            text("name"),
            text("displaytext"),
            text("domainid"),
            DOMAIN,
            text("account"),
            text_or("state", "Active"),
            TAGS,
        ],
    ),
    Row::of(
        kind::INVITATION,
        &[
            ID,
            text("projectid"),
            of("project", "projectid", kind::PROJECT, "name"),
            of("domainid", "projectid", kind::PROJECT, "domainid"),
            of("domain", "projectid", kind::PROJECT, "domain"),
            text("account"),
            text("email"),
            text_or("state", "Pending"),
        ],
    ),
    Row::of(
        kind::EVENT,
        &[
            ID,
            text("username"),
            text("type"),
            text_or("level", "INFO"),
            text("description"),
            super::OWNER,
            CREATED,
            text_or("state", "Completed"),
            Field { name: "parentid", source: Source::Text("parentid", "") },
        ],
    ),
];

//! What the cloud begins with: the preset services of the tenants, and the sheet of values for new ones.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::catalogue;
use super::order::Connection;
use super::service::{Ordered, Service, State};
use super::tenant::Tenant;
use super::traffic;

/// When the preset services were made: the moment that the example shows.
const CREATED: i64 = 1_494_052_819_361;

/// Whether a service is one of the preset ones.
pub fn is_preset(service: &Service) -> bool {
    service.created.as_millisecond() == CREATED
}

/// A row of the preset data: tenant, service id, name and the name of its `CloudVPN`.
type Row = (Tenant, &'static str, &'static str, &'static str);

/// The ids are repaired where they contain a line break; that of `nbitest_15` can't be, and is made up.
const ROWS: [Row; 6] = [
    (Tenant::Nbitest11, "8hiqoNgCSZmrlD1MyROJbg", "s2s_201705061433", "VPNS2S201705061433"),
    (Tenant::Nbitest12, "9LbuAd11Qe-cuGnVONz6qw", "site2dc_201705071132", "OS2DC201705071132"),
    (Tenant::Nbitest13, "FLAUUc8NT0qN-mNTM_lcfw", "site2dc3_201705081840", "OS2DC3201705081840"),
    (Tenant::Nbitest14, "L8YNdmm4Rg-SJcMnlucUQA", "site2dc4_201705071158", "OS2DC4201705092039"),
    (Tenant::Nbitest15, "FbqROiHgSyGhZpszpJPXHA", "site2dc5_201705071256", "OS2DC5201705071256"),
    (Tenant::Nbitest16, "BkLfgSbKQXybr0kkj8MQTQ", "site2dc6_201705071300", "OS2DC6201705071300"),
];

/// The preset services.
pub fn services() -> Vec<Service> {
    ROWS.into_iter().map(preset).collect()
}

fn preset((tenant, id, name, vpn): Row) -> Service {
    let connection = if tenant == Tenant::Nbitest11 { between_sites(vpn) } else { to_data_centre(vpn) };
    let created = Timestamp::from_millisecond(CREATED).unwrap_or(Timestamp::UNIX_EPOCH);
    Service {
        id: id.to_owned(),
        tenant,
        order: Ordered {
            name: name.to_owned(),
            description: String::new(),
            definition: catalogue::OPEN.id.to_owned(),
            template: catalogue::OPEN.template.to_owned(),
            connections: vec![connection],
        },
        created,
        in_operation_since: Some(created),
        state: State::Completed,
    }
}

/// As the example of a single query shows it.
fn between_sites(vpn: &str) -> Connection {
    let members = json!({
        "Bandwidth": "30000",
        "CPE_A_ESN": "21500102003GG3000630",
        "CPE_A_Position": "siteA201705061433",
        "CPE_A_Site": "siteA201705061433",
        "CPE_A_Type": "AR169FGW-L",
        "CPE_Z_ESN": "21500102003GG3000674",
        "CPE_Z_Position": "siteZ201705061433",
        "CPE_Z_Site": "siteZ201705061433",
        "CPE_Z_Type": "AR169FGW-L",
        "CloudVpnName": vpn,
        "VNI": "1236",
    });
    connection("Site2SiteList", members)
}

/// As the example of a creation orders it.
fn to_data_centre(vpn: &str) -> Connection {
    let mut members = json!({"Bandwidth": "60000", "CloudVpnName": vpn});
    for (name, variable) in SHEET {
        members[name] = json!(variable.1);
    }
    connection("Site2DCList", members)
}

fn connection(list: &'static str, members: Value) -> Connection {
    let members = match members {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    };
    Connection { list, members }
}

/// The sheet that was handed out with the slides, as far as the example of a creation shows it: each member of a connection
/// with the name that scenarios know its value by, and that value.
const SHEET: [(&str, (&str, &str)); 9] = [
    ("VPC_ID", ("vpc", "db79cd8b-91e2-43f8-9791-54b8b2181a70")),
    ("VNI", ("vni", "2236")),
    ("CPE_A_Site", ("cpe_site", "siteDC201705071132")),
    ("CPE_A_Type", ("cpe_type", "AR169FGW-L")),
    ("CPE_A_ESN", ("cpe_esn", "21500102003GG3000704")),
    ("CPE_A_Position", ("cpe_site", "siteDC201705071132")),
    ("CPE_A_POP", ("cpe_pop", "Manager_VPC")),
    ("cidr", ("cidr", "163.113.12.1")),
    ("cidrBlockSize", ("cidr_block_size", "24")),
];

/// Names for scenarios, and their values.
pub fn variables() -> Vec<(String, String)> {
    let sheet = SHEET.into_iter().filter(|(member, _)| *member != "CPE_A_Position").map(|(_, variable)| variable);
    let others = [
        ("foreign_definition", catalogue::FOREIGN.id),
        ("foreign_template", catalogue::FOREIGN.template),
        ("utilisation", traffic::UTILISATION),
    ];
    sheet.chain(others).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

//! What the cloud begins with: the preset services of the tenants, and the sheet of values for new ones.

use jiff::Timestamp;

use super::facts::{Tenant, facts};
use super::service::{Ordered, Service, State};

/// Whether a service is one of the preset ones.
pub fn is_preset(service: &Service) -> bool {
    service.created.as_millisecond() == facts().services_created
}

/// The preset services.
pub fn services() -> Vec<Service> {
    facts().tenants.iter().filter_map(preset).collect()
}

fn preset(tenant: &'static Tenant) -> Option<Service> {
    let mut connection = facts().connections.get(&tenant.connects)?.clone();
    connection.members.insert("CloudVpnName".to_owned(), tenant.vpn.as_str().into());
    let definition = facts().definitions.first()?;
    let created = Timestamp::from_millisecond(facts().services_created).unwrap_or(Timestamp::UNIX_EPOCH);
    Some(Service {
        id: tenant.service.clone(),
        tenant,
        order: Ordered {
            name: tenant.service_name.clone(),
            description: String::new(),
            definition: definition.id.clone(),
            template: definition.template.clone(),
            connections: vec![connection],
        },
        created,
        in_operation_since: Some(created),
        state: State::Completed,
    })
}

/// Names for scenarios, and their values.
pub fn variables() -> Vec<(String, String)> {
    let facts = facts();
    let ordered = facts.connections.get("data-centre");
    let value = |member: &str| ordered?.members.get(member)?.as_str().map(str::to_owned);
    let sheet = facts.sheet.iter().filter_map(|(name, member)| Some((name.clone(), value(member)?)));
    let foreign =
        facts.definitions.iter().filter(|definition| definition.foreign).flat_map(|definition| {
            [("foreign_definition", &definition.id), ("foreign_template", &definition.template)]
        });
    let others = foreign.chain([("utilisation", &facts.utilisation)]);
    sheet.chain(others.map(|(name, value)| (name.to_owned(), value.clone()))).collect()
}

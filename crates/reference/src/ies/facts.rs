//! What the cloud knows and begins with. `data/ies/cloud.yaml` says it.

use std::sync::LazyLock;

use assay_suite::source::Diagnostics;
use indexmap::IndexMap;
use serde::Deserialize;

use crate::data;

use super::connection::{Connection, Fields};

/// The document.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// What is in `Authorization`, whichever the tenant.
    pub bearer: String,
    /// The tenants.
    pub tenants: Vec<Tenant>,
    /// When the preset services were made, in milliseconds since 1970.
    pub services_created: i64,
    /// The connections of the preset services.
    pub connections: IndexMap<String, Connection>,
    /// Members of a connection to a data centre, by the names that scenarios know their values by.
    pub sheet: IndexMap<String, String>,
    /// The service definitions.
    pub definitions: Vec<Definition>,
    /// What every definition shows.
    pub definition_shows: Fields,
    /// The lists of connections that a service can have.
    pub lists: Vec<String>,
    /// Members of a connection that are numbers, written as text.
    pub numbers: Vec<String>,
    /// The devices that there are.
    pub devices: Vec<String>,
    /// The greatest bandwidth that a line carries.
    pub most_bandwidth: u64,
    /// The name of the metric that is a rate.
    pub rate: String,
    /// The name of the metric in percent of the bandwidth.
    pub utilisation: String,
    /// What was measured of the preset services: seconds since 1970, and a rate.
    pub sample: Vec<(i64, String)>,
}

/// A tenant, with its preset service.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tenant {
    /// Its account.
    pub name: String,
    /// Whether it may create services, and not only scale its own.
    #[serde(default)]
    pub creates: bool,
    /// The id of its service.
    pub service: String,
    /// The name of its service.
    pub service_name: String,
    /// The name of that service's `CloudVPN`.
    pub vpn: String,
    /// The connection of its service.
    pub connects: String,
}

/// A service definition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its id.
    pub id: String,
    /// The id of its only template.
    pub template: String,
    /// Its name.
    pub name: String,
    /// Whether it is not for the tenants of the preset data.
    #[serde(default)]
    pub foreign: bool,
}

/// What is known. A test holds that the document has no mistakes.
pub fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> =
        LazyLock::new(|| data::document("ies/cloud.yaml", &mut Diagnostics::new()).unwrap_or_default());
    &FACTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_have_no_mistakes() {
        let mut mistakes = Diagnostics::new();
        let facts: Option<Facts> = data::document("ies/cloud.yaml", &mut mistakes);
        assert_eq!(mistakes.iter().count(), 0, "{}", data::tests::written(&mistakes));
        let facts = facts.unwrap();
        assert!(facts.tenants.iter().all(|tenant| facts.connections.contains_key(&tenant.connects)));
    }
}

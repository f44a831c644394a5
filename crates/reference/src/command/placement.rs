//! Hosts, clusters, and what is on physical networks.

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::world::{Fields, World, kind};
use assay_suite::Suite;

use super::call::{Call, Reply};
use super::generic;
use super::kinds::{self, Given};

fn listed(name: &str, item: &Fields) -> Reply {
    Reply::Content(fields(json!({"count": 1, name: [item]})))
}

/// `addCluster`: with the switch of a `VMware` cluster, if one is named.
pub fn add_cluster(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = world.ids.fresh();
    let cluster = kinds::make(world, kind::CLUSTER, &id, call.given())?;
    let shown = cluster.fields.clone();
    world.add(kind::CLUSTER, cluster)?;
    if let Some(address) = call.arguments.get("vsmipaddress") {
        add_switch(world, call, &id, address)?;
    }
    Ok(listed("cluster", &shown))
}

fn add_switch(world: &mut World, call: &Call<'_>, cluster: &str, address: &str) -> Result<(), ApiError> {
    let switch = world.ids.fresh();
    let arguments = Arguments::of(&[("vsmdevicename", "switch"), ("ipaddress", address)]);
    let record = kinds::make(world, kind::NEXUS, &switch, Given { arguments: &arguments, ..call.given() })?;
    let zone = call.arguments.get("zoneid").unwrap_or_default();
    let record = record.hiding("clusterid", cluster).hiding("zoneid", zone);
    world.add(kind::NEXUS, record).map(|_| ())
}

/// `listSupportedNetworkServices`: all, or those of a provider.
#[expect(clippy::unnecessary_wraps, reason = "commands may refuse; this one never does")]
pub fn services(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let provider = call.arguments.get("provider");
    let provides = |service: &Fields| {
        let providers = service.get("provider").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        provider.is_none_or(|wanted| providers.iter().any(|known| known.get("name") == Some(&Value::from(wanted))))
    };
    let wanted = |service: &&Fields| {
        provides(service)
            && call.arguments.get("service").is_none_or(|name| service.get("name") == Some(&Value::from(name)))
    };
    Ok(world.store.of(kind::SERVICE).map(|service| &service.fields).filter(wanted).cloned().collect())
}

/// The networks that a device serves: those on its physical network that were given to it.
pub fn networks_of(world: &World, _suite: &Suite, call: &Call<'_>) -> Result<Vec<Fields>, ApiError> {
    let kind = call.command.of.unwrap_or(kind::F5);
    let device = world.own(kind, call.arguments.need("lbdeviceid")?, call.account)?;
    let served = world
        .store
        .of(kind::NETWORK)
        .filter(|network| network.hidden_text("devices").split(',').any(|known| known == device.id()));
    Ok(served.map(|network| network.fields.clone()).collect())
}

/// `deleteCiscoNexusVSM`. A switch whose cluster is there is found again at once.
pub fn delete_switch(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let switch = generic::named(world, call, kind::NEXUS)?;
    if world.store.get(kind::CLUSTER, switch.hidden_text("clusterid")).is_some() {
        return Ok(Reply::Success);
    }
    generic::delete(world, call, kind::NEXUS)
}

/// `updateZone`: the addresses of its guests only as long as it has none (6.5).
pub fn check_guests(world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let zone = generic::named(world, call, kind::ZONE)?;
    let occupied = world.store.of(kind::MACHINE).any(|machine| machine.text("zoneid") == zone.id());
    if occupied && call.arguments.get("guestcidraddress").is_some_and(|block| block != zone.text("guestcidraddress")) {
        return Err(ApiError::new(Reason::InUse, format!("there are machines in the zone {}", zone.id())));
    }
    Ok(())
}

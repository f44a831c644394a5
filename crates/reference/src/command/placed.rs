//! Where CloudStack puts a new machine: a host, networks, a key pair, and whether it is started.

use indexmap::IndexMap;
use serde_json::Value;

use crate::arguments::Arguments;
use crate::fault::Fault;
use crate::policy::Dialect;
use crate::refusal::{ApiError, Reason};
use crate::resource::machine::State;
use crate::world::{Owner, Record, World, kind};

use super::call::Call;
use super::kinds::{self, Given};
use super::machine::check_key;
use super::nic::{Chosen, Place, nic};

/// The memory of the largest host, in megabytes.
const LARGEST_HOST: u64 = 65_536;

/// The hypervisors whose machines can have addresses of IPv6.
const IP6_HYPERVISORS: [&str; 2] = ["XenServer", "KVM"];

/// When a new machine is started (`CloudStack` developer's guide 4.1, 4.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// As part of its deployment.
    AtOnce,
    /// Not before somebody asks.
    Later,
}

/// Completes a new machine as CloudStack does.
pub fn complete(world: &mut World, call: &Call<'_>, mut machine: Record) -> Result<(Record, Start), ApiError> {
    let later =
        call.arguments.get("startvm") == Some("false") && !world.rules.faults.has(Fault::CloudstackStartvmIgnored);
    if let Some(key) = call.arguments.get("keypair") {
        check_key(world, call, call.owner(), key)?;
    }
    machine.set("keypair", call.arguments.get("keypair").unwrap_or_default());
    let template = world.store.get(kind::TEMPLATE, machine.text("templateid"));
    let hypervisor = template.map(|template| template.text("hypervisor").to_owned());
    machine.set("hypervisor", call.arguments.get("hypervisor").map(str::to_owned).or(hypervisor).unwrap_or_default());
    if machine.text("hypervisor").is_empty() {
        machine.set("hypervisor", "XenServer");
    }
    machine.set("instancename", format!("i-2-{}-VM", world.ids.number()));
    let networks = networks(world, call, &machine)?;
    if !networks.is_empty() {
        machine.set("nic", nics(world, call, &networks));
        for network in &networks {
            ensure_router(world, call, network)?;
        }
    }
    if later {
        machine.set("state", State::Stopped.name());
        return Ok((machine, Start::Later));
    }
    set_host(world, call, &mut machine)?;
    Ok((machine, Start::AtOnce))
}

fn set_host(world: &World, call: &Call<'_>, machine: &mut Record) -> Result<(), ApiError> {
    let host = match call.arguments.get("hostid") {
        Some(id) => Some(world.usable(kind::HOST, id, call.account)?),
        None => world.store.of(kind::HOST).find(|host| host.text("zoneid") == machine.text("zoneid")),
    };
    if let Some(host) = host {
        machine.set("hostid", host.id());
        machine.set("hostname", host.text("name"));
    }
    Ok(())
}

/// The networks that a call names, or else the first of the owner's in the zone.
fn networks(world: &World, call: &Call<'_>, machine: &Record) -> Result<Vec<Record>, ApiError> {
    let zone = machine.text("zoneid");
    let entries = call.arguments.entries("iptonetworklist");
    let mut named = call.arguments.items("networkids");
    named.extend(entries.values().filter_map(|entry| entry.get("networkid")).map(String::as_str));
    let mut networks = Vec::new();
    for id in named {
        let network = world.usable(kind::NETWORK, id, call.account)?;
        if network.text("zoneid") != zone {
            return Err(ApiError::value(format!("the network {id} is in another zone")));
        }
        let taken = |other: &&Record| {
            let on = |nic: &Value| nic.get("networkid").and_then(Value::as_str) == Some(id);
            other.items("nic").iter().any(on) && other.text("name") == machine.text("name")
        };
        if world.store.of(kind::MACHINE).any(|other| taken(&other)) {
            return Err(ApiError::value(format!(
                "there is already a machine named {} on the network",
                machine.text("name")
            )));
        }
        networks.push(network.clone());
    }
    if networks.is_empty() {
        let in_zone = |network: &&Record| network.text("zoneid") == zone && network.text("vpcid").is_empty();
        let own = world.store.of(kind::NETWORK).filter(in_zone).find(|network| network.owner == call.owner());
        let shared = || world.store.of(kind::NETWORK).filter(in_zone).find(|network| network.owner == Owner::Everyone);
        networks.extend(own.or_else(shared).cloned());
    }
    Ok(networks)
}

/// The first machine on an isolated network comes with a router for it.
fn ensure_router(world: &mut World, call: &Call<'_>, network: &Record) -> Result<(), ApiError> {
    let routed = world.store.of(kind::ROUTER).any(|router| router.text("guestnetworkid") == network.id());
    if routed || network.text("type") != "Isolated" {
        return Ok(());
    }
    let offering = world.store.of(kind::SERVICE_OFFERING).find(|offering| offering.text("name") == "router_offering");
    let offering = offering.map(|offering| offering.id().to_owned()).unwrap_or_default();
    let id = world.ids.fresh();
    let name = format!("r-{}-VM", world.ids.number());
    let arguments = Arguments::of(&[
        ("name", &name),
        ("zoneid", network.text("zoneid")),
        ("guestnetworkid", network.id()),
        ("serviceofferingid", &offering),
        ("vpcid", network.text("vpcid")),
    ]);
    let given = Given { arguments: &arguments, caller: call.account, owner: network.owner };
    let mut router = kinds::make(world, kind::ROUTER, &id, given)?;
    router.set("nic", vec![nic(world, network, Place::Default, &Chosen::default())]);
    world.add(kind::ROUTER, router)?;
    world.store.change(kind::NETWORK, network.id(), |network| network.set("state", "Implemented"));
    Ok(())
}

fn nics(world: &mut World, call: &Call<'_>, networks: &[Record]) -> Vec<Value> {
    let entries: Vec<IndexMap<String, String>> = call.arguments.entries("iptonetworklist").into_values().collect();
    let mut nics = Vec::new();
    for (place, network) in networks.iter().enumerate() {
        let entry = entries.iter().find(|entry| entry.get("networkid").map(String::as_str) == Some(network.id()));
        let of_entry = |name: &str| entry.and_then(|entry| entry.get(name)).map(String::as_str);
        let first = place == 0;
        let chosen = Chosen {
            address: of_entry("ip").or_else(|| call.arguments.get("ipaddress").filter(|_| first)),
            address6: of_entry("ipv6").or_else(|| call.arguments.get("ip6address").filter(|_| first)),
        };
        let place = if first { Place::Default } else { Place::Further };
        nics.push(nic(world, network, place, &chosen));
    }
    nics
}

/// Refuses a machine that can't be where it was put. It is gone then.
pub fn check_placement(world: &mut World, id: &str) -> Result<(), ApiError> {
    let refusal = misplacement(world.store.existing(kind::MACHINE, id)?);
    let Some(refusal) = refusal.filter(|_| world.rules.dialect == Dialect::CloudStack) else { return Ok(()) };
    world.store.remove(kind::MACHINE, id);
    let disks = world.store.of(kind::VOLUME).filter(|disk| disk.text("virtualmachineid") == id);
    let disks: Vec<_> = disks.map(|disk| disk.id().to_owned()).collect();
    for disk in disks {
        world.store.remove(kind::VOLUME, &disk);
    }
    Err(refusal)
}

/// No host is large enough, or IPv6 is not for it (4.1.2).
fn misplacement(machine: &Record) -> Option<ApiError> {
    let id = machine.id();
    if machine.number("memory") > LARGEST_HOST {
        let text = format!("Unable to deploy virtual machine id = {id} due to not enough capacity");
        return Some(ApiError::new(Reason::Capacity, text));
    }
    let has_ip6 =
        |nic: &Value| nic.get("ip6address").and_then(Value::as_str).is_some_and(|address| !address.is_empty());
    if !machine.items("nic").iter().any(has_ip6) {
        return None;
    }
    let hypervisor = machine.text("hypervisor");
    if !IP6_HYPERVISORS.contains(&hypervisor) {
        return Some(ApiError::new(Reason::Unsupported, format!("there is no IPv6 on {hypervisor}")));
    }
    let grouped = !machine.items("securitygroup").is_empty();
    grouped.then(|| ApiError::new(Reason::Unsupported, "there are no security groups on networks with IPv6"))
}

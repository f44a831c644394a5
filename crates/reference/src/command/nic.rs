//! The network interfaces of machines (`CloudStack` developer's guide 4.1, 4.1.1).

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::refusal::ApiError;
use crate::resource::machine::State;
use crate::world::{Record, World, kind};

use super::call::{Call, Reply};
use super::generic;
use super::lifecycle::check_state;

/// The states in which interfaces can be changed.
const STATES: [State; 2] = [State::Running, State::Stopped];

/// The hypervisors whose machines can be given interfaces.
const HYPERVISORS: [&str; 2] = ["XenServer", "KVM"];

/// Whether an interface is the one that a machine's default route goes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is.
    Default,
    /// It is another.
    Further,
}

/// An interface of a machine on a network, with an address of its own or a chosen one.
pub fn nic(world: &mut World, network: &Record, place: Place, chosen: &Chosen<'_>) -> Value {
    let (id, number) = (world.ids.fresh(), world.ids.number());
    let (gateway, speaks_ip4) = (network.text("gateway"), !network.text("gateway").is_empty());
    let host = number % 250 + 3;
    let prefix = gateway.rsplit_once('.').map_or("10.1.1", |(prefix, _)| prefix);
    let own = if speaks_ip4 { format!("{prefix}.{host}") } else { String::new() };
    let block = network.text("ip6cidr");
    let own6 = block.split_once("::").map(|(prefix, _)| written_out(&format!("{prefix}::{:x}", number + 0x10)));
    let own6 = chosen.address6.map(written_out).or(own6).filter(|_| !block.is_empty()).unwrap_or_default();
    json!({
        "id": id,
        "networkid": network.id(),
        "networkname": network.text("name"),
        "netmask": network.text("netmask"),
        "gateway": gateway,
        "ipaddress": chosen.address.map_or(own, str::to_owned),
        "isolationuri": "vlan://295",
        "broadcasturi": "vlan://295",
        "traffictype": "Guest",
        "type": network.text("type"),
        "isdefault": place == Place::Default,
        "macaddress": format!("02:00:{:02x}:{:02x}:{:02x}:{:02x}", number >> 24 & 0xff, number >> 16 & 0xff, number >> 8 & 0xff, number & 0xff),
        "ip6gateway": network.text("ip6gateway"),
        "ip6cidr": block,
        "ip6address": own6,
    })
}

/// The one interface of a machine in a flat network.
pub fn flat_nic(world: &mut World, zone: &str) -> Value {
    let (id, number, network) = (world.ids.fresh(), world.ids.number(), world.ids.named(&format!("network {zone}")));
    // Host 0 is the network and host 1 the gateway; beyond 65,000 machines, addresses come again.
    let host = number % 65_000 + 2;
    let (high, low) = (host / 256, host % 256);
    json!({
        "id": id,
        "networkid": network,
        "netmask": "255.255.0.0",
        "gateway": "10.1.0.1",
        "ipaddress": format!("10.1.{high}.{low}"),
        "traffictype": "Guest",
        "type": "Shared",
        "isdefault": true,
        "macaddress": format!("06:00:0a:01:{high:02x}:{low:02x}"),
    })
}

/// An IPv6 address as eight groups of four digits.
fn written_out(address: &str) -> String {
    match address.parse::<std::net::Ipv6Addr>() {
        Ok(address) => address.segments().map(|group| format!("{group:04x}")).join(":"),
        Err(_) => address.to_owned(),
    }
}

/// Addresses that a request chooses.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chosen<'a> {
    /// An IPv4 address.
    pub address: Option<&'a str>,
    /// An IPv6 address.
    pub address6: Option<&'a str>,
}

fn machine<'a>(world: &'a World, call: &Call<'_>) -> Result<&'a Record, ApiError> {
    let machine = world.own(kind::MACHINE, call.arguments.need("virtualmachineid")?, call.account)?;
    check_state(machine, &STATES, "given other interfaces")?;
    if !HYPERVISORS.contains(&machine.text("hypervisor")) {
        let hypervisor = machine.text("hypervisor");
        return Err(ApiError::new(
            crate::refusal::Reason::Unsupported,
            format!("interfaces can't be changed on {hypervisor}"),
        ));
    }
    Ok(machine)
}

fn text<'a>(nic: &'a Value, field: &str) -> &'a str {
    nic.get(field).and_then(Value::as_str).unwrap_or_default()
}

/// `addNicToVirtualMachine`.
pub fn add(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let machine = machine(world, call)?;
    let (id, name) = (machine.id().to_owned(), machine.text("name").to_owned());
    let network = world.usable(kind::NETWORK, call.arguments.need("networkid")?, call.account)?.clone();
    if network.text("zoneid") != machine.text("zoneid") {
        return Err(ApiError::value(format!("the network {} is in another zone", network.id())));
    }
    if machine.items("nic").iter().any(|nic| text(nic, "networkid") == network.id()) {
        return Err(ApiError::value(format!("the machine {id} is on the network {} already", network.id())));
    }
    let on_network = |other: &&Record| other.items("nic").iter().any(|nic| text(nic, "networkid") == network.id());
    let same = |other: &Record| other.id() != id && other.text("name") == name;
    world.rules.faults.check(Fault::CloudstackNameTwiceOnNetwork, || {
        match world.store.of(kind::MACHINE).filter(on_network).find(|other| same(other)) {
            Some(_) => Err(ApiError::value(format!("there is already a machine named {name} on the network"))),
            None => Ok(()),
        }
    })?;
    let chosen = Chosen { address: call.arguments.get("ipaddress"), address6: None };
    let nic = nic(world, &network, Place::Further, &chosen);
    world.store.change(kind::MACHINE, &id, |machine| machine.change_items("nic", |nics| nics.push(nic)));
    Ok(Reply::Content(generic::shown(world, kind::MACHINE, &id)?))
}

/// The interface that a call names, of the machine that it names.
fn chosen(world: &World, call: &Call<'_>) -> Result<(String, Value), ApiError> {
    let machine = machine(world, call)?;
    let id = call.arguments.need("nicid")?;
    let nic = machine.items("nic").iter().find(|nic| text(nic, "id") == id);
    let nic = nic.ok_or_else(|| ApiError::unknown(format!("interface of the machine {}", machine.id()), id))?;
    Ok((machine.id().to_owned(), nic.clone()))
}

fn is_default(nic: &Value) -> bool {
    nic.get("isdefault") == Some(&Value::Bool(true))
}

/// `removeNicFromVirtualMachine`: not the default one.
pub fn remove(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (machine, nic) = chosen(world, call)?;
    world.rules.faults.check(Fault::CloudstackDefaultNicRemoved, || {
        if is_default(&nic) {
            return Err(ApiError::value(format!("the interface {} is the default one", text(&nic, "id"))));
        }
        Ok(())
    })?;
    world
        .store
        .change(kind::MACHINE, &machine, |machine| machine.change_items("nic", |nics| nics.retain(|n| *n != nic)));
    Ok(Reply::Content(generic::shown(world, kind::MACHINE, &machine)?))
}

/// `updateDefaultNicForVirtualMachine`.
pub fn make_default(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let (machine, nic) = chosen(world, call)?;
    if is_default(&nic) {
        return Err(ApiError::value(format!("the interface {} is the default one already", text(&nic, "id"))));
    }
    world.store.change(kind::MACHINE, &machine, |machine| {
        machine.change_items("nic", |nics| {
            for known in nics.iter_mut().filter_map(Value::as_object_mut) {
                let chosen = known.get("id") == nic.get("id");
                known.insert("isdefault".into(), chosen.into());
            }
        });
    });
    Ok(Reply::Content(generic::shown(world, kind::MACHINE, &machine)?))
}

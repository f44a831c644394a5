//! Networks, their plans, and the rules on their addresses, as far as a table can't say what they do.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use crate::fault::Fault;
use crate::present;
use crate::refusal::{Reason, Refusal};
use crate::resource::fields;
use crate::world::{Kind, Owner, Record, World, kind};

use super::kinds;
use super::{Call, Reply, generic};

/// `createNetwork`: shared ones by an administrator only; IPv6 only there, in an advanced zone, with a prefix of 64.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let offering = world.usable(kind::NETWORK_OFFERING, call.arguments.need("networkofferingid")?, call.account)?;
    let shared = offering.text("guestiptype") == "Shared";
    let zone = world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?;
    let speaks_ip6 = ["startipv6", "ip6gateway", "ip6cidr"].iter().any(|name| call.arguments.gives(name));
    if shared {
        require_root(world, call, "a shared network is made by the root administrator")?;
    }
    if speaks_ip6 {
        if !shared || zone.text("networktype") != "Advanced" {
            return Err(Refusal::value("IPv6 is for shared networks in advanced zones"));
        }
        check_ip6(call)?;
    }
    if call.arguments.gives("vlan") {
        require_root(world, call, "the VLAN of a network is chosen by the root administrator")?;
    }
    let id = world.ids.fresh();
    let mut network = kinds::make(world, kind::NETWORK, &id, call.given())?;
    network.set("related", id);
    if !call.arguments.gives("cidr")
        && let Some(cidr) = cidr(network.text("gateway"), network.text("netmask"))
    {
        network.set("cidr", cidr);
    }
    if speaks_ip6 && !call.arguments.gives("startip") {
        for field in ["gateway", "netmask", "cidr"] {
            network.set(field, "");
        }
    }
    if shared {
        network.set("state", "Setup");
        if call.arguments.get("acltype") == Some("Domain") {
            network.owner = Owner::Everyone;
        }
    }
    generic::add(world, kind::NETWORK, network)
}

/// The network that an address is in, as its prefix is written; none if the mask is not that of one.
fn cidr(address: &str, mask: &str) -> Option<String> {
    let (address, mask): (Ipv4Addr, Ipv4Addr) = (address.parse().ok()?, mask.parse().ok()?);
    let (address, mask) = (u32::from(address), u32::from(mask));
    let prefix = mask.leading_ones();
    (mask.count_ones() == prefix).then(|| format!("{}/{prefix}", Ipv4Addr::from(address & mask)))
}

fn require_root(world: &World, call: &Call<'_>, text: &str) -> Result<(), Refusal> {
    if world.accounts.may_change(call.account, Owner::Everyone) {
        return Ok(());
    }
    Err(Refusal::new(Reason::Permission, text))
}

/// The prefix of an IPv6 network has 64 bits, and its addresses lie in it.
fn check_ip6(call: &Call<'_>) -> Result<(), Refusal> {
    let address = |name: &str| match call.arguments.get(name) {
        Some(text) => text.parse::<Ipv6Addr>().map(Some).map_err(|_| Refusal::value(format!("{name} can't be {text}"))),
        None => Ok(None),
    };
    let gateway = address("ip6gateway")?;
    let (first, last) = (address("startipv6")?, address("endipv6")?);
    let Some(block) = call.arguments.get("ip6cidr") else { return Ok(()) };
    let (prefix, length) = block.split_once('/').ok_or_else(|| Refusal::value("ip6cidr needs a prefix length"))?;
    let prefix: Ipv6Addr = prefix.parse().map_err(|_| Refusal::value(format!("ip6cidr can't be {block}")))?;
    if length != "64" {
        return Err(Refusal::value("the prefix length of an IPv6 network is 64"));
    }
    let network = |address: Ipv6Addr| address.octets()[..8].to_vec();
    let outside = [gateway, first, last].into_iter().flatten().find(|address| network(*address) != network(prefix));
    match outside {
        Some(address) => Err(Refusal::value(format!("{address} is not in {block}"))),
        None => Ok(()),
    }
}

/// `restartNetwork`: shows the public address of the network's router.
pub fn restart(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let network = generic::named(world, call, kind::NETWORK)?;
    let (id, owner) = (network.id().to_owned(), network.owner);
    let vpc = network.text("vpcid").to_owned();
    let of_network = |address: &&Record| address.text("associatednetworkid") == id;
    let found = world.store.of(kind::PUBLIC_ADDRESS).find(of_network).cloned();
    let mut address = match found {
        Some(address) => address,
        None => {
            world.store.of(kind::PUBLIC_ADDRESS).find(|address| address.owner == owner).cloned().unwrap_or_else(|| {
                Record::new(owner, fields(json!({"id": id, "ipaddress": "203.0.113.2", "tags": []})))
            })
        }
    };
    address.set("vpcid", vpc);
    Ok(Reply::Content(present::named(world, kind::PUBLIC_ADDRESS, &address)))
}

/// `restartVPC`.
pub fn restart_vpc(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    generic::set(world, call, kind::VPC, ("state", "Enabled")).map(|_| Reply::Success)
}

/// The services of a plan, as it shows them.
fn services(call: &Call<'_>) -> Value {
    let named = call.arguments.items("supportedservices").into_iter();
    named.map(|name| json!({"name": name, "provider": [{"name": "VirtualRouter"}]})).collect()
}

/// `createNetworkOffering`.
pub fn create_offering(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = world.ids.fresh();
    let mut offering = kinds::make(world, kind::NETWORK_OFFERING, &id, call.given())?;
    offering.set("service", services(call));
    generic::add(world, kind::NETWORK_OFFERING, offering)
}

/// `createVPCOffering`.
pub fn create_vpc_offering(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = world.ids.fresh();
    let mut offering = kinds::make(world, kind::VPC_OFFERING, &id, call.given())?;
    offering.set("service", services(call));
    generic::add(world, kind::VPC_OFFERING, offering)
}

/// `deleteRemoteAccessVpn`: a tunnel is known by its public address.
pub fn delete_remote_vpn(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let address = call.arguments.need("publicipid")?;
    let of_address = |tunnel: &&Record| tunnel.text("publicipid") == address;
    let found = world.store.of(kind::REMOTE_VPN).find(of_address).map(|tunnel| tunnel.id().to_owned());
    let id = found.ok_or_else(|| Refusal::value(format!("the address {address} has no tunnel")))?;
    world.own(kind::REMOTE_VPN, &id, call.account)?;
    world.store.remove(kind::REMOTE_VPN, &id);
    Ok(Reply::Success)
}

/// `createVlanIpRange`: IPv6 keeps to the rules of networks.
pub fn create_address_range(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    check_ip6(call)?;
    if let Some(network) = call.arguments.get("networkid") {
        world.usable(kind::NETWORK, network, call.account)?;
    }
    generic::create(world, call, kind::ADDRESS_RANGE)
}

/// `createNetworkACL`: for a network of a virtual private cloud.
pub fn create_acl(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let network = world.own(kind::NETWORK, call.arguments.need("networkid")?, call.account)?;
    world.rules.faults.check(Fault::CloudstackAclOnAnyNetwork, || {
        if network.text("vpcid").is_empty() {
            return Err(Refusal::value(format!("the network {} is in no virtual private cloud", network.id())));
        }
        Ok(())
    })?;
    let network = network.id().to_owned();
    check_ports(call, "startport", "endport")?;
    let id = world.ids.fresh();
    let mut acl = kinds::make(world, kind::NETWORK_ACL, &id, call.given())?.hiding("networkid", network);
    blank_what_does_not_apply(call, &mut acl);
    generic::add(world, kind::NETWORK_ACL, acl)
}

/// A rule for `icmp` has no ports, and another has no types of messages.
fn blank_what_does_not_apply(call: &Call<'_>, rule: &mut Record) {
    let icmp = call.arguments.get("protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("icmp"));
    let fields = if icmp { ["startport", "endport"] } else { ["icmptype", "icmpcode"] };
    for field in fields {
        rule.set(field, "");
    }
    if !icmp && rule.text("endport").is_empty() {
        let first = rule.text("startport").to_owned();
        rule.set("endport", first);
    }
}

fn check_ports(call: &Call<'_>, first: &str, last: &str) -> Result<(), Refusal> {
    let port = |name: &str| match call.arguments.get(name) {
        Some(text) => match text.parse::<u16>() {
            Ok(port) => Ok(Some(port)),
            Err(_) => Err(Refusal::value(format!("{name} is a port from 0 to 65535, not {text}"))),
        },
        None => Ok(None),
    };
    match (port(first)?, port(last)?) {
        (Some(first), Some(last)) if last < first => Err(Refusal::value("the range of ports ends before it begins")),
        _ => Ok(()),
    }
}

/// Refuses a rule that gives a port of an address away a second time.
fn check_conflict(world: &World, call: &Call<'_>, kind: Kind, fields: [(&str, &str); 2]) -> Result<(), Refusal> {
    let [(address_field, address), (port_field, port)] = fields;
    // On the addresses that the cloud begins with everybody tries rules; who wants to see a conflict takes another.
    if world.store.get(kind::PUBLIC_ADDRESS, address).is_some_and(|known| known.hidden.contains_key("common")) {
        return Ok(());
    }
    let protocol = call.arguments.get("protocol").unwrap_or("tcp");
    let same = |rule: &&Record| {
        let of_protocol = rule.text("protocol").is_empty() || rule.text("protocol").eq_ignore_ascii_case(protocol);
        !port.is_empty() && rule.text(address_field) == address && rule.text(port_field) == port && of_protocol
    };
    match world.store.of(kind).find(same) {
        Some(rule) => {
            let text = format!("the port {port} is taken by the rule {}", rule.id());
            Err(Refusal::new(Reason::Conflict, text))
        }
        None => Ok(()),
    }
}

fn own_address<'a>(world: &'a World, call: &Call<'_>, parameter: &str) -> Result<&'a Record, Refusal> {
    world.own(kind::PUBLIC_ADDRESS, call.arguments.need(parameter)?, call.account)
}

/// `createFirewallRule`.
pub fn create_firewall_rule(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let address = own_address(world, call, "ipaddressid")?.id().to_owned();
    check_ports(call, "startport", "endport")?;
    let port = call.arguments.get("startport").unwrap_or_default();
    check_conflict(world, call, kind::FIREWALL_RULE, [("ipaddressid", &address), ("startport", port)])?;
    let id = world.ids.fresh();
    let mut rule = kinds::make(world, kind::FIREWALL_RULE, &id, call.given())?;
    let traffic = call.arguments.get("traffictype").unwrap_or("Ingress").to_owned();
    blank_what_does_not_apply(call, &mut rule);
    generic::add(world, kind::FIREWALL_RULE, rule.hiding("traffictype", traffic))
}

/// `createEgressFirewallRules`.
pub fn create_egress_rule(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    world.own(kind::NETWORK, call.arguments.need("networkid")?, call.account)?;
    check_ports(call, "startport", "endport")?;
    let id = world.ids.fresh();
    let mut rule = kinds::make(world, kind::EGRESS_RULE, &id, call.given())?;
    blank_what_does_not_apply(call, &mut rule);
    generic::add(world, kind::EGRESS_RULE, rule)
}

/// `createPortForwardingRule`.
pub fn create_port_forwarding(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let address = own_address(world, call, "ipaddressid")?.id().to_owned();
    world.own(kind::MACHINE, call.arguments.need("virtualmachineid")?, call.account)?;
    check_ports(call, "publicport", "publicendport")?;
    check_ports(call, "privateport", "privateendport")?;
    let port = call.arguments.need("publicport")?;
    check_conflict(world, call, kind::PORT_FORWARDING, [("ipaddressid", &address), ("publicport", port)])?;
    check_conflict(world, call, kind::BALANCER, [("publicipid", &address), ("publicport", port)])?;
    let id = world.ids.fresh();
    let mut rule = kinds::make(world, kind::PORT_FORWARDING, &id, call.given())?;
    for (last, first) in [("publicendport", "publicport"), ("privateendport", "privateport")] {
        if rule.text(last).is_empty() {
            let port = rule.text(first).to_owned();
            rule.set(last, port);
        }
    }
    generic::add(world, kind::PORT_FORWARDING, rule)
}

/// Refuses a rule of a load balancer for a port that is taken.
pub fn check_balancer(world: &World, call: &Call<'_>, address: &str) -> Result<(), Refusal> {
    let port = call.arguments.need("publicport")?;
    check_conflict(world, call, kind::BALANCER, [("publicipid", address), ("publicport", port)])?;
    check_conflict(world, call, kind::PORT_FORWARDING, [("ipaddressid", address), ("publicport", port)])
}

/// `createIpForwardingRule`: on an address that stands for one machine.
pub fn create_ip_forwarding(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let address = own_address(world, call, "ipaddressid")?;
    if !address.is_true("isstaticnat") {
        return Err(Refusal::value(format!("the address {} stands for no machine", address.id())));
    }
    let machine = address.text("virtualmachineid").to_owned();
    let id = world.ids.fresh();
    let mut rule = kinds::make(world, kind::IP_FORWARDING, &id, call.given())?;
    rule.set("virtualmachineid", machine);
    if rule.number("endport") == 0 {
        let port = rule.fields.get("startport").cloned().unwrap_or_default();
        rule.set("endport", port);
    }
    generic::add(world, kind::IP_FORWARDING, rule)
}

/// `enableStaticNat`: the address stands for one machine.
pub fn enable_static_nat(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let address = own_address(world, call, "ipaddressid")?;
    if address.is_true("issourcenat") {
        return Err(Refusal::value(format!("the address {} is that of a router", address.id())));
    }
    let id = address.id().to_owned();
    let machine = world.own(kind::MACHINE, call.arguments.need("virtualmachineid")?, call.account)?;
    let shown = [
        ("virtualmachineid", machine.id().to_owned()),
        ("virtualmachinename", machine.text("name").to_owned()),
        ("virtualmachinedisplayname", machine.text("displayname").to_owned()),
    ];
    stand_for(world, &id, true, shown);
    Ok(Reply::Success)
}

/// `disableStaticNat`.
pub fn disable_static_nat(world: &mut World, call: &Call<'_>) -> Result<Reply, Refusal> {
    let id = own_address(world, call, "ipaddressid")?.id().to_owned();
    let nothing = ["virtualmachineid", "virtualmachinename", "virtualmachinedisplayname"];
    stand_for(world, &id, false, nothing.map(|field| (field, String::new())));
    Ok(Reply::Success)
}

fn stand_for(world: &mut World, id: &str, enabled: bool, shown: [(&str, String); 3]) {
    world.store.change(kind::PUBLIC_ADDRESS, id, |address| {
        address.set("isstaticnat", enabled);
        for (field, value) in shown {
            address.set(field, value);
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_follows_from_gateway_and_mask() {
        assert_eq!(cidr("10.7.0.1", "255.255.255.0").as_deref(), Some("10.7.0.0/24"));
        assert_eq!(cidr("10.7.129.1", "255.255.128.0").as_deref(), Some("10.7.128.0/17"));
        assert_eq!(cidr("10.7.0.1", "255.0.255.0"), None);
        assert_eq!(cidr("", "255.255.255.0"), None);
    }
}

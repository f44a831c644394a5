//! Networks, their plans, and the rules on their addresses, as far as a table can't say what they do.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::present;
use crate::refusal::{ApiError, Reason};
use crate::resource::fields;
use crate::world::{Owner, Record, World, kind};

use super::call::{Call, Reply};
use super::generic;
use super::kinds;

/// `createNetwork`: shared ones by an administrator only; IPv6 only there, in an advanced zone, with a prefix of 64.
pub fn create(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let offering = world.usable(kind::NETWORK_OFFERING, call.arguments.need("networkofferingid")?, call.account)?;
    let shared = offering.text("guestiptype") == "Shared";
    let zone = world.usable(kind::ZONE, call.arguments.need("zoneid")?, call.account)?;
    let speaks_ip6 = ["startipv6", "ip6gateway", "ip6cidr"].iter().any(|name| call.arguments.gives(name));
    if shared {
        require_root(world, call, "a shared network is made by the root administrator")?;
    }
    if speaks_ip6 {
        if !shared || zone.text("networktype") != "Advanced" {
            return Err(ApiError::value("IPv6 is for shared networks in advanced zones"));
        }
        check_ip6(world, call)?;
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

fn require_root(world: &World, call: &Call<'_>, text: &str) -> Result<(), ApiError> {
    if world.accounts.may_change(call.account, Owner::Everyone) {
        return Ok(());
    }
    Err(ApiError::new(Reason::Permission, text))
}

/// The prefix of an IPv6 network has 64 bits, and its addresses lie in it.
pub fn check_ip6(_world: &World, call: &Call<'_>) -> Result<(), ApiError> {
    let address = |name: &str| match call.arguments.get(name) {
        Some(text) => {
            text.parse::<Ipv6Addr>().map(Some).map_err(|_| ApiError::value(format!("{name} can't be {text}")))
        }
        None => Ok(None),
    };
    let gateway = address("ip6gateway")?;
    let (first, last) = (address("startipv6")?, address("endipv6")?);
    let Some(block) = call.arguments.get("ip6cidr") else { return Ok(()) };
    let (prefix, length) = block.split_once('/').ok_or_else(|| ApiError::value("ip6cidr needs a prefix length"))?;
    let prefix: Ipv6Addr = prefix.parse().map_err(|_| ApiError::value(format!("ip6cidr can't be {block}")))?;
    if length != "64" {
        return Err(ApiError::value("the prefix length of an IPv6 network is 64"));
    }
    let network = |address: Ipv6Addr| address.octets()[..8].to_vec();
    let outside = [gateway, first, last].into_iter().flatten().find(|address| network(*address) != network(prefix));
    match outside {
        Some(address) => Err(ApiError::value(format!("{address} is not in {block}"))),
        None => Ok(()),
    }
}

/// `restartNetwork`: shows the public address of the network's router.
pub fn restart(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
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

/// The services of a plan, as it shows them.
pub fn services(arguments: &Arguments) -> Value {
    let named = arguments.items("supportedservices").into_iter();
    named.map(|name| json!({"name": name, "provider": [{"name": "VirtualRouter"}]})).collect()
}

/// A rule for `icmp` has no ports, and another has no types of messages.
pub fn blank_what_does_not_apply(arguments: &Arguments, rule: &mut Record) {
    let icmp = arguments.get("protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("icmp"));
    let fields = if icmp { ["startport", "endport"] } else { ["icmptype", "icmpcode"] };
    for field in fields {
        rule.set(field, "");
    }
    if !icmp && rule.text("endport").is_empty() {
        let first = rule.text("startport").to_owned();
        rule.set("endport", first);
    }
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

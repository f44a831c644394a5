//! Guest networks, virtual private clouds, addresses, routers.

use serde_json::json;

use crate::command::{Chosen, Place, nic};
use crate::refusal::Refusal;
use crate::world::{Owner, kind};

use super::Seeding;

/// Adds all of it.
pub fn fill(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    clouds(seeding)?;
    guests(seeding)?;
    addresses(seeding)?;
    routers(seeding)
}

/// A virtual private cloud with a gateway of each kind.
fn clouds(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (zone, offering, physical) =
        (seeding.value("zone")?, seeding.value("vpc_offering")?, seeding.value("physical_network")?);
    let pairs = [
        ("name", "vpc-1"),
        ("displaytext", "A private cloud"),
        ("zoneid", zone.as_str()),
        ("cidr", "10.2.0.0/16"),
        ("vpcofferingid", &offering),
    ];
    let vpc = seeding.make_as("vpc", kind::VPC, &pairs)?;
    let other = pairs.map(|(name, value)| (name, if name == "cidr" { "10.3.0.0/16" } else { value }));
    seeding.make_as("further_vpc", kind::VPC, &other)?;
    let pairs = [
        ("gateway", "192.0.2.1"),
        ("netmask", "255.255.255.0"),
        ("ipaddress", "192.0.2.9"),
        ("vlan", "900"),
        ("vpcid", vpc.as_str()),
        ("physicalnetworkid", &physical),
    ];
    let gateway = seeding.make_as("standing_gateway", kind::PRIVATE_GATEWAY, &pairs)?;
    seeding.make_as("other_gateway", kind::PRIVATE_GATEWAY, &pairs)?;
    for (variable, cidr) in [("standing_route", "198.51.100.0/24"), ("other_route", "192.0.2.0/24")] {
        seeding.make_as(variable, kind::STATIC_ROUTE, &[("gatewayid", &gateway), ("cidr", cidr)])?;
    }
    let customer = [
        ("name", "branch"),
        ("gateway", "203.0.113.10"),
        ("cidrlist", "198.51.100.0/24"),
        ("ipsecpsk", "preshared"),
        ("ikepolicy", "3des-md5"),
        ("esppolicy", "3des-md5"),
    ];
    for (far, near, tunnel) in [
        ("standing_customer_gateway", "standing_vpn_gateway", "standing_vpn_connection"),
        ("other_customer_gateway", "other_vpn_gateway", "other_vpn_connection"),
    ] {
        let far = seeding.make_as(far, kind::CUSTOMER_GATEWAY, &customer)?;
        let near = seeding.make_as(near, kind::VPN_GATEWAY, &[("vpcid", &vpc)])?;
        let connection = [("s2svpngatewayid", near.as_str()), ("s2scustomergatewayid", &far)];
        seeding.make_as(tunnel, kind::VPN_CONNECTION, &connection)?;
    }
    Ok(())
}

fn guests(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let physical = seeding.value("physical_network")?;
    for (variable, zone, offering, gateway) in [
        ("network", "zone", "network_offering", "10.1.1.1"),
        ("second_network", "zone", "network_offering", "10.1.2.1"),
        ("tagged_network", "zone", "persistent_network_offering", "10.1.3.1"),
        ("far_network", "far_zone", "network_offering", "10.1.4.1"),
        ("vpc_network", "zone", "vpc_network_offering", "10.2.1.1"),
        ("shared_network", "zone", "shared_network_offering", "172.16.1.1"),
        ("dual_network", "zone", "shared_network_offering", "172.16.2.1"),
        ("ipv6_network", "zone", "shared_network_offering", ""),
        ("basic_network", "other_zone", "shared_network_offering", "172.16.3.1"),
    ] {
        let (zone, offering) = (seeding.value(zone)?, seeding.value(offering)?);
        let cidr = gateway.rsplit_once('.').map(|(prefix, _)| format!("{prefix}.0/24")).unwrap_or_default();
        let vpc = if variable == "vpc_network" { seeding.value("vpc")? } else { String::new() };
        let mut pairs = vec![
            ("name", variable),
            ("displaytext", "A network"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", &offering),
            ("physicalnetworkid", &physical),
            ("gateway", gateway),
            ("cidr", &cidr),
            ("state", "Implemented"),
            ("vpcid", &vpc),
        ];
        if matches!(variable, "dual_network" | "ipv6_network") {
            pairs.extend([("ip6gateway", "2001:db8:1::1"), ("ip6cidr", "2001:db8:1::/64")]);
        }
        let id = seeding.make_as(variable, kind::NETWORK, &pairs)?;
        seeding.set(kind::NETWORK, &id, "related", id.as_str());
        seeding.hide(kind::NETWORK, &id, "seeded", true);
        if variable == "ipv6_network" {
            for field in ["gateway", "netmask", "cidr"] {
                seeding.set(kind::NETWORK, &id, field, "");
            }
        }
        if offering == seeding.value("shared_network_offering")? {
            seeding.set(kind::NETWORK, &id, "acltype", "Domain");
            seeding.world.store.change(kind::NETWORK, &id, |network| network.owner = Owner::Everyone);
        }
    }
    let second = seeding.value("second_network")?;
    let other = seeding.value("network")?;
    seeding.name("other_network", &second);
    let tagged = seeding.value("tagged_network")?;
    seeding.tag(("Network", kind::NETWORK), &tagged)?;
    let mut devices = Vec::new();
    for device in ["standing_f5", "standing_netscaler", "standing_srx"] {
        devices.push(seeding.value(device)?);
    }
    for served in [&other, &tagged, &seeding.value("vpc_network")?] {
        // What a device serves is known by the network.
        seeding.hide(kind::NETWORK, served, "devices", devices.join(","));
    }
    seeding.name("ipv6_address", "2001:0db8:0001:0000:0000:0000:0000:0100");
    seeding.name("other_ipv6_address", "2001:0db8:0001:0000:0000:0000:0000:0101");
    // A network of each of the others, so that their machines have one.
    let (zone, offering) = (seeding.value("zone")?, seeding.value("network_offering")?);
    for owner in
        [seeding.people.user, seeding.people.europe, seeding.people.other, seeding.people.full, seeding.people.admin]
    {
        let pairs = [
            ("name", "own"),
            ("displaytext", "own"),
            ("zoneid", zone.as_str()),
            ("networkofferingid", &offering),
            ("state", "Implemented"),
        ];
        seeding.make(kind::NETWORK, "own", owner, &pairs)?;
    }
    let pairs = [
        ("forvirtualnetwork", "true"),
        ("zoneid", zone.as_str()),
        ("vlan", "untagged"),
        ("gateway", "203.0.113.1"),
        ("netmask", "255.255.255.0"),
        ("startip", "203.0.113.2"),
        ("endip", "203.0.113.254"),
        ("physicalnetworkid", &physical),
    ];
    let range = seeding.make_as("vlan_range", kind::ADDRESS_RANGE, &pairs)?;
    seeding.name("standing_vlaniprange", &range);
    let network = seeding.value("ipv6_network")?;
    let pairs = [
        ("zoneid", zone.as_str()),
        ("networkid", &network),
        ("startipv6", "2001:db8:1::10"),
        ("endipv6", "2001:db8:1::ff"),
        ("ip6gateway", "2001:db8:1::1"),
        ("ip6cidr", "2001:db8:1::/64"),
    ];
    seeding.make_as("ipv6_range", kind::ADDRESS_RANGE, &pairs)?;
    Ok(())
}

fn addresses(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (zone, network, vpc) = (seeding.value("zone")?, seeding.value("network")?, seeding.value("vpc")?);
    let range = seeding.value("vlan_range")?;
    for (variable, of_network, of_vpc) in [
        ("public_ip", true, false),
        ("source_nat_ip", true, false),
        ("static_nat_ip", true, false),
        ("vpc_ip", false, true),
        ("tagged_ip", true, false),
    ] {
        let pairs = [
            ("zoneid", zone.as_str()),
            ("networkid", if of_network { &network } else { "" }),
            ("vpcid", if of_vpc { &vpc } else { "" }),
            ("vlanid", &range),
            ("issourcenat", if variable == "source_nat_ip" { "true" } else { "false" }),
        ];
        let id = seeding.make_as(variable, kind::PUBLIC_ADDRESS, &pairs)?;
        if matches!(variable, "public_ip" | "static_nat_ip") {
            seeding.hide(kind::PUBLIC_ADDRESS, &id, "common", true);
        }
    }
    let public = seeding.value("public_ip")?;
    seeding.name("standing_publicipaddress", &public);
    let tagged = seeding.value("tagged_ip")?;
    seeding.tag(("PublicIpAddress", kind::PUBLIC_ADDRESS), &tagged)
}

fn routers(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (zone, pod, host) = (seeding.value("zone")?, seeding.value("pod")?, seeding.value("host")?);
    let offering = seeding.value("router_offering")?;
    for (variable, network, vpc) in
        [("router", "network", ""), ("ipv6_router", "ipv6_network", ""), ("vpc_router", "vpc_network", "vpc")]
    {
        let network = seeding.value(network)?;
        let vpc = if vpc.is_empty() { String::new() } else { seeding.value(vpc)? };
        let pairs = [
            ("name", variable),
            ("zoneid", zone.as_str()),
            ("podid", &pod),
            ("hostid", &host),
            ("serviceofferingid", &offering),
            ("guestnetworkid", &network),
            ("vpcid", &vpc),
        ];
        let id = seeding.make_as(variable, kind::ROUTER, &pairs)?;
        let on = seeding.world.store.existing(kind::NETWORK, &network)?.clone();
        let guest = nic(seeding.world, &on, Place::Default, &Chosen::default());
        seeding.set(kind::ROUTER, &id, "nic", json!([guest]));
    }
    for (variable, system_type, state) in
        [("system_vm", "consoleproxy", "Running"), ("stopped_system_vm", "secondarystoragevm", "Stopped")]
    {
        let pairs = [
            ("name", variable),
            ("systemvmtype", system_type),
            ("zoneid", zone.as_str()),
            ("podid", &pod),
            ("hostid", &host),
            ("state", state),
        ];
        seeding.make_as(variable, kind::SYSTEM_VM, &pairs)?;
    }
    let running = seeding.value("system_vm")?;
    seeding.name("running_system_vm", &running);
    Ok(())
}

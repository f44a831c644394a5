//! Rules of firewalls and load balancers, and the groups behind these.

use serde_json::Value;

use crate::command::add_stickiness;
use crate::refusal::Refusal;
use crate::world::{Kind, kind};

use super::Seeding;

/// Adds all of it.
pub fn fill(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    firewall(seeding)?;
    balancing(seeding)?;
    scaling(seeding)
}

fn firewall(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (address, network, machine) =
        (seeding.value("source_nat_ip")?, seeding.value("network")?, seeding.value("tagged_vm")?);
    for (variable, traffic, first, last) in
        [("standing_firewall_rule", "Ingress", "22", "22"), ("standing_egress_traffic_rule", "Egress", "443", "443")]
    {
        let pairs = [("protocol", "tcp"), ("startport", first), ("endport", last), ("ipaddressid", address.as_str())];
        let rule = seeding.make_as(variable, kind::FIREWALL_RULE, &pairs)?;
        blank_messages(seeding, kind::FIREWALL_RULE, &rule);
        seeding.hide(kind::FIREWALL_RULE, &rule, "traffictype", traffic);
        seeding.tag(("FirewallRule", kind::FIREWALL_RULE), &rule)?;
    }
    for (variable, port) in [("standing_egress_rule", "443"), ("other_egress_rule", "53")] {
        let pairs = [("protocol", "tcp"), ("startport", port), ("endport", port), ("networkid", network.as_str())];
        let rule = seeding.make_as(variable, kind::EGRESS_RULE, &pairs)?;
        blank_messages(seeding, kind::EGRESS_RULE, &rule);
        seeding.tag(("EgressFirewallRule", kind::EGRESS_RULE), &rule)?;
    }
    let pairs = [
        ("protocol", "tcp"),
        ("publicport", "8022"),
        ("publicendport", "8022"),
        ("privateport", "22"),
        ("privateendport", "22"),
        ("ipaddressid", address.as_str()),
        ("virtualmachineid", &machine),
    ];
    let rule = seeding.make_as("standing_forwarding", kind::PORT_FORWARDING, &pairs)?;
    seeding.tag(("PortForwardingRule", kind::PORT_FORWARDING), &rule)?;
    let other = pairs.map(|(name, value)| (name, if value == "8022" { "9022" } else { value }));
    seeding.make_as("other_forwarding", kind::PORT_FORWARDING, &other)?;
    let static_nat = seeding.value("static_nat_ip")?;
    let pairs = [
        ("protocol", "tcp"),
        ("startport", "443"),
        ("endport", "443"),
        ("ipaddressid", static_nat.as_str()),
        ("virtualmachineid", &machine),
    ];
    let rule = seeding.make_as("standing_ip_forwarding", kind::IP_FORWARDING, &pairs)?;
    seeding.tag(("IpForwardingRule", kind::IP_FORWARDING), &rule)?;
    let other = pairs.map(|(name, value)| (name, if value == "443" { "993" } else { value }));
    seeding.make_as("other_ip_forwarding", kind::IP_FORWARDING, &other)?;
    let vpc_network = seeding.value("vpc_network")?;
    for (variable, traffic) in [("standing_acl", "Ingress"), ("other_acl", "Egress")] {
        let pairs = [("protocol", "tcp"), ("startport", "80"), ("endport", "80"), ("traffictype", traffic)];
        let acl = seeding.make_as(variable, kind::NETWORK_ACL, &pairs)?;
        blank_messages(seeding, kind::NETWORK_ACL, &acl);
        seeding.hide(kind::NETWORK_ACL, &acl, "networkid", vpc_network.clone());
    }
    seeding.make_as("standing_remote_vpn", kind::REMOTE_VPN, &[("publicipid", &address)])?;
    Ok(())
}

/// A rule for ports has no types of messages.
fn blank_messages(seeding: &mut Seeding<'_>, kind: Kind, rule: &str) {
    for field in ["icmptype", "icmpcode"] {
        seeding.set(kind, rule, field, "");
    }
}

fn balancing(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let (address, zone, machine) =
        (seeding.value("source_nat_ip")?, seeding.value("zone")?, seeding.value("tagged_vm")?);
    let pairs = [
        ("name", "web"),
        ("description", "Balances the web servers"),
        ("publicipid", address.as_str()),
        ("publicport", "80"),
        ("privateport", "8080"),
        ("algorithm", "roundrobin"),
        ("zoneid", &zone),
    ];
    let other = pairs.map(|(name, value)| match name {
        "name" => (name, "mail"),
        "publicport" | "privateport" => (name, "25"),
        _ => (name, value),
    });
    let rule = seeding.make_as("standing_loadbalancerrule", kind::BALANCER, &pairs)?;
    seeding.make_as("other_loadbalancerrule", kind::BALANCER, &other)?;
    let machines = [machine, seeding.value("dual_vm")?];
    seeding.hide(kind::BALANCER, &rule, "machines", machines.join(","));
    seeding.tag(("LoadBalancer", kind::BALANCER), &rule)?;
    let policy = add_stickiness(seeding.world, &rule, "by-cookie", "LbCookie", "Keeps to a machine by a cookie")?;
    seeding.name("standing_stickiness", &policy);
    Ok(())
}

fn scaling(seeding: &mut Seeding<'_>) -> Result<(), Refusal> {
    let mut first = None;
    for (name, operator) in [("processor", "GT"), ("memory", "LT")] {
        let counter = [("name", name), ("source", "snmp"), ("value", "1.3.6.1.4.1.2021.10.1.3.1")];
        let counter = seeding.make_as(&format!("{name}_counter"), kind::COUNTER, &counter)?;
        let condition = [("threshold", "90"), ("relationaloperator", operator)];
        let condition = seeding.make_as(&format!("{name}_condition"), kind::CONDITION, &condition)?;
        let shown = Value::Object(seeding.world.store.existing(kind::COUNTER, &counter)?.fields.clone());
        seeding.set(kind::CONDITION, &condition, "counter", vec![shown]);
        seeding.hide(kind::CONDITION, &condition, "counterid", counter);
        first.get_or_insert(condition);
    }
    let condition = first.unwrap_or_default();
    let policy = [("action", "scaleup"), ("duration", "60")];
    let policy = seeding.make_as("standing_scale_policy", kind::SCALE_POLICY, &policy)?;
    let shown = Value::Object(seeding.world.store.existing(kind::CONDITION, &condition)?.fields.clone());
    seeding.set(kind::SCALE_POLICY, &policy, "conditions", vec![shown]);
    let (zone, offering, template) = (seeding.value("zone")?, seeding.value("offering")?, seeding.value("template")?);
    let profile = [("zoneid", zone.as_str()), ("serviceofferingid", &offering), ("templateid", &template)];
    seeding.make_as("standing_scale_profile", kind::SCALE_PROFILE, &profile)?;
    Ok(())
}

//! The rules of security groups (Cloudn Compute 1-5).

use std::net::IpAddr;

use serde_json::Value;

use crate::arguments::Arguments;
use crate::fault::Fault;
use crate::policy::Dialect;
use crate::present;
use crate::refusal::{ApiError, Reason};
use crate::resource::security_group::{Direction, Peer, Ports, Traffic, rule};
use crate::world::{Fields, Record, World, kind};

use super::call::{Call, Reply, begin, success};
use super::security_group::chosen;

/// How many rules a group may have in a direction.
const LIMIT: usize = 500;

/// Which of a group's rules a command is about.
fn direction(call: &Call<'_>) -> Direction {
    if call.command.with == "egress" { Direction::Egress } else { Direction::Ingress }
}

/// Has a job add one rule for every peer that a call names.
pub fn authorize(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let direction = direction(call);
    let group = chosen(world, call, "securitygroupid", "securitygroupname")?;
    let peers = peers(world, call)?;
    if group.items(direction.field()).len() + peers.len() > LIMIT {
        return Err(ApiError::new(Reason::AccountLimit, format!("a group has at most {LIMIT} rules in a direction")));
    }
    let id = group.id().to_owned();
    let traffic = traffic(world, call.arguments)?;
    let rules: Vec<_> = peers.iter().map(|peer| rule(&world.ids.fresh(), traffic, peer)).collect();
    Ok(begin(world, call, None, Box::new(move |world| add(world, &id, direction, rules))))
}

fn add(world: &mut World, group: &str, direction: Direction, rules: Vec<Value>) -> Result<Fields, ApiError> {
    let faults = &world.rules.faults;
    let astray = direction == Direction::Ingress && faults.has(Fault::RuleInWrongDirection);
    let forgotten = direction == Direction::Ingress && faults.has(Fault::RuleForgotten);
    let direction = if astray { direction.other() } else { direction };
    let added = rules.clone();
    if !forgotten {
        world.store.change(kind::SECURITY_GROUP, group, |group| {
            group.change_items(direction.field(), |known| known.extend(rules));
        });
    }
    let mut shown = world.store.existing(kind::SECURITY_GROUP, group)?.clone();
    if world.rules.dialect == Dialect::CloudStack {
        // There the result holds what the call has added.
        shown.set(direction.field(), added);
        shown.set(direction.other().field(), Value::Array(Vec::new()));
    }
    Ok(present::named(world, kind::SECURITY_GROUP, &shown))
}

/// Has a job remove the rule with an id from the account's group that it is in.
pub fn revoke(world: &mut World, call: &Call<'_>) -> Result<Reply, ApiError> {
    let direction = direction(call);
    let id = call.arguments.need("id")?.to_owned();
    let has_rule = |rule: &Value| rule.get("ruleid").and_then(Value::as_str) == Some(id.as_str());
    let holds_rule = |group: &&Record| group.items(direction.field()).iter().any(has_rule);
    let group = match world.store.of(kind::SECURITY_GROUP).find(holds_rule) {
        Some(group) if world.accounts.may_change(call.account, group.owner) => group.id().to_owned(),
        Some(_) => return Err(ApiError::foreign("rule", &id)),
        None => return Err(ApiError::unknown(format!("{} rule", direction.field()), &id)),
    };
    Ok(begin(world, call, None, Box::new(move |world| Ok(remove(world, &group, &id, direction)))))
}

fn remove(world: &mut World, group: &str, rule: &str, direction: Direction) -> Fields {
    if direction == Direction::Ingress && world.rules.faults.has(Fault::RevokeLeavesRule) {
        return success();
    }
    let is_rule = |known: &Value| known.get("ruleid").and_then(Value::as_str) == Some(rule);
    world.store.change(kind::SECURITY_GROUP, group, |group| {
        group.change_items(direction.field(), |rules| rules.retain(|known| !is_rule(known)));
    });
    success()
}

/// Where the traffic comes from or goes to: blocks of addresses, or groups of accounts.
fn peers(world: &World, call: &Call<'_>) -> Result<Vec<Peer>, ApiError> {
    let mut peers = Vec::new();
    for list in ["cidrlist", "usersecuritygrouplist"] {
        for block in call.arguments.items(list) {
            world.rules.faults.check(Fault::BadCidrAccepted, || check_block(block))?;
            peers.push(Peer::Block(block.to_owned()));
        }
    }
    for (number, entry) in call.arguments.entries("usersecuritygrouplist") {
        let (Some(account), Some(group)) = (entry.get("account"), entry.get("group")) else {
            return Err(ApiError::parameter(format!("usersecuritygrouplist[{number}] needs an account and a group")));
        };
        peers.push(Peer::Group { account: account.clone(), group: group.clone() });
    }
    if peers.is_empty() {
        return Err(ApiError::parameter("at least one block of addresses must be given"));
    }
    Ok(peers)
}

/// An address, a slash, and the number of bits that count (CN-120).
fn check_block(block: &str) -> Result<(), ApiError> {
    let parsed = block.split_once('/').and_then(|(address, bits)| {
        let address: IpAddr = address.parse().ok()?;
        let digits = bits.bytes().all(|byte| byte.is_ascii_digit());
        let bits: u8 = bits.parse().ok().filter(|_| digits)?;
        Some(bits <= if address.is_ipv4() { 32 } else { 128 })
    });
    match parsed {
        Some(true) => Ok(()),
        _ => Err(ApiError::value(format!("{block} is not a block of addresses such as 192.0.2.0/24"))),
    }
}

/// What passes the rule. With nothing but addresses it is everything (CN-129); ports alone mean TCP.
fn traffic(world: &World, arguments: &Arguments) -> Result<Traffic, ApiError> {
    let has_ports = arguments.gives("startport") || arguments.gives("endport");
    let has_icmp = arguments.gives("icmptype") || arguments.gives("icmpcode");
    let protocol = match arguments.get("protocol").map(str::to_lowercase) {
        Some(protocol) => protocol,
        None if has_ports => "tcp".to_owned(),
        None if has_icmp => "icmp".to_owned(),
        None if world.rules.faults.has(Fault::RuleProtocolNotAll) => "tcp".to_owned(),
        None => return Ok(Traffic::All),
    };
    match protocol.as_str() {
        "icmp" if has_ports => Err(ApiError::parameter("a range of ports is for tcp and udp only")),
        "icmp" => icmp(arguments),
        _ if has_icmp => Err(ApiError::parameter("icmptype and icmpcode are for icmp only")),
        "udp" => ports(arguments).map(Traffic::Udp),
        _ => ports(arguments).map(Traffic::Tcp),
    }
}

/// Without a range all ports; with one of the two that port alone (CN-132).
fn ports(arguments: &Arguments) -> Result<Ports, ApiError> {
    let port = |name| match arguments.get(name) {
        None => Ok(None),
        Some(value) => match value.parse::<u16>() {
            Ok(port) => Ok(Some(port)),
            Err(_) => Err(ApiError::value(format!("{name} is a port from 0 to 65535, not {value}"))),
        },
    };
    let range = match (port("startport")?, port("endport")?) {
        (Some(first), Some(last)) => Ports { first, last },
        (Some(port), None) | (None, Some(port)) => Ports { first: port, last: port },
        (None, None) => Ports { first: 1, last: u16::MAX },
    };
    if range.first > range.last {
        return Err(ApiError::value("startport is greater than endport"));
    }
    Ok(range)
}

/// Types and codes are bytes (CN-121); -1 is any.
fn icmp(arguments: &Arguments) -> Result<Traffic, ApiError> {
    let number = |name| {
        let Some(value) = arguments.get(name) else { return Ok(-1) };
        let number = value.parse::<i64>().ok().filter(|number| (-1..=255).contains(number));
        number.ok_or_else(|| ApiError::value(format!("{name} is a number from -1 to 255, not {value}")))
    };
    Ok(Traffic::Icmp { message: number("icmptype")?, code: number("icmpcode")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_addresses() {
        for block in ["192.0.2.0/24", "0.0.0.0/0", "2001:db8::/32", "192.0.2.1/32"] {
            assert!(check_block(block).is_ok(), "{block}");
        }
        for block in ["192.0.2.0", "192.0.2.0/33", "192.0.2/24", "192.0.2.0/", "192.0.2.0/+8", "300.0.0.0/8", "any"] {
            assert!(check_block(block).is_err(), "{block}");
        }
    }

    #[test]
    fn ranges_of_ports() {
        let read = |query: &str| ports(&Arguments::read(&[query])).map(|range| (range.first, range.last));
        assert_eq!(read("startport=22&endport=23"), Ok((22, 23)));
        assert_eq!(read("startport=22"), Ok((22, 22)));
        assert_eq!(read(""), Ok((1, 65_535)));
        assert!(read("startport=2&endport=1").is_err());
        assert!(read("startport=65536").is_err());
    }
}

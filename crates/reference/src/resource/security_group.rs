//! Security groups and their rules.

use serde_json::{Value, json};

use super::fields;

/// The name of the group that every account has.
pub const DEFAULT: &str = "default";

/// Which traffic a rule lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Traffic towards machines.
    Ingress,
    /// Traffic from machines.
    Egress,
}

impl Direction {
    /// The field of a group that holds its rules.
    pub fn field(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// The other direction.
    pub fn other(self) -> Self {
        match self {
            Self::Ingress => Self::Egress,
            Self::Egress => Self::Ingress,
        }
    }
}

/// What passes a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Traffic {
    /// Everything.
    All,
    /// TCP to these ports.
    Tcp(Ports),
    /// UDP to these ports.
    Udp(Ports),
    /// ICMP messages; -1 is any (IANA, ICMP parameters).
    Icmp {
        /// Their type.
        message: i64,
        /// Their code.
        code: i64,
    },
}

/// A range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The first.
    pub first: u16,
    /// The last.
    pub last: u16,
}

/// Where the traffic of a rule comes from or goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Peer {
    /// A block of addresses, in CIDR notation.
    Block(String),
    /// The machines in a security group of an account.
    Group {
        /// The account's name.
        account: String,
        /// The group's name.
        group: String,
    },
}

/// A rule as a group shows it. The manual prints `endpoint` and `icmpctype` for `endport` and `icmptype`.
pub fn rule(id: &str, traffic: Traffic, peer: &Peer) -> Value {
    let (protocol, ports, icmp) = match traffic {
        Traffic::All => ("all", None, None),
        Traffic::Tcp(ports) => ("tcp", Some(ports), None),
        Traffic::Udp(ports) => ("udp", Some(ports), None),
        Traffic::Icmp { message, code } => ("icmp", None, Some((message, code))),
    };
    let (block, account, group) = match peer {
        Peer::Block(block) => (block.as_str(), "", ""),
        Peer::Group { account, group } => ("", account.as_str(), group.as_str()),
    };
    let or_blank = |value: Option<Value>| value.unwrap_or_else(|| Value::from(""));
    let mut rule = fields(json!({
        "ruleid": id,
        "protocol": protocol,
        "startport": or_blank(ports.map(|ports| ports.first.into())),
        "endport": or_blank(ports.map(|ports| ports.last.into())),
        "cidr": block,
        "icmpcode": or_blank(icmp.map(|(_, code)| code.into())),
        "icmptype": or_blank(icmp.map(|(message, _)| message.into())),
    }));
    if !group.is_empty() {
        rule.insert("account".into(), account.into());
        rule.insert("securitygroupname".into(), group.into());
    }
    Value::Object(rule)
}

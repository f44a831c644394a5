//! A step by which a cloud is filled, as documents write it.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::fault::Fault;
use crate::refusal::Reason;
use crate::world::{Fields, Kind, Role, kind};

/// A step. In its texts `$name` is a value that has a name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word of the documents")]
pub struct Step {
    /// The fault with which alone it is taken.
    pub only_with: Option<Fault>,
    /// The fault with which it is not taken.
    pub unless: Option<Fault>,
    /// Names, and their values.
    pub name: IndexMap<String, Value>,
    /// The name of the id of what is made.
    #[serde(rename = "as")]
    pub variable: Option<String>,
    /// Whose it is: the first account's where nothing is said; `everyone` is the provider.
    pub owner: Option<String>,
    /// The project whose it is.
    pub project: Option<String>,
    /// How often it is made. `{n}` in its parameters is the number.
    pub times: Option<u64>,

    /// Makes one of a kind from parameters, as a request would.
    pub make: Option<Kind>,
    /// The name from which the id follows, where that is not the variable.
    pub named: Option<String>,
    /// The parameters.
    pub with: Fields,
    /// Adds one of a kind as it is, for everyone.
    pub record: Option<Kind>,
    /// Its id, where its fields show none; or the one that is to be changed.
    pub id: Option<Value>,
    /// Its fields.
    pub fields: Fields,
    /// Changes one of a kind.
    pub change: Option<Kind>,
    /// Adds a machine with its root disk.
    pub machine: Option<String>,
    /// Its network; its owner's own where none is named.
    pub network: Option<String>,
    /// Its template.
    pub template: Option<String>,
    /// The installation medium that it is made from instead.
    pub iso: Option<String>,
    /// Its zone.
    pub zone: Option<String>,
    /// Its plan.
    pub offering: Option<String>,
    /// Its state.
    pub state: Option<String>,
    /// Its security groups.
    pub security_groups: Vec<String>,
    /// The group that it is sorted into.
    pub group: Option<String>,

    /// Adds a domain below another.
    pub domain: Option<String>,
    /// The domain that something is in.
    #[serde(rename = "in")]
    pub within: Option<String>,
    /// Adds an account.
    pub account: Option<String>,
    /// What it may manage.
    pub role: Option<Role>,
    /// The address of its user, where it is not made of its name.
    pub email: Option<String>,
    /// The keys that it has, where everybody knows them.
    pub keys: Option<(String, String)>,
    /// Whether it has no keys and is not shown.
    pub keyless: bool,
    /// Whether the number of its requests is always limited.
    pub limited: bool,
    /// Adds a project.
    pub new_project: Option<String>,
    /// Invites an account or an address to a project.
    pub invite: Option<Value>,
    /// Lets an account use a project.
    pub join: Option<String>,
    /// How many of each kind the owner may have.
    pub limits: IndexMap<Kind, usize>,

    /// Adds all types of events.
    pub event_types: bool,
    /// Adds an event of a type.
    pub event: Option<String>,
    /// The day up to which time passes first, counted from the day on which everything begins.
    pub day: Option<i32>,
    /// Registers a job for a command: a pending one where nothing is said.
    pub job: Option<String>,
    /// The machine that the job shows, which has succeeded.
    pub succeeded: Option<String>,
    /// Why the job has failed.
    pub failed: Option<Failed>,
    /// Sums up usage of a type.
    pub usage: Option<u8>,
    /// From which hour till which it was used, counted from the day of the guide's example.
    pub spans: Vec<(i64, i64)>,
    /// The days of which there are records.
    pub days: Vec<i64>,

    /// Fields that are set.
    pub set: Fields,
    /// What is kept and not shown.
    pub hide: Fields,
    /// Whether everybody may use it, whosever it shows itself to be.
    pub everyones: bool,
    /// Another account that may use it.
    pub granted: Option<String>,
    /// The network that it is on.
    pub on: Option<String>,
    /// The type as which it is tagged.
    pub tag: Option<String>,
    /// The machine to which it is attached, and the device there.
    pub attached: Option<(String, u64)>,
    /// The rules of a security group.
    pub rules: Vec<Rule>,
}

impl Step {
    /// The kind of what the step makes, where nothing else changes with it.
    pub fn only_kind(&self) -> Option<Kind> {
        let is_named = self.variable.is_some() || !self.name.is_empty();
        let alert = self.make.filter(|made| *made == kind::ALERT);
        self.record.or(alert).or(self.usage.map(|_| kind::USAGE)).filter(|_| !is_named)
    }
}

/// Why a job has failed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// The reason.
    pub reason: Reason,
    /// What is said.
    pub text: String,
}

/// A rule of a security group.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Whether it is about traffic from machines, and not to them.
    #[serde(default)]
    pub egress: bool,
    /// What passes: `all`, `tcp`, `udp` or `icmp`.
    pub protocol: String,
    /// The port, or the type of the messages.
    #[serde(default)]
    pub port: u16,
    /// Where it comes from or goes to.
    #[serde(default = "everywhere")]
    pub cidr: String,
}

fn everywhere() -> String {
    "0.0.0.0/0".to_owned()
}

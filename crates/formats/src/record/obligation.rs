//! What a run has to remove before it is over. It is written down as it comes and goes, so that after a kill somebody else can
//! remove what is left.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use assay_suite::http::Exchange;
use assay_suite::{Encoding, OperationName, SuiteName, plain};

use super::inventory::{Inventory, InventoryOf};

/// Something to be seen to: where, by whom, and what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Obligation {
    /// The suite that is asked.
    pub suite: SuiteName,
    /// Who asks; the main account when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The format of the answers.
    pub format: Encoding,
    /// What it is.
    #[serde(alias = "matter")]
    pub kind: ObligationKind,
}

/// What has to be seen to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObligationKind {
    /// A request that creates something is sent, and its answer was not looked at yet.
    Request {
        /// The operation.
        operation: OperationName,
        /// What nothing else has in its name, if the request names what it creates so.
        name: Option<String>,
        /// Why its answer does not name what it created, if there is one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unclear: Option<String>,
        /// How what it creates is distinguished from what others created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// A job that was not followed yet: it may create something, or still be at work on what is to be removed.
    Job {
        /// Its id.
        id: Value,
        /// The operation that it carries out.
        of: OperationName,
        /// How what it creates is distinguished from what others created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
        /// The arguments that remove what the answer that gave the job named already.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        named: Vec<(String, Value)>,
    },
    /// Something that exists.
    Thing {
        /// The operation that removes it.
        call: OperationName,
        /// Its arguments.
        arguments: Vec<(String, Value)>,
        /// How it is distinguished from what others created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
    /// Something that must be looked up before it can be removed.
    Lookup {
        /// The operation that created it, which knows how.
        of: OperationName,
        /// Its answer.
        answer: Value,
        /// How what it created is distinguished from what others created.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        origin: Option<Origin>,
    },
}

impl ObligationKind {
    /// Whether what names it is a secret, which no record holds.
    pub fn is_withheld(&self) -> bool {
        let Self::Thing { arguments, .. } = self else { return false };
        arguments.iter().any(|(_, value)| value.as_str().is_some_and(|text| text.contains("[redacted")))
    }
}

/// How something that a run created is distinguished from what others created.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The operation that created it.
    pub operation: OperationName,
    /// The name that the request gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<UniqueName>,
    /// The arguments of the request that the removal, or the list that shows the thing, takes again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub given: Vec<(String, Value)>,
    /// The identities, none of which can be guessed, of what the run created before and the request named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<String>,
}

impl Origin {
    /// Of an operation of which nothing else is known.
    pub fn of(operation: OperationName) -> Self {
        Self { operation, name: None, given: Vec::new(), owners: Vec::new() }
    }
}

/// A name that nothing else has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UniqueName {
    /// What makes it unique.
    pub unique: String,
    /// The parameters of the request in which it was sent.
    pub parameters: Vec<String>,
}

impl fmt::Display for ObligationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request { operation, name, unclear, .. } => {
                let why = unclear.as_deref().unwrap_or("no answer says so");
                match name {
                    None => write!(f, "whether {operation} created something is not known: {why}"),
                    Some(name) => write!(f, "{operation} may have created something with {name} in its name: {why}"),
                }
            }
            Self::Job { id, of, .. } => write!(f, "job {} of {of} may have created something", plain(id)),
            Self::Thing { call, arguments, .. } => write!(f, "{} would remove it", removal(call, arguments)),
            Self::Lookup { of, .. } => write!(f, "what {of} created was not removed"),
        }
    }
}

/// A removal, for people.
pub fn removal(call: &OperationName, arguments: &[(String, Value)]) -> String {
    let arguments: Vec<_> = arguments.iter().map(|(name, value)| format!("{name}={}", plain(value))).collect();
    format!("{call} {}", arguments.join(" "))
}

/// A change of obligations. Numbers distinguish the obligations of one case or journey.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// There is something more.
    ObligationOpened {
        /// Its number.
        number: u64,
        /// What it is.
        obligation: Obligation,
    },
    /// It was seen to.
    Met {
        /// Its number.
        number: u64,
    },
    /// Something was created that no operation removes.
    NotRemovable {
        /// What, and why it stays.
        what: String,
    },
    /// Of what is about to be created this was there before, for all.
    Inventory {
        /// Which list shows it, and to whom.
        of: InventoryOf,
        /// What is there.
        there: Inventory,
    },
}

/// Who has an obligation: a case, or a profile of a load run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObligationOwner {
    /// Its name.
    pub name: String,
    /// Of a profile, which journey of its users; nothing for its set-up.
    pub journey: Option<u64>,
}

/// An obligation that is still open where a record ends.
#[derive(Clone, Debug)]
pub struct OpenObligation {
    /// What it is.
    pub obligation: Obligation,
    /// Of a request, what came of it, if the record has that.
    pub answered: Option<Exchange>,
}

/// The open obligations, as a record goes on.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    open_obligations: BTreeMap<ObligationOwner, BTreeMap<u64, OpenObligation>>,
    inventories: BTreeMap<InventoryOf, Inventory>,
}

impl Ledger {
    /// Applies a change.
    pub fn take(&mut self, owner: &ObligationOwner, change: Change) {
        if let Change::Inventory { of, there } = change {
            self.inventories.insert(of, there);
            return;
        }
        let open_obligations = self.open_obligations.entry(owner.clone()).or_default();
        match change {
            Change::ObligationOpened { number, obligation } => {
                open_obligations.insert(number, OpenObligation { obligation, answered: None });
            }
            Change::Met { number } => {
                open_obligations.remove(&number);
            }
            // There is nothing to do about it.
            Change::NotRemovable { .. } => {}
            Change::Inventory { .. } => {}
        }
        if open_obligations.is_empty() {
            self.open_obligations.remove(owner);
        }
    }

    /// The request of an obligation was answered.
    pub(super) fn answer(&mut self, owner: &ObligationOwner, number: u64, exchange: &Exchange) {
        let open = self.open_obligations.get_mut(owner).and_then(|open_obligations| open_obligations.get_mut(&number));
        open.into_iter().for_each(|open| open.answered = Some(exchange.clone()));
    }

    /// A case was answered. It asks for one thing after another, so this is the answer to the request that is under way.
    pub(super) fn answered(&mut self, case: &str, exchange: &Exchange) {
        let owner = ObligationOwner { name: case.to_owned(), journey: None };
        let latest = self
            .open_obligations
            .get_mut(&owner)
            .and_then(|open_obligations| open_obligations.values_mut().next_back());
        if let Some(open) = latest.filter(|open| matches!(open.obligation.kind, ObligationKind::Request { .. })) {
            open.answered = Some(exchange.clone());
        }
    }

    /// Open obligations, by owner; the latest of each is last.
    pub fn open_obligations(&self) -> impl Iterator<Item = (&ObligationOwner, &BTreeMap<u64, OpenObligation>)> {
        self.open_obligations.iter()
    }

    /// What was there before anything was created.
    pub fn inventories(&self) -> &BTreeMap<InventoryOf, Inventory> {
        &self.inventories
    }

    /// Whether no obligation is open.
    pub fn is_empty(&self) -> bool {
        self.open_obligations.is_empty()
    }

    /// Open obligations, for people: whose, and what; without those that were reported already, with a reason.
    pub(super) fn unreported(&self, reported: &[(String, String)]) -> Vec<(String, String)> {
        let all = self.open_obligations.iter().flat_map(|(owner, open_obligations)| {
            open_obligations.values().map(|open| (&owner.name, &open.obligation.kind))
        });
        let all = all.map(|(name, kind)| (name.clone(), kind.to_string()));
        all.filter(|(name, what)| !reported.iter().any(|(by, known)| by == name && known.starts_with(what))).collect()
    }
}

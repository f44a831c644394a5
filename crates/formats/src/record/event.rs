//! What happens in a run, as its record says it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use assay_suite::http::{Certificates, Exchange};
use assay_suite::{Effect, RequirementId, SuiteName, Variable};

use super::gates::Gates;
use super::inventory::{Inventory, InventoryOf};
use super::obligation::{Change, Obligation};
use super::shard::Shard;

/// The version of the events below: the second has a checksum in each line.
pub const FORMAT: u32 = 2;

/// The earliest version of records that are still read.
pub const OLDEST: u32 = 1;

/// Something that happened in a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event.
    RunStarted(Box<RunStarted>),
    /// A document that the run was planned from, with its whole text.
    Document {
        /// Its path.
        path: String,
        /// Its text.
        text: String,
    },
    /// A case that the target is not ready for.
    CaseSkipped {
        /// Its name.
        case: String,
        /// Why.
        reason: String,
    },
    /// A case begins.
    CaseStarted {
        /// Its name.
        case: String,
        /// From the start of the run, in microseconds.
        at_us: u64,
        /// Its number among the cases that use VLANs: what it asked for follows from that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vlan_user: Option<u64>,
    },
    /// A request and what came of it.
    Exchanged {
        /// The case that asked.
        case: String,
        /// The step that asked, or the cleaning up after the last.
        part: Part,
        /// What was asked and answered.
        exchange: Box<Exchange>,
    },
    /// What was there of a kind before the run created the first of it: nothing of that is ever removed.
    Inventory {
        /// Which list shows it, and to whom.
        of: InventoryOf,
        /// What is there.
        there: Inventory,
    },
    /// A case has created something, or is about to, and has to remove it.
    #[serde(alias = "owes")]
    ObligationOpened {
        /// The case.
        case: String,
        /// The number of the obligation within the case.
        number: u64,
        /// What is to be removed.
        #[serde(alias = "owed")]
        obligation: Obligation,
    },
    /// An obligation of a case is met: the thing was removed, or was not created.
    #[serde(alias = "met")]
    ObligationMet {
        /// The case.
        case: String,
        /// The number of the obligation.
        number: u64,
    },
    /// A case has created something that no operation removes.
    NotRemovable {
        /// The case.
        case: String,
        /// What, and why it stays.
        what: String,
    },
    /// Something that a case created could not be removed again.
    LeftOver {
        /// The case.
        case: String,
        /// What is left, and how to remove it.
        what: String,
    },
    /// Something that a case created was removed, but nothing shows that it is gone.
    Unproven {
        /// The case.
        case: String,
        /// What was removed, and why that can't be shown.
        what: String,
    },
    /// A case is over.
    CaseEnded {
        /// Its name.
        case: String,
        /// From the start of the run, in microseconds.
        at_us: u64,
        /// What it came to, where that rests on a secret and so can't be seen in the record.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        judged: Option<Box<RecordedJudgement>>,
    },
    /// The last event of a run that was not killed.
    RunEnded {
        /// From the start of the run, in microseconds.
        at_us: u64,
        /// Whether all cases were run.
        ending: RunEnding,
    },
    /// What was left of the run was removed afterwards, as far as that was possible.
    Undone {
        /// What is left all the same: by which case, and what. It takes the place of what was reported before.
        left_over: Vec<(String, String)>,
    },
}

impl Event {
    /// The obligations of a case have changed.
    pub fn of_change(case: &str, change: Change) -> Self {
        let case = case.to_owned();
        match change {
            Change::ObligationOpened { number, obligation } => Self::ObligationOpened { case, number, obligation },
            Change::Met { number } => Self::ObligationMet { case, number },
            Change::NotRemovable { what } => Self::NotRemovable { case, what },
            Change::Inventory { of, there } => Self::Inventory { of, there },
        }
    }
}

/// What a case came to in the run itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedJudgement {
    /// Its verdict.
    pub verdict: String,
    /// Why it was not run to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What was not as expected, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<RecordedFinding>,
    /// What a reader may want to know, without secrets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<String>,
    /// How many of its steps were run to their end.
    pub steps_run: usize,
}

/// One thing that was not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFinding {
    /// What it came to.
    pub verdict: String,
    /// What was expected.
    pub expected: String,
    /// What was observed instead.
    pub observed: String,
    /// Where the expectation is written.
    pub place: RecordedPlace,
    /// The requirements that it decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub requirements: Vec<RequirementId>,
    /// The exchange that shows it, by its number within the case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<usize>,
    /// Where the known deviation is written that it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation: Option<RecordedPlace>,
}

/// A place in a document of the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedPlace {
    /// The document's path.
    pub path: String,
    /// The line, counted from 1.
    pub line: u32,
    /// The column, counted from 1 in characters.
    pub column: u32,
}

/// The part of a case that an exchange belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The step with this number, counted from 0.
    Step(usize),
    /// A question that the verdict of the case rests on, with its number.
    Witness(usize),
    /// The removal of what the case created.
    Undo,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunEnding {
    /// All cases were run.
    Completed,
    /// Somebody stopped it.
    Interrupted,
}

/// What is known when a run begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunStarted {
    /// The version of the events.
    pub format: u32,
    /// The version of the program.
    pub assay: String,
    /// A name for the run that no other has.
    pub run: String,
    /// When it began.
    pub started: Timestamp,
    /// The target, without its secrets.
    pub target: RecordedTarget,
    /// The suites that were chosen; all that the target serves when none were.
    pub suites: Vec<SuiteName>,
    /// The tags that were chosen.
    pub tags: Vec<String>,
    /// What a broken promise comes to that the document does not spell out.
    #[serde(default)]
    pub strictness: Strictness,
    /// Which part of the cases this run had.
    #[serde(default)]
    pub shard: Shard,
    /// The arguments of `assay test` by which the same deployment is tested in the same way again.
    #[serde(default)]
    pub repeat: Vec<String>,
    /// What the run as a whole has to come to.
    #[serde(default)]
    pub gates: Gates,
}

/// What a broken promise comes to that the document does not spell out: one that only an example shows, or that follows
/// from something else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strictness {
    /// A notice.
    #[default]
    Documented,
    /// A notice; but what breaks a law, which no document promises, is a violation.
    Laws,
    /// A violation, as any other.
    Everything,
}

/// A target without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedTarget {
    /// Its name.
    pub name: String,
    /// Its services.
    pub services: BTreeMap<SuiteName, RecordedService>,
    /// What it allows.
    pub allow: BTreeSet<Effect>,
    /// What exists there.
    pub variables: BTreeMap<Variable, Value>,
    /// Whether it had to prove that it is the one that was asked.
    #[serde(default)]
    pub certificates: Certificates,
    /// How long a job may take.
    pub longest_job: Duration,
    /// The known server it runs.
    pub server: Option<String>,
}

/// A service without its secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedService {
    /// Its address.
    pub url: String,
    /// The names of the accounts that can ask, besides the main one.
    pub accounts: Vec<String>,
    /// Where those accounts ask that ask elsewhere.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub account_urls: BTreeMap<String, String>,
    /// What exists there and nowhere else.
    #[serde(default)]
    pub variables: BTreeMap<Variable, Value>,
}

impl RecordedService {
    /// Where an account asks; the main one when nothing is said.
    pub fn url_of(&self, account: Option<&str>) -> &str {
        account.and_then(|account| self.account_urls.get(account)).unwrap_or(&self.url)
    }
}

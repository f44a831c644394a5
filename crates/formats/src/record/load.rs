//! The record of a load run: what was promised, and second by second what was observed. Its histograms are those of
//! `HdrHistogram`'s V2 encoding, deflated, in Base64, so that records of many generators add up exactly.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::EncodedHistogram;
use assay_suite::http::{Exchange, FailureKind};
use assay_suite::{OperationName, RequirementId, SuiteName};
use assay_suite::{Quantile, human};

use super::clock::ClockOffset;
use super::event::{RecordedTarget, RunEnding};
use super::inventory::{Inventory, InventoryOf};
use super::obligation::{Change, Obligation};

pub use super::load_reader::{
    LoadRecord, LoadRecordError, MOST_MISTAKES, MOST_PARTS, ObservedProfile, Part, Timeline, Totals,
};
pub use super::shard::Shard;

/// The version of the events below: the second has a checksum in each line.
pub const LOAD_FORMAT: u32 = 2;

/// Something that happened in a load run.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LoadEvent {
    /// The first event.
    LoadStarted(Box<LoadStarted>),
    /// The requests of a profile begin, or its users come.
    ProfileStarted {
        /// Which, by its place in `LoadStarted::profiles`.
        profile: usize,
        /// From the start of the run, in microseconds.
        at_us: u64,
    },
    /// What was observed of a profile in a second.
    Interval(Box<Interval>),
    /// A profile is over.
    ProfileEnded {
        /// Which.
        profile: usize,
        /// From the start of the run, in microseconds.
        at_us: u64,
        /// Why.
        ending: ProfileEnding,
    },
    /// What was there of a kind before the run created the first of it: nothing of that is ever removed.
    Inventory {
        /// Which list shows it, and to whom.
        of: InventoryOf,
        /// What is there.
        there: Inventory,
    },
    /// The set-up or a user has created something, or is about to, and has to remove it.
    #[serde(alias = "owes")]
    ObligationOpened {
        /// The profile, by its name.
        profile: String,
        /// Which of its users' journeys; nothing for the set-up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        journey: Option<u64>,
        /// The number of the obligation within the set-up or journey.
        number: u64,
        /// What is to be removed.
        #[serde(alias = "owed")]
        obligation: Obligation,
    },
    /// A request of a mix that creates something was answered, so that what it created is known.
    Answered {
        /// The profile, by its name.
        profile: String,
        /// As in `ObligationOpened`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        journey: Option<u64>,
        /// The number of the obligation.
        number: u64,
        /// The answer, without secrets; of the request only that there was one.
        exchange: Box<Exchange>,
    },
    /// An obligation is met: the thing was removed, or was not created.
    #[serde(alias = "met")]
    ObligationMet {
        /// The profile, by its name.
        profile: String,
        /// Which of its users' journeys; nothing for the set-up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        journey: Option<u64>,
        /// The number of the obligation.
        number: u64,
    },
    /// Something was created that no operation removes; the same of one profile is reported once.
    NotRemovable {
        /// The profile, by its name.
        profile: String,
        /// What, and why it stays.
        what: String,
    },
    /// Something that setting up created could not be removed again.
    LeftOver {
        /// The profile, by its name.
        profile: String,
        /// What is left, and how to remove it.
        what: String,
    },
    /// The last event of a run that was not killed.
    LoadEnded {
        /// From the start of the run, in microseconds.
        at_us: u64,
        /// Whether all profiles were run.
        ending: RunEnding,
    },
    /// What was left of the run was removed afterwards, as far as that was possible.
    Undone {
        /// What is left all the same: by which profile, and what. It takes the place of what was reported before.
        left_over: Vec<(String, String)>,
    },
}

impl LoadEvent {
    /// The obligations of a profile have changed; of a journey, or of the set-up.
    pub fn of_change(profile: &str, journey: Option<u64>, change: Change) -> Self {
        let profile = profile.to_owned();
        match change {
            Change::ObligationOpened { number, obligation } => {
                Self::ObligationOpened { profile, journey, number, obligation }
            }
            Change::Met { number } => Self::ObligationMet { profile, journey, number },
            Change::NotRemovable { what } => Self::NotRemovable { profile, what },
            Change::Inventory { of, there } => Self::Inventory { of, there },
        }
    }
}

/// What is known when a load run begins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LoadStarted {
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
    /// Which part of the requests this generator made.
    pub shard: Shard,
    /// The arguments of `assay load` by which the same load is put on the same deployment again.
    pub repeat: Vec<String>,
    /// The profiles, in the order in which they are run.
    pub profiles: Vec<RecordedProfile>,
}

/// A profile as it was planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedProfile {
    /// Its name: suite, file, what it is, and what it is applied to.
    pub name: String,
    /// Its title, with the operation in it.
    pub title: String,
    /// The suite.
    pub suite: SuiteName,
    /// Where it is written: `file:line:column`.
    pub place: String,
    /// The model of its load.
    pub model: Model,
    /// How long it is not judged at first.
    pub warm_up: Duration,
    /// How long it is to take in all, warm-up included.
    pub lasts: Duration,
    /// The most requests under way at once, of all generators together.
    pub in_flight: u32,
    /// How late requests may be sent before the run says nothing: at a quantile, a duration.
    pub lateness: Vec<(Quantile, Duration)>,
    /// How many requests of each operation are judged if all goes as planned, of all generators together; nothing of an
    /// operation where the deployment decides it.
    #[serde(default)]
    pub judged: IndexMap<OperationName, u64>,
    /// The promises that it decides.
    pub promises: Vec<LevelPromise>,
}

/// The model of a profile's load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Requests are due at moments of their own.
    Open {
        /// How many are due in all, of all generators together; none where the deployment decides it.
        due: Option<u64>,
        /// The highest rate, in requests a second; none where the deployment decides it.
        peak: Option<f64>,
    },
    /// Users wait for answers.
    Closed {
        /// How many.
        users: u32,
    },
}

/// One promise of one operation's service level.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelPromise {
    /// The operation; none for all of the profile together.
    pub operation: Option<OperationName>,
    /// What is promised.
    pub level: Level,
    /// The requirements that promise it, with their texts and where the document has them.
    pub requirements: Vec<RecordedRequirement>,
}

impl LevelPromise {
    /// Whether requests of an operation count for it.
    pub fn is_about(&self, operation: &OperationName) -> bool {
        self.operation.as_ref().is_none_or(|own| own == operation)
    }
}

/// A requirement, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedRequirement {
    /// Its name.
    pub id: RequirementId,
    /// What is promised.
    pub text: String,
    /// Where the document promises it.
    pub source: String,
}

/// A measurable promise.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// This share of requests is answered within a limit.
    Latency {
        /// The share.
        quantile: Quantile,
        /// The limit.
        limit: Duration,
    },
    /// At least this share of requests, from 0 to 1, succeeds.
    SuccessRate(f64),
    /// So many requests a second are answered well.
    Throughput(f64),
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latency { quantile, limit } => write!(f, "{quantile} within {}", human::latency(*limit)),
            Self::SuccessRate(share) => write!(f, "at least {} succeed", human::percent(*share)),
            Self::Throughput(rate) => write!(f, "at least {} answered well", human::rate(*rate)),
        }
    }
}

/// What was observed of a profile in a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Which profile.
    pub profile: usize,
    /// Which second, counted from 0, from the profile's first due moment.
    pub second: u64,
    /// Whether it is judged.
    pub phase: Phase,
    /// What was observed of each operation.
    pub operations: BTreeMap<OperationName, ObservedOperation>,
    /// How far the deployment's clock is ahead of the generator's, as far as answers of this second show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockOffset>,
}

/// Whether requests are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Not yet.
    WarmUp,
    /// Yes.
    Judged,
}

/// What was observed of an operation. `due` counts requests in the second in which they were due, everything else in the
/// second in which their outcome was known; the phase is that of the moment they were due, so there can be two intervals of
/// one second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ObservedOperation {
    /// Requests that were due.
    pub due: u64,
    /// The outcomes that became known.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// The statuses of the answers that came. Records of earlier versions have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "statuses")]
    pub statuses: BTreeMap<u16, u64>,
    /// Why other requests that were sent have no answer.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub failures: BTreeMap<FailureKind, u64>,
    /// Of those that succeeded: from the moment they were due to the last byte of the answer.
    pub response: EncodedHistogram,
    /// Of those that succeeded: from the sending to the last byte of the answer.
    pub service: EncodedHistogram,
    /// Of all that were sent: how much later than due, while a connection was free to send them.
    pub lateness: EncodedHistogram,
    /// The answers that were held against their schema.
    pub checked: u64,
    /// What was wrong with the first few answers that were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mistakes: Vec<String>,
}

/// Keys of JSON are texts, and within an event they are read as such.
fn statuses<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u16, u64>, D::Error> {
    let written: BTreeMap<String, u64> = Deserialize::deserialize(deserializer)?;
    let read = written.into_iter().map(|(status, count)| status.parse().map(|status| (status, count)));
    read.collect::<Result<_, _>>().map_err(|_| D::Error::custom("a status is a number of three digits"))
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The documented answer.
    Success,
    /// An answer with a status of success that is not the documented one.
    WrongAnswer,
    /// The deployment wants fewer requests: 429, or what the API says instead.
    Throttled,
    /// Any other status.
    Refused,
    /// No whole answer before the deadline.
    TimedOut,
    /// No connection, or it broke.
    Broken,
    /// It could not be sent before the run was over: all requests in flight were waiting for answers.
    NotSent,
    /// It could not be sent because the generator's machine lacked something: descriptors, ports, memory. It counts neither
    /// for nor against the deployment.
    GeneratorLimit,
}

/// Why a profile is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileEnding {
    /// All its requests were made.
    Completed,
    /// A promise was certainly broken.
    Aborted(String),
    /// Somebody stopped the run.
    Interrupted,
    /// It could not be set up.
    CouldNotRun(String),
    /// The generator's machine is at a limit of its own, so that it could not begin.
    GeneratorLimit(String),
}
